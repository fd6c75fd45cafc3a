/* HDF5's metadata: the superblock, and the list of objects that are valid. */
#include "meta.h"

#include <string.h>

enum { MOST_HALF = 4096 };

/* ---- the superblock -------------------------------------------------------------- */

static const char first[] = "first block";

/* Check that offsets and lengths have 8 bytes, as HDF5 writes everywhere. */
static void check_sizes(td_meta *m, td_cursor *c)
{
    uint64_t address = td_cursor_take(c, 1), length = td_cursor_take(c, 1);
    if (address != 8 || length != 8)
        td_meta_unsupported(m, "addresses of other than 8 bytes");
}

/* Check the addresses of the file's start, end and extension. */
static void check_bounds(td_meta *m, uint64_t base, uint64_t other, uint64_t end)
{
    if (base != 0)
        td_meta_unsupported(m, "a file with something before its start");
    else if (other != TD_META_NOWHERE)
        td_meta_unsupported(m, "an extension of the first block");
    else if (end > m->h5->bytes)
        td_h5_refuse(
            m->h5, NULL,
            "truncated or damaged, or not yet written to its end (%llu bytes of "
            "%llu are there): copy it again or make it anew",
            (unsigned long long) m->h5->bytes, (unsigned long long) end);
    m->end = end < m->end ? end : m->end;
}

/* Take half of the most entries that a node of a tree holds. */
static unsigned take_half(td_meta *m, td_cursor *c)
{
    uint64_t half = td_cursor_take(c, 2);
    if (half == 0 || half > MOST_HALF)
        td_meta_damaged(m, first);
    return (unsigned) half;
}

/* Check version 0 or 1.  \return address of the root group */
static uint64_t check_old(td_meta *m, td_cursor *c, int version)
{
    if (td_cursor_take(c, 3) != 0 || td_cursor_take(c, 1) != 0)
        td_meta_damaged(m, first);
    check_sizes(m, c);
    td_cursor_cut(c, 1);
    m->halves.entries = take_half(m, c);
    m->halves.children = take_half(m, c);
    td_cursor_cut(c, 4);
    m->halves.chunks = 32;
    if (version == 1) {
        m->halves.chunks = take_half(m, c);
        td_cursor_cut(c, 2);
    }
    uint64_t base = td_cursor_take(c, 8);
    td_cursor_cut(c, 8); /* free space */
    uint64_t end = td_cursor_take(c, 8), driver = td_cursor_take(c, 8);
    check_bounds(m, base, driver, end);
    td_cursor_cut(c, 8); /* the root has no name */
    uint64_t root = td_cursor_take(c, 8);
    m->root.is_known = td_cursor_take(c, 4) != 0;
    td_cursor_cut(c, 4);
    m->root.tree = td_cursor_take(c, 8);
    m->root.heap = td_cursor_take(c, 8);
    return root;
}

/* Check version 2 or 3.  \return address of the root group */
static uint64_t check_new(td_meta *m, td_cursor *c)
{
    check_sizes(m, c);
    uint64_t flags = td_cursor_take(c, 1);
    if (flags & 5)
        td_h5_refuse_being_written(m->h5);
    uint64_t base = td_cursor_take(c, 8), more = td_cursor_take(c, 8);
    uint64_t end = td_cursor_take(c, 8);
    m->halves.entries = 4;
    m->halves.children = 16;
    m->halves.chunks = 32;
    check_bounds(m, base, more, end);
    return td_cursor_take(c, 8);
}

/* ---- opening --------------------------------------------------------------------- */

bool td_meta_open(td_h5 *h5, FILE *file, const void *file_image)
{
    enum { SIGNATURE = 8, OLD = 96, NEW = 48 };
    td_meta *m = td_malloc(sizeof *m);
    *m =
        (td_meta){ .h5 = h5, .file = file, .file_image = file_image, .end = h5->bytes };
    h5->meta = m;
    td_cursor c = td_meta_read(m, 0, SIGNATURE + 1, first);
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
    td_meta_free_blocks(m);
    td_free(m->blocks);
    td_free(m->spans);
    td_free(m->objects);
    td_free(m->packed);
    if (m->file)
        fclose(m->file);
    td_free(m);
    h5->meta = NULL;
}

/* Index of the object in the sorted list, or that to insert it at. */
static size_t object_index(const td_meta *m, uint64_t at)
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
    size_t i = object_index(m, at);
    if (!h5->ok || (i < m->num_objects && m->objects[i] == at))
        return h5->ok;
    td_meta_check_header(m, at);
    td_meta_free_blocks(m);
    if (!h5->ok)
        return false;
    m->objects = td_meta_grow(m->objects, m->num_objects, &m->capacity_objects,
                              sizeof *m->objects);
    memmove(m->objects + i + 1, m->objects + i,
            (m->num_objects - i) * sizeof *m->objects);
    m->objects[i] = at;
    m->num_objects++;
    return true;
}

uint64_t td_meta_object_address(const td_h5 *h5)
{
    TD_ASSERT(h5->meta);
    return h5->meta->object;
}
