#include "taildart/base.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector of today's CPUs */

static atomic_long live_blocks;
static atomic_long malloc_count;

void *td_malloc(size_t bytes)
{
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *block = aligned_alloc(ALIGNMENT, rounded ? rounded : ALIGNMENT);
    TD_CHECK(block, "out of memory: %zu bytes asked for", bytes);
    memset(block, 0, rounded);
    atomic_fetch_add(&live_blocks, 1);
    atomic_fetch_add(&malloc_count, 1);
    return block;
}

void td_free(void *block)
{
    if (!block)
        return;
    atomic_fetch_sub(&live_blocks, 1);
    free(block);
}

char *td_strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    return memcpy(td_malloc(bytes), text, bytes);
}

char *td_format(const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    TD_CHECK(length >= 0, "cannot format \"%s\"", format);
    char *text = td_malloc((size_t) length + 1);
    vsnprintf(text, (size_t) length + 1, format, again);
    va_end(again);
    return text;
}

long td_base_live_blocks(void)
{
    return atomic_load(&live_blocks);
}

long td_base_malloc_count(void)
{
    return atomic_load(&malloc_count);
}
