/* HDF5's metadata: links of a group in the newer form, in its header or, where they are
 * many, in a fractal heap with two B-trees of version 2 over it.
 *
 * HDF5 writes all such heaps and trees with the same constants; others are refused. */
#include "meta.h"

#include <string.h>

enum {
    MOST_DEPTH = 4,
    ID = 7,                     /* bytes of an entry of the heap in a tree          */
    WIDTH = 4,                  /* blocks of a size                                 */
    START = 512,                /* bytes of the smallest                            */
    DIRECT = 65536,             /* bytes of the largest that holds links            */
    DIRECT_ROWS = 9,            /* sizes of those                                   */
    MOST_ROWS = 22,             /* sizes in 32 bits of addresses                    */
    BLOCK_HEAD = 4 + 1 + 8 + 4, /* signature, version, heap, offset in the heap     */
    NODE = 512,
    NAMES = 5, /* kinds of trees                                   */
    ORDER = 6,
};

static const char heap_name[] = "heap of links", tree_name[] = "tree of links";

/* ---- fractal heap ---------------------------------------------------------------- */

typedef struct {
    uint64_t offset; /* in the heap */
    td_cursor bytes;
} block;

typedef struct {
    td_meta *m;
    uint64_t at, head; /* head: bytes before the links in a block */
    block *blocks;     /* in the order of their offsets           */
    size_t count, capacity;
} heap;

static uint64_t row_bytes(int row)
{
    return row < 2 ? START : (uint64_t) START << (row - 1);
}

/* Rows of an indirect block that spans so many bytes. */
static int rows_of(uint64_t bytes)
{
    int rows = 0;
    uint64_t sum = 0;
    while (sum < bytes && rows < MOST_ROWS)
        sum += WIDTH * row_bytes(rows++);
    return rows;
}

static void begin_block(heap *h, td_cursor *c, const char *signature, uint64_t offset)
{
    td_meta_take_signature(h->m, c, signature, 0, heap_name);
    if (td_cursor_take(c, 8) != h->at || td_cursor_take(c, 4) != offset || !c->ok)
        td_meta_damaged(h->m, heap_name);
}

/* Check the checksum in a block's head, which is over the block with a 0 in its
 * stead. */
static void check_direct_sum(heap *h, td_cursor whole)
{
    uint8_t *copy = td_malloc((size_t) whole.left + 4);
    memcpy(copy, whole.at, (size_t) whole.left);
    memset(copy + BLOCK_HEAD, 0, 4);
    memcpy(copy + whole.left, whole.at + BLOCK_HEAD, 4);
    td_meta_check_sum(h->m, (td_cursor){ copy, whole.left + 4, true }, whole.left,
                      heap_name);
    td_free(copy);
}

static void add_direct(heap *h, uint64_t at, uint64_t bytes, uint64_t offset)
{
    td_cursor whole = td_meta_block(h->m, at, bytes, heap_name), c = whole;
    begin_block(h, &c, "FHDB", offset);
    if (h->m->h5->ok && h->head > BLOCK_HEAD)
        check_direct_sum(h, whole);
    if (!h->m->h5->ok)
        return;
    if (h->count == h->capacity) {
        h->capacity = h->capacity ? 2 * h->capacity : 16;
        block *larger = td_malloc(h->capacity * sizeof *larger);
        if (h->count > 0)
            memcpy(larger, h->blocks, h->count * sizeof *larger);
        td_free(h->blocks);
        h->blocks = larger;
    }
    h->blocks[h->count++] = (block){ offset, whole };
}

static void add_indirect(heap *h, uint64_t at, int rows, uint64_t offset)
{
    uint64_t entries = (uint64_t) rows * WIDTH;
    td_cursor c = td_meta_block(h->m, at, BLOCK_HEAD + 8 * entries + 4, heap_name);
    td_meta_check_sum(h->m, c, BLOCK_HEAD + 8 * entries, heap_name);
    begin_block(h, &c, "FHIB", offset);
    for (int row = 0; row < rows; row++)
        for (int i = 0; h->m->h5->ok && i < WIDTH; i++) {
            uint64_t child = td_cursor_take(&c, 8), bytes = row_bytes(row);
            if (child != TD_META_NOWHERE && row < DIRECT_ROWS)
                add_direct(h, child, bytes, offset);
            else if (child != TD_META_NOWHERE)
                add_indirect(h, child, rows_of(bytes), offset);
            offset += bytes;
        }
}

