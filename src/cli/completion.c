/* What shells load to complete command lines: lists from the tables of commands,
 * options and keys, and below them a few lines in the language of the shell. */
#include <string.h>

#include "forms.h"
#include "taildart/base_text.h"
#include "taildart/config_help.h"
#include "taildart/genotype.h"

/* ---- lists, for both shells ------------------------------------------------------ */

/* Options of a form: "--out= --list -h"; `=` ends those that a word stands behind. */
static void write_options(td_text *text, const td_cli_form *form)
{
    td_cli_option list[TD_CLI_OPTIONS];
    int count = td_cli_options(form, list);
    td_text_write(text, " options='");
    for (int i = 0; i < count; i++) {
        td_text_write(text, "--%s%s ", list[i].name, list[i].argument ? "=" : "");
        if (list[i].letter)
            td_text_write(text, "-%c%s ", list[i].letter, list[i].argument ? "=" : "");
    }
    td_text_write(text, "'");
}

static void write_keys(td_text *text, const td_cli_form *form)
{
    td_text_write(text, "\n            keys='");
    for (int i = 0; form->keys && i < td_key_count(); i++)
        if (td_cli_takes_key(form, td_keys[i].name))
            td_text_write(text, "%s= ", td_keys[i].name);
    td_text_write(text, "'");
}

static void write_forms(td_text *text)
{
    td_text_write(text, "_taildart_lists() { # COMMAND: its options and keys\n"
                        "    options='' keys=''\n    case $1 in\n");
    for (int i = 0; td_cli_form_at(i); i++) {
        td_text_write(text, "        '%s')", td_cli_form_at(i)->name);
        write_options(text, td_cli_form_at(i));
        write_keys(text, td_cli_form_at(i));
        td_text_write(text, " ;;\n");
    }
    td_text_write(text, "    esac\n}\n\n");
}

/* The words that a key may be, beside numbers and texts. */
static void write_words(td_text *text, const td_key *key)
{
    if (key->type == TD_KEY_BOOL)
        td_text_write(text, " true false");
    if (key->type == TD_KEY_EPOCH)
        td_text_write(text, " never");
    if (key->takes_auto)
        td_text_write(text, " auto");
    for (int i = 0; key->type == TD_KEY_NAME && i < key->name_count; i++)
        td_text_write(text, " %s", key->names[i]);
}

/* A line of a `case` for what has words. */
static void write_case(td_text *text, const char *pattern, const char *words)
{
    if (words && words[0])
        td_text_write(text, "        %s) echo '%s' ;;\n", pattern, words);
}

static void write_values(td_text *text)
{
    td_text_write(text, "_taildart_values() { # KEY: the words that it may be\n"
                        "    case $1 in\n");
    for (int i = 0; i < td_key_count(); i++) {
        td_text words = { 0 };
        write_words(&words, &td_keys[i]);
        write_case(text, td_keys[i].name, words.chars ? words.chars + 1 : NULL);
        td_free(words.chars);
    }
    td_text_write(text, "    esac\n}\n\n");
}

/* "weak|strong" of an option's argument, or the words of the key it is short for. */
static char *choices_of(const td_cli_form *form, const td_cli_option *option)
{
    td_text words = { 0 };
    const char *key = td_cli_key_of(form, option->name);
    if (key)
        write_words(&words, td_key_find(key));
    else if (option->argument && strchr(option->argument, '|'))
        td_text_write(&words, " %s", option->argument);
    for (char *at = words.chars; at && *at; at++)
        *at = *at == '|' ? ' ' : *at;
    return words.chars;
}

static void write_choices(td_text *text)
{
    td_text_write(text, "_taildart_choices() { # COMMAND OPTION: the words behind it\n"
                        "    case \"$1 $2\" in\n");
    for (int i = 0; td_cli_form_at(i); i++) {
        td_cli_option list[TD_CLI_OPTIONS];
        int count = td_cli_options(td_cli_form_at(i), list);
        for (int k = 0; k < count; k++) {
            char *words = choices_of(td_cli_form_at(i), &list[k]);
            char *pattern =
                td_format("'%s --%s'", td_cli_form_at(i)->name, list[k].name);
            write_case(text, pattern, words ? words + 1 : NULL);
            td_free(pattern);
            td_free(words);
        }
    }
    td_text_write(text, "    esac\n}\n\n");
}

