/* Manual pages, from the tables that the help is made of. */
#include <ctype.h>
#include <string.h>

#include "forms.h"
#include "help_topics.h"
#include "taildart/base_text.h"
#include "taildart/config_help.h"
#include "taildart/store_version.h"

/* ---- the language of man(7) ------------------------------------------------------ */

/* A character of more than a byte as its number: not every roff reads UTF-8. */
static size_t write_wide(td_text *text, const unsigned char *at)
{
    int more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : 1;
    unsigned code = at[0] & (0x3fu >> more);
    for (int i = 1; i <= more; i++) {
        TD_ASSERT((at[i] & 0xc0u) == 0x80u);
        code = code << 6 | (at[i] & 0x3fu);
    }
    td_text_write(text, "\\[u%04X]", code);
    return (size_t) more + 1;
}

/* Words as they are: nothing in them is a request or an escape. */
static void write_words(td_text *text, const char *words, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char) words[i];
        bool begins = text->length == 0 || text->chars[text->length - 1] == '\n';
        if (begins && (c == '.' || c == '\''))
            td_text_write(text, "\\&");
        if (c >= 0x80) {
            i += write_wide(text, (const unsigned char *) words + i);
            continue;
        }
        if (c == '\\')
            td_text_write(text, "\\e");
        else if (c == '-' || c == '\'' || c == '`' || c == '^' || c == '~')
            td_text_write(text, "%s",
                          c == '-'    ? "\\-"
                          : c == '\'' ? "\\(aq"
                          : c == '`'  ? "\\(ga"
                          : c == '^'  ? "\\(ha"
                                      : "\\(ti");
        else
            td_text_write(text, "%c", c);
        i++;
    }
}

static void say(td_text *text, const char *words)
{
    write_words(text, words, strlen(words));
}

static void section(td_text *text, const char *title)
{
    td_text_write(text, ".SH ");
    say(text, title);
    td_text_write(text, "\n");
}

static void head(td_text *text, const char *name, int number)
{
    td_text_write(text, ".\\\" Made by `taildart help man`.\n.TH ");
    for (const char *at = name; *at; at++)
        td_text_write(text, "%s%c", *at == '-' ? "\\" : "",
                      toupper((unsigned char) *at));
    td_text_write(text, " %d \"%s\" \"taildart %s\" \"taildart\"\n", number,
                  TD_VERSION_DATE, TD_VERSION);
}

/* `name - purpose`, as whatis(1) reads it. */
static void name_section(td_text *text, const char *name, const char *purpose)
{
    size_t length = strlen(purpose);
    length -= length > 0 && purpose[length - 1] == '.';
    section(text, "NAME");
    say(text, name);
    td_text_write(text, " \\- %c", tolower((unsigned char) purpose[0]));
    write_words(text, purpose + 1, length - 1);
    td_text_write(text, "\n");
}

/* Lines of 80 columns that keep their form begin at the left edge. */
static const char whole_lines[] = ".nf\n.in 0\n", filled_lines[] = ".in\n.fi\n";

/* Paragraphs; lines that begin with a blank keep their form. */
static void paragraphs(td_text *text, const char *words)
{
    bool as_is = false;
    for (const char *line = words; *line;) {
        size_t length = strcspn(line, "\n");
        if ((line[0] == ' ') != as_is)
            td_text_write(text, "%s", as_is ? filled_lines : whole_lines);
        as_is = line[0] == ' ';
        if (length == 0)
            td_text_write(text, ".PP");
        write_words(text, line, length);
        td_text_write(text, "\n");
        line += length + (line[length] == '\n');
    }
    td_text_write(text, "%s", as_is ? filled_lines : "");
}

/* Lines that keep their form; \a before and \a after: requests around them. */
static void as_is(td_text *text, const char *before, const char *lines,
                  const char *after)
{
    td_text_write(text, "%s", before);
    for (const char *line = lines; *line;) {
        size_t length = strcspn(line, "\n");
        td_text_write(text, "%s", length == 0 ? "\\&" : "");
        write_words(text, line, length);
        td_text_write(text, "\n");
        line += length + (line[length] == '\n');
    }
    td_text_write(text, "%s", after);
}

/* ---- a command ------------------------------------------------------------------- */

static void facts_of_key(td_text *text, const td_key *key)
{
    char *values = td_key_values(key), *standards = td_key_standards(key);
    say(text, values);
    say(text, "; default ");
    say(text, standards);
    td_text_write(text, ".\n");
    td_free(standards);
    td_free(values);
}

static void option(td_text *text, const td_cli_form *form, const td_cli_option *o)
{
    const char *name = td_cli_key_of(form, o->name);
    char *words = td_cli_option_words(o);
    td_text_write(text, ".TP\n.B ");
    say(text, words);
    td_text_write(text, "\n");
    say(text, name ? td_key_find(name)->help : o->help);
    td_text_write(text, ".\n");
    if (name) {
        say(text, "Key ");
        say(text, name);
        td_text_write(text, ": ");
        facts_of_key(text, td_key_find(name));
    }
    td_free(words);
}

static void options(td_text *text, const td_cli_form *form)
{
    td_cli_option list[TD_CLI_OPTIONS];
    int count = td_cli_options(form, list);
    section(text, "OPTIONS");
    for (int i = 0; i < count; i++)
        option(text, form, &list[i]);
}

