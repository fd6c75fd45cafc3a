/* The pixels that a 3x3 window sees, as channels of its middle: so a convolution over
 * all channels is one more 1x1 product. */
#include "dense.h"

#include <string.h>

/* Outputs of a row, or rows of outputs, whose tap lies inside: from first up to, and
 * without, end. */
typedef struct {
    int first, end;
} inside;

/* \a shift: where the tap of output 0 lies, which may be outside; \a side: what is
 * there to be read. */
static inside inside_of(int shift, int stride, int side, int outputs)
{
    int first = shift < 0 ? (stride - 1 - shift) / stride : 0;
    int end = side - shift > 0 ? (side - shift + stride - 1) / stride : 0;
    end = end < outputs ? end : outputs;
    return (inside){ first < end ? first : end, end };
}

/* A number of 16 side by side from each pixel of a channel. */
static void column_of_channel(td_real *to, const td_dense *d, const td_real *channel,
                              int tap)
{
    int height = d->image.height, width = d->image.width, apart = d->image.channels;
    int down = tap / 3 - 1 - d->top, right = tap % 3 - 1 - d->left;
    inside rows = inside_of(down, d->stride, height, d->out.height);
    inside columns = inside_of(right, d->stride, width, d->out.width);
    for (int y = rows.first; y < rows.end; y++) {
        const td_real *row = channel + (y * d->stride + down) * width * apart;
        for (int x = columns.first; x < columns.end; x++)
            to[(y * d->out.width + x) * TD_PLANE] =
                row[(x * d->stride + right) * apart];
    }
}

/* Input channel·9 + tap, zero where the window leaves the image. */
void td_columns_of_image(td_real *columns, const td_dense *d, const td_real *image)
{
    size_t pixels = (size_t) (d->out.height * d->out.width);
    int planes = td_channels_planes(d->matrix.in);
    memset(columns, 0, (size_t) planes * pixels * TD_PLANE * sizeof(td_real));
    for (int k = 0; k < TD_DENSE_TAPS * d->image.channels; k++)
        column_of_channel(columns + (size_t) (k / TD_PLANE) * pixels * TD_PLANE +
                              k % TD_PLANE,
                          d, image + k / TD_DENSE_TAPS, k % TD_DENSE_TAPS);
}

void td_columns_of_planes(td_real *columns, const td_dense *d, const td_real *padded)
{
    int height = d->in.height + 2 * TD_MARGIN, width = d->in.width + 2 * TD_MARGIN;
    for (int tap = 0; tap < TD_DENSE_TAPS; tap++)
        for (int plane = 0; plane < d->in.planes; plane++)
            for (int y = 0; y < d->out.height; y++) {
                int row = y * d->stride + tap / 3 - 1 + TD_MARGIN;
                const td_real *from = padded + ((plane * height + row) * width +
                                                tap % 3 - 1 + TD_MARGIN) *
                                                   TD_PLANE;
                for (int x = 0; x < d->out.width; x++, columns += TD_PLANE)
                    memcpy(columns, from + x * d->stride * TD_PLANE,
                           TD_PLANE * sizeof(td_real));
            }
}

/* The rows of one plane that a tap has read += …. */
static void add_tap(td_real *plane, const td_dense *d, const td_real *columns, int tap)
{
    int down = tap / 3 - 1, right = tap % 3 - 1;
    inside rows = inside_of(down, d->stride, d->in.height, d->out.height);
    inside at = inside_of(right, d->stride, d->in.width, d->out.width);
    for (int y = rows.first; y < rows.end; y++)
        for (int x = at.first; x < at.end; x++) {
            const td_real *from = columns + (y * d->out.width + x) * TD_PLANE;
            td_real *to =
                plane + ((y * d->stride + down) * d->in.width + x * d->stride + right) *
                            TD_PLANE;
            for (int c = 0; c < TD_PLANE; c++)
                to[c] += from[c];
        }
}

void td_columns_to_planes(td_real *planes, const td_dense *d, const td_real *columns)
{
    size_t in = (size_t) (d->in.height * d->in.width * TD_PLANE);
    size_t out = (size_t) (d->out.height * d->out.width * TD_PLANE);
    memset(planes, 0, td_extent_count(d->in) * sizeof(td_real));
    for (int tap = 0; tap < TD_DENSE_TAPS; tap++)
        for (int plane = 0; plane < d->in.planes; plane++, columns += out)
            add_tap(planes + (size_t) plane * in, d, columns, tap);
}
