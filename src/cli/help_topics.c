/* taildart help TOPIC: what is no command's. */
#include "help_topics.h"

#include <stdio.h>
#include <string.h>

#include "forms.h"
#include "taildart/base_text.h"
#include "taildart/config_help.h"

/* ---- keys ------------------------------------------------------------------------ */

static void print_uses(void)
{
    printf(
        "Keys, for --set KEY=VALUE and for YAML files, where dots are nesting.  "
        "Options\nbeat files, files beat defaults.  `taildart help keys GROUP` tells "
        "those of\none use, or all with a common part (weights, lr), `taildart help "
        "keys KEY` one.\n\n");
    for (int i = 0; i < td_key_use_count(); i++)
        printf("  %-18s  %s\n", td_key_uses[i].name, td_key_uses[i].title);
    printf("\n");
}

static td_status refuse_key(const char *word)
{
    char *meant = td_key_suggest(word, 0, "", "");
    td_status status =
        td_error(TD_USAGE, "no key and no group of keys is called %s%s%s", word,
                 meant ? "; the nearest is " : "", meant ? meant : "");
    td_error_hint("`taildart help keys` tells all");
    td_free(meant);
    return status;
}

static td_status print_keys(const char *word)
{
    const td_key *key = word ? td_key_find(word) : NULL;
    char *text = key ? td_key_help(key) : td_keys_help(word);
    if (!text)
        return refuse_key(word);
    if (!word)
        print_uses();
    printf("%s", text);
    td_free(text);
    return TD_OK;
}

/* ---- the table ------------------------------------------------------------------- */

static td_status print_shapes(const char *word)
{
    TD_ASSERT(!word);
    char *text = td_cli_help_shapes();
    printf("%s", text);
    td_free(text);
    return TD_OK;
}

static td_status print_page(const char *word)
{
    char *text = word ? td_cli_man(word) : NULL, *name = NULL;
    if (word && !text) {
        td_status status = td_error(TD_USAGE, "help man: no page is called %s", word);
        td_error_hint("`taildart help man` lists them");
        return status;
    }
    for (int i = 0; !word && (name = td_cli_man_name(i)) != NULL; i++) {
        printf("%s\n", name);
        td_free(name);
    }
    printf("%s", text ? text : "");
    td_free(text);
    return TD_OK;
}

static td_status print_completion(const char *word)
{
    char *text = word ? td_cli_completion(word) : NULL;
    if (!text)
        return td_error(TD_USAGE, "help completion: found \"%s\"; accepted: bash, zsh",
                        word ? word : "");
    printf("%s", text);
    td_free(text);
    return TD_OK;
}

static const struct {
    const char *name;
    bool takes_word;
    td_status (*print)(const char *word);
} topics[] = {
    { "keys", true, print_keys },
    { "shapes", false, print_shapes },
    { "man", true, print_page },
    { "completion", true, print_completion },
};

enum { TOPICS = sizeof topics / sizeof *topics };

bool td_cli_help_topic(td_status *status, int count, char **words)
{
    for (int i = 0; i < TOPICS; i++) {
        if (strcmp(words[0], topics[i].name) != 0)
            continue;
        int most = topics[i].takes_word ? 2 : 1;
        if (count > most)
            *status = td_error(TD_USAGE, "help %s: unexpected word %s", topics[i].name,
                               words[most]);
        else
            *status = topics[i].print(count > 1 ? words[1] : NULL);
        return true;
    }
    return false;
}
