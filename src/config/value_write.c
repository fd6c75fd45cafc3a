/* A value as text, and a description of the values that a key accepts. */
#include "config_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_number.h"
#include "taildart/base_text.h"

enum { NUMBER_BYTES = 32 };

/* ---- numbers as text ------------------------------------------------------------ */

/* Write the shortest text that is read back to the same bits; 1000000, not 1e+06. */
static void write_shortest(double value, char out[NUMBER_BYTES])
{
    double found;
    if (value == rint(value) && fabs(value) < 1e15) {
        snprintf(out, NUMBER_BYTES, "%.0f", value);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, NUMBER_BYTES, "%.*g", digits, value);
        td_number_read_first(&found, out);
        if (found == value)
            return;
    }
    TD_ASSERT(!isfinite(value));
}

static void write_real(double value, char out[NUMBER_BYTES])
{
    void *before = td_numbers_plain();
    write_shortest(value, out);
    td_numbers_restore(before);
}

/* ---- accepted values ------------------------------------------------------------ */

static void write_limits(td_text *text, const td_key *key, bool high_open)
{
    char low[NUMBER_BYTES], high[NUMBER_BYTES];
    write_real(key->low, low);
    write_real(key->high, high);
    if (isinf(key->high))
        td_text_write(text, key->low_open ? " above %s" : ", %s or more", low);
    else if (key->low_open)
        td_text_write(text, " above %s and %s %s", low, high_open ? "below" : "at most",
                      high);
    else
        td_text_write(text, " from %s to %s%s", low, high_open ? "below " : "", high);
    if (key->unit[0] != '\0')
        td_text_write(text, " (%s)", key->unit);
}

static void write_names(td_text *text, const td_key *key)
{
    TD_ASSERT(key->names && key->name_count > 0);
    for (int i = 0; i < key->name_count; i++)
        td_text_write(text, "%s%s", i ? ", " : "", key->names[i]);
}

/* "[{epoch: a, keep: b}, …]" */
static void write_members(td_text *text, const td_key *key)
{
    td_text_write(text, "[] or at most %d rows [{", td_key_most_rows(key));
    for (int i = 0; i < key->name_count; i++)
        td_text_write(text, "%s%s: %c", i ? ", " : "", key->names[i], 'a' + i);
    td_text_write(text, "}, ...], each a whole number");
}

char *td_key_accepts(const td_key *key, td_config_command command)
{
    td_text text = { 0 };
    switch (key->type) {
    case TD_KEY_BOOL:
        td_text_write(&text, "true or false");
        return text.chars;
    case TD_KEY_TEXT:
        td_text_write(&text, "a text of at most %d bytes of UTF-8", TD_TEXT_BYTES - 1);
        return text.chars;
    case TD_KEY_NAME:
        write_names(&text, key);
        return text.chars;
    case TD_KEY_INT:
    case TD_KEY_INT64:
    case TD_KEY_EPOCH:
        td_text_write(&text, "a whole number");
        break;
    case TD_KEY_REAL:
        td_text_write(&text, "a number");
        break;
    case TD_KEY_PAIR:
        td_text_write(&text, "[a, b], each a number");
        break;
    case TD_KEY_ROWS:
        write_members(&text, key);
        break;
    }
    write_limits(&text, key, td_key_is_high_open(key, command));
    if (key->type == TD_KEY_EPOCH)
        td_text_write(&text, ", or %s", TD_NEVER_WORD);
    if (key->takes_auto)
        td_text_write(&text, ", or %s", TD_AUTO_WORD);
    if (key->share)
        td_text_write(&text, ", and where it is wanted %s, from 0 to 0.99", key->share);
    return text.chars;
}

/* ---- to text -------------------------------------------------------------------- */

static void write_pair(const double pair[2], char *out)
{
    char first[NUMBER_BYTES], second[NUMBER_BYTES];
    write_real(pair[0], first);
    write_real(pair[1], second);
    snprintf(out, TD_TEXT_BYTES, "[%s, %s]", first, second);
}

static void write_share(td_text *text, const td_key *key, double share)
{
    char number[NUMBER_BYTES];
    write_real(share, number);
    if (key->share && share > 0.0)
        td_text_write(text, ", %s: %s", key->share, number);
}

static void write_rows(const td_key *key, const td_rows *rows, char *out)
{
    td_text text = { 0 };
    td_text_write(&text, "[");
    for (int r = 0; r < rows->count; r++) {
        td_text_write(&text, r ? ", {" : "{");
        for (int i = 0; i < key->name_count; i++)
            td_text_write(&text, "%s%s: %d", i ? ", " : "", key->names[i],
                          rows->value[r][i]);
        write_share(&text, key, rows->share[r]);
        td_text_write(&text, "}");
    }
    td_text_write(&text, "]");
    TD_ASSERT(strlen(text.chars) < TD_TEXT_BYTES);
    snprintf(out, TD_TEXT_BYTES, "%s", text.chars);
    td_free(text.chars);
}

static const void *field_of(const td_key *key, const td_config *config)
{
    TD_ASSERT(key->offset < sizeof *config);
    return (const char *) config + key->offset;
}

void td_key_write(const td_key *key, const td_config *config, char *out)
{
    const void *field = field_of(key, config);
    int whole =
        key->type == TD_KEY_INT || key->type == TD_KEY_EPOCH || key->type == TD_KEY_NAME
            ? *(const int *) field
            : 0;
    switch (key->type) {
    case TD_KEY_EPOCH:
        if (whole == TD_NEVER) {
            snprintf(out, TD_TEXT_BYTES, "%s", TD_NEVER_WORD);
            break;
        }
        /* fall through */
    case TD_KEY_INT:
        snprintf(out, TD_TEXT_BYTES, "%d", whole);
        break;
    case TD_KEY_INT64:
        snprintf(out, TD_TEXT_BYTES, "%lld", (long long) *(const int64_t *) field);
        break;
    case TD_KEY_REAL:
        if (key->takes_auto && *(const double *) field == TD_AUTO)
            snprintf(out, TD_TEXT_BYTES, "%s", TD_AUTO_WORD);
        else
            write_real(*(const double *) field, out);
        break;
    case TD_KEY_PAIR:
        write_pair(field, out);
        break;
    case TD_KEY_NAME:
        TD_ASSERT(whole >= 0 && whole < key->name_count);
        snprintf(out, TD_TEXT_BYTES, "%s", key->names[whole]);
        break;
    case TD_KEY_BOOL:
        snprintf(out, TD_TEXT_BYTES, "%s", *(const bool *) field ? "true" : "false");
        break;
    case TD_KEY_TEXT:
        snprintf(out, TD_TEXT_BYTES, "%s", (const char *) field);
        break;
    case TD_KEY_ROWS:
        write_rows(key, field, out);
        break;
    }
}
