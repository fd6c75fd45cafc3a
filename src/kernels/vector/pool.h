/* Functions shared by both pools: windows at borders, and how many pixels they hold. */
#ifndef TD_VECTOR_POOL_H
#define TD_VECTOR_POOL_H

#include "vector.h"

/* Whether the neighbours of a row, or of a column, lie inside the image. */
typedef struct {
    bool before, behind;
} td_neighbours;

TD_INLINE td_neighbours td_neighbours_of(int center, int size)
{
    return (td_neighbours){ center > 0, center + 1 < size };
}

/* Call with the neighbours as constants: `call(rows)` becomes four calls, one of which
 * runs. */
#define TD_WITH_NEIGHBOURS(call, rows)                                                 \
    do {                                                                               \
        if ((rows).before && (rows).behind)                                            \
            call(((td_neighbours){ true, true }));                                     \
        else if ((rows).before)                                                        \
            call(((td_neighbours){ true, false }));                                    \
        else if ((rows).behind)                                                        \
            call(((td_neighbours){ false, true }));                                    \
        else                                                                           \
            call(((td_neighbours){ false, false }));                                   \
    } while (0)

/* 1 / (number of rows, or columns, of a window). */
TD_INLINE float td_share(td_neighbours n)
{
    return 1.0F / (float) (1 + n.before + n.behind);
}

#endif
