/* The table of keys as text. */
#include "config_internal.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_help.h"

static const char *const origin_names[] = { "default", "file", "option" };

enum { SHOWN_BYTES = 4 * TD_TEXT_BYTES }; /* every byte as \xNN */

/* A key's value as people see it; "-" for none. */
static void show_value(const td_settings *settings, int i, char shown[SHOWN_BYTES])
{
    char value[TD_TEXT_BYTES];
    td_key_write(&td_keys[i], &settings->config, value);
    td_text_show(shown, SHOWN_BYTES, value[0] ? value : "-");
}

/* Widths of the table's columns. */
typedef struct {
    int name, value;
} columns;

static columns measure(const td_settings *settings)
{
    enum { MOST = 24 }; /* longer values, mostly paths, push what is behind them */
    columns widest = { 0, 0 };
    for (int i = 0; i < td_key_count(); i++) {
        char shown[SHOWN_BYTES];
        if (!td_settings_shows(settings, &td_keys[i]))
            continue;
        show_value(settings, i, shown);
        int name = (int) strlen(td_keys[i].name), value = (int) strlen(shown);
        widest.name = name > widest.name ? name : widest.name;
        widest.value = value > widest.value && value <= MOST ? value : widest.value;
    }
    return widest;
}

static void write_row(td_text *text, const columns *width, const char *const cells[4])
{
    td_text_write(text, "%-*s  %-*s  %-11s  %s\n", width->name, cells[0], width->value,
                  cells[1], cells[2], cells[3]);
}

char *td_settings_table(const td_settings *settings)
{
    td_text text = { 0 };
    columns width = measure(settings);
    write_row(&text, &width, (const char *[]){ "key", "value", "unit", "origin" });
    for (int origin = TD_ORIGIN_DEFAULT; origin <= TD_ORIGIN_OPTION; origin++)
        for (int i = 0; i < td_key_count(); i++) {
            const td_key *key = &td_keys[i];
            char shown[SHOWN_BYTES];
            if (!td_settings_shows(settings, key) ||
                settings->origins[i] != (td_origin) origin)
                continue;
            show_value(settings, i, shown);
            write_row(&text, &width,
                      (const char *[]){ key->name, shown,
                                        key->unit[0] ? key->unit : "-",
                                        origin_names[origin] });
        }
    return text.chars;
}

/* ---- keys explained -------------------------------------------------------------- */

enum { COLUMN = 26, WIDTH = 80 };

/* The option that is short for a key, for the end of a list. */
static char *option_of(const td_key *key)
{
    return key->shorthand ? td_format("; option --%s", key->shorthand) : td_strdup("");
}

static char *facts_of(const td_key *key)
{
    char *values = td_key_values(key), *standards = td_key_standards(key);
    char *readers = td_key_readers(key), *option = option_of(key);
    char *words =
        td_format("%s; default %s%s; read by %s", values, standards, option, readers);
    td_free(option);
    td_free(readers);
    td_free(standards);
    td_free(values);
    return words;
}

/* Write a key's help, and below it the values that it accepts. */
static void write_key(td_text *text, const td_key *key)
{
    char *facts = facts_of(key);
    td_text_write(text, "  %-*s", COLUMN - 2, key->name);
    if (strlen(key->name) > COLUMN - 3) /* its help begins a line of its own */
        td_text_write(text, "\n%*s", COLUMN, "");
    td_text_write_wrapped(text, COLUMN, WIDTH, key->help);
    td_text_write(text, "\n%*s", COLUMN, "");
    td_text_write_wrapped(text, COLUMN, WIDTH, facts);
    td_text_write(text, "\n");
    td_free(facts);
}

/* Write the keys of a use that are in \a group, below its title if there are any. */
static void write_use(td_text *text, const td_key_use *use, const char *group)
{
    bool has_title = false;
    for (int i = 0; i < td_key_count(); i++) {
        const td_key *key = &td_keys[i];
        if (td_key_use_of(key) != use || (group && !td_key_is_in(key, group)))
            continue;
        if (!has_title)
            td_text_write(text, "%s%s (%s)\n", text->length ? "\n" : "", use->title,
                          use->name);
        has_title = true;
        write_key(text, key);
    }
}

char *td_keys_help(const char *group)
{
    td_text text = { 0 };
    for (int i = 0; i < td_key_use_count(); i++)
        write_use(&text, &td_key_uses[i], group);
    return text.chars;
}

static void write_fact(td_text *text, const char *name, char *words)
{
    enum { FACT = 13 };
    td_text_write(text, "  %-*s", FACT - 2, name);
    td_text_write_wrapped(text, FACT, WIDTH, words);
    td_text_write(text, "\n");
    td_free(words);
}

/* As a file has it: "weights: {lr: {start: 0.025}}". */
static char *nested(const td_key *key)
{
    td_text text = { 0 };
    int depth = 0;
    for (const char *at = key->name; *at; at += *at == '.') {
        int length = (int) strcspn(at, ".");
        td_text_write(&text, "%s%.*s: ", depth++ ? "{" : "", length, at);
        at += length;
    }
    td_text_write(&text, "%s", key->standard[0] ? key->standard : "...");
    for (int i = 1; i < depth; i++)
        td_text_write(&text, "}");
    return text.chars;
}

char *td_key_help(const td_key *key)
{
    td_text text = { 0 };
    const char *value = key->standard[0] ? key->standard : "...";
    bool is_quoted = strpbrk(value, " []{}");
    td_text_write(&text, "%s\n  ", key->name);
    td_text_write_wrapped(&text, 2, WIDTH, key->help);
    td_text_write(&text, "\n\n");
    write_fact(&text, "accepts", td_key_values(key));
    write_fact(&text, "unit", td_strdup(key->unit[0] ? key->unit : "none"));
    write_fact(&text, "default", td_key_standards(key));
    write_fact(&text, "read by", td_key_readers(key));
    write_fact(&text, "as option",
               td_format("--set %s%s=%s%s%s%s%s", is_quoted ? "\"" : "", key->name,
                         value, is_quoted ? "\"" : "", key->shorthand ? ", --" : "",
                         key->shorthand ? key->shorthand : "",
                         key->shorthand ? " VALUE" : ""));
    write_fact(&text, "in a file", nested(key));
    write_fact(&text, "group", td_strdup(td_key_use_of(key)->name));
    return text.chars;
}
