/* A value from text: parsed whole, checked against its limits, then stored. */
#include "config_internal.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "taildart/base_number.h"
#include "taildart/base_run_files.h"
#include "taildart/base_text.h"

/* ---- refusing ------------------------------------------------------------------- */

void td_config_quote(const char *text, char out[TD_QUOTE_BYTES])
{
    td_text_show(out, TD_QUOTE_BYTES, text);
}

static td_status refuse(const td_key *key, const char *text, td_config_command command)
{
    char quoted[TD_QUOTE_BYTES];
    char *accepts = td_key_accepts(key, command);
    td_config_quote(text, quoted);
    td_status status =
        td_error(key->refused ? key->refused : TD_USAGE,
                 "%s: found \"%s\"; accepted: %s", key->name, quoted, accepts);
    td_free(accepts);
    return status;
}

/* ---- parsing -------------------------------------------------------------------- */

static bool is_within(const td_key *key, double value)
{
    return (key->low_open ? value > key->low : value >= key->low) &&
           (key->high_open ? value < key->high : value <= key->high);
}

/* Read a whole number that is all of \a text, without blanks. */
static bool read_whole(const td_key *key, const char *text, int64_t *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return !isspace((unsigned char) text[0]) && end != text && *end == '\0' &&
           errno == 0 && is_within(key, (double) *value);
}

/* Read a finite number at the beginning of \a text. */
static bool read_real(const td_key *key, const char *text, const char **end,
                      double *value)
{
    if (text[strcspn(text, "xX")] != '\0') /* "0x10" would be 16 */
        return false;
    *end = td_number_read_first(value, text);
    return !isspace((unsigned char) text[0]) && *end != text && errno == 0 &&
           isfinite(*value) && is_within(key, *value);
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* Read "[0.5, 0.999]" as in a file, or "0.5,0.999". */
static bool read_pair(const td_key *key, const char *text, double pair[2])
{
    bool bracket = text[0] == '[';
    const char *rest = skip_blanks(text + bracket);
    if (!read_real(key, rest, &rest, &pair[0]))
        return false;
    rest = skip_blanks(rest);
    if (*rest != ',' || !read_real(key, skip_blanks(rest + 1), &rest, &pair[1]))
        return false;
    return strcmp(skip_blanks(rest), bracket ? "]" : "") == 0;
}

/* Take \a token if it comes next, blanks aside. */
static bool accept(const char **text, char token)
{
    *text = skip_blanks(*text);
    if (**text != token)
        return false;
    ++*text;
    return true;
}

/* The member of a name that stands at the beginning of \a text; −1: none. */
static int member_at(const td_key *key, const char *text, size_t length)
{
    for (int i = 0; i < key->name_count; i++)
        if (strlen(key->names[i]) == length &&
            strncmp(key->names[i], text, length) == 0)
            return i;
    bool is_share = key->share && strlen(key->share) == length &&
                    strncmp(key->share, text, length) == 0;
    return is_share ? key->name_count : -1;
}

/* A share that leaves something: where it is drawn, it is rounded. */
static bool read_share(const char **text, double *share)
{
    static const td_key limits = { .high = 0.99 };
    return read_real(&limits, *text, text, share);
}

/* "name: 5" of row \a r; \a given has a bit for each member so far. */
static bool read_member(const td_key *key, const char **text, td_rows *rows, int r,
                        unsigned *given)
{
    char *end = NULL;
    *text = skip_blanks(*text);
    size_t length = strcspn(*text, ": ,}");
    int member = member_at(key, *text, length);
    *text += length;
    if (member < 0 || *given >> member & 1 || !accept(text, ':'))
        return false;
    *text = skip_blanks(*text);
    *given |= 1U << member;
    if (member == key->name_count)
        return read_share(text, &rows->share[r]);
    errno = 0;
    long number = strtol(*text, &end, 10);
    if (!isdigit((unsigned char) **text) || errno != 0 ||
        !is_within(key, (double) number))
        return false;
    *text = end;
    rows->value[r][member] = (int) number;
    return true;
}

/* "{epoch: 25, keep: 5}", each member once, the share at most. */
static bool read_row(const td_key *key, const char **text, td_rows *rows, int r)
{
    unsigned given = 0, all = (1U << key->name_count) - 1;
    if (!accept(text, '{'))
        return false;
    do
        if (!read_member(key, text, rows, r, &given))
            return false;
    while (accept(text, ','));
    return accept(text, '}') && (given & all) == all;
}

/* "[]", or rows. */
static bool read_rows(const td_key *key, const char *text, td_rows *rows)
{
    TD_ASSERT(key->name_count >= 1 && key->name_count <= TD_MOST_MEMBERS);
    *rows = (td_rows){ 0 };
    if (!accept(&text, '['))
        return false;
    if (!accept(&text, ']')) {
        do
            if (rows->count == td_key_most_rows(key) ||
                !read_row(key, &text, rows, rows->count++))
                return false;
        while (accept(&text, ','));
        if (!accept(&text, ']'))
            return false;
    }
    return *skip_blanks(text) == '\0';
}

static bool read_name(const td_key *key, const char *text, int *value)
{
    for (*value = 0; *value < key->name_count; ++*value)
        if (strcmp(key->names[*value], text) == 0)
            return true;
    return false;
}

static bool read_bool(const char *text, bool *value)
{
    *value = strcmp(text, "true") == 0;
    return *value || strcmp(text, "false") == 0;
}

/* Whether libyaml takes the text as UTF-8: others could not be saved. */
static bool is_text(const char *text)
{
    yaml_event_t event;
    size_t bytes = strlen(text);
    if (bytes >= TD_TEXT_BYTES ||
        !yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *) text,
                                      (int) bytes, 1, 1, YAML_ANY_SCALAR_STYLE))
        return false;
    yaml_event_delete(&event);
    return true;
}

