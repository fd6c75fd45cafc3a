/* HDF5's metadata: a group's members in the older form, a B-tree over the names in a
 * local heap. */
#include "meta.h"

#include <string.h>

enum { MOST_LEVELS = 16, HEAP_HEAD = 32, FREE_END = 1 };

static const char members[] = "list of members";

/* ---- local heap ------------------------------------------------------------------ */

/* Check the heap's list of free blocks, which HDF5 follows. */
static bool check_free(td_cursor heap, uint64_t at)
{
    for (uint64_t blocks = 0; at != FREE_END; blocks++) {
        td_cursor c = heap;
        if (blocks > heap.left / 16 || at % 8 != 0)
            return false;
        td_cursor_cut(&c, at);
        uint64_t next = td_cursor_take(&c, 8), size = td_cursor_take(&c, 8);
        if (!c.ok || size < 16 || size > heap.left - at)
            return false;
        at = next;
    }
    return true;
}

td_cursor td_meta_open_heap(td_meta *m, uint64_t at)
{
    td_cursor c = td_meta_block(m, at, HEAP_HEAD, "heap of names");
    td_meta_take_signature(m, &c, "HEAP", 0, "heap of names");
    td_cursor_cut(&c, 3);
    uint64_t size = td_cursor_take(&c, 8), first = td_cursor_take(&c, 8);
    uint64_t data = td_cursor_take(&c, 8);
    td_cursor heap = td_meta_block(m, data, size, "heap of names");
    if (heap.ok && !check_free(heap, first))
        td_meta_damaged(m, "heap of names");
    return heap;
}

/* Whether a text that ends in a 0 begins there. */
static bool has_text(td_cursor heap, uint64_t at)
{
    td_cursor_cut(&heap, at);
    return td_cursor_text(&heap);
}

/* ---- nodes ----------------------------------------------------------------------- */

static void check_entry(td_meta *m, td_cursor heap, td_cursor c)
{
    enum { NONE, GROUP, SOFT };
    uint64_t name = td_cursor_take(&c, 8), object = td_cursor_take(&c, 8);
    uint64_t kind = td_cursor_take(&c, 4);
    td_cursor_cut(&c, 4);
    td_cursor soft = c;
    uint64_t value = td_cursor_take(&soft, 4);
    bool is_right = has_text(heap, name) && kind <= SOFT;
    if (is_right && kind == SOFT)
        is_right = has_text(heap, value);
    else
        is_right = is_right && td_meta_is_inside(m, object, 16);
    if (is_right && kind == GROUP) {
        uint64_t tree = td_cursor_take(&c, 8), names = td_cursor_take(&c, 8);
        is_right = td_meta_is_inside(m, tree, 24) && td_meta_is_inside(m, names, 32);
    }
    if (!is_right)
        td_meta_damaged(m, members);
}

static void check_leaf(td_meta *m, td_cursor heap, uint64_t at)
{
    enum { ENTRY = 40 };
    uint64_t most = 2 * (uint64_t) m->halves.entries;
    td_cursor c = td_meta_block(m, at, 8 + most * ENTRY, members);
    td_meta_take_signature(m, &c, "SNOD", 1, members);
    td_cursor_cut(&c, 1);
    uint64_t entries = td_cursor_take(&c, 2);
    if (entries > most)
        td_meta_damaged(m, members);
    for (uint64_t i = 0; m->h5->ok && i < entries; i++)
        check_entry(m, heap, td_cursor_cut(&c, ENTRY));
}

static bool is_sibling(const td_meta *m, uint64_t at)
{
    return at == TD_META_NOWHERE || td_meta_is_inside(m, at, 24);
}

/* level: of this node, -1 of the root, which may have any. */
static void check_node(td_meta *m, td_cursor heap, uint64_t at, int level)
{
    uint64_t most = 2 * (uint64_t) m->halves.children;
    td_cursor c = td_meta_block(m, at, 24 + 8 * most + 8 * (most + 1), members);
    td_meta_take_signature(m, &c, "TREE", 0, members);
    int found = (int) td_cursor_take(&c, 1);
    uint64_t children = td_cursor_take(&c, 2);
    uint64_t left = td_cursor_take(&c, 8), right = td_cursor_take(&c, 8);
    if (found > MOST_LEVELS || (level >= 0 && found != level) || children > most ||
        !is_sibling(m, left) || !is_sibling(m, right))
        td_meta_damaged(m, members);
    for (uint64_t i = 0; m->h5->ok && i <= children; i++) {
        bool is_named = has_text(heap, td_cursor_take(&c, 8));
        if (!is_named)
            td_meta_damaged(m, members);
        else if (i == children)
            break;
        else if (found > 0)
            check_node(m, heap, td_cursor_take(&c, 8), found - 1);
        else
            check_leaf(m, heap, td_cursor_take(&c, 8));
    }
}

void td_meta_check_symbols(td_meta *m, uint64_t tree, uint64_t heap)
{
    bool is_root = m->num_objects == 0;
    if (is_root && m->root.is_known && (tree != m->root.tree || heap != m->root.heap))
        td_meta_damaged(m, members);
    td_cursor names = td_meta_open_heap(m, heap);
    check_node(m, names, tree, -1);
}
