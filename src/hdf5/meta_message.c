/* HDF5's metadata: shapes, types, fill values, filters, attributes, links. */
#include "meta.h"

#include <string.h>

enum { MOST_DEPTH = 4, MOST_SIZE = 1 << 16 };

/* ---- shapes ---------------------------------------------------------------------- */

bool td_meta_take_space(td_cursor *c, td_meta_space *space)
{
    uint64_t version = td_cursor_take(c, 1), rank = td_cursor_take(c, 1);
    uint64_t flags = td_cursor_take(c, 1), type = td_cursor_take(c, 1);
    if (!c->ok || version < 1 || version > 2 || rank > TD_META_RANK || flags > 1)
        return false;
    if (version == 1)
        td_cursor_cut(c, 4);
    *space = (td_meta_space){ .rank = (int) rank, .count = 1 };
    space->is_null = version == 2 && type == 2;
    if (version == 2 && (type > 2 || (type != 1 && rank > 0) || (type == 1 && !rank)))
        return false;
    for (int i = 0; i < space->rank; i++) {
        space->dims[i] = td_cursor_take(c, 8);
        if (__builtin_mul_overflow(space->count, space->dims[i], &space->count))
            return false;
    }
    for (int i = 0; flags == 1 && i < space->rank; i++)
        if (td_cursor_take(c, 8) < space->dims[i])
            return false;
    if (space->is_null)
        space->count = 0;
    return c->ok;
}

/* ---- types ----------------------------------------------------------------------- */

static bool take_integer(td_cursor *c, uint64_t size)
{
    uint64_t offset = td_cursor_take(c, 2), precision = td_cursor_take(c, 2);
    return c->ok && precision > 0 && size <= 64 && offset + precision <= 8 * size;
}

static bool take_float(td_cursor *c, uint64_t size, uint64_t bits)
{
    uint64_t offset = td_cursor_take(c, 2), precision = td_cursor_take(c, 2);
    uint64_t exponent = td_cursor_take(c, 1), exponents = td_cursor_take(c, 1);
    uint64_t mantissa = td_cursor_take(c, 1), mantissas = td_cursor_take(c, 1);
    td_cursor_take(c, 4); /* bias */
    uint64_t most = offset + precision, sign = bits >> 8 & 0xff;
    return c->ok && size <= 64 && precision > 0 && most <= 8 * size && exponents > 0 &&
           mantissas > 0 && exponent + exponents <= most &&
           mantissa + mantissas <= most && sign < most;
}

/* Take an enumeration: base type, names, then values of that type. */
static bool take_enumeration(td_cursor *c, uint64_t version, uint64_t members,
                             int depth)
{
    td_meta_type base;
    if (!td_meta_take_type(c, &base, depth + 1) || base.class != H5T_INTEGER)
        return false;
    for (uint64_t i = 0; i < members; i++) {
        uint64_t before = c->left;
        if (!td_cursor_text(c))
            return false;
        uint64_t length = before - c->left;
        if (version < 3 && length % 8 != 0)
            td_cursor_cut(c, 8 - length % 8);
    }
    td_cursor_cut(c, members * base.size);
    return c->ok;
}

bool td_meta_is_nested(unsigned class)
{
    return class == H5T_COMPOUND || class == H5T_ARRAY || class == H5T_TIME;
}

bool td_meta_take_type(td_cursor *c, td_meta_type *type, int depth)
{
    td_meta_type base;
    uint64_t start = td_cursor_take(c, 1), bits = td_cursor_take(c, 3);
    uint64_t version = start >> 4, size = td_cursor_take(c, 4);
    *type = (td_meta_type){ start & 15, size };
    if (!c->ok || version < 1 || version > 3 || size == 0 || depth > MOST_DEPTH)
        return false;
    switch (type->class) {
    case H5T_INTEGER:
    case H5T_BITFIELD:
        return take_integer(c, size);
    case H5T_FLOAT:
        return take_float(c, size, bits);
    case H5T_STRING:
        return (bits & 15) <= 2 && (bits >> 4 & 15) <= 1;
    case H5T_OPAQUE:
        td_cursor_cut(c, bits & 0xff);
        return c->ok && size <= MOST_SIZE;
    case H5T_REFERENCE:
        return size == 8 || size == 12;
    case H5T_ENUM:
        return take_enumeration(c, version, bits & 0xffff, depth);
    case H5T_VLEN:
        return size == 16 && (bits & 15) <= 1 && td_meta_take_type(c, &base, depth + 1);
    default:
        return false;
    }
}

