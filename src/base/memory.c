#include "taildart/base_memory.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* a cache line, and the widest vector of today's CPUs */

static atomic_long live_blocks;
static atomic_long malloc_count;

/* ---- text ---------------------------------------------------------------------- */

static char purpose[256], remedy[256];

const char *td_bytes_text(double bytes, char *text)
{
    if (bytes < 0.9995e6)
        snprintf(text, TD_BYTES_TEXT, "%.0f kB", 1e-3 * bytes);
    else if (bytes < 0.9995e9)
        snprintf(text, TD_BYTES_TEXT, "%.3g MB", 1e-6 * bytes);
    else if (bytes < 1e11)
        snprintf(text, TD_BYTES_TEXT, "%.3g GB", 1e-9 * bytes);
    else
        snprintf(text, TD_BYTES_TEXT, "%.0f GB", 1e-9 * bytes);
    return text;
}

void td_memory_purpose(const char *what, const char *fix)
{
    snprintf(purpose, sizeof purpose, "%s", what);
    snprintf(remedy, sizeof remedy, "%s", fix);
}

/* No file and line: the user needs to know how to need less.  Allocates nothing. */
_Noreturn void td_out_of_memory(size_t bytes)
{
    char text[TD_BYTES_TEXT];
    td_bytes_text((double) bytes, text);
    if (purpose[0])
        td_end_job("out of memory: %s more for %s: %s", text, purpose, remedy);
    td_end_job("out of memory: %s asked for", text);
}

/* ---- blocks -------------------------------------------------------------------- */

void *td_malloc(size_t bytes)
{
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *block = aligned_alloc(ALIGNMENT, rounded ? rounded : ALIGNMENT);
    if (!block)
        td_out_of_memory(bytes);
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

void *td_enlarge(void *block, size_t used, size_t bytes)
{
    TD_ASSERT(used <= bytes && (block || used == 0));
    void *larger = td_malloc(bytes);
    if (used > 0)
        memcpy(larger, block, used);
    td_free(block);
    return larger;
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
