/* What tells a whole checkpoint from a damaged one.
 *
 * Not HDF5's own Fletcher-32: it guards chunks of data, not the metadata that says
 * where they are, and most flipped bits pass.
 */
#include "trailer.h"

#include <string.h>
#include <xxhash.h>

static const uint8_t magic[8] = { 'T', 'D', 'T', 'R', 'A', 'I', 'L', '1' };

void td_trailer_init(uint8_t trailer[TD_TRAILER_BYTES], const void *image, size_t n)
{
    XXH128_canonical_t sum;
    TD_ASSERT(image || n == 0);
    XXH128_canonicalFromHash(&sum, XXH3_128bits(image, n));
    memcpy(trailer, magic, sizeof magic);
    for (int i = 0; i < 8; i++)
        trailer[8 + i] = (uint8_t) ((uint64_t) n >> 8 * i);
    memcpy(trailer + 16, sum.digest, sizeof sum.digest);
    TD_ASSERT(sizeof magic + 8 + sizeof sum.digest == TD_TRAILER_BYTES);
}

bool td_trailer_is_one(const uint8_t trailer[TD_TRAILER_BYTES], uint64_t n)
{
    uint64_t image = 0;
    for (int i = 0; i < 8; i++)
        image |= (uint64_t) trailer[8 + i] << 8 * i;
    return memcmp(trailer, magic, sizeof magic) == 0 && n >= TD_TRAILER_BYTES &&
           image == n - TD_TRAILER_BYTES;
}

static bool is_hdf5(const void *bytes)
{
    return memcmp(bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

const char *td_trailer_fault(const void *bytes, size_t n, size_t *image_bytes)
{
    uint8_t right[TD_TRAILER_BYTES];
    if (n < TD_TRAILER_BYTES)
        return "too short for a checkpoint";
    size_t image = n - TD_TRAILER_BYTES;
    const uint8_t *found = (const uint8_t *) bytes + image;
    td_trailer_init(right, bytes, image);
    if (memcmp(found, right, TD_TRAILER_BYTES) == 0) {
        *image_bytes = image;
        return NULL;
    }
    if (memcmp(found, right, sizeof magic) == 0)
        return "damaged: the checksum at its end is that of other bytes";
    return is_hdf5(bytes) ? "damaged: its end is missing, or another program changed it"
                          : "not a checkpoint of taildart";
}
