/* What touches every pixel once: ReLU into a padded image, normalisation, sums. */
#include "plain.h"

#include <string.h>

/* NaN passes through: a spoiled number must reach the loss to be noticed. */
TD_INLINE td_vec relu(td_vec x)
{
    td_vec zero = { 0 };
    return (td_vec) ((td_lanes) x & ~(td_lanes) (x <= zero));
}

TD_INLINE td_vec where_positive(td_vec g, td_vec x)
{
    td_vec zero = { 0 };
    return (td_vec) ((td_lanes) g & (td_lanes) (x > zero));
}

/* ---- padded images ------------------------------------------------------ */

/* Row y of a plane of a padded image, at the image's first column. */
TD_INLINE td_vec *inner_row(const td_real *padded, td_extent size, int plane, int y)
{
    size_t pitch = (size_t) (size.width + 2 * TD_MARGIN);
    size_t rows = (size_t) (size.height + 2 * TD_MARGIN);
    size_t row = (size_t) plane * rows + (size_t) (TD_MARGIN + y);
    return (td_vec *) padded + (row * pitch + TD_MARGIN) * TD_SLICES;
}

static void clear_margin(td_real *padded, td_extent size, int plane)
{
    size_t pitch = (size_t) (size.width + 2 * TD_MARGIN) * TD_PLANE * sizeof(td_real);
    size_t side = TD_MARGIN * TD_PLANE * sizeof(td_real);
    td_vec *top = inner_row(padded, size, plane, -TD_MARGIN) - TD_MARGIN * TD_SLICES;
    td_vec *bottom =
        inner_row(padded, size, plane, size.height) - TD_MARGIN * TD_SLICES;
    memset(top, 0, TD_MARGIN * pitch);
    memset(bottom, 0, TD_MARGIN * pitch);
    for (int y = 0; y < size.height; y++) {
        td_vec *row = inner_row(padded, size, plane, y);
        memset(row - TD_MARGIN * TD_SLICES, 0, side);
        memset(row + size.width * TD_SLICES, 0, side);
    }
}

/* ---- ReLU --------------------------------------------------------------- */

void TD_VARIANT(relu)(td_real *out, const td_real *x, size_t count)
{
    td_vec *to = (td_vec *) out;
    const td_vec *from = (const td_vec *) x;
    for (size_t i = 0; i < count / TD_LANES; i++)
        to[i] = relu(from[i]);
}

void TD_VARIANT(relu_data)(td_real *dx, const td_real *g, const td_real *x,
                           size_t count)
{
    td_vec *to = (td_vec *) dx;
    const td_vec *gp = (const td_vec *) g, *xp = (const td_vec *) x;
    for (size_t i = 0; i < count / TD_LANES; i++)
        to[i] += where_positive(gp[i], xp[i]);
}

void TD_VARIANT(relu_padded)(td_real *out, const td_real *x, td_extent size)
{
    const td_vec *in = (const td_vec *) x;
    int row_vectors = size.width * TD_SLICES;
    for (int p = 0; p < size.planes; p++) {
        clear_margin(out, size, p);
        for (int y = 0; y < size.height; y++, in += row_vectors) {
            td_vec *row = inner_row(out, size, p, y);
            for (int i = 0; i < row_vectors; i++)
                row[i] = relu(in[i]);
        }
    }
}

void TD_VARIANT(relu_padded_data)(td_real *dx, const td_real *dr, const td_real *x,
                                  td_extent size)
{
    td_vec *to = (td_vec *) dx;
    const td_vec *in = (const td_vec *) x;
    int row_vectors = size.width * TD_SLICES;
    for (int p = 0; p < size.planes; p++)
        for (int y = 0; y < size.height; y++, to += row_vectors, in += row_vectors) {
            const td_vec *row = inner_row(dr, size, p, y);
            for (int i = 0; i < row_vectors; i++)
                to[i] += where_positive(row[i], in[i]);
        }
}

void TD_VARIANT(norm_relu_padded)(td_real *out, const td_real *y, const td_real *scale,
                                  const td_real *shift, td_extent size)
{
    const td_vec *in = (const td_vec *) y;
    for (int p = 0; p < size.planes; p++) {
        const td_vec *a = (const td_vec *) scale + p * TD_SLICES;
        const td_vec *b = (const td_vec *) shift + p * TD_SLICES;
        clear_margin(out, size, p);
        for (int r = 0; r < size.height; r++) {
            td_vec *row = inner_row(out, size, p, r);
            for (int x = 0; x < size.width; x++)
                for (int s = 0; s < TD_SLICES; s++)
                    *row++ = relu(a[s] * *in++ + b[s]);
        }
    }
}

/* One row and slice: gz and its sums. */
TD_INLINE td_run_sums norm_relu_row(td_vec *gz, const td_vec *dr, const td_vec *y,
                                    td_vec a, td_vec b, int width)
{
    td_run_sums run = { { 0 }, { 0 } };
    for (int i = 0; i < width * TD_SLICES; i += TD_SLICES) {
        td_vec g = where_positive(dr[i], a * y[i] + b);
        gz[i] = g;
        run.first += g;
        run.second += g * y[i];
    }
    return run;
}

