/* 1x1 convolutions: a matrix product over channels, four pixels at a time.
 *
 * The weights of one output plane lie side by side, so each input number is broadcast
 * against the 16 outputs of a plane.  The four accumulators are named, since gcc keeps
 * an array of them in memory. */
#include "plain.h"

/* Four pixels of one output plane: Σ over input planes and their 16 channels. */
TD_INLINE void four_pixels(td_pixel out[4], const td_real *d, const td_pixel *w,
                           int planes_in, size_t plane_size)
{
    td_pixel a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    for (int p = 0; p < planes_in; p++, d += plane_size, w += TD_PLANE) {
#pragma GCC unroll 16
        for (int k = 0; k < TD_PLANE; k++) {
            td_pixel wk = w[k];
            a0 += d[k] * wk;
            a1 += d[TD_PLANE + k] * wk;
            a2 += d[2 * TD_PLANE + k] * wk;
            a3 += d[3 * TD_PLANE + k] * wk;
        }
    }
    out[0] = a0;
    out[1] = a1;
    out[2] = a2;
    out[3] = a3;
}

TD_INLINE td_pixel one_pixel(const td_real *d, const td_pixel *w, int planes_in,
                             size_t plane_size)
{
    td_pixel a = { 0 };
    for (int p = 0; p < planes_in; p++, d += plane_size, w += TD_PLANE)
        for (int k = 0; k < TD_PLANE; k++)
            a += d[k] * w[k];
    return a;
}

/* Pixels start … end-1 of one output plane; their sums go to \a run. */
TD_INLINE void pixel_run(td_pixel *y, td_run_sums *run, const td_real *d,
                         const td_pixel *w, int planes_in, int pixels, int start,
                         int end)
{
    size_t plane_size = (size_t) pixels * TD_PLANE;
    int i = start;
    for (; i + 4 <= end; i += 4) {
        td_pixel *o = y + i;
        four_pixels(o, d + (size_t) i * TD_PLANE, w, planes_in, plane_size);
        run->first += (o[0] + o[1]) + (o[2] + o[3]);
        run->second += (o[0] * o[0] + o[1] * o[1]) + (o[2] * o[2] + o[3] * o[3]);
    }
    for (; i < end; i++) {
        y[i] = one_pixel(d + (size_t) i * TD_PLANE, w, planes_in, plane_size);
        run->first += y[i];
        run->second += y[i] * y[i];
    }
}

void TD_VARIANT(pointwise)(td_real *y, td_sums *sums, const td_real *d,
                           const td_real *w, int planes_in, int planes_out, int pixels)
{
    if (sums)
        td_sums_clear(sums, planes_out);
    for (int q = 0; q < planes_out; q++) {
        td_pixel *yq = (td_pixel *) y + (size_t) q * (size_t) pixels;
        const td_pixel *wq =
            (const td_pixel *) w + (size_t) q * (size_t) planes_in * TD_PLANE;
        for (int start = 0; start < pixels; start += TD_SUM_RUN) {
            int end = start + TD_SUM_RUN < pixels ? start + TD_SUM_RUN : pixels;
            td_run_sums run = { { 0 }, { 0 } };
            pixel_run(yq, &run, d, wq, planes_in, pixels, start, end);
            if (sums)
                td_sums_flush(sums, q, &run);
        }
    }
}

/* Four input channels against one output plane, over a run of pixels. */
TD_INLINE void four_channels(td_pixel *dw, const td_pixel *gy, const td_real *d,
                             int count)
{
    td_pixel a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    for (int i = 0; i < count; i++, d += TD_PLANE) {
        td_pixel g = gy[i];
        a0 += d[0] * g;
        a1 += d[1] * g;
        a2 += d[2] * g;
        a3 += d[3] * g;
    }
    dw[0] += a0;
    dw[1] += a1;
    dw[2] += a2;
    dw[3] += a3;
}

void TD_VARIANT(pointwise_weights)(td_real *dw, const td_real *gy, const td_real *d,
                                   int planes_in, int planes_out, int pixels)
{
    td_pixel *to = (td_pixel *) dw;
    for (int q = 0; q < planes_out; q++)
        for (int p = 0; p < planes_in; p++, to += TD_PLANE)
            for (int start = 0; start < pixels; start += TD_SUM_RUN) {
                int end = start + TD_SUM_RUN < pixels ? start + TD_SUM_RUN : pixels;
                const td_pixel *g =
                    (const td_pixel *) gy + (size_t) q * (size_t) pixels;
                const td_real *in =
                    d + ((size_t) p * (size_t) pixels + (size_t) start) * TD_PLANE;
                for (int k = 0; k < TD_PLANE; k += 4)
                    four_channels(to + k, g + start, in + k, end - start);
            }
}