/* ---- fill values ----------------------------------------------------------------- */

void td_meta_check_fill(td_meta *m, td_meta_object *o, td_cursor c, bool is_old)
{
    bool has_value = true;
    uint64_t version = is_old ? 0 : td_cursor_take(&c, 1);
    if (version == 3) {
        uint64_t flags = td_cursor_take(&c, 1);
        has_value = flags & 0x20;
        if (flags & 0xc0 || (has_value && flags & 0x10))
            td_meta_damaged(m, "fill value");
    } else if (version > 0) {
        td_cursor_cut(&c, 2);
        uint64_t is_defined = td_cursor_take(&c, 1);
        has_value = version == 1 || is_defined;
        if (is_defined > 1)
            td_meta_damaged(m, "fill value");
    }
    uint64_t size = has_value ? td_cursor_take(&c, 4) : 0;
    if (size == UINT32_MAX) /* none, in version 1 */
        size = 0;
    td_cursor_cut(&c, size);
    if (!c.ok || version > 3)
        td_meta_damaged(m, "fill value");
    else if (size > 0)
        o->fill = size;
}

/* ---- filters --------------------------------------------------------------------- */

static void check_filter(td_meta *m, td_meta_object *o, td_cursor *c, uint64_t version)
{
    enum { MOST_VALUES = 64, FIRST_NAMED = 256 };
    uint64_t id = td_cursor_take(c, 2);
    bool has_name = version == 1 || id >= FIRST_NAMED;
    uint64_t length = has_name ? td_cursor_take(c, 2) : 0;
    td_cursor_cut(c, 2);
    uint64_t values = td_cursor_take(c, 2);
    td_cursor name = td_cursor_cut(c, length);
    td_cursor_cut(c, 4 * values + (version == 1 && values % 2 ? 4 : 0));
    if (!c->ok || values > MOST_VALUES || (version == 1 && length % 8 != 0) ||
        (length > 0 && !td_cursor_text(&name)))
        td_meta_damaged(m, "filters");
    else if (o->num_filters == TD_META_FILTERS)
        td_meta_unsupported(m, "an array with so many filters");
    else /* filters not supported are refused once the array is open */
        o->filters[o->num_filters++] = id < FIRST_NAMED ? (uint8_t) id : UINT8_MAX;
}

void td_meta_check_filters(td_meta *m, td_meta_object *o, td_cursor c)
{
    enum { MOST_FILTERS = 32 };
    uint64_t version = td_cursor_take(&c, 1), count = td_cursor_take(&c, 1);
    if (version == 1)
        td_cursor_cut(&c, 6);
    if (!c.ok || version < 1 || version > 2 || count == 0 || count > MOST_FILTERS)
        td_meta_damaged(m, "filters");
    for (uint64_t i = 0; m->h5->ok && i < count; i++)
        check_filter(m, o, &c, version);
}

/* ---- attributes ------------------------------------------------------------------ */

/* Take a field of an attribute, padded to 8 bytes in version 1. */
static td_cursor cut_field(td_cursor *c, uint64_t version, uint64_t size)
{
    td_cursor field = td_cursor_cut(c, size);
    if (version == 1 && size % 8 != 0)
        td_cursor_cut(c, 8 - size % 8);
    return field;
}

