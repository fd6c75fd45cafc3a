/* HDF5's metadata: headers of objects, message by message. */
#include "meta.h"

#include <string.h>

enum {
    MOST_PIECES = 64,
    SPACE = 0x01,
    LINK_INFO = 0x02,
    TYPE = 0x03,
    OLD_FILL = 0x04,
    FILL = 0x05,
    LINK = 0x06,
    EXTERNAL = 0x07,
    LAYOUT = 0x08,
    GROUP_INFO = 0x0a,
    FILTERS = 0x0b,
    ATTRIBUTE = 0x0c,
    COMMENT = 0x0d,
    OLD_TIME = 0x0e,
    CONTINUATION = 0x10,
    SYMBOLS = 0x11,
    TIME = 0x12,
    ATTRIBUTE_INFO = 0x15,
    REFERENCES = 0x16,
    KINDS
};

static const char header[] = "object header";

/* A header whose pieces are being read. */
typedef struct {
    td_cursor pieces[MOST_PIECES];
    int count;
    int version;
    uint64_t flags, messages;
    td_meta_object object;
} header_state;

/* ---- messages -------------------------------------------------------------------- */

static void check_space(td_meta *m, td_meta_object *o, td_cursor c)
{
    if (!td_meta_take_space(&c, &o->space))
        td_meta_damaged(m, "shape");
}

static void check_type(td_meta *m, td_meta_object *o, td_cursor c)
{
    unsigned class = c.left > 0 ? c.at[0] & 15 : 0;
    if (td_meta_is_nested(class))
        td_h5_refuse(
            m->h5, m->name,
            "of a compound type, as complex numbers and tables have, or an "
            "array type: read are plain numbers, images uint8 and labels int32");
    else if (!td_meta_take_type(&c, &o->type, 0))
        td_meta_damaged(m, "type");
}

static void check_fill(td_meta *m, td_meta_object *o, td_cursor c)
{
    td_meta_check_fill(m, o, c, false);
}

static void check_old_fill(td_meta *m, td_meta_object *o, td_cursor c)
{
    td_meta_check_fill(m, o, c, true);
}

static void check_link(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) o;
    td_meta_check_link(m, c);
}

static void check_attribute(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) o;
    td_meta_check_attribute(m, c);
}

static void keep_layout(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) m;
    o->layout = c;
}

static void keep_symbols(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) m;
    o->symbols = c;
}

static void keep_links(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) m;
    o->links = c;
}

static void check_group_info(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) o;
    uint64_t version = td_cursor_take(&c, 1), flags = td_cursor_take(&c, 1);
    td_cursor_cut(&c, (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0));
    if (!c.ok || version != 0 || flags > 3)
        td_meta_damaged(m, "group");
}

/* Check only the size of times, comments and counts, which are not used. */
static void check_unused(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) o;
    if (c.left < 4 || c.left > 1 << 12)
        td_meta_damaged(m, header);
}

typedef void check(td_meta *m, td_meta_object *o, td_cursor c);

static check *const checks[KINDS] = {
    [SPACE] = check_space,
    [LINK_INFO] = keep_links,
    [TYPE] = check_type,
    [OLD_FILL] = check_old_fill,
    [FILL] = check_fill,
    [LINK] = check_link,
    [EXTERNAL] = td_meta_refuse_external,
    [LAYOUT] = keep_layout,
    [GROUP_INFO] = check_group_info,
    [FILTERS] = td_meta_check_filters,
    [ATTRIBUTE] = check_attribute,
    [OLD_TIME] = check_unused,
    [SYMBOLS] = keep_symbols,
    [TIME] = check_unused,
    [ATTRIBUTE_INFO] = td_meta_check_attribute_info,
    [REFERENCES] = check_unused,
};

static bool may_repeat(uint64_t kind)
{
    return kind == LINK || kind == ATTRIBUTE;
}

/* ---- pieces ---------------------------------------------------------------------- */

/* Read the next piece of a header in several pieces. */
static void add_piece(td_meta *m, header_state *h, td_cursor c)
{
    uint64_t at = td_cursor_take(&c, 8), n = td_cursor_take(&c, 8);
    if (!c.ok || n == 0 || h->count == MOST_PIECES) {
        td_meta_damaged(m, header);
        return;
    }
    td_cursor piece = td_meta_block(m, at, n, header);
    if (h->version == 2 && piece.ok) {
        td_meta_check_sum(m, piece, n < 4 ? 0 : n - 4, header);
        td_cursor start = td_cursor_cut(&piece, 4);
        if (!start.ok || memcmp(start.at, "OCHK", 4) != 0 || piece.left < 4)
            td_meta_damaged(m, header);
        else
            piece.left -= 4; /* checksum */
    }
    h->pieces[h->count++] = piece;
}

static void check_message(td_meta *m, header_state *h, uint64_t kind, uint64_t flags,
                          td_cursor body)
{
    const uint64_t is_shared = 0x02, known = 0x01 | 0x04 | is_shared;
    if (kind == 0)
        return;
    if (kind == CONTINUATION && flags == 0)
        add_piece(m, h, body);
    else if (flags & is_shared && kind == TYPE)
        td_h5_refuse(m->h5, m->name,
                     "has a named (committed) type, read are plain ones");
    else if (kind >= KINDS || !checks[kind] || flags & is_shared || flags & ~known)
        td_meta_unsupported(m, "a message in an object header");
    else if (h->object.seen >> kind & 1 && !may_repeat(kind))
        td_meta_damaged(m, header);
    else {
        h->object.seen |= UINT64_C(1) << kind;
        checks[kind](m, &h->object, body);
    }
}

