/* Smaller pictures by area averages.  In units of 1/size of a pixel, input pixel i
 * covers [i·size, (i+1)·size) of a side and output pixel o [o·side, (o+1)·side): the
 * overlaps are whole numbers, so the sums are exact whatever the factor. */
#include "taildart/pictures.h"

/* Input pixels that output pixel o overlaps, and by how much. */
static int64_t begin_of(int64_t o, int64_t side, int64_t size)
{
    return o * side / size;
}

static int64_t end_of(int64_t o, int64_t side, int64_t size)
{
    return ((o + 1) * side + size - 1) / size;
}

static uint64_t overlap(int64_t i, int64_t o, int64_t side, int64_t size)
{
    int64_t from = i * size > o * side ? i * size : o * side;
    int64_t to = (i + 1) * size < (o + 1) * side ? (i + 1) * size : (o + 1) * side;
    return (uint64_t) (to - from);
}

/* Add weight times `side` pixels of a row, shrunk, to sums (size, channels). */
static void add_row(uint64_t *sums, int64_t size, const uint8_t *row, int64_t side,
                    int64_t channels, uint64_t weight)
{
    for (int64_t o = 0; o < size; o++)
        for (int64_t x = begin_of(o, side, size); x < end_of(o, side, size); x++) {
            uint64_t part = weight * overlap(x, o, side, size);
            for (int64_t c = 0; c < channels; c++)
                sums[o * channels + c] += part * row[x * channels + c];
        }
}

void td_shrink(uint8_t *out, int size, const uint8_t *in, const td_picture *shape)
{
    int64_t height = shape->height, width = shape->width, channels = shape->channels;
    int64_t side = height < width ? height : width;
    size_t count = (size_t) size * (size_t) channels;
    uint64_t area = (uint64_t) (side * side);
    TD_ASSERT(size > 0 && size <= side);
    uint64_t *sums = td_malloc(count * sizeof *sums);
    in += ((height - side) / 2 * width + (width - side) / 2) * channels;
    for (int64_t o = 0; o < size; o++) {
        for (size_t i = 0; i < count; i++)
            sums[i] = area / 2;
        for (int64_t y = begin_of(o, side, size); y < end_of(o, side, size); y++)
            add_row(sums, size, in + y * width * channels, side, channels,
                    overlap(y, o, side, size));
        for (size_t i = 0; i < count; i++)
            out[(size_t) o * count + i] = (uint8_t) (sums[i] / area);
    }
    td_free(sums);
}
