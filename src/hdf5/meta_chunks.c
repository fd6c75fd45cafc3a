/* HDF5's metadata: the addresses of an array's chunks, in a B-tree of version 1 or in a
 * list of fixed length (libver='latest'). */
#include "meta.h"

#include <string.h>

enum { MOST_LEVELS = 16 };

static const char list[] = "list of chunks";

/* ---- a chunk -------------------------------------------------------------------- */

static void add_packed(td_meta_chunks *k, uint64_t at, uint64_t n, uint64_t mask)
{
    td_meta *m = k->m;
    td_meta_packed chunk = { m->object, at, n, k->bytes, mask, { 0 } };
    memcpy(chunk.filters, k->object->filters, sizeof chunk.filters);
    m->packed =
        td_meta_grow(m->packed, m->num_packed, &m->capacity_packed, sizeof *m->packed);
    m->packed[m->num_packed++] = chunk;
}

void td_meta_check_chunk(td_meta_chunks *k, uint64_t at, uint64_t n, uint64_t mask)
{
    bool is_plain = k->object->num_filters == 0;
    if (!td_meta_is_inside(k->m, at, n) || n == 0 ||
        (is_plain && (n != k->bytes || mask != 0)))
        td_meta_damaged(k->m, list);
    else if (!is_plain)
        add_packed(k, at, n, mask);
}

/* ---- B-tree ---------------------------------------------------------------------- */

/* Check that corners increase from chunk to chunk: else one could be given twice and
 * another be missing unnoticed. */
static bool is_next(td_meta_chunks *k, const uint64_t corner[])
{
    int i = 0;
    while (k->has_last && i < k->rank && corner[i] == k->last[i])
        i++;
    bool is_up = !k->has_last || (i < k->rank && corner[i] > k->last[i]);
    memcpy(k->last, corner, (size_t) k->rank * sizeof *corner);
    k->has_last = true;
    return is_up;
}

static void check_leaf(td_meta_chunks *k, td_cursor key, uint64_t at)
{
    uint64_t n = td_cursor_take(&key, 4), mask = td_cursor_take(&key, 4);
    uint64_t corner[TD_META_RANK] = { 0 };
    bool is_right = true;
    for (int i = 0; i < k->rank; i++) {
        corner[i] = td_cursor_take(&key, 8);
        is_right &= corner[i] % k->side[i] == 0 && corner[i] < k->object->space.dims[i];
    }
    if (!is_right || td_cursor_take(&key, 8) != 0 || !is_next(k, corner))
        td_meta_damaged(k->m, list);
    td_meta_check_chunk(k, at, n, mask);
}

static bool is_sibling(const td_meta *m, uint64_t at)
{
    return at == TD_META_NOWHERE || td_meta_is_inside(m, at, 24);
}

/* level: of this node, -1 of the root, which may have any. */
static void check_node(td_meta_chunks *k, uint64_t at, int level)
{
    td_meta *m = k->m;
    uint64_t most = 2 * (uint64_t) m->halves.chunks;
    uint64_t key_bytes = 8 + 8 * ((uint64_t) k->rank + 1);
    td_cursor c = td_meta_block(m, at, 24 + 8 * most + key_bytes * (most + 1), list);
    td_meta_take_signature(m, &c, "TREE", 1, list);
    int found = (int) td_cursor_take(&c, 1);
    uint64_t children = td_cursor_take(&c, 2);
    uint64_t left = td_cursor_take(&c, 8), right = td_cursor_take(&c, 8);
    if (found > MOST_LEVELS || (level >= 0 && found != level) || children > most ||
        !is_sibling(m, left) || !is_sibling(m, right))
        td_meta_damaged(m, list);
    for (uint64_t i = 0; m->h5->ok && i < children; i++) {
        td_cursor key = td_cursor_cut(&c, key_bytes);
        uint64_t child = td_cursor_take(&c, 8);
        if (found > 0)
            check_node(k, child, found - 1);
        else
            check_leaf(k, key, child);
    }
}