/* Check the head of the heap and its constants: ids of 7 bytes, no filters, nothing
 * outside of the blocks. */
static void open_heap(heap *h, uint64_t at)
{
    enum { HEAD = 146, CHECKSUM = 2, MOST_LINK = 4096 };
    td_meta *m = h->m;
    h->at = at;
    td_cursor c = td_meta_block(m, at, HEAD, heap_name);
    td_meta_check_sum(m, c, HEAD - 4, heap_name);
    td_meta_take_signature(m, &c, "FRHP", 0, heap_name);
    uint64_t id = td_cursor_take(&c, 2), filters = td_cursor_take(&c, 2);
    bool is_usual = id == ID && filters == 0;
    uint64_t flags = td_cursor_take(&c, 1);
    is_usual &= (flags & ~(uint64_t) CHECKSUM) == 0;
    is_usual &= td_cursor_take(&c, 4) == MOST_LINK;
    td_cursor_cut(&c, 8); /* next id of a huge one */
    is_usual &= td_cursor_take(&c, 8) == TD_META_NOWHERE;
    td_cursor_cut(&c, 8); /* free space */
    uint64_t space = td_cursor_take(&c, 8);
    is_usual &= space == TD_META_NOWHERE || td_meta_is_inside(m, space, 16);
    td_cursor_cut(&c, 4 * 8); /* bytes and counts in blocks */
    for (int i = 0; i < 4; i++)
        is_usual &= td_cursor_take(&c, 8) == 0; /* of huge and of tiny ones */
    is_usual &= td_cursor_take(&c, 2) == WIDTH && td_cursor_take(&c, 8) == START &&
                td_cursor_take(&c, 8) == DIRECT && td_cursor_take(&c, 2) == 32;
    td_cursor_cut(&c, 2); /* rows at the start */
    uint64_t root = td_cursor_take(&c, 8), rows = td_cursor_take(&c, 2);
    h->head = BLOCK_HEAD + (flags & CHECKSUM ? 4 : 0);
    if (!c.ok || !is_usual || rows > MOST_ROWS)
        td_meta_damaged(m, heap_name);
    else if (root != TD_META_NOWHERE && rows == 0)
        add_direct(h, root, START, 0);
    else if (root != TD_META_NOWHERE)
        add_indirect(h, root, (int) rows, 0);
}

/* Check the link that an id of the heap refers to. */
static void check_id(heap *h, td_cursor id)
{
    uint64_t kind = td_cursor_take(&id, 1), offset = td_cursor_take(&id, 4);
    uint64_t length = td_cursor_take(&id, 2);
    size_t low = 0, high = h->count;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(h->blocks[middle].offset <= offset ? &low : &high) = middle;
    }
    td_cursor link = { NULL, 0, false };
    if (h->count > 0 && kind == 0 && offset >= h->blocks[low].offset + h->head) {
        td_cursor c = h->blocks[low].bytes;
        td_cursor_cut(&c, offset - h->blocks[low].offset);
        link = td_cursor_cut(&c, length);
    }
    if (!link.ok || length == 0)
        td_meta_damaged(h->m, tree_name);
    else
        td_meta_check_link(h->m, link);
}

/* ---- B-tree of version 2 --------------------------------------------------------- */

/* Most records of a node at each depth, in itself and with all nodes below. */
typedef struct {
    heap *heap;
    int kind;
    uint64_t record, count_bytes;
    uint64_t most[MOST_DEPTH + 1], sum[MOST_DEPTH + 1];
    uint64_t all_bytes[MOST_DEPTH + 1]; /* of a count of all below; none for leaves */
} tree;

static uint64_t bytes_for(uint64_t most)
{
    uint64_t bytes = 1;
    while (most >>= 8)
        bytes++;
    return bytes;
}

/* Bytes of a pointer to a node of this depth. */
static uint64_t pointer_bytes(const tree *t, int depth)
{
    TD_ASSERT(depth >= 0 && depth <= MOST_DEPTH);
    return 8 + t->count_bytes + t->all_bytes[depth];
}

