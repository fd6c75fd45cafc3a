/* --help and --version of a form.  The help is one screen: what is done, the options in
 * a line each, three examples; the manual page has the rest. */
#include "cli_internal.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_keys.h"
#include "taildart/machine.h"
#include "taildart/store_version.h"

enum { COLUMN = 24, WIDTH = 80, SCREEN = 24, EXAMPLES = 3 };

/* ---- options --------------------------------------------------------------------- */

char *td_cli_option_words(const td_cli_option *option)
{
    char letter[8] = "";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    return td_format("%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                     option->argument ? option->argument : "");
}

/* The help of a shorthand is the first clause of its key's; the rest is told by
 * `taildart help keys`. */
static char *clause(const td_cli_form *form, const td_cli_option *option)
{
    const char *key = td_cli_key_of(form, option->name);
    const char *help = key ? td_key_find(key)->help : option->help;
    return td_format("%.*s", (int) (key ? strcspn(help, ":;") : strlen(help)), help);
}

static void write_option(td_text *text, const td_cli_form *form,
                         const td_cli_option *option)
{
    char *left = td_cli_option_words(option), *help = clause(form, option);
    bool fits = strlen(left) + 4 <= COLUMN;
    td_text_write(text, "  %-*s", fits ? COLUMN - 2 : 0, left);
    td_text_write(text, "%s", fits ? "" : "  ");
    td_text_write_wrapped(text, COLUMN, WIDTH, help);
    td_text_write(text, "\n");
    td_free(help);
    td_free(left);
}

/* Those of all commands need no words, and share a line. */
static void write_options(td_text *text, const td_cli_form *form)
{
    td_cli_option options[TD_CLI_OPTIONS];
    int count = td_cli_options(form, options), own = count - TD_CLI_COMMON;
    td_text_write(text, "\nOptions:\n");
    for (int i = 0; i < own; i++)
        write_option(text, form, &options[i]);
    for (int i = own; i < count; i++) {
        char *words = td_cli_option_words(&options[i]);
        td_text_write(text, "  %s%s", words, i + 1 < count ? "" : "\n");
        td_free(words);
    }
}

/* ---- the rest -------------------------------------------------------------------- */

/* An example goes on where a line begins with a blank. */
static void write_examples(td_text *text, const char *examples)
{
    int count = 0;
    td_text_write(text, "\nExamples:\n");
    for (const char *line = examples; *line;) {
        int length = (int) strcspn(line, "\n");
        count += line[0] != ' ';
        if (count > EXAMPLES)
            return;
        td_text_write(text, "  %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

static void write_parts(td_text *text, const td_cli_form *form)
{
    td_text_write(text, "\nCommands:\n");
    for (const td_cli_form *const *part = form->parts; *part; part++)
        td_text_write(text, "  %-6s %-9s  %s\n", strrchr((*part)->name, ' ') + 1,
                      (*part)->operands, (*part)->purpose);
}

static int lines_of(const char *text)
{
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    return lines;
}

char *td_cli_page(const td_cli_form *form)
{
    char *page = td_format("taildart-%s", form->name);
    for (char *at = page; *at; at++)
        *at = *at == ' ' ? '-' : *at;
    return page;
}

/* Its paragraphs where the screen has room for them, or else where they are. */
static void write_detail(td_text *text, const td_cli_form *form)
{
    enum { AROUND = 2 }; /* a line before it, an end */
    if (!form->detail)
        return;
    if (lines_of(text->chars) + lines_of(form->detail) + AROUND <= SCREEN) {
        td_text_write(text, "\n%s\n", form->detail);
        return;
    }
    char *page = td_cli_page(form);
    td_text_write(text, "More: `man %s`\n", page);
    td_free(page);
}

char *td_cli_help(const td_cli_form *form)
{
    td_text text = { 0 };
    td_text_write(&text, "Usage: taildart %s%s%s [OPTION]...\n%s\n", form->name,
                  form->operands[0] ? " " : "", form->operands, form->purpose);
    if (form->parts)
        write_parts(&text, form);
    write_options(&text, form);
    write_examples(&text, form->examples);
    write_detail(&text, form);
    return text.chars;
}

char *td_cli_version(void)
{
    enum { VALUES = 9 };
    td_text text = { 0 };
    char *lines = td_version_text(), *rest = lines;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        td_text_write_wrapped(&text, VALUES, WIDTH, line);
        td_text_write(&text, "\n");
    }
    td_free(lines);
    return text.chars;
}

bool td_cli_answer(const td_cli_line *line)
{
    if (!line->help && !line->version)
        return false;
    if (td_launch_rank() != 0)
        return true;
    char *text = line->help ? td_cli_help(line->form) : td_cli_version();
    printf("%s", text);
    td_free(text);
    return true;
}
