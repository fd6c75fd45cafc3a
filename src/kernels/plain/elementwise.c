/* What touches every pixel once: ReLU into a padded image, normalisation, sums. */
#include "plain.h"

#include <string.h>

/* NaN passes through: a spoiled number must reach the loss to be noticed. */
TD_INLINE td_pixel relu(td_pixel x)
{
    td_pixel zero = { 0 };
    return (td_pixel) ((td_lanes) x & ~(td_lanes) (x <= zero));
}

TD_INLINE td_pixel where_positive(td_pixel g, td_pixel x)
{
    td_pixel zero = { 0 };
    return (td_pixel) ((td_lanes) g & (td_lanes) (x > zero));
}

/* One plane of a padded image. */
TD_INLINE td_pixel *padded_plane(const td_real *padded, td_extent size, int plane)
{
    td_extent one = { plane, size.height, size.width };
    return (td_pixel *) padded + td_extent_padded_count(one) / TD_PLANE;
}

/* Row y of the image inside a padded plane. */
TD_INLINE td_pixel *inner_row(td_pixel *plane, int width, int y)
{
    return plane + (TD_MARGIN + y) * (width + 2 * TD_MARGIN) + TD_MARGIN;
}

static void clear_margin(td_pixel *plane, int height, int width)
{
    int pitch = width + 2 * TD_MARGIN;
    size_t band = (size_t) (TD_MARGIN * pitch) * sizeof(td_pixel);
    memset(plane, 0, band);
    memset(plane + (TD_MARGIN + height) * pitch, 0, band);
    for (int y = 0; y < height; y++) {
        td_pixel *row = inner_row(plane, width, y);
        memset(row - TD_MARGIN, 0, TD_MARGIN * sizeof(td_pixel));
        memset(row + width, 0, TD_MARGIN * sizeof(td_pixel));
    }
}

void TD_VARIANT(relu)(td_real *out, const td_real *x, size_t count)
{
    td_pixel *to = (td_pixel *) out;
    const td_pixel *from = (const td_pixel *) x;
    for (size_t i = 0; i < count / TD_PLANE; i++)
        to[i] = relu(from[i]);
}

void TD_VARIANT(relu_data)(td_real *dx, const td_real *g, const td_real *x,
                           size_t count)
{
    td_pixel *to = (td_pixel *) dx;
    const td_pixel *gp = (const td_pixel *) g, *xp = (const td_pixel *) x;
    for (size_t i = 0; i < count / TD_PLANE; i++)
        to[i] += where_positive(gp[i], xp[i]);
}

void TD_VARIANT(relu_padded)(td_real *out, const td_real *x, td_extent size)
{
    const td_pixel *in = (const td_pixel *) x;
    for (int p = 0; p < size.planes; p++) {
        td_pixel *plane = padded_plane(out, size, p);
        clear_margin(plane, size.height, size.width);
        for (int y = 0; y < size.height; y++, in += size.width) {
            td_pixel *row = inner_row(plane, size.width, y);
            for (int i = 0; i < size.width; i++)
                row[i] = relu(in[i]);
        }
    }
}

void TD_VARIANT(relu_padded_data)(td_real *dx, const td_real *dr, const td_real *x,
                                  td_extent size)
{
    td_pixel *to = (td_pixel *) dx;
    const td_pixel *xp = (const td_pixel *) x;
    for (int p = 0; p < size.planes; p++) {
        td_pixel *plane = padded_plane(dr, size, p);
        for (int y = 0; y < size.height; y++, to += size.width, xp += size.width) {
            const td_pixel *row = inner_row(plane, size.width, y);
            for (int i = 0; i < size.width; i++)
                to[i] += where_positive(row[i], xp[i]);
        }
    }
}

void TD_VARIANT(norm_relu_padded)(td_real *out, const td_real *y, const td_real *scale,
                                  const td_real *shift, td_extent size)
{
    const td_pixel *in = (const td_pixel *) y;
    for (int p = 0; p < size.planes; p++) {
        td_pixel a = ((const td_pixel *) scale)[p], b = ((const td_pixel *) shift)[p];
        td_pixel *plane = padded_plane(out, size, p);
        clear_margin(plane, size.height, size.width);
        for (int r = 0; r < size.height; r++, in += size.width) {
            td_pixel *row = inner_row(plane, size.width, r);
            for (int i = 0; i < size.width; i++)
                row[i] = relu(a * in[i] + b);
        }
    }
}

