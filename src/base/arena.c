#include "taildart/base_arena.h"
#include "taildart/base_memory.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { ALIGNMENT = 64 };

void td_arena_init(td_arena *arena)
{
    *arena = (td_arena){ 0 };
}

/* Mapped, not allocated: the kernel hands out zeroed pages where they are first
 * touched, and a plan larger than memory fails here with a clear line. */
void td_arena_begin(td_arena *arena)
{
    TD_ASSERT(!arena->base);
    arena->size = arena->peak ? arena->peak : ALIGNMENT;
    arena->used = arena->peak = 0;
    arena->base = mmap(NULL, arena->size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (arena->base == MAP_FAILED)
        td_out_of_memory(arena->size);
    /* Large pages spare the translation of addresses, 3 to 5 % of a step; where there
     * are none all works the same. */
    (void) madvise(arena->base, arena->size, MADV_HUGEPAGE);
}

void *td_arena_take(td_arena *arena, size_t count, size_t size)
{
    TD_ASSERT(size > 0 && count <= (SIZE_MAX - ALIGNMENT) / size);
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t offset = arena->used;
    arena->used += bytes;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    if (!arena->base)
        return NULL;
    TD_ASSERT(arena->used <= arena->size);
    return arena->base + offset;
}

void td_arena_release(td_arena *arena, size_t mark)
{
    TD_ASSERT(mark <= arena->used);
    arena->used = mark;
}

void td_arena_clear(td_arena *arena)
{
    if (arena->base)
        munmap(arena->base, arena->size);
    *arena = (td_arena){ 0 };
}
