/* --help and --version of a form. */
#include "cli_internal.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/machine.h"
#include "taildart/store_version.h"

enum { COLUMN = 26, WIDTH = 80 }; /* of the help on an option; of a line */

static void write_option(td_text *text, const td_cli_form *form,
                         const td_cli_option *option)
{
    char letter[8] = "";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    char *left =
        td_format("%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                  option->argument ? option->argument : "");
    td_text_write(text, "  %-*s%s", COLUMN - 2, left,
                  td_cli_key_of(form, option->name) ? "key " : "");
    td_text_write_wrapped(text, COLUMN, WIDTH, option->help);
    td_text_write(text, "\n");
    td_free(left);
}

static void write_options(td_text *text, const td_cli_form *form)
{
    td_cli_option options[TD_CLI_OPTIONS];
    int count = td_cli_options(form, options);
    td_text_write(text, "\nOptions:\n");
    for (int i = 0; i < count; i++)
        write_option(text, form, &options[i]);
}

static void write_examples(td_text *text, const char *examples)
{
    td_text_write(text, "\nExamples:\n");
    for (const char *line = examples; *line;) {
        int length = (int) strcspn(line, "\n");
        td_text_write(text, "  %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

static void write_keys(td_text *text, td_config_command command)
{
    char *keys = td_settings_help(command);
    td_text_write(text,
                  "\nKeys, for --set and for YAML files, where dots are nesting.  "
                  "Options beat\nfiles, files beat defaults.\n%s",
                  keys);
    td_free(keys);
}

char *td_cli_help(const td_cli_form *form)
{
    td_text text = { 0 };
    td_text_write(&text, "Usage: taildart %s%s%s [OPTION]...\n\n%s\n", form->name,
                  form->operands[0] ? " " : "", form->operands, form->purpose);
    if (form->detail)
        td_text_write(&text, "\n%s\n", form->detail);
    write_examples(&text, form->examples);
    write_options(&text, form);
    if (form->keys)
        write_keys(&text, form->keys);
    return text.chars;
}

bool td_cli_answer(const td_cli_line *line)
{
    if (!line->help && !line->version)
        return false;
    if (td_launch_rank() != 0)
        return true;
    char *text = line->help ? td_cli_help(line->form) : td_version_text();
    printf("%s%s", text, line->help ? "" : "\n");
    td_free(text);
    return true;
}