void TD_VARIANT(norm_relu_padded_data)(td_real *gz, td_sums *sums, const td_real *dr,
                                       const td_real *y, const td_real *scale,
                                       const td_real *shift, td_extent size)
{
    td_pixel *to = (td_pixel *) gz;
    const td_pixel *yp = (const td_pixel *) y;
    td_sums_clear(sums, size.planes);
    for (int p = 0; p < size.planes; p++) {
        td_pixel a = ((const td_pixel *) scale)[p], b = ((const td_pixel *) shift)[p];
        td_pixel *plane = padded_plane(dr, size, p);
        for (int r = 0; r < size.height; r++, to += size.width, yp += size.width) {
            const td_pixel *row = inner_row(plane, size.width, r);
            td_run_sums run = { { 0 }, { 0 } };
            for (int i = 0; i < size.width; i++) {
                to[i] = where_positive(row[i], a * yp[i] + b);
                run.first += to[i];
                run.second += to[i] * yp[i];
            }
            td_sums_flush(sums, p, &run);
        }
    }
}

void TD_VARIANT(halve)(td_real *out, const td_real *x, td_extent in, int margin)
{
    td_pixel *to = (td_pixel *) out;
    int pitch = in.width + 2 * margin;
    size_t plane_size = (size_t) (in.height + 2 * margin) * (size_t) pitch;
    for (int phase = 0; phase < 2; phase++)
        for (int p = 0; p < in.planes; p++) {
            const td_pixel *plane = (const td_pixel *) x + (size_t) p * plane_size;
            for (int y = phase; y < in.height; y += 2)
                for (int i = phase; i < in.width; i += 2)
                    *to++ = plane[(y + margin) * pitch + margin + i];
        }
}

void TD_VARIANT(halve_data)(td_real *dx, const td_real *g, td_extent in, int margin)
{
    const td_pixel *from = (const td_pixel *) g;
    int pitch = in.width + 2 * margin;
    size_t plane_size = (size_t) (in.height + 2 * margin) * (size_t) pitch;
    for (int phase = 0; phase < 2; phase++)
        for (int p = 0; p < in.planes; p++) {
            td_pixel *plane = (td_pixel *) dx + (size_t) p * plane_size;
            for (int y = phase; y < in.height; y += 2)
                for (int i = phase; i < in.width; i += 2)
                    plane[(y + margin) * pitch + margin + i] += *from++;
        }
}

void TD_VARIANT(dot_sums)(td_sums *sums, const td_real *g, const td_real *y, int planes,
                          int pixels)
{
    const td_pixel *a = (const td_pixel *) g, *b = (const td_pixel *) y;
    td_sums_clear(sums, planes);
    for (int p = 0; p < planes; p++, a += pixels, b += pixels)
        for (int start = 0; start < pixels; start += TD_SUM_RUN) {
            int end = start + TD_SUM_RUN < pixels ? start + TD_SUM_RUN : pixels;
            td_run_sums run = { { 0 }, { 0 } };
            for (int i = start; i < end; i++) {
                run.first += a[i];
                run.second += a[i] * b[i];
            }
            td_sums_flush(sums, p, &run);
        }
}

void TD_VARIANT(affine)(td_real *out, const td_real *g, const td_real *y,
                        const td_real *a, const td_real *b, const td_real *c,
                        int planes, int pixels)
{
    td_pixel *to = (td_pixel *) out;
    const td_pixel *gp = (const td_pixel *) g, *yp = (const td_pixel *) y;
    for (int p = 0; p < planes; p++, to += pixels, gp += pixels, yp += pixels) {
        td_pixel ap = ((const td_pixel *) a)[p], bp = ((const td_pixel *) b)[p];
        td_pixel cp = ((const td_pixel *) c)[p];
        for (int i = 0; i < pixels; i++)
            to[i] = ap * gp[i] + bp * yp[i] + cp;
    }
}

void TD_VARIANT(fill)(td_real *out, const td_real *c, int planes, int pixels)
{
    td_pixel *to = (td_pixel *) out;
    for (int p = 0; p < planes; p++, to += pixels)
        for (int i = 0; i < pixels; i++)
            to[i] = ((const td_pixel *) c)[p];
}

void TD_VARIANT(add_scaled)(td_real *out, const td_real *y, const td_real *a,
                            int planes, int pixels)
{
    td_pixel *to = (td_pixel *) out;
    const td_pixel *yp = (const td_pixel *) y;
    for (int p = 0; p < planes; p++, to += pixels, yp += pixels) {
        td_pixel ap = ((const td_pixel *) a)[p];
        for (int i = 0; i < pixels; i++)
            to[i] += ap * yp[i];
    }
}
