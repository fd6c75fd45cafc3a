/** Floor 1: one block, carved twice.
 *
 *  A planner function takes its arrays from an arena in a fixed order.  It is run
 *  first over an arena without memory, which only adds up, and then over one with
 *  memory, which hands out pointers: the plan and the allocation are one list and
 *  cannot disagree.  `--dry-run` prints the first run's total.
 */
#ifndef TAILDART_BASE_ARENA_H
#define TAILDART_BASE_ARENA_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

typedef struct {
    char *base;  /**< owned; NULL while measuring                 */
    size_t used; /**< bytes taken so far                          */
    size_t peak; /**< most bytes ever taken at a time             */
    size_t size; /**< bytes owned                                 */
} td_arena;

/** Start measuring: every take returns NULL.  Not collective. */
void td_arena_init(td_arena *arena);

/** Allocate what the measuring run needed (arena->peak) and start handing out; pages
 *  are left untouched, so that the thread that first writes them owns them.
 *  Not collective. */
void td_arena_begin(td_arena *arena);

/** Take \a count items of \a size bytes, aligned to 64 bytes; NULL while measuring.
 *  The memory is zero at its first use.  Not collective. */
void *td_arena_take(td_arena *arena, size_t count, size_t size);

/** Give back everything taken since \a mark (a former value of arena->used).
 *  Not collective. */
void td_arena_release(td_arena *arena, size_t mark);

/** Free the block.  Not collective. */
void td_arena_clear(td_arena *arena);

#define TD_TAKE(arena, type, count) ((type *) td_arena_take(arena, count, sizeof(type)))

TD_PUBLIC_END

#endif
