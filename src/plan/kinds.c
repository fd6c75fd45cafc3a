/* The table of the kinds of runs. */
#include <string.h>

#include "plan.h"

/* Older files do not name their kind, and those of a search have nothing that those of
 * another kind lack: so the search comes first, and is what is left. */
static const td_run_kind *const kinds[] = { &td_run_search, &td_run_train };

enum { KINDS = sizeof kinds / sizeof kinds[0] };

const td_run_kind *td_run_kind_of(td_config_command command)
{
    int i = KINDS - 1;
    while (i > 0 && kinds[i]->command != command)
        i--;
    TD_ASSERT(kinds[i]->command == command);
    return kinds[i];
}

static bool has_group(const char *yaml, const char *name)
{
    char *line = td_format("\n%s:\n", name);
    bool found = strstr(yaml, line) != NULL;
    td_free(line);
    return found;
}

const td_run_kind *td_run_kind_of_yaml(const char *yaml)
{
    int i = KINDS - 1;
    while (i > 0 && !has_group(yaml, kinds[i]->name))
        i--;
    return kinds[i];
}

/* A file without the command is an older one: a derived network has no edges. */
static bool is_of(const td_checkpoint *saved, const td_run_kind *kind)
{
    return saved->texts.command ? strcmp(saved->texts.command, kind->name) == 0
                                : (saved->state.edges == 0) == (kind->given != NULL);
}

const td_run_kind *td_run_kind_of_saved(const td_checkpoint *saved)
{
    int i = KINDS - 1;
    while (i > 0 && !is_of(saved, kinds[i]))
        i--;
    return kinds[i];
}