/* Check the messages of a piece: those of version 1 fill it, behind those of version 2
 * may be a gap. */
static void check_piece(td_meta *m, header_state *h, td_cursor c)
{
    uint64_t least = h->version == 1 ? 8 : h->flags & 4 ? 6 : 4;
    while (m->h5->ok && c.left >= least) {
        uint64_t kind = td_cursor_take(&c, h->version == 1 ? 2 : 1);
        uint64_t size = td_cursor_take(&c, 2), flags = td_cursor_take(&c, 1);
        td_cursor_cut(&c, least - (h->version == 1 ? 5 : 4));
        td_cursor body = td_cursor_cut(&c, size);
        if (!c.ok || (h->version == 1 && size % 8 != 0))
            td_meta_damaged(m, header);
        else
            check_message(m, h, kind, flags, body);
        h->messages++;
    }
    if (h->version == 1 && c.left > 0)
        td_meta_damaged(m, header);
}

/* ---- beginnings ------------------------------------------------------------------ */

/* \return number of messages that it should have */
static uint64_t begin_old(td_meta *m, header_state *h, uint64_t at)
{
    enum { PREFIX = 16 };
    td_cursor c = td_meta_read(m, at, PREFIX, header);
    if (td_cursor_take(&c, 1) != 1)
        td_meta_damaged(m, header);
    td_cursor_cut(&c, 1);
    uint64_t messages = td_cursor_take(&c, 2);
    td_cursor_cut(&c, 4);
    uint64_t size = td_cursor_take(&c, 4);
    c = td_meta_block(m, at, PREFIX + size, header);
    td_cursor_cut(&c, PREFIX);
    *h = (header_state){ .pieces = { c }, .count = 1, .version = 1 };
    return messages;
}

static void begin_new(td_meta *m, header_state *h, uint64_t at)
{
    enum { TIMES = 0x20, PHASES = 0x10, KNOWN = 0x3f };
    td_cursor c = td_meta_read(m, at, 6, header);
    td_meta_take_signature(m, &c, "OHDR", 2, header);
    uint64_t flags = td_cursor_take(&c, 1);
    int width = 1 << (flags & 3);
    uint64_t prefix = 6 + (flags & TIMES ? 16 : 0) + (flags & PHASES ? 4 : 0);
    c = td_meta_read(m, at + prefix, (uint64_t) width, header);
    uint64_t size = td_cursor_take(&c, width);
    if (flags > KNOWN || size > m->end)
        td_meta_damaged(m, header);
    prefix += (uint64_t) width;
    c = td_meta_block(m, at, prefix + size + 4, header);
    td_meta_check_sum(m, c, prefix + size, header);
    td_cursor_cut(&c, prefix);
    td_cursor content = td_cursor_cut(&c, size);
    *h = (header_state){
        .pieces = { content }, .count = 1, .version = 2, .flags = flags
    };
}

/* ---- objects --------------------------------------------------------------------- */

static void check_group(td_meta *m, const td_meta_object *o)
{
    bool is_old = o->seen >> SYMBOLS & 1;
    if (is_old == (o->seen >> LINK_INFO & 1) || o->seen >> LAYOUT & 1) {
        td_meta_damaged(m, "group");
    } else if (is_old) {
        td_cursor c = o->symbols;
        uint64_t tree = td_cursor_take(&c, 8), heap = td_cursor_take(&c, 8);
        td_meta_check_symbols(m, c.ok ? tree : TD_META_NOWHERE, heap);
    } else {
        td_meta_check_links(m, o->links);
    }
}

static void check_array(td_meta *m, const td_meta_object *o)
{
    const uint64_t needed = 1 << SPACE | 1 << TYPE | 1 << LAYOUT;
    bool is_plain = o->type.class == H5T_INTEGER || o->type.class == H5T_FLOAT ||
                    o->type.class == H5T_STRING;
    if ((o->seen & needed) != needed || o->seen >> LINK & 1)
        td_meta_damaged(m, header);
    else if (o->fill > 0 && (!is_plain || o->fill != o->type.size))
        td_meta_damaged(m, "fill value");
    else
        td_meta_check_layout(m, o);
}

void td_meta_check_header(td_meta *m, uint64_t at)
{
    header_state *h = td_malloc(sizeof *h);
    td_cursor c = td_meta_read(m, at, 4, header);
    uint64_t messages = 0;
    if (c.ok && memcmp(c.at, "OHDR", 4) == 0)
        begin_new(m, h, at);
    else
        messages = begin_old(m, h, at);
    for (int i = 0; m->h5->ok && i < h->count; i++)
        check_piece(m, h, h->pieces[i]);
    if (m->h5->ok && h->version == 1 && h->messages != messages)
        td_meta_damaged(m, header);
    if (!m->h5->ok)
        ;
    else if (h->object.seen >> SYMBOLS & 1 || h->object.seen >> LINK_INFO & 1)
        check_group(m, &h->object);
    else if (h->object.seen >> LAYOUT & 1)
        check_array(m, &h->object);
    else
        td_h5_refuse(m->h5, m->name, "neither a group nor an array");
    td_free(h);
}
