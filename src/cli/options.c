/* The options of a form, in one list for the parser and the help. */
#include "cli_internal.h"

#include <string.h>

#include "taildart/config_keys.h"

static const td_cli_option for_keys[] = {
    { "config", "FILE", "read keys from a YAML file; repeatable, later ones win", 0 },
    { "set", "KEY=VALUE", "set a key (`taildart help keys`); beats every file", 0 },
};

static const td_cli_option for_all[] = {
    { "quiet", NULL, "warnings and notes only", 0 },
    { "verbose", NULL, "more detail", 'v' },
    { "help", NULL, "this text", 'h' },
    { "version", NULL, "version, compiler and libraries", 'V' },
};

static const char *word_for(td_key_type type)
{
    switch (type) {
    case TD_KEY_TEXT:
        return "PATH";
    case TD_KEY_NAME:
        return "WORD";
    case TD_KEY_REAL:
        return "X";
    default:
        return "N";
    }
}

/* Draws take all options of a search, so that a search's command line needs only
 * another command to show its streams. */
unsigned td_cli_readers(const td_cli_form *form)
{
    unsigned readers = (unsigned) form->keys;
    return readers & TD_FOR_DRAWS ? readers | TD_FOR_SEARCH : readers;
}

bool td_cli_takes_key(const td_cli_form *form, const char *key)
{
    const td_key *row = td_key_find(key);
    return row && (row->commands & td_cli_readers(form));
}

static int add_shorthands(const td_cli_form *form, td_cli_option *options, int count)
{
    for (int i = 0; i < td_key_count(); i++)
        if (td_keys[i].shorthand && td_cli_takes_key(form, td_keys[i].name)) {
            TD_ASSERT(count < TD_CLI_OPTIONS);
            options[count++] =
                (td_cli_option){ td_keys[i].shorthand, word_for(td_keys[i].type),
                                 td_keys[i].name, 0 };
        }
    return count;
}

static int add(const td_cli_option *from, int n, td_cli_option *options, int count)
{
    TD_ASSERT(count + n <= TD_CLI_OPTIONS);
    for (int i = 0; i < n; i++)
        options[count + i] = from[i];
    return count + n;
}

int td_cli_options(const td_cli_form *form, td_cli_option *options)
{
    int count = 0, own = 0;
    while (form->options && form->options[own].name)
        own++;
    count = add(form->options, own, options, count);
    if (form->keys) {
        count = add_shorthands(form, options, count);
        count = add(for_keys, sizeof for_keys / sizeof *for_keys, options, count);
    }
    _Static_assert(sizeof for_all / sizeof *for_all == TD_CLI_COMMON, "for_all");
    return add(for_all, TD_CLI_COMMON, options, count);
}

const char *td_cli_key_of(const td_cli_form *form, const char *option)
{
    for (int i = 0; i < td_key_count(); i++)
        if (td_keys[i].shorthand && strcmp(td_keys[i].shorthand, option) == 0 &&
            td_cli_takes_key(form, td_keys[i].name))
            return td_keys[i].name;
    return NULL;
}
