/* One IDX file: header, then bytes. */
#include <string.h>

#include "idx.h"
#include "taildart/base_memory.h"

enum { MAX_DIMENSIONS = 3, UNSIGNED_BYTES = 8, START = 512 };

/* ---- what is wrong with a header ------------------------------------------------- */

static td_status truncated(const td_idx_file *idx, const char *where)
{
    return td_error(TD_DATA, "%s: truncated, it ends within %s: fetch the file again",
                    idx->path, where);
}

/* The types of LeCun's page; NULL for what is none. */
static const char *type_name(unsigned type)
{
    static const char *const names[] = {
        [0x08] = "unsigned bytes",  [0x09] = "signed bytes", [0x0b] = "16-bit integers",
        [0x0c] = "32-bit integers", [0x0d] = "float32",      [0x0e] = "float64",
    };
    return type < sizeof names / sizeof *names ? names[type] : NULL;
}

/* Advice about an IDX file of another kind. */
static const char *fix_of(unsigned type, unsigned dimensions, td_idx_kind kind)
{
    bool is_images = kind == TD_IDX_IMAGES;
    if (type != UNSIGNED_BYTES)
        return is_images ? "write the pixels as unsigned bytes from 0 to 255"
                         : "write the labels as unsigned bytes";
    if (is_images && dimensions == 1)
        return "these are labels, not images";
    if (!is_images && dimensions == 3)
        return "these are images, not labels";
    return is_images ? "write grey images of n x height x width here, colour as HDF5 "
                       "(data/README.md) or PNG files"
                     : "write the number of its class for each image, not one column a "
                       "class (one-hot)";
}

/* start: the first n bytes of the file, its magic number among them. */
static td_status refuse_magic(const td_idx_file *idx, const uint8_t *start, size_t n,
                              td_idx_kind kind)
{
    unsigned type = start[2], dimensions = start[3];
    unsigned wanted = kind == TD_IDX_IMAGES ? 3 : 1;
    const char *what = td_foreign_bytes(start, n);
    const char *name = start[0] == 0 && start[1] == 0 ? type_name(type) : NULL;
    if (what)
        return td_error(TD_DATA, "%s: %s", idx->path, what);
    if (!name)
        return td_error(TD_DATA,
                        "%s: magic number 0x%02x%02x%02x%02x found, 0x0000080%u "
                        "expected: no IDX file, fetch it again",
                        idx->path, start[0], start[1], type, dimensions, wanted);
    return td_error(
        TD_DATA,
        "%s: magic number 0x0000%02x%02x found, 0x0000080%u expected (%s in "
        "%u dimension%s, not unsigned bytes in %u): %s",
        idx->path, type, dimensions, wanted, name, dimensions,
        dimensions == 1 ? "" : "s", wanted, fix_of(type, dimensions, kind));
}

/* ---- header ---------------------------------------------------------------------- */

static int64_t number_at(const uint8_t *word)
{
    return (int64_t) word[0] << 24 | word[1] << 16 | word[2] << 8 | word[3];
}

static td_status read_header(td_idx_file *idx, td_idx_kind kind)
{
    int dimensions = kind == TD_IDX_IMAGES ? 3 : 1;
    uint8_t start[START] = { 0 };
    size_t bytes = 4 * (1 + (size_t) dimensions), got = 0, more = 0;
    td_status status = td_packed_read(idx->file, start, bytes, &got);
    if (status != TD_OK)
        return status;
    bool is_right = start[0] == 0 && start[1] == 0 && start[2] == UNSIGNED_BYTES &&
                    start[3] == dimensions;
    if (got >= 4 && !is_right) {
        if (got == bytes &&
            td_packed_read(idx->file, start + got, START - got, &more) != TD_OK)
            more = 0;
        return refuse_magic(idx, start, got + more, kind);
    }
    if (got < bytes)
        return truncated(idx, "its header");
    for (int i = 0; i < dimensions; i++)
        idx->size[i] = number_at(start + 4 * (i + 1));
    return TD_OK;
}

td_status td_idx_begin(td_idx_file *idx, const char *path, td_idx_kind kind)
{
    *idx = (td_idx_file){ .path = path };
    td_status status = td_packed_open(&idx->file, path);
    return status == TD_OK ? read_header(idx, kind) : status;
}

/* ---- bytes ----------------------------------------------------------------------- */

/* Reading on to the end is what compares gzip's checksum. */
static td_status check_end(td_idx_file *idx, size_t bytes)
{
    uint8_t beyond;
    size_t got = 0;
    td_status status = td_packed_read(idx->file, &beyond, 1, &got);
    if (status == TD_OK && got > 0)
        status =
            td_error(TD_DATA, "%s: more than the %zu bytes that its header announces",
                     idx->path, bytes);
    return status;
}

/* Exactly `bytes` bytes for td_free.  The room grows with what really comes, so that a
 * damaged header cannot ask for all the memory. */
td_status td_idx_bytes(td_idx_file *idx, size_t bytes, uint8_t **out)
{
    TD_ASSERT(!*out);
    enum { STEP = 1 << 22 };
    size_t used = 0, capacity = 0;
    while (used < bytes) {
        size_t got = 0;
        if (used == capacity) {
            capacity = capacity ? 2 * capacity : STEP;
            capacity = capacity < bytes ? capacity : bytes;
            *out = td_enlarge(*out, used, capacity);
        }
        size_t want = capacity - used < STEP ? capacity - used : STEP;
        td_status status = td_packed_read(idx->file, *out + used, want, &got);
        if (status != TD_OK)
            return status;
        used += got;
        if (got < want)
            return truncated(idx, "its data");
    }
    return check_end(idx, bytes);
}