void td_meta_check_tree(td_meta_chunks *k, uint64_t at)
{
    check_node(k, at, -1);
}

/* ---- list of fixed length -------------------------------------------------------- */

static void check_elements(td_meta_chunks *k, td_cursor *c, uint64_t count, int width)
{
    for (uint64_t i = 0; k->m->h5->ok && i < count; i++) {
        uint64_t at = td_cursor_take(c, 8), n = k->bytes, mask = 0;
        if (k->object->num_filters > 0) {
            n = td_cursor_take(c, width - 12);
            mask = td_cursor_take(c, 4);
        }
        if (!c->ok)
            td_meta_damaged(k->m, list);
        else if (at != TD_META_NOWHERE)
            td_meta_check_chunk(k, at, n, mask);
    }
}

/* Many elements are kept in pages, each with a checksum. */
static void check_pages(td_meta_chunks *k, uint64_t at, uint64_t count, int width,
                        uint64_t in_page)
{
    uint64_t pages = (count + in_page - 1) / in_page, bitmap = (pages + 7) / 8;
    td_cursor c = td_meta_block(k->m, at, 18 + bitmap, list);
    td_meta_check_sum(k->m, c, 14 + bitmap, list);
    td_cursor_cut(&c, 14);
    td_cursor written = td_cursor_cut(&c, bitmap);
    at += 18 + bitmap;
    for (uint64_t i = 0; k->m->h5->ok && i < pages; i++) {
        uint64_t left = count - i * in_page, n = left < in_page ? left : in_page;
        uint64_t bytes = n * (uint64_t) width + 4;
        td_cursor page = td_meta_block(k->m, at, bytes, list);
        if (page.ok && written.at[i / 8] >> (7 - i % 8) & 1) {
            td_meta_check_sum(k->m, page, bytes - 4, list);
            check_elements(k, &page, n, width);
        }
        at += bytes;
    }
}

static void check_data(td_meta_chunks *k, uint64_t at, uint64_t head, uint64_t count,
                       int width, uint64_t page_bits)
{
    uint64_t in_page = UINT64_C(1) << page_bits;
    td_cursor c = td_meta_read(k->m, at, 14, list);
    td_meta_take_signature(k->m, &c, "FADB", 0, list);
    uint64_t kind = td_cursor_take(&c, 1);
    if (kind != (k->object->num_filters > 0) || td_cursor_take(&c, 8) != head)
        td_meta_damaged(k->m, list);
    if (!k->m->h5->ok)
        return;
    if (count > in_page) {
        check_pages(k, at, count, width, in_page);
        return;
    }
    c = td_meta_block(k->m, at, 18 + count * (uint64_t) width, list);
    td_meta_check_sum(k->m, c, 14 + count * (uint64_t) width, list);
    td_cursor_cut(&c, 14);
    check_elements(k, &c, count, width);
}

void td_meta_check_list(td_meta_chunks *k, uint64_t at)
{
    enum { HEAD = 28, MOST_BITS = 20 };
    td_cursor c = td_meta_block(k->m, at, HEAD, list);
    td_meta_check_sum(k->m, c, HEAD - 4, list);
    td_meta_take_signature(k->m, &c, "FAHD", 0, list);
    uint64_t kind = td_cursor_take(&c, 1);
    int width = (int) td_cursor_take(&c, 1);
    uint64_t page_bits = td_cursor_take(&c, 1), count = td_cursor_take(&c, 8);
    uint64_t data = td_cursor_take(&c, 8);
    bool is_packed = k->object->num_filters > 0;
    if (kind != is_packed || (is_packed ? width < 13 || width > 20 : width != 8) ||
        page_bits == 0 || page_bits > MOST_BITS || count != k->count ||
        count > k->m->end / 8)
        td_meta_damaged(k->m, list);
    else if (data != TD_META_NOWHERE)
        check_data(k, data, at, count, width, page_bits);
}
