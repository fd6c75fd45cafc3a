/* The two phases of a halved image side by side, and their way back. */
#include "vector.h"

#include <string.h>

/* Pixel (y, x) of a plane of an image with a margin. */
TD_INLINE td_vec *pixel_at(const td_real *image, td_extent size, int margin, int plane,
                           int y, int x)
{
    size_t pitch = (size_t) (size.width + 2 * margin);
    size_t rows = (size_t) (size.height + 2 * margin);
    size_t row = (size_t) plane * rows + (size_t) (margin + y);
    return (td_vec *) image + (row * pitch + (size_t) (margin + x)) * TD_SLICES;
}

void TD_VARIANT(halve)(td_real *out, const td_real *x, td_extent in, int margin)
{
    TD_ASSERT(in.height % 2 == 0 && in.width % 2 == 0);
    td_vec *to = (td_vec *) out;
    for (int phase = 0; phase < 2; phase++)
        for (int p = 0; p < in.planes; p++)
            for (int y = phase; y < in.height; y += 2)
                for (int i = phase; i < in.width; i += 2, to += TD_SLICES)
                    memcpy(to, pixel_at(x, in, margin, p, y, i),
                           TD_PLANE * sizeof(td_real));
}

void TD_VARIANT(halve_data)(td_real *dx, const td_real *g, td_extent in)
{
    TD_ASSERT(in.height % 2 == 0 && in.width % 2 == 0);
    const td_vec *from = (const td_vec *) g;
    for (int phase = 0; phase < 2; phase++)
        for (int p = 0; p < in.planes; p++)
            for (int y = phase; y < in.height; y += 2)
                for (int i = phase; i < in.width; i += 2, from += TD_SLICES) {
                    td_vec *to = pixel_at(dx, in, 0, p, y, i);
                    for (int s = 0; s < TD_SLICES; s++)
                        to[s] += from[s];
                }
}
