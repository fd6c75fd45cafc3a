/* The table of keys as text. */
#include "config_internal.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"

static const char *const origin_names[] = { "default", "file", "option" };

enum { SHOWN_BYTES = 4 * TD_TEXT_BYTES }; /* every byte as \xNN */

char *td_settings_table(const td_settings *settings)
{
    td_text text = { 0 };
    td_text_write(&text, "%-22s  %-16s  %-8s  %s\n", "key", "value", "unit", "origin");
    for (int i = 0; i < td_key_count(); i++) {
        char value[TD_TEXT_BYTES], shown[SHOWN_BYTES];
        if (!td_settings_shows(settings, &td_keys[i]))
            continue;
        td_key_write(&td_keys[i], &settings->config, value);
        td_text_show(shown, sizeof shown, value);
        td_text_write(&text, "%-22s  %-16s  %-8s  %s\n", td_keys[i].name,
                      value[0] ? shown : "-",
                      td_keys[i].unit[0] ? td_keys[i].unit : "-",
                      origin_names[settings->origins[i]]);
    }
    return text.chars;
}

enum { COLUMN = 26, WIDTH = 80 };

/* Write a key's help, and below it the values that it accepts. */
static void write_key(td_text *text, const td_key *key, td_config_command command)
{
    const char *standard = td_key_standard(key, command);
    char *accepts = td_key_accepts(key, command);
    char *words = standard[0] ? td_format("%s; default %s", accepts, standard)
                              : td_strdup(accepts);
    td_text_write(text, "  %-*s", COLUMN - 2, key->name);
    if (strlen(key->name) > COLUMN - 3) /* its help begins a line of its own */
        td_text_write(text, "\n%*s", COLUMN, "");
    td_text_write_wrapped(text, COLUMN, WIDTH, key->help);
    td_text_write(text, "\n%*s", COLUMN, "");
    td_text_write_wrapped(text, COLUMN, WIDTH, words);
    td_text_write(text, "\n");
    td_free(words);
    td_free(accepts);
}

char *td_settings_help(td_config_command command)
{
    td_text text = { 0 };
    for (int i = 0; i < td_key_count(); i++)
        if (td_keys[i].commands & (unsigned) command)
            write_key(&text, &td_keys[i], command);
    return text.chars;
}
