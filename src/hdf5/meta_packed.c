/* Sizes of unpacked chunks, checked before HDF5 unpacks them: it enlarges its buffers
 * as a chunk asks for, and copies a whole chunk even from a shorter result. */
#include <string.h>
#include <zlib.h>

#include "meta.h"

enum { WINDOW = 1 << 15, CHECKSUM = 4 };

/* Count the bytes that n bytes inflate to; 0 where they are not deflate data, or
 * inflate to more than most. */
static uint64_t inflated(const uint8_t *bytes, uint64_t n, uint64_t most)
{
    uint8_t out[WINDOW];
    z_stream z = { .next_in = (Bytef *) bytes, .avail_in = (uInt) n };
    uint64_t sum = 0;
    int status = inflateInit(&z) == Z_OK ? Z_OK : Z_MEM_ERROR;
    while (status == Z_OK && sum <= most) {
        z.next_out = out;
        z.avail_out = sizeof out;
        status = inflate(&z, Z_NO_FLUSH);
        sum += sizeof out - z.avail_out;
    }
    inflateEnd(&z);
    return status == Z_STREAM_END && sum <= most ? sum : 0;
}

static int count_filters(const td_meta_packed *chunk)
{
    int filters = 0;
    while (filters < TD_META_FILTERS && chunk->filters[filters])
        filters++;
    return filters;
}

/* Count the bytes that a chunk unpacks to, undoing its last filter first. */
static uint64_t unpacked_bytes(td_meta *m, const td_meta_packed *chunk)
{
    td_cursor c = td_meta_read(m, chunk->at, chunk->packed, "chunk");
    uint64_t n = c.ok && c.left <= UINT32_MAX ? c.left : 0;
    bool is_inflated = false;
    for (int i = count_filters(chunk) - 1; n > 0 && i >= 0; i--) {
        uint8_t filter = chunk->filters[i];
        if (chunk->mask >> i & 1)
            continue;
        if (filter == H5Z_FILTER_FLETCHER32) {
            n = n > CHECKSUM ? n - CHECKSUM : 0;
        } else if (filter == H5Z_FILTER_DEFLATE) {
            n = is_inflated ? 0 : inflated(c.at, n, chunk->bytes + CHECKSUM);
            is_inflated = true;
        }
    }
    return n;
}

bool td_meta_check_packed(td_h5 *h5, uint64_t object, const char *name)
{
    td_meta *m = h5->meta;
    m->h5 = h5;
    m->name = name;
    for (size_t i = 0; h5->ok && i < m->num_packed; i++) {
        const td_meta_packed *chunk = &m->packed[i];
        if (chunk->object != object)
            continue;
        uint64_t n = unpacked_bytes(m, chunk);
        if (n != chunk->bytes)
            td_h5_refuse(h5, name,
                         "damaged: a packed chunk of it holds %llu bytes, not the %llu "
                         "of its shape",
                         (unsigned long long) n, (unsigned long long) chunk->bytes);
        td_meta_free_blocks(m);
    }
    return h5->ok;
}