/* Published cells have names, which serve where files do. */
static void write_beside(td_text *text)
{
    td_text_write(text,
                  "_taildart_beside() { # COMMAND OPTION: words that serve as files\n"
                  "    case \"$1 $2\" in\n        'genotype '");
    for (int i = 0; td_cli_form_at(i); i++) {
        td_cli_option list[TD_CLI_OPTIONS];
        int count = td_cli_options(td_cli_form_at(i), list);
        for (int k = 0; k < count; k++) {
            const char *key = td_cli_key_of(td_cli_form_at(i), list[k].name);
            if (key && strcmp(key, "train.genotype") == 0)
                td_text_write(text, " | '%s --%s'", td_cli_form_at(i)->name,
                              list[k].name);
        }
    }
    td_text_write(text, ") echo '");
    for (int i = 0; td_genotype_name(i); i++)
        td_text_write(text, "%s%s", i > 0 ? " " : "", td_genotype_name(i));
    td_text_write(text, "' ;;\n    esac\n}\n\n");
}

/* Commands, or the parts of one: what stands first, and what behind it. */
static void write_commands(td_text *text)
{
    td_text_write(text, "_taildart_words() { # WORD...: commands, topics of help\n"
                        "    case \"$*\" in\n        '') echo '");
    for (int i = 0; td_cli_form_at(i); i++)
        if (!strchr(td_cli_form_at(i)->name, ' '))
            td_text_write(text, "%s ", td_cli_form_at(i)->name);
    td_text_write(text,
                  "help --help --version' ;;\n        data | 'help data') echo '");
    for (int i = 0; td_cli_data_form.parts[i]; i++)
        td_text_write(text, "%s ", strchr(td_cli_data_form.parts[i]->name, ' ') + 1);
    td_text_write(text,
                  "' ;;\n        help) echo \"$(_taildart_words) keys shapes man "
                  "completion\" ;;\n        'help completion') echo 'bash zsh' ;;\n"
                  "        'help man') echo '");
    char *page = NULL;
    for (int i = 0; (page = td_cli_man_name(i)) != NULL; i++) {
        td_text_write(text, "%s ", page);
        td_free(page);
    }
    td_text_write(text, "' ;;\n        'help keys') echo '");
    for (int i = 0; i < td_key_use_count(); i++)
        td_text_write(text, "%s ", td_key_uses[i].name);
    for (int i = 0; i < td_key_count(); i++)
        td_text_write(text, "%s ", td_keys[i].name);
    td_text_write(text, "' ;;\n    esac\n}\n\n");
}

/* What the last of the words WORD... may become, in `found`; `shape` tells how it goes
 * on: a file or one of these, a word that ends, one that goes on with `=`.  `prefix` is
 * before it. */
static const char common[] =
    "_taildart_find() { # WORD...: sets found, shape, prefix\n"
    "    local command=$1 last='' before='' options='' keys='' i=0 said=$#\n"
    "    found='' shape='word' prefix=''\n"
    "    for i in \"$@\"; do before=$last last=$i; done\n"
    "    [ \"$said\" -gt 1 ] || { found=$(_taildart_words); return; }\n"
    "    case \"$1 $said\" in\n"
    "        'data 2' | 'help 2') found=$(_taildart_words \"$1\"); return ;;\n"
    "        'help 3') found=$(_taildart_words \"$1 $2\"); return ;;\n"
    "    esac\n"
    "    [ \"$1\" != data ] || command=\"$1 $2\"\n"
    "    _taildart_lists \"$command\"\n"
    "    case $last in --*=*) before=${last%%=*} prefix=$before= last=${last#*=} ;; "
    "esac\n"
    "    case \"$before $last\" in\n"
    "        '--set '*=*) prefix=$prefix${last%%=*}=\n"
    "            found=$(_taildart_values \"${last%%=*}\") ;;\n"
    "        '--set '*) found=$keys shape='key' ;;\n"
    "        *) case \" $options\" in\n"
    "            *\" $before= \"*) found=$(_taildart_choices \"$command\" "
    "\"$before\")\n"
    "                [ -n \"$found\" ] || { shape='file'\n"
    "                    found=$(_taildart_beside \"$command\" \"$before\"); } ;;\n"
    "            *) shape='file' found=$(_taildart_beside \"$command\" '')\n"
    "                case $last in -*) shape='word'\n"
    "                    found=$(printf '%s' \"$options\" | tr -d =) ;; esac ;;\n"
    "        esac ;;\n"
    "    esac\n"
    "}\n\n";

