/* HDF5's metadata: bytes of the file, and its first block. */
#include "hdf5_meta.h"

#include <string.h>

enum { MOST_SPANS = 1 << 17, MOST_HALF = 4096 };

/* ---- cursors --------------------------------------------------------------------- */

uint64_t td_cursor_take(td_cursor *c, int bytes)
{
    uint64_t value = 0;
    td_cursor part = td_cursor_cut(c, (uint64_t) bytes);
    for (int i = bytes - 1; part.ok && i >= 0; i--)
        value = value << 8 | part.at[i];
    return value;
}

td_cursor td_cursor_cut(td_cursor *c, uint64_t n)
{
    td_cursor part = { c->at, n, c->ok && n <= c->left };
    c->ok = part.ok;
    if (!part.ok)
        return (td_cursor){ NULL, 0, false };
    if (n > 0)
        c->at += n;
    c->left -= n;
    return part;
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

void td_meta_unread(td_meta *m, const char *what)
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

void *td_meta_grow(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room ? 2 * *room : 64;
    void *larger = td_malloc(*room * size);
    if (count > 0)
        memcpy(larger, list, count * size);
    td_free(list);
    return larger;
}

/* Where at belongs in a list that grows. */
static size_t place_of(const td_meta *m, uint64_t at)
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

static bool claim(td_meta *m, uint64_t at, uint64_t n)
{
    if (m->num_spans == MOST_SPANS)
        return false;
    m->spans = td_meta_grow(m->spans, m->num_spans, &m->room, sizeof *m->spans);
    size_t i = place_of(m, at);
    bool is_free = (i == m->num_spans || at + n <= m->spans[i].at) &&
                   (i == 0 || m->spans[i - 1].at + m->spans[i - 1].bytes <= at);
    if (!is_free)
        return false;
    memmove(m->spans + i + 1, m->spans + i, (m->num_spans - i) * sizeof *m->spans);
    m->spans[i] = (td_meta_span){ at, n };
    m->num_spans++;
    return true;
}

td_cursor td_meta_look(td_meta *m, uint64_t at, uint64_t n, const char *what)
{
    const td_cursor none = { NULL, 0, false };
    if (!m->h5->ok)
        return none;
    if (!td_meta_is_inside(m, at, n)) {
        td_meta_damaged(m, what);
        return none;
    }
    if (m->image)
        return (td_cursor){ m->image + at, n, true };
    m->blocks =
        td_meta_grow(m->blocks, m->num_blocks, &m->room_blocks, sizeof *m->blocks);
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
    td_cursor c = td_meta_look(m, at, n, what);
    if (c.ok && !claim(m, at, n)) {
        td_meta_damaged(m, what);
        c.ok = false;
    }
    return c;
}

bool td_meta_begins(td_meta *m, td_cursor *c, const char *signature, int version,
                    const char *what)
{
    td_cursor start = td_cursor_cut(c, 4);
    if (start.ok && memcmp(start.at, signature, 4) == 0 &&
        td_cursor_take(c, 1) == (uint64_t) version && c->ok)
        return true;
    td_meta_damaged(m, what);
    return false;
}

void td_meta_forget(td_meta *m)
{
    while (m->num_blocks > 0)
        td_free(m->blocks[--m->num_blocks]);
}

/* ---- the first block ------------------------------------------------------------- */

static const char first[] = "first block";

/* Offsets and lengths of 8 bytes, as HDF5 writes everywhere. */
static void check_sizes(td_meta *m, td_cursor *c)
{
    uint64_t address = td_cursor_take(c, 1), length = td_cursor_take(c, 1);
    if (address != 8 || length != 8)
        td_meta_unread(m, "addresses of other than 8 bytes");
}

/* Where the file begins, ends, and what else it names. */
static void check_bounds(td_meta *m, uint64_t base, uint64_t other, uint64_t end)
{
    if (base != 0)
        td_meta_unread(m, "a file with something before its start");
    else if (other != TD_META_NOWHERE)
        td_meta_unread(m, "an extension of the first block");
    else if (end > m->h5->bytes)
        td_h5_refuse(
            m->h5, NULL,
            "truncated or damaged, or not yet written to its end (%llu bytes of "
            "%llu are there): copy it again or make it anew",
            (unsigned long long) m->h5->bytes, (unsigned long long) end);
    m->end = end < m->end ? end : m->end;
}

/* The most that a node of a tree holds is twice these. */
static unsigned take_half(td_meta *m, td_cursor *c)
{
    uint64_t half = td_cursor_take(c, 2);
    if (half == 0 || half > MOST_HALF)
        td_meta_damaged(m, first);
    return (unsigned) half;
}

/* Version 0 or 1; address of the root group. */
static uint64_t check_old(td_meta *m, td_cursor *c, int version)
{
    if (td_cursor_take(c, 3) != 0 || td_cursor_take(c, 1) != 0)
        td_meta_damaged(m, first);
    check_sizes(m, c);
    td_cursor_cut(c, 1);
    m->entries_half = take_half(m, c);
    m->children_half = take_half(m, c);
    td_cursor_cut(c, 4);
    m->chunks_half = 32;
    if (version == 1) {
        m->chunks_half = take_half(m, c);
        td_cursor_cut(c, 2);
    }
    uint64_t base = td_cursor_take(c, 8);
    td_cursor_cut(c, 8); /* free space */
    uint64_t end = td_cursor_take(c, 8), driver = td_cursor_take(c, 8);
    check_bounds(m, base, driver, end);
    td_cursor_cut(c, 8); /* the root has no name */
    uint64_t root = td_cursor_take(c, 8);
    m->has_cached = td_cursor_take(c, 4) != 0;
    td_cursor_cut(c, 4);
    m->cached_tree = td_cursor_take(c, 8);
    m->cached_heap = td_cursor_take(c, 8);
    return root;
}

/* Version 2 or 3. */
static uint64_t check_new(td_meta *m, td_cursor *c)
{
    check_sizes(m, c);
    uint64_t flags = td_cursor_take(c, 1);
    if (flags & 5)
        td_h5_refuse_being_written(m->h5);
    uint64_t base = td_cursor_take(c, 8), more = td_cursor_take(c, 8);
    uint64_t end = td_cursor_take(c, 8);
    m->entries_half = 4;
    m->children_half = 16;
    m->chunks_half = 32;
    check_bounds(m, base, more, end);
    return td_cursor_take(c, 8);
}

/* ---- the door -------------------------------------------------------------------- */

bool td_meta_open(td_h5 *h5, FILE *file, const void *image)
{
    enum { SIGNATURE = 8, OLD = 96, NEW = 48 };
    td_meta *m = td_malloc(sizeof *m);
    *m = (td_meta){ .h5 = h5, .file = file, .image = image, .end = h5->bytes };
    h5->meta = m;
    td_cursor c = td_meta_look(m, 0, SIGNATURE + 1, first);
    td_cursor_cut(&c, SIGNATURE);
    int version = (int) td_cursor_take(&c, 1);
    uint64_t size = version >= 2 ? NEW : OLD + 4 * (uint64_t) version;
    c = td_meta_block(m, 0, size, first);
    if (version >= 2)
        td_meta_check_sum(m, c, size - 4, first);
    td_cursor_cut(&c, SIGNATURE + 1);
    uint64_t root = version >= 2 ? check_new(m, &c) : check_old(m, &c, version);
    if (!c.ok)
        td_meta_damaged(m, first);
    return td_meta_check(h5, root, NULL);
}

void td_meta_close(td_h5 *h5)
{
    td_meta *m = h5->meta;
    if (!m)
        return;
    td_meta_forget(m);
    td_free(m->blocks);
    td_free(m->spans);
    td_free(m->objects);
    td_free(m->packed);
    if (m->file)
        fclose(m->file);
    td_free(m);
    h5->meta = NULL;
}

/* Where an object is, or belongs. */
static size_t object_place(const td_meta *m, uint64_t at)
{
    size_t low = 0, high = m->num_objects;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (m->objects[middle] < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool td_meta_check(td_h5 *h5, uint64_t at, const char *name)
{
    td_meta *m = h5->meta;
    TD_ASSERT(m);
    m->h5 = h5;
    m->name = name;
    m->object = at;
    size_t i = object_place(m, at);
    if (!h5->ok || (i < m->num_objects && m->objects[i] == at))
        return h5->ok;
    td_meta_check_header(m, at);
    td_meta_forget(m);
    if (!h5->ok)
        return false;
    m->objects =
        td_meta_grow(m->objects, m->num_objects, &m->room_objects, sizeof *m->objects);
    memmove(m->objects + i + 1, m->objects + i,
            (m->num_objects - i) * sizeof *m->objects);
    m->objects[i] = at;
    m->num_objects++;
    return true;
}

uint64_t td_meta_object_at(const td_h5 *h5)
{
    TD_ASSERT(h5->meta);
    return h5->meta->object;
}
