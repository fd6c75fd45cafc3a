/* Bytes of a file's metadata, and the spans that structures occupy. */
#include <string.h>

#include "meta.h"
#include "taildart/base_memory.h"

enum { MOST_SPANS = 1 << 17 };

/* ---- cursors --------------------------------------------------------------------- */

uint64_t td_cursor_take(td_cursor *c, int bytes)
{
    uint64_t value = 0;
    TD_ASSERT(bytes >= 1 && bytes <= 8);
    td_cursor taken = td_cursor_cut(c, (uint64_t) bytes);
    for (int i = bytes - 1; taken.ok && i >= 0; i--)
        value = value << 8 | taken.at[i];
    return value;
}

td_cursor td_cursor_cut(td_cursor *c, uint64_t n)
{
    td_cursor taken = { c->at, n, c->ok && n <= c->left };
    c->ok = taken.ok;
    if (!taken.ok)
        return (td_cursor){ NULL, 0, false };
    if (n > 0)
        c->at += n;
    c->left -= n;
    return taken;
}

bool td_cursor_text(td_cursor *c)
{
    const uint8_t *end =
        c->ok && c->left > 0 ? memchr(c->at, 0, (size_t) c->left) : NULL;
    if (!end)
        return false;
    td_cursor_cut(c, (uint64_t) (end - c->at) + 1);
    return true;
}

/* ---- refusals -------------------------------------------------------------------- */

void td_meta_damaged(td_meta *m, const char *what)
{
    td_h5_refuse(
        m->h5, m->name,
        "truncated or damaged, or not yet written to its end (its %s cannot be): "
        "copy it again or make it anew",
        what);
}

void td_meta_unsupported(td_meta *m, const char *what)
{
    td_h5_refuse(
        m->h5, m->name,
        "%s is a form of HDF5 that is not read: `h5repack IN OUT`, or write it "
        "with h5py.File(…, 'w')",
        what);
}

/* ---- bytes ----------------------------------------------------------------------- */

bool td_meta_is_inside(const td_meta *m, uint64_t at, uint64_t n)
{
    return n <= m->end && at <= m->end - n;
}

void *td_meta_grow(void *list, size_t count, size_t *capacity, size_t size)
{
    TD_ASSERT(count <= *capacity);
    if (count < *capacity)
        return list;
    *capacity = *capacity ? 2 * *capacity : 64;
    return td_enlarge(list, count * size, *capacity * size);
}

/* Index in the sorted spans to insert an address at. */
static size_t span_index(const td_meta *m, uint64_t at)
{
    size_t low = 0, high = m->num_spans;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->spans[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Occupy n bytes; false where another structure has some of them. */
static bool claim(td_meta *m, uint64_t at, uint64_t n)
{
    if (m->num_spans == MOST_SPANS)
        return false;
    m->spans =
        td_meta_grow(m->spans, m->num_spans, &m->capacity_spans, sizeof *m->spans);
    size_t i = span_index(m, at);
    bool is_free = (i == m->num_spans || at + n <= m->spans[i].at) &&
                   (i == 0 || m->spans[i - 1].at + m->spans[i - 1].bytes <= at);
    if (!is_free)
        return false;
    memmove(m->spans + i + 1, m->spans + i, (m->num_spans - i) * sizeof *m->spans);
    m->spans[i] = (td_meta_span){ at, n };
    m->num_spans++;
    return true;
}

td_cursor td_meta_read(td_meta *m, uint64_t at, uint64_t n, const char *what)
{
    const td_cursor none = { NULL, 0, false };
    if (!m->h5->ok)
        return none;
    if (!td_meta_is_inside(m, at, n)) {
        td_meta_damaged(m, what);
        return none;
    }
    if (m->file_image)
        return (td_cursor){ m->file_image + at, n, true };
    m->blocks =
        td_meta_grow(m->blocks, m->num_blocks, &m->capacity_blocks, sizeof *m->blocks);
    uint8_t *bytes = td_malloc((size_t) n + 1);
    m->blocks[m->num_blocks++] = bytes;
    if (fseeko(m->file, (off_t) at, SEEK_SET) == 0 &&
        fread(bytes, 1, (size_t) n, m->file) == n)
        return (td_cursor){ bytes, n, true };
    td_meta_damaged(m, what);
    return none;
}

td_cursor td_meta_block(td_meta *m, uint64_t at, uint64_t n, const char *what)
{
    td_cursor c = td_meta_read(m, at, n, what);
    if (c.ok && !claim(m, at, n)) {
        td_meta_damaged(m, what);
        c.ok = false;
    }
    return c;
}

bool td_meta_take_signature(td_meta *m, td_cursor *c, const char *signature,
                            int version, const char *what)
{
    td_cursor start = td_cursor_cut(c, 4);
    if (start.ok && memcmp(start.at, signature, 4) == 0 &&
        td_cursor_take(c, 1) == (uint64_t) version && c->ok)
        return true;
    td_meta_damaged(m, what);
    return false;
}

void td_meta_free_blocks(td_meta *m)
{
    while (m->num_blocks > 0)
        td_free(m->blocks[--m->num_blocks]);
}
