/* 1x1 convolutions of whole images, and the outer products of their weights. */
#include "product.h"

void TD_VARIANT(pointwise)(td_real *y, td_sums *sums, const td_real *d,
                           const td_real *w, td_channels in, int planes_out, int pixels)
{
    TD_ASSERT(in.parts > 0 && in.channels > 0 && planes_out > 0);
    TD_ASSERT(y != d && pixels > 0);
    td_product size = { in, (size_t) pixels * TD_PLANE };
    if (sums) {
        td_sums_clear(sums->first, planes_out);
        td_sums_clear(sums->second, planes_out);
    }
    for (int start = 0; start < pixels; start += TD_BLOCK)
        for (int q = 0; q < planes_out; q++) {
            int count = td_block_end(start, pixels) - start;
            td_vec *to = (td_vec *) (y + (size_t) q * size.pitch) + start * TD_SLICES;
            const td_real *from = d + start * TD_PLANE;
            const td_vec *wq = td_plane_of_matrix(w, q, td_channels_planes(in));
            td_run run = { { { 0 } }, { { 0 } } };
            if (!sums) {
                td_product_block(to, (td_result){ 0 }, from, wq, size, count,
                                 (td_ahead){ 0 });
                continue;
            }
            td_product_block(to, (td_result){ .run = &run }, from, wq, size, count,
                             (td_ahead){ 0 });
            td_run_add(sums->first + q * TD_PLANE, run.first);
            td_run_add(sums->second + q * TD_PLANE, run.second);
        }
}

/* ---- weights -------------------------------------------------------------- */

enum { CHANNELS = 8 / TD_SLICES }; /* inputs that a tile of eight sums takes */

#define MULTIPLY(i) a##i += d[TD_PIXEL_OF(i)] * TD_SLICE(gradient, i);
#define ADD(i) dw[i] += a##i;

/* CHANNELS inputs against a plane of outputs, over a block of pixels. */
TD_INLINE void outer_tile(td_vec *dw, const td_vec *g, const td_real *d, int pixels)
{
    TD_EIGHT(TD_START)
    for (int i = 0; i < pixels; i++, d += TD_PLANE, g += TD_SLICES) {
        td_pixel gradient = td_load(g);
        TD_EIGHT(MULTIPLY)
    }
    TD_EIGHT(ADD)
}

void TD_VARIANT(outer_block)(td_real *dw, const td_real *gy, size_t gy_pitch,
                             const td_real *d, td_product size, int planes_out,
                             int pixels)
{
    td_vec *to = (td_vec *) dw;
    const int planes_in = td_channels_planes(size.in);
    for (int q = 0; q < planes_out; q++)
        for (int p = 0; p < planes_in; p++, to += TD_PLANE * TD_SLICES)
            for (int k = 0; k < td_plane_channels(size.in, p); k += CHANNELS)
                outer_tile(to + k * TD_SLICES,
                           (const td_vec *) (gy + (size_t) q * gy_pitch),
                           d + (size_t) p * size.pitch + k, pixels);
}

void TD_VARIANT(pointwise_weights)(td_real *dw, const td_real *gy, const td_real *d,
                                   td_channels in, int planes_out, int pixels)
{
    TD_ASSERT(in.parts > 0 && in.channels > 0 && planes_out > 0);
    td_product size = { in, (size_t) pixels * TD_PLANE };
    for (int start = 0; start < pixels; start += TD_BLOCK)
        TD_VARIANT(outer_block)
    (dw, gy + start * TD_PLANE, size.pitch, d + start * TD_PLANE, size, planes_out,
     td_block_end(start, pixels) - start);
}
