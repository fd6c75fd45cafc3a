/* Texts of checkpoints that were written before texts had a fixed length.
 *
 * HDF5 keeps strings of variable length in a heap and trusts sizes and indices that the
 * file gives, so they are taken from the bytes here, each step within bounds.  A string
 * is stored as its length, the address of a heap and an index in it (4, 8 and 4 bytes);
 * a heap is "GCOL", its version, its size, then objects: index, uses, size, bytes in
 * eights.  An attribute's value stands behind its name, type and space.  All little
 * endian.  (HDF5 File Format Specification 2.0: III.E, IV.A.2.m.) */
#include "old_text.h"

#include <string.h>

enum { REFERENCE = 16, HEAD = 16, VARIABLE = 9 };

static uint64_t number(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t) at[i] << 8 * i;
    return value;
}

static uint64_t in_eights(uint64_t n)
{
    return n / 8 * 8 + (n % 8 ? 8 : 0);
}

/* ---- the heap ---------------------------------------------------------------- */

/* Object number index of the heap whose objects are those n bytes; NULL if there is
 * none of so many bytes. */
static const uint8_t *find_object(const uint8_t *at, uint64_t n, uint64_t index,
                                  uint64_t bytes)
{
    while (n >= HEAD) {
        uint64_t id = number(at, 2), size = number(at + 8, 8);
        if (id == 0 || size > n - HEAD)
            return NULL;
        if (id == index)
            return bytes <= size ? at + HEAD : NULL;
        uint64_t step = HEAD + in_eights(size);
        if (step > n)
            return NULL;
        at += step;
        n -= step;
    }
    return NULL;
}

/* The text that a stored reference means, for td_free; NULL if it means none. */
static char *text_of(const uint8_t *bytes, size_t n, const uint8_t *reference)
{
    uint64_t length = number(reference, 4), heap = number(reference + 4, 8);
    if (length == 0)
        return td_strdup("");
    if (n < HEAD || heap > n - HEAD || memcmp(bytes + heap, "GCOL\1", 5) != 0)
        return NULL;
    uint64_t size = number(bytes + heap + 8, 8);
    if (size < HEAD || size > n - heap)
        return NULL;
    const uint8_t *text = find_object(bytes + heap + HEAD, size - HEAD,
                                      number(reference + 12, 4), length);
    if (!text)
        return NULL;
    char *copy = td_malloc(length + 1);
    memcpy(copy, text, length);
    return copy;
}

/* ---- attributes -------------------------------------------------------------- */

/* The value of the attribute whose message begins at byte at; NULL if none does. */
static const uint8_t *value_at(const uint8_t *bytes, size_t n, size_t at,
                               size_t name_size)
{
    if (bytes[at] != 1 || number(bytes + at + 2, 2) != name_size)
        return NULL;
    uint64_t type = at + 8 + in_eights(name_size);
    uint64_t space = type + in_eights(number(bytes + at + 4, 2));
    uint64_t value = space + in_eights(number(bytes + at + 6, 2));
    bool is_whole = value <= n && n - value >= REFERENCE;
    return is_whole && (bytes[type] & 0xf) == VARIABLE ? bytes + value : NULL;
}

char *td_old_attribute(const uint8_t *bytes, size_t n, const char *name)
{
    size_t size = strlen(name) + 1;
    const uint8_t *value = NULL;
    TD_ASSERT(size > 1);
    for (size_t at = 0; !value && n >= 8 + size && at <= n - 8 - size; at++)
        if (memcmp(bytes + at + 8, name, size) == 0)
            value = value_at(bytes, n, at, size);
    return value ? text_of(bytes, n, value) : NULL;
}

/* ---- arrays ------------------------------------------------------------------ */

char *td_old_text(const uint8_t *bytes, size_t n, hid_t file, const char *name)
{
    H5L_info_t link;
    if (H5Lget_info(file, name, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        return NULL;
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t type = set < 0 ? -1 : H5Dget_type(set);
    haddr_t at = HADDR_UNDEF;
    if (type >= 0 && H5Tis_variable_str(type) > 0)
        at = H5Dget_offset(set);
    if (type >= 0)
        H5Tclose(type);
    if (set >= 0)
        H5Dclose(set);
    bool is_whole = at != HADDR_UNDEF && n >= REFERENCE && at <= n - REFERENCE;
    return is_whole ? text_of(bytes, n, bytes + at) : NULL;
}
