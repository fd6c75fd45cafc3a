/* HDF5's metadata: the storage layout of an array. */
#include "meta.h"

#include <string.h>

static const char layout[] = "layout";

/* ---- chunks ---------------------------------------------------------------------- */

/* Take the sides of a chunk and count the chunks that cover the array; the last side
 * that the file gives is the size of an element. */
static void take_sides(td_meta_chunks *k, td_cursor *c, uint64_t given, int width)
{
    const td_meta_object *o = k->object;
    k->rank = o->space.rank;
    k->bytes = o->type.size;
    k->count = 1;
    bool is_right = given == (uint64_t) k->rank + 1 && k->rank > 0;
    for (int i = 0; is_right && i < k->rank; i++) {
        uint64_t side = k->side[i] = td_cursor_take(c, width), dim = o->space.dims[i];
        is_right = side > 0 && !__builtin_mul_overflow(k->bytes, side, &k->bytes);
        if (is_right)
            k->count *= dim / side + (dim % side != 0); /* no more than elements */
    }
    if (!is_right || td_cursor_take(c, width) != o->type.size || !c->ok ||
        k->bytes > UINT32_MAX)
        td_meta_damaged(k->m, layout);
}

static void check_old_chunks(td_meta_chunks *k, td_cursor *c)
{
    uint64_t given = td_cursor_take(c, 1), at = td_cursor_take(c, 8);
    take_sides(k, c, given, 4);
    if (k->m->h5->ok && at != TD_META_NOWHERE)
        td_meta_check_tree(k, at);
}

static void check_single(td_meta_chunks *k, td_cursor *c, uint64_t flags)
{
    uint64_t n = flags ? td_cursor_take(c, 8) : k->bytes;
    uint64_t mask = flags ? td_cursor_take(c, 4) : 0, at = td_cursor_take(c, 8);
    if (!c->ok || k->count != 1 || (flags != 0) != (k->object->num_filters > 0))
        td_meta_damaged(k->m, layout);
    else if (at != TD_META_NOWHERE)
        td_meta_check_chunk(k, at, n, mask);
}

/* Check chunks of libver='latest'. */
static void check_new_chunks(td_meta_chunks *k, td_cursor *c)
{
    enum { SINGLE = 1, FIXED_LIST = 3, PACKED = 2 };
    uint64_t flags = td_cursor_take(c, 1), given = td_cursor_take(c, 1);
    int width = (int) td_cursor_take(c, 1);
    if (width < 1 || width > 8) {
        td_meta_damaged(k->m, layout);
        return;
    }
    take_sides(k, c, given, width);
    uint64_t index = td_cursor_take(c, 1);
    if (flags & ~(uint64_t) PACKED || (index != SINGLE && index != FIXED_LIST)) {
        td_meta_unsupported(k->m, "an array that grows (libver='latest' and maxshape)");
    } else if (index == SINGLE) {
        check_single(k, c, flags);
    } else {
        td_cursor_cut(c, 1);
        uint64_t at = td_cursor_take(c, 8);
        if (!c->ok)
            td_meta_damaged(k->m, layout);
        else if (at != TD_META_NOWHERE)
            td_meta_check_list(k, at);
    }
}

/* ---- layouts --------------------------------------------------------------------- */

static void check_piece(td_meta *m, const td_meta_object *o, td_cursor *c)
{
    uint64_t at = td_cursor_take(c, 8), n = td_cursor_take(c, 8), bytes = 0;
    bool is_right = c->ok &&
                    !__builtin_mul_overflow(o->space.count, o->type.size, &bytes) &&
                    (at == TD_META_NOWHERE || td_meta_is_inside(m, at, n));
    if (!is_right)
        td_h5_refuse(
            m->h5, m->name,
            "announces %llu bytes, a file of %llu cannot hold that: truncated, "
            "damaged, or not what it says",
            (unsigned long long) n, (unsigned long long) m->h5->bytes);
    (void) bytes;
}

static void check_compact(td_meta *m, const td_meta_object *o, td_cursor *c)
{
    uint64_t n = td_cursor_take(c, 2), bytes = 0;
    td_cursor_cut(c, n);
    if (!c->ok || __builtin_mul_overflow(o->space.count, o->type.size, &bytes) ||
        n != bytes)
        td_meta_damaged(m, layout);
}

void td_meta_check_layout(td_meta *m, const td_meta_object *o)
{
    enum { COMPACT, PIECE, CHUNKS, VIRTUAL };
    td_cursor c = o->layout;
    td_meta_chunks chunks = { .m = m, .object = o };
    uint64_t version = td_cursor_take(&c, 1), class = td_cursor_take(&c, 1);
    const char *name = m->name ? m->name : "";
    if (!c.ok || version < 3 || version > 4)
        td_meta_unsupported(m, "the layout of this array");
    else if (class == COMPACT)
        check_compact(m, o, &c);
    else if (class == PIECE)
        check_piece(m, o, &c);
    else if (class == CHUNKS && version == 3)
        check_old_chunks(&chunks, &c);
    else if (class == CHUNKS)
        check_new_chunks(&chunks, &c);
    else if (class == VIRTUAL)
        td_h5_refuse(
            m->h5, m->name,
            "a virtual data set, its numbers lie in other files; h5py: g['%s'] "
            "= f['%s'][()] into a new file",
            name, name);
    else
        td_meta_damaged(m, layout);
}