void TD_VARIANT(norm_relu_padded_data)(td_real *gz, td_sums *sums, const td_real *dr,
                                       const td_real *y, const td_real *scale,
                                       const td_real *shift, td_extent size)
{
    td_vec *to = (td_vec *) gz;
    const td_vec *in = (const td_vec *) y;
    int row_vectors = size.width * TD_SLICES;
    td_sums_clear(sums, size.planes);
    for (int p = 0; p < size.planes; p++)
        for (int r = 0; r < size.height; r++, to += row_vectors, in += row_vectors) {
            const td_vec *row = inner_row(dr, size, p, r);
            for (int s = 0; s < TD_SLICES; s++) {
                td_vec a = ((const td_vec *) scale)[p * TD_SLICES + s];
                td_vec b = ((const td_vec *) shift)[p * TD_SLICES + s];
                td_run_sums run =
                    norm_relu_row(to + s, row + s, in + s, a, b, size.width);
                td_sums_add(sums, p * TD_PLANE + s * TD_LANES, &run);
            }
        }
}

/* ---- the two phases of a halved image ----------------------------------- */

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
    td_vec *to = (td_vec *) out;
    for (int phase = 0; phase < 2; phase++)
        for (int p = 0; p < in.planes; p++)
            for (int y = phase; y < in.height; y += 2)
                for (int i = phase; i < in.width; i += 2, to += TD_SLICES)
                    memcpy(to, pixel_at(x, in, margin, p, y, i),
                           TD_PLANE * sizeof(td_real));
}

void TD_VARIANT(halve_data)(td_real *dx, const td_real *g, td_extent in, int margin)
{
    const td_vec *from = (const td_vec *) g;
    for (int phase = 0; phase < 2; phase++)
        for (int p = 0; p < in.planes; p++)
            for (int y = phase; y < in.height; y += 2)
                for (int i = phase; i < in.width; i += 2, from += TD_SLICES) {
                    td_vec *to = pixel_at(dx, in, margin, p, y, i);
                    for (int s = 0; s < TD_SLICES; s++)
                        to[s] += from[s];
                }
}

/* ---- per channel -------------------------------------------------------- */

void TD_VARIANT(dot_sums)(td_sums *sums, const td_real *g, const td_real *y, int planes,
                          int pixels)
{
    td_sums_clear(sums, planes);
    for (int slice = 0; slice < planes * TD_SLICES; slice++) {
        size_t plane = (size_t) (slice / TD_SLICES) * (size_t) pixels * TD_PLANE;
        const td_vec *gp = (const td_vec *) (g + plane) + slice % TD_SLICES;
        const td_vec *yp = (const td_vec *) (y + plane) + slice % TD_SLICES;
        for (int start = 0; start < pixels; start += TD_SUM_RUN) {
            td_run_sums run = { { 0 }, { 0 } };
            for (int i = start; i < td_run_end(start, pixels); i++) {
                run.first += gp[i * TD_SLICES];
                run.second += gp[i * TD_SLICES] * yp[i * TD_SLICES];
            }
            td_sums_add(sums, slice * TD_LANES, &run);
        }
    }
}

void TD_VARIANT(affine)(td_real *out, const td_real *g, const td_real *y,
                        const td_real *a, const td_real *b, const td_real *c,
                        int planes, int pixels)
{
    td_vec *to = (td_vec *) out;
    const td_vec *gp = (const td_vec *) g, *yp = (const td_vec *) y;
    for (int p = 0; p < planes; p++) {
        const td_vec *ap = (const td_vec *) a + p * TD_SLICES;
        const td_vec *bp = (const td_vec *) b + p * TD_SLICES;
        const td_vec *cp = (const td_vec *) c + p * TD_SLICES;
        for (int i = 0; i < pixels; i++)
            for (int s = 0; s < TD_SLICES; s++)
                *to++ = ap[s] * *gp++ + bp[s] * *yp++ + cp[s];
    }
}

void TD_VARIANT(fill)(td_real *out, const td_real *c, int planes, int pixels)
{
    td_vec *to = (td_vec *) out;
    for (int p = 0; p < planes; p++)
        for (int i = 0; i < pixels; i++)
            for (int s = 0; s < TD_SLICES; s++)
                *to++ = ((const td_vec *) c)[p * TD_SLICES + s];
}

void TD_VARIANT(add_scaled)(td_real *out, const td_real *y, const td_real *a,
                            int planes, int pixels)
{
    td_vec *to = (td_vec *) out;
    const td_vec *yp = (const td_vec *) y;
    for (int p = 0; p < planes; p++)
        for (int i = 0; i < pixels; i++)
            for (int s = 0; s < TD_SLICES; s++)
                *to++ += ((const td_vec *) a)[p * TD_SLICES + s] * *yp++;
}
