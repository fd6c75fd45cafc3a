/* The table of relaxations. */
#include "taildart/arch.h"

#include <string.h>

#define ROW(NAME, function, word) &td_relaxation_##function,
static const td_relaxation *const table[] = { TD_RELAXATIONS(ROW) };
#undef ROW
#define ROW(NAME, function, word) word,
static const char *const names[] = { TD_RELAXATIONS(ROW) };
#undef ROW

const td_relaxation *td_relaxation_of(td_relaxation_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_RELAXATION_COUNT);
    return table[kind];
}

td_relaxation_kind td_relaxation_kind_of(const td_relaxation *relaxation)
{
    int kind = 0;
    while (kind < TD_RELAXATION_COUNT - 1 && table[kind] != relaxation)
        kind++;
    TD_ASSERT(table[kind] == relaxation);
    return (td_relaxation_kind) kind;
}

const char *td_relaxation_name(td_relaxation_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_RELAXATION_COUNT);
    return names[kind];
}

int td_relaxation_find(const char *name)
{
    for (int kind = 0; kind < TD_RELAXATION_COUNT; kind++)
        if (strcmp(names[kind], name) == 0)
            return kind;
    return -1;
}