/* Bytes of a path that are kept: "runs/a/checkpoint.h5" and "runs/a/" are runs/a, so
 * that one run has one name. */
static size_t run_bytes(const char *path)
{
    static const char checkpoint[] = TD_RUN_CHECKPOINT;
    size_t length = strlen(path), tail = strlen(checkpoint);
    if (length > tail + 1 && path[length - tail - 1] == '/' &&
        strcmp(path + length - tail, checkpoint) == 0)
        length -= tail;
    while (length > 1 && path[length - 1] == '/')
        length--;
    return length;
}

/* ---- storing -------------------------------------------------------------------- */

/* A value of any type, on its way into a configuration. */
typedef union {
    int64_t whole;
    double real, pair[2];
    int index;
    bool truth;
    td_rows rows;
} value;

static bool read_value(const td_key *key, const char *text, value *out)
{
    const char *end = NULL;
    switch (key->type) {
    case TD_KEY_INT:
    case TD_KEY_INT64:
        return read_whole(key, text, &out->whole);
    case TD_KEY_EPOCH:
        out->whole = TD_NEVER;
        return strcmp(text, TD_NEVER_WORD) == 0 || read_whole(key, text, &out->whole);
    case TD_KEY_REAL:
        out->real = TD_AUTO;
        return (key->takes_auto && strcmp(text, TD_AUTO_WORD) == 0) ||
               (read_real(key, text, &end, &out->real) && *end == '\0');
    case TD_KEY_PAIR:
        return read_pair(key, text, out->pair);
    case TD_KEY_NAME:
        return read_name(key, text, &out->index);
    case TD_KEY_BOOL:
        return read_bool(text, &out->truth);
    case TD_KEY_TEXT:
        return is_text(text);
    case TD_KEY_ROWS:
        return read_rows(key, text, &out->rows);
    }
    return false;
}

static void store_value(const td_key *key, const char *text, const value *in,
                        void *field)
{
    switch (key->type) {
    case TD_KEY_INT:
    case TD_KEY_EPOCH:
        TD_ASSERT(in->whole >= INT_MIN && in->whole <= INT_MAX);
        *(int *) field = (int) in->whole;
        break;
    case TD_KEY_INT64:
        *(int64_t *) field = in->whole;
        break;
    case TD_KEY_REAL:
        *(double *) field = in->real;
        break;
    case TD_KEY_PAIR:
        memcpy(field, in->pair, sizeof in->pair);
        break;
    case TD_KEY_NAME:
        *(int *) field = in->index;
        break;
    case TD_KEY_BOOL:
        *(bool *) field = in->truth;
        break;
    case TD_KEY_TEXT:
        memset(field, 0, TD_TEXT_BYTES); /* equal texts are equal bytes */
        memcpy(field, text, key->is_run ? run_bytes(text) : strlen(text));
        break;
    case TD_KEY_ROWS:
        memcpy(field, &in->rows, sizeof in->rows);
        break;
    }
}

static void *field_of(const td_key *key, td_config *config)
{
    TD_ASSERT(key->offset < sizeof *config);
    return (char *) config + key->offset;
}

td_status td_key_read(const td_key *key, const char *text, td_config *config)
{
    value read = { 0 };
    td_key row = *key; /* as the command at hand sees it */
    row.high_open = td_key_is_high_open(key, config->command);
    if (!read_value(&row, text, &read))
        return refuse(key, text, config->command);
    store_value(&row, text, &read, field_of(&row, config));
    return TD_OK;
}
