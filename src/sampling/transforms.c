/* The table of transforms. */
#include "transforms.h"

#define ROW(NAME, function, word) td_transform_##function,
static td_transform *const table[] = { TD_TRANSFORMS(ROW) };
#undef ROW
#define ROW(NAME, function, word) word,
static const char *const names[] = { TD_TRANSFORMS(ROW) };
#undef ROW

td_transform *td_transform_of(td_transform_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_TRANSFORM_COUNT);
    return table[kind];
}

const char *td_transform_name(td_transform_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_TRANSFORM_COUNT);
    return names[kind];
}