/* The keys that a command reads, by name. */
static void keys(td_text *text, const td_cli_form *form)
{
    int count = 0;
    section(text, "KEYS");
    say(text,
        "Keys are set by --set KEY=VALUE and by files of --config; taildart-keys(5) "
        "explains them.\nThis command reads\n");
    for (int i = 0; i < td_key_count(); i++)
        if (td_keys[i].commands & (unsigned) form->keys) {
            td_text_write(text, "%s", count++ ? ",\n" : "");
            say(text, td_keys[i].name);
        }
    td_text_write(text, ".\n");
}

static void parts(td_text *text, const td_cli_form *form)
{
    section(text, "COMMANDS");
    for (const td_cli_form *const *part = form->parts; *part; part++) {
        char *page = td_cli_page(*part);
        td_text_write(text, ".TP\n.B ");
        say(text, page);
        td_text_write(text, "(1)\n");
        say(text, (*part)->purpose);
        td_text_write(text, "\n");
        td_free(page);
    }
}

static void end(td_text *text, const char *examples, const char *others)
{
    section(text, "EXAMPLES");
    as_is(text, ".nf\n", examples, ".fi\n");
    section(text, "EXIT STATUS");
    say(text, td_cli_statuses + strlen("Exit status: "));
    section(text, "SEE ALSO");
    say(text, others);
    td_text_write(text, "\n");
}

static char *page_of(const td_cli_form *form, const char *name)
{
    td_text text = { 0 };
    head(&text, name, 1);
    name_section(&text, name, form->purpose);
    section(&text, "SYNOPSIS");
    td_text_write(&text, ".B taildart %s\n", form->name);
    say(&text, form->operands);
    say(&text, form->operands[0] ? " [OPTION]...\n" : "[OPTION]...\n");
    section(&text, "DESCRIPTION");
    say(&text, form->purpose);
    td_text_write(&text, "\n");
    if (form->detail)
        paragraphs(&text, form->detail);
    if (form->parts)
        parts(&text, form);
    options(&text, form);
    if (form->keys)
        keys(&text, form);
    end(&text, form->examples, "taildart(1), taildart-keys(5)");
    return text.chars;
}

/* ---- the program, and the keys --------------------------------------------------- */

static const char program[] = "taildart", of_keys[] = "taildart-keys";

static char *program_page(void)
{
    td_text text = { 0 };
    head(&text, program, 1);
    name_section(&text, program,
                 "Search network architectures on long-tailed images, on CPUs.");
    section(&text, "SYNOPSIS");
    td_text_write(&text, ".B taildart\nCOMMAND [OPTION]...\n");
    section(&text, "DESCRIPTION");
    say(&text, "Each command has a page of its own. `taildart help keys` and `taildart "
               "help shapes` tell what keys mean and how schedules go.\n");
    section(&text, "COMMANDS");
    for (int i = 0; td_cli_form_at(i); i++) {
        char *page = td_cli_page(td_cli_form_at(i));
        td_text_write(&text, ".TP\n.B ");
        say(&text, page);
        td_text_write(&text, "(1)\n");
        say(&text, td_cli_form_at(i)->purpose);
        td_text_write(&text, "\n");
        td_free(page);
    }
    end(&text, td_cli_form_at(0)->examples, "taildart-keys(5)");
    return text.chars;
}

static void key_entry(td_text *text, const td_key *key)
{
    char *readers = td_key_readers(key);
    td_text_write(text, ".TP\n.B ");
    say(text, key->name);
    td_text_write(text, "\n");
    say(text, key->help);
    td_text_write(text, ".\n");
    facts_of_key(text, key);
    say(text, "Read by ");
    say(text, readers);
    td_text_write(text, ".\n");
    td_free(readers);
}

static char *keys_page(void)
{
    td_text text = { 0 };
    char *shapes = td_cli_help_shapes();
    head(&text, of_keys, 5);
    name_section(&text, of_keys, "Keys of taildart's runs.");
    section(&text, "DESCRIPTION");
    say(&text,
        "Keys are set by --set KEY=VALUE and by files of --config: one document of "
        "YAML, where dots are nesting. Options beat files, files beat defaults.\n");
    for (int u = 0; u < td_key_use_count(); u++) {
        section(&text, td_key_uses[u].title);
        for (int i = 0; i < td_key_count(); i++)
            if (td_key_use_of(&td_keys[i]) == &td_key_uses[u])
                key_entry(&text, &td_keys[i]);
    }
    section(&text, "SCHEDULES");
    as_is(&text, whole_lines, shapes, filled_lines);
    section(&text, "SEE ALSO");
    td_text_write(&text, "taildart(1)\n");
    td_free(shapes);
    return text.chars;
}

char *td_cli_man_name(int index)
{
    if (index < 2)
        return td_format("%s.%d", index == 0 ? program : of_keys, index == 0 ? 1 : 5);
    const td_cli_form *form = td_cli_form_at(index - 2);
    if (!form)
        return NULL;
    char *page = td_cli_page(form), *name = td_format("%s.1", page);
    td_free(page);
    return name;
}

char *td_cli_man(const char *name)
{
    int length = (int) strcspn(name, ".");
    char *wanted = td_format("%.*s", length, name), *text = NULL;
    if (strcmp(wanted, program) == 0)
        text = program_page();
    else if (strcmp(wanted, of_keys) == 0)
        text = keys_page();
    for (int i = 0; !text && td_cli_form_at(i); i++) {
        char *page = td_cli_page(td_cli_form_at(i));
        if (strcmp(page, wanted) == 0)
            text = page_of(td_cli_form_at(i), page);
        td_free(page);
    }
    td_free(wanted);
    return text;
}