static void tree_init(tree *t, heap *h, int kind)
{
    enum { AROUND = 4 + 1 + 1 + 4 }; /* signature, version, kind, checksum */
    *t = (tree){ .heap = h, .kind = kind, .record = ID + (kind == NAMES ? 4 : 8) };
    t->most[0] = t->sum[0] = (NODE - AROUND) / t->record;
    t->count_bytes = bytes_for(t->most[0]);
    for (int d = 1; d <= MOST_DEPTH; d++) {
        uint64_t pointer = pointer_bytes(t, d - 1);
        t->most[d] = (NODE - AROUND - pointer) / (t->record + pointer);
        t->sum[d] = (t->most[d] + 1) * t->sum[d - 1] + t->most[d];
        t->all_bytes[d] = bytes_for(t->sum[d]);
    }
}

/* Check a node and those below.  \return records in them */
static uint64_t check_node(tree *t, uint64_t at, int depth, uint64_t records)
{
    td_meta *m = t->heap->m;
    uint64_t sum = records;
    td_cursor whole = td_meta_block(m, at, NODE, tree_name), c = whole;
    td_meta_take_signature(m, &c, depth > 0 ? "BTIN" : "BTLF", 0, tree_name);
    if (td_cursor_take(&c, 1) != (uint64_t) t->kind || records > t->most[depth])
        td_meta_damaged(m, tree_name);
    for (uint64_t i = 0; m->h5->ok && i < records; i++) {
        td_cursor_cut(&c, t->record - ID);
        check_id(t->heap, td_cursor_cut(&c, ID));
    }
    for (uint64_t i = 0; depth > 0 && m->h5->ok && i <= records; i++) {
        uint64_t child = td_cursor_take(&c, 8);
        uint64_t held = td_cursor_take(&c, (int) t->count_bytes), all = held;
        if (depth > 1)
            all = td_cursor_take(&c, (int) t->all_bytes[depth - 1]);
        if (check_node(t, child, depth - 1, held) != all || !c.ok)
            td_meta_damaged(m, tree_name);
        sum += all;
    }
    if (m->h5->ok)
        td_meta_check_sum(m, whole, whole.left - c.left, tree_name);
    return sum;
}

static uint64_t check_tree(heap *h, uint64_t at, int kind)
{
    enum { HEAD = 38, SPLIT = 100, MERGE = 40 };
    td_meta *m = h->m;
    tree t;
    tree_init(&t, h, kind);
    td_cursor c = td_meta_block(m, at, HEAD, tree_name);
    td_meta_check_sum(m, c, HEAD - 4, tree_name);
    td_meta_take_signature(m, &c, "BTHD", 0, tree_name);
    bool is_usual = td_cursor_take(&c, 1) == (uint64_t) kind &&
                    td_cursor_take(&c, 4) == NODE && td_cursor_take(&c, 2) == t.record;
    uint64_t depth = td_cursor_take(&c, 2);
    uint64_t split = td_cursor_take(&c, 1), merge = td_cursor_take(&c, 1);
    is_usual &= split == SPLIT && merge == MERGE;
    uint64_t root = td_cursor_take(&c, 8), held = td_cursor_take(&c, 2);
    uint64_t all = td_cursor_take(&c, 8);
    bool is_empty = root == TD_META_NOWHERE;
    bool is_right = c.ok && is_usual && depth <= MOST_DEPTH &&
                    (is_empty ? all + held + depth == 0
                              : check_node(&t, root, (int) depth, held) == all);
    if (!is_right)
        td_meta_damaged(m, tree_name);
    return all;
}

/* ---- the group ------------------------------------------------------------------- */

void td_meta_check_links(td_meta *m, td_cursor c)
{
    enum { TRACKED = 1, INDEXED = 2 };
    heap h = { .m = m };
    uint64_t version = td_cursor_take(&c, 1), flags = td_cursor_take(&c, 1);
    td_cursor_cut(&c, flags & TRACKED ? 8 : 0);
    uint64_t heap_at = td_cursor_take(&c, 8), names = td_cursor_take(&c, 8);
    uint64_t order = flags & INDEXED ? td_cursor_take(&c, 8) : TD_META_NOWHERE;
    bool is_many = heap_at != TD_META_NOWHERE;
    if (!c.ok || version != 0 || flags > 3 || is_many != (names != TD_META_NOWHERE) ||
        (flags & INDEXED && is_many != (order != TD_META_NOWHERE)))
        td_meta_damaged(m, "group");
    else if (is_many) {
        open_heap(&h, heap_at);
        uint64_t links = m->h5->ok ? check_tree(&h, names, NAMES) : 0;
        if (m->h5->ok && flags & INDEXED && check_tree(&h, order, ORDER) != links)
            td_meta_damaged(m, tree_name);
    }
    td_free(h.blocks);
}