void td_meta_check_attribute(td_meta *m, td_cursor c)
{
    td_meta_type type = { 0 };
    td_meta_space space = { 0 };
    uint64_t bytes = 0;
    uint64_t version = td_cursor_take(&c, 1), flags = td_cursor_take(&c, 1);
    uint64_t sizes[3];
    for (int i = 0; i < 3; i++)
        sizes[i] = td_cursor_take(&c, 2);
    if (version == 3)
        td_cursor_cut(&c, 1); /* character set */
    td_cursor name = cut_field(&c, version, sizes[0]);
    td_cursor types = cut_field(&c, version, sizes[1]);
    td_cursor spaces = cut_field(&c, version, sizes[2]);
    char label[TD_META_TEXT];
    const char *text = (const char *) name.at;
    bool has_name =
        c.ok && version >= 1 && version <= 3 && td_cursor_text(&name) && name.left < 8;
    if (!has_name) {
        td_meta_damaged(m, "attribute");
        return;
    }
    snprintf(label, sizeof label, "attribute %.60s", text);
    unsigned class = types.left > 0 ? types.at[0] & 15 : 0;
    if (flags != 0 && version > 1)
        td_h5_refuse(m->h5, label, "has a named (committed) type, read are plain ones");
    else if (td_meta_is_nested(class))
        td_h5_refuse(
            m->h5, label,
            "of a compound type or an array type, which is not read; h5py: del "
            "f.attrs['…']");
    else if (!td_meta_take_type(&types, &type, 0) ||
             !td_meta_take_space(&spaces, &space) ||
             __builtin_mul_overflow(type.size, space.count, &bytes) || bytes > c.left)
        td_meta_damaged(m, label);
}

void td_meta_check_attribute_info(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) o;
    uint64_t version = td_cursor_take(&c, 1), flags = td_cursor_take(&c, 1);
    td_cursor_cut(&c, flags & 1 ? 2 : 0);
    uint64_t heap = td_cursor_take(&c, 8), names = td_cursor_take(&c, 8);
    uint64_t order = flags & 2 ? td_cursor_take(&c, 8) : TD_META_NOWHERE;
    if (!c.ok || version != 0 || flags > 3)
        td_meta_damaged(m, "object header");
    else if (heap != TD_META_NOWHERE || names != TD_META_NOWHERE ||
             order != TD_META_NOWHERE)
        td_meta_unsupported(
            m, "a heap of attributes (libver='latest', more than 8 of them)");
}

/* ---- numbers elsewhere ----------------------------------------------------------- */

/* Refuse numbers in another file, whose name lies in a heap. */
void td_meta_refuse_external(td_meta *m, td_meta_object *o, td_cursor c)
{
    (void) o;
    td_cursor_cut(&c, 8); /* version, slots */
    td_cursor heap = td_meta_open_heap(m, td_cursor_take(&c, 8));
    td_cursor_cut(&heap, td_cursor_take(&c, 8));
    const char *file = (const char *) heap.at, *name = m->name ? m->name : "";
    td_h5_refuse(m->h5, m->name,
                 "its numbers lie in another file, %.200s; h5py: g['%s'] = f['%s'][()] "
                 "into a new file",
                 c.ok && td_cursor_text(&heap) ? file : "?", name, name);
}

/* ---- links ---------------------------------------------------------------------- */

void td_meta_check_link(td_meta *m, td_cursor c)
{
    enum { HARD = 0, SOFT = 1, EXTERNAL = 64, KNOWN = 0x1f };
    uint64_t version = td_cursor_take(&c, 1), flags = td_cursor_take(&c, 1);
    uint64_t kind = flags & 0x08 ? td_cursor_take(&c, 1) : HARD;
    td_cursor_cut(&c, (flags & 0x04 ? 8 : 0) + (flags & 0x10 ? 1 : 0));
    uint64_t length = td_cursor_take(&c, 1 << (flags & 3));
    td_cursor name = td_cursor_cut(&c, length);
    bool is_right = c.ok && version == 1 && flags <= KNOWN && length > 0 &&
                    !memchr(name.at, 0, (size_t) length);
    if (is_right && kind == HARD) {
        is_right = td_meta_is_inside(m, td_cursor_take(&c, 8), 16);
    } else if (is_right && (kind == SOFT || kind == EXTERNAL)) {
        uint64_t n = td_cursor_take(&c, 2);
        td_cursor value = td_cursor_cut(&c, n);
        is_right = n > 0;
        if (kind == EXTERNAL) { /* flags, file, object */
            td_cursor_cut(&value, 1);
            bool has_file = td_cursor_text(&value);
            is_right = td_cursor_text(&value) && has_file;
        }
    } else {
        is_right = false;
    }
    if (!is_right || !c.ok)
        td_meta_damaged(m, "link");
}
