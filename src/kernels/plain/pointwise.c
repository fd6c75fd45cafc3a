/* 1x1 convolutions: a matrix product over channels, eight pixels at a time.
 *
 * The weights of one output plane lie side by side, so each input number is broadcast
 * against a vector of outputs.  The eight sums are named, since gcc keeps an array of
 * them in memory. */
#include "plain.h"

/* Sizes of a product as the inner loops see them. */
typedef struct {
    int planes_in;
    size_t plane; /* numbers of an input plane */
} td_product;

/* Eight pixels of one slice of outputs: Σ over input planes and their 16 channels.
 * d, w: the first pixel's, the slice's first. */
TD_INLINE void eight_pixels(td_vec *y, const td_real *d, const td_vec *w,
                            td_product size)
{
    td_vec a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    td_vec a4 = { 0 }, a5 = { 0 }, a6 = { 0 }, a7 = { 0 };
    for (int p = 0; p < size.planes_in;
         p++, d += size.plane, w += TD_PLANE * TD_SLICES) {
#pragma GCC unroll 4
        for (int k = 0; k < TD_PLANE; k++) {
            td_vec wk = w[k * TD_SLICES];
            a0 += d[k] * wk;
            a1 += d[TD_PLANE + k] * wk;
            a2 += d[2 * TD_PLANE + k] * wk;
            a3 += d[3 * TD_PLANE + k] * wk;
            a4 += d[4 * TD_PLANE + k] * wk;
            a5 += d[5 * TD_PLANE + k] * wk;
            a6 += d[6 * TD_PLANE + k] * wk;
            a7 += d[7 * TD_PLANE + k] * wk;
        }
    }
    y[0] = a0;
    y[TD_SLICES] = a1;
    y[2 * TD_SLICES] = a2;
    y[3 * TD_SLICES] = a3;
    y[4 * TD_SLICES] = a4;
    y[5 * TD_SLICES] = a5;
    y[6 * TD_SLICES] = a6;
    y[7 * TD_SLICES] = a7;
}

TD_INLINE void one_pixel(td_vec *y, const td_real *d, const td_vec *w, td_product size)
{
    td_vec a = { 0 };
    for (int p = 0; p < size.planes_in; p++, d += size.plane, w += TD_PLANE * TD_SLICES)
        for (int k = 0; k < TD_PLANE; k++)
            a += d[k] * w[k * TD_SLICES];
    *y = a;
}

TD_INLINE td_run_sums sums_of(const td_vec *y, int count)
{
    td_run_sums run = { { 0 }, { 0 } };
    for (int i = 0; i < count; i++) {
        td_vec here = y[i * TD_SLICES];
        run.first += here;
        run.second += here * here;
    }
    return run;
}

/* A run of pixels of one slice of outputs. */
TD_INLINE void pixel_run(td_vec *y, const td_real *d, const td_vec *w, td_product size,
                         int count)
{
    int i = 0;
    for (; i + 8 <= count; i += 8)
        eight_pixels(y + i * TD_SLICES, d + i * TD_PLANE, w, size);
    for (; i < count; i++)
        one_pixel(y + i * TD_SLICES, d + i * TD_PLANE, w, size);
}

void TD_VARIANT(pointwise)(td_real *y, td_sums *sums, const td_real *d,
                           const td_real *w, int planes_in, int planes_out, int pixels)
{
    td_product size = { planes_in, (size_t) pixels * TD_PLANE };
    if (sums)
        td_sums_clear(sums, planes_out);
    for (int slice = 0; slice < planes_out * TD_SLICES; slice++) {
        int q = slice / TD_SLICES, s = slice % TD_SLICES;
        td_vec *yq = (td_vec *) (y + (size_t) q * size.plane) + s;
        const td_vec *wq =
            (const td_vec *) w + q * planes_in * TD_PLANE * TD_SLICES + s;
        for (int start = 0; start < pixels; start += TD_SUM_RUN) {
            int count = td_run_end(start, pixels) - start;
            pixel_run(yq + start * TD_SLICES, d + start * TD_PLANE, wq, size, count);
            if (!sums)
                continue;
            td_run_sums run = sums_of(yq + start * TD_SLICES, count);
            td_sums_add(sums, slice * TD_LANES, &run);
        }
    }
}

/* Eight input channels against one slice of outputs, over a run of pixels. */
TD_INLINE void eight_channels(td_vec *dw, const td_vec *gy, const td_real *d, int count)
{
    td_vec a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    td_vec a4 = { 0 }, a5 = { 0 }, a6 = { 0 }, a7 = { 0 };
    for (int i = 0; i < count; i++, d += TD_PLANE) {
        td_vec g = gy[i * TD_SLICES];
        a0 += d[0] * g;
        a1 += d[1] * g;
        a2 += d[2] * g;
        a3 += d[3] * g;
        a4 += d[4] * g;
        a5 += d[5] * g;
        a6 += d[6] * g;
        a7 += d[7] * g;
    }
    dw[0] += a0;
    dw[TD_SLICES] += a1;
    dw[2 * TD_SLICES] += a2;
    dw[3 * TD_SLICES] += a3;
    dw[4 * TD_SLICES] += a4;
    dw[5 * TD_SLICES] += a5;
    dw[6 * TD_SLICES] += a6;
    dw[7 * TD_SLICES] += a7;
}

void TD_VARIANT(pointwise_weights)(td_real *dw, const td_real *gy, const td_real *d,
                                   int planes_in, int planes_out, int pixels)
{
    size_t plane = (size_t) pixels * TD_PLANE;
    for (int slice = 0; slice < planes_out * TD_SLICES; slice++) {
        int q = slice / TD_SLICES, s = slice % TD_SLICES;
        const td_vec *g = (const td_vec *) (gy + (size_t) q * plane) + s;
        td_vec *to = (td_vec *) dw + q * planes_in * TD_PLANE * TD_SLICES + s;
        for (int p = 0; p < planes_in; p++, to += TD_PLANE * TD_SLICES)
            for (int start = 0; start < pixels; start += TD_SUM_RUN) {
                int count = td_run_end(start, pixels) - start;
                const td_real *in =
                    d + (size_t) p * plane + (size_t) (start * TD_PLANE);
                for (int k = 0; k < TD_PLANE; k += 8)
                    eight_channels(to + k * TD_SLICES, g + start * TD_SLICES, in + k,
                                   count);
            }
    }
}
