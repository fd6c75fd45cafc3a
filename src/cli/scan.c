/* Parsing of a command line in the manner of GNU: options anywhere, `--name value` or
 * `--name=value`, unique beginnings, `--` before operands.  getopt_long would do this,
 * too, but its errors name neither the nearest option nor its value. */
#include "cli_internal.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/config_keys.h"
#include "taildart/config_nearest.h"

/* State of a scan. */
typedef struct {
    td_cli_line *line;
    td_cli_option options[TD_CLI_OPTIONS];
    int option_count;
    char **next, **end; /* words not yet read */
} scan;

/* ---- refusing ------------------------------------------------------------------- */

static td_status refuse(const td_cli_form *form, const char *why, const char *word)
{
    td_status status = td_error(TD_USAGE, "%s: %s%s", form->name, why, word);
    td_error_hint("try `taildart %s --help`", form->name);
    return status;
}

/* The option of this form that other programs call so; NULL for none. */
static const char *option_of_others(const scan *s, const char *name)
{
    const td_key *key = td_key_of_others(name);
    bool is_one = key && key->shorthand && td_cli_takes_key(s->line->form, key->name);
    return is_one ? key->shorthand : NULL;
}

/* Whether it is a key that other commands have. */
static bool is_for_others(const scan *s, const char *name)
{
    const td_key *key = td_key_of_others(name);
    return key && !td_cli_takes_key(s->line->form, key->name);
}

/* The option that is alike; NULL where none is. */
static const char *option_near(const scan *s, const char *name)
{
    const char *names[TD_CLI_OPTIONS];
    for (int i = 0; i < s->option_count; i++)
        names[i] = s->options[i].name;
    const char *option = td_nearest(name, names, s->option_count);
    return td_is_near(name, option) ? option : NULL;
}

/* What an unknown option was probably meant to be, as the end of a message: an option
 * that other programs call so, keys that end in it, an option that is alike, or a key;
 * "" for nothing.  For td_free. */
static char *meant_by(const scan *s, const char *name)
{
    const char before[] = "; the nearest key is --set ";
    unsigned readers = td_cli_readers(s->line->form);
    const char *option = option_of_others(s, name);
    char *keys = readers && !option ? td_key_ending(name, readers, "", "=...") : NULL;
    if (!option && !keys)
        option = option_near(s, name);
    if (option)
        return td_format("; the nearest is --%s", option);
    if (!keys && readers && !is_for_others(s, name))
        keys = td_key_suggest(name, readers, "", "=...");
    char *text = td_format("%s%s", keys ? before : "", keys ? keys : "");
    td_free(keys);
    return text;
}

static td_status refuse_unknown(const scan *s, const char *word, size_t length)
{
    const td_cli_form *form = s->line->form;
    char *name = td_format("%.*s", (int) length, word);
    char *meant = td_key_is_device(name) ? td_strdup(": taildart runs on CPUs")
                                         : meant_by(s, name);
    td_status status =
        td_error(TD_USAGE, "%s: unknown option --%s%s", form->name, name, meant);
    td_error_hint("try `taildart %s --help`", form->name);
    td_free(meant);
    td_free(name);
    return status;
}

/* ---- options -------------------------------------------------------------------- */

static void add_option(td_cli_line *line, const char *option, const char *text)
{
    line->given[line->given_count++] = (td_cli_given){ option, text };
    if (strcmp(option, "help") == 0)
        line->help = true;
    else if (strcmp(option, "version") == 0)
        line->version = true;
    else if (strcmp(option, "quiet") == 0)
        td_log_set_level(TD_LOG_NOTE);
    else if (strcmp(option, "verbose") == 0)
        td_log_set_level(TD_LOG_DETAIL);
}

/* A value is missing: of words, which there are. */
static td_status refuse_missing(const td_cli_form *form, const td_cli_option *option)
{
    const char *name = td_cli_key_of(form, option->name);
    const td_key *key = name ? td_key_find(name) : NULL;
    char *words = key && key->type == TD_KEY_NAME ? td_key_accepts(key, form->keys)
                  : strchr(option->argument, '|') ? td_strdup(option->argument)
                                                  : NULL;
    char *more = td_format("%s%s%s", option->name, words ? "; accepted: " : "",
                           words ? words : "");
    td_status status = refuse(form, "a value is missing behind option --", more);
    td_free(more);
    td_free(words);
    return status;
}

/* Take an option; \a value: the text behind `=` (or a letter), NULL without one. */
static td_status take(scan *s, const td_cli_option *option, const char *value)
{
    const td_cli_form *form = s->line->form;
    if (!option->argument && value)
        return refuse(form, "no value is taken by option --", option->name);
    if (option->argument && !value) {
        if (s->next == s->end)
            return refuse_missing(form, option);
        value = *s->next++;
    }
    add_option(s->line, option->name, value ? value : "");
    return TD_OK;
}

