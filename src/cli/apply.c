/* Values of a scanned line: settings, and the form's own options. */
#include "cli_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_number.h"

static bool is(const td_cli_given *given, const char *option)
{
    return strcmp(given->option, option) == 0;
}

static td_status apply_set(td_settings *settings, const char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals)
        return td_error(TD_USAGE, "--set: found \"%s\"; accepted: KEY=VALUE", text);
    char *key = td_format("%.*s", (int) (equals - text), text);
    td_status status = td_settings_set(settings, key, equals + 1, TD_ORIGIN_OPTION);
    td_free(key);
    return status;
}

static td_status apply_one(td_cli_line *line, const td_cli_given *given)
{
    const char *key = td_cli_key_of(line->form, given->option);
    if (is(given, "config"))
        return td_settings_read_file(line->settings, given->text);
    if (is(given, "set"))
        return apply_set(line->settings, given->text);
    if (key)
        return td_settings_set(line->settings, key, given->text, TD_ORIGIN_OPTION);
    return TD_OK; /* one of the form's own */
}

/* Note keys that this command does not read; at the end, since a refused start prints
 * its one line and nothing else. */
static void note_unread(const td_cli_line *line)
{
    for (int i = 0; i < line->given_count; i++) {
        if (!is(&line->given[i], "set"))
            continue;
        const char *text = line->given[i].text;
        char *key = td_format("%.*s", (int) strcspn(text, "="), text);
        if (!td_cli_takes_key(line->form, key))
            td_log(TD_LOG_NOTE, "%s does not read %s", line->form->name, key);
        td_free(key);
    }
}

td_status td_cli_apply(td_cli_line *line)
{
    td_status status = TD_OK;
    if (!line->form->keys)
        return TD_OK;
    TD_ASSERT(!line->settings);
    line->settings = td_settings_new(line->form->keys);
    for (int i = 0; status == TD_OK && i < line->given_count; i++)
        status = apply_one(line, &line->given[i]);
    bool is_settled = !td_settings_config(line->settings)->train.from[0];
    if (status == TD_OK && is_settled) /* or else once train.from has filled them in */
        status = td_settings_check(line->settings);
    if (status == TD_OK)
        note_unread(line);
    return status;
}

const char *td_cli_value(const td_cli_line *line, const char *option)
{
    const char *text = NULL;
    for (int i = 0; i < line->given_count; i++)
        if (is(&line->given[i], option))
            text = line->given[i].text;
    return text;
}

td_status td_cli_integer(const td_cli_line *line, const char *option, int64_t low,
                         int64_t high, int64_t *value)
{
    const char *text = td_cli_value(line, option);
    char *end = NULL;
    if (!text)
        return TD_OK;
    errno = 0;
    int64_t number = strtoll(text, &end, 10);
    if (end == text || *end || errno != 0 || number < low || number > high)
        return td_error(
            TD_USAGE, "--%s: found \"%s\"; accepted: a whole number from %lld to %lld",
            option, text, (long long) low, (long long) high);
    *value = number;
    return TD_OK;
}

td_status td_cli_real(const td_cli_line *line, const char *option, double low,
                      double high, double *value)
{
    const char *text = td_cli_value(line, option);
    double number;
    if (!text)
        return TD_OK;
    if (!td_number_read(&number, text) || !(number > low && number < high))
        return td_error(TD_USAGE,
                        "--%s: found \"%s\"; accepted: a number between %g and %g",
                        option, text, low, high);
    *value = number;
    return TD_OK;
}

void td_cli_clear(td_cli_line *line)
{
    td_free(line->operand);
    td_free(line->given);
    td_settings_free(line->settings);
    *line = (td_cli_line){ 0 };
}