/* ---- bash ------------------------------------------------------------------------ */

/* Bash cuts words at `=`, so words are read from the line, and what it has cut off is
 * not answered again.  A launcher and its options may stand before the program. */
static const char bash[] =
    "_taildart() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} found shape prefix word i\n"
    "    local -a said\n"
    "    read -ra said <<<\"$line\"\n"
    "    case $line in *[[:space:]]) said+=('') ;; esac\n"
    "    COMPREPLY=()\n"
    "    while [[ ${said[0]} != taildart && ${said[0]} != */taildart ]]; do\n"
    "        said=(\"${said[@]:1}\")\n"
    "        [ ${#said[@]} -gt 0 ] || return 0\n"
    "    done\n"
    "    _taildart_find \"${said[@]:1}\"\n"
    "    word=${said[${#said[@]} - 1]#\"$prefix\"}\n"
    "    for i in $found; do\n"
    "        case $i in \"$word\"*) COMPREPLY+=(\"$i\") ;; esac\n"
    "    done\n"
    "    if [ \"$shape\" = file ]; then\n"
    "        while IFS= read -r i; do COMPREPLY+=(\"$i\"); done < <(compgen -f -- "
    "\"$word\")\n"
    "        compopt -o filenames 2>/dev/null\n"
    "    else\n"
    "        [ \"$shape\" != key ] || compopt -o nospace 2>/dev/null\n"
    "    fi\n"
    "    case $COMP_WORDBREAKS in\n"
    "        *=*) ;;\n"
    "        *) COMPREPLY=(\"${COMPREPLY[@]/#/$prefix}\") ;;\n"
    "    esac\n"
    "    return 0\n"
    "}\n"
    "complete -F _taildart taildart\n";

/* ---- zsh ------------------------------------------------------------------------- */

static const char zsh[] = "_taildart() {\n"
                          "    local found shape prefix\n"
                          "    _taildart_find \"${(@)words[2,CURRENT]}\"\n"
                          "    if [[ -n $prefix ]]; then compset -P \"$prefix\"; fi\n"
                          "    case $shape in\n"
                          "        file) [[ -z $found ]] || compadd -- ${=found}\n"
                          "            _files ;;\n"
                          "        key) compadd -S '' -- ${=found} ;;\n"
                          "        *) compadd -- ${=found} ;;\n"
                          "    esac\n"
                          "}\n"
                          "if [[ $funcstack[1] == _taildart ]]; then _taildart \"$@\"\n"
                          "else compdef _taildart taildart; fi\n";

char *td_cli_completion(const char *shell)
{
    bool is_zsh = strcmp(shell, "zsh") == 0;
    td_text text = { 0 };
    if (!is_zsh && strcmp(shell, "bash") != 0)
        return NULL;
    td_text_write(&text, "%s# Made by `taildart help completion %s`.\n\n",
                  is_zsh ? "#compdef taildart\n" : "# shellcheck shell=bash\n", shell);
    write_forms(&text);
    write_values(&text);
    write_choices(&text);
    write_beside(&text);
    write_commands(&text);
    td_text_write(&text, "%s%s", common, is_zsh ? zsh : bash);
    return text.chars;
}