/* Find the option called \a name, or the only one that begins so.
 * \return its index; -1 for none, -2 for several */
static int find(const scan *s, const char *name, size_t length)
{
    int found = -1;
    for (int i = 0; i < s->option_count; i++) {
        if (strncmp(s->options[i].name, name, length) != 0)
            continue;
        if (s->options[i].name[length] == '\0')
            return i;
        found = found == -1 ? i : -2;
    }
    return found;
}

static td_status take_long(scan *s, const char *word)
{
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    int found = find(s, name, length);
    if (found == -2)
        return refuse(s->line->form, "several options begin with ", word);
    if (found == -1)
        return refuse_unknown(s, name, length);
    return take(s, &s->options[found], name[length] ? name + length + 1 : NULL);
}

static const td_cli_option *find_letter(const scan *s, char letter)
{
    for (int i = 0; i < s->option_count; i++)
        if (s->options[i].letter == letter)
            return &s->options[i];
    return NULL;
}

/* Take `-v`, several switches at once, `-o FILE` or `-oFILE`. */
static td_status take_letters(scan *s, const char *word)
{
    td_status status = TD_OK;
    for (const char *letter = word + 1; status == TD_OK && *letter; letter++) {
        const td_cli_option *option = find_letter(s, *letter);
        if (!option)
            return refuse(s->line->form, "unknown option ", word);
        if (option->argument)
            return take(s, option, letter[1] ? letter + 1 : NULL);
        status = take(s, option, NULL);
    }
    return status;
}

/* ---- operands ------------------------------------------------------------------- */

/* Whether an operand stands for more words than one: "RUN...", "[RUN...]". */
static bool repeats(const char *word, int length)
{
    length -= length > 0 && word[length - 1] == ']';
    return length > 3 && strncmp(word + length - 3, "...", 3) == 0;
}

/* The \a index-th word of a form's operands, "" behind the last, which may repeat. */
static const char *operand_word(const td_cli_form *form, int index, int *length)
{
    const char *at = form->operands;
    for (int i = 0; i < index; i++) {
        if (repeats(at, (int) strcspn(at, " ")))
            break;
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    *length = (int) strcspn(at, " ");
    return at;
}

static td_status take_operand(scan *s, const char *word)
{
    td_cli_line *line = s->line;
    int length = 0;
    operand_word(line->form, line->operands, &length);
    if (length == 0)
        return refuse(line->form, "unexpected word ", word);
    line->operand[line->operands++] = word;
    return TD_OK;
}

static int count_words(const char *operands)
{
    int words = operands[0] != '\0';
    for (const char *at = operands; *at; at++)
        words += *at == ' ';
    return words;
}

static td_status check_operands(const td_cli_line *line)
{
    int length = 0;
    const char *missing = operand_word(line->form, line->operands, &length);
    /* A word that repeats stands last, and once is enough. */
    if (repeats(missing, length) && line->operands >= count_words(line->form->operands))
        return TD_OK;
    bool optional = missing[0] == '[';
    if (length == 0 || optional || line->help || line->version)
        return TD_OK;
    td_status status =
        td_error(TD_USAGE, "%s: %.*s is missing", line->form->name, length, missing);
    td_error_hint("try `taildart %s --help`", line->form->name);
    return status;
}

/* ---- the line ------------------------------------------------------------------- */

static td_status take_words(scan *s)
{
    td_status status = TD_OK;
    bool only_operands = false;
    while (status == TD_OK && s->next < s->end) {
        const char *word = *s->next++;
        if (only_operands || word[0] != '-' || word[1] == '\0')
            status = take_operand(s, word);
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (word[1] == '-')
            status = take_long(s, word);
        else
            status = take_letters(s, word);
    }
    return status;
}

td_status td_cli_scan(td_cli_line *line, const td_cli_form *form, int argc, char **argv)
{
    TD_ASSERT(argc > 0);
    scan s = { .line = line, .next = argv + 1, .end = argv + argc };
    size_t letters = 0;
    for (int i = 1; i < argc; i++)
        letters += strlen(argv[i]);
    *line = (td_cli_line){ .form = form };
    line->operand = td_malloc((size_t) argc * sizeof *line->operand);
    line->given = td_malloc((letters + 1) * sizeof *line->given);
    s.option_count = td_cli_options(form, s.options);
    td_status status = take_words(&s);
    return status == TD_OK ? check_operands(line) : status;
}
