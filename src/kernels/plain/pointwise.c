/* 1x1 convolutions: for every pixel y[o] = Σ over input channels i of W[o, i]·d[i].
 * The weights of one input lie side by side for the 16 outputs of a plane. */
#include "plain.h"

/* One pixel of one plane of y. */
static void combine(td_real *y, const td_real *d, size_t d_plane, const td_real *w,
                    td_channels in)
{
    td_real sum[TD_PLANE] = { 0 };
    for (int p = 0; p < td_channels_planes(in); p++, d += d_plane) {
        for (int i = 0; i < td_plane_channels(in, p); i++)
            for (int c = 0; c < TD_PLANE; c++)
                sum[c] += w[i * TD_PLANE + c] * d[i];
        w += TD_PLANE * TD_PLANE;
    }
    for (int c = 0; c < TD_PLANE; c++)
        y[c] = sum[c];
}

void td_plain_product(td_real *y, size_t y_plane, const td_real *d, size_t d_plane,
                      const td_real *w, td_channels in, int planes_out, int pixels)
{
    for (int q = 0; q < planes_out; q++, y += y_plane) {
        for (int i = 0; i < pixels; i++)
            combine(y + i * TD_PLANE, d + i * TD_PLANE, d_plane, w, in);
        w += td_channels_planes(in) * TD_PLANE * TD_PLANE;
    }
}

void td_plain_pointwise(td_real *y, td_sums *sums, const td_real *d, const td_real *w,
                        td_channels in, int planes_out, int pixels)
{
    TD_ASSERT(in.parts > 0 && in.channels > 0 && planes_out > 0);
    TD_ASSERT(y != d && pixels > 0);
    size_t plane = (size_t) pixels * TD_PLANE;
    td_plain_product(y, plane, d, plane, w, in, planes_out, pixels);
    td_plain_sums(sums, y, y, planes_out, pixels);
}

/* dw[c] += Σ gy[c]·d over pixels: one input channel against a plane of outputs. */
static void add_products(td_real *dw, const td_real *gy, const td_real *d, int pixels)
{
    double sum[TD_PLANE] = { 0.0 };
    for (int start = 0; start < pixels; start = td_plain_block_end(start, pixels)) {
        td_real block[TD_PLANE] = { 0 };
        for (int i = start; i < td_plain_block_end(start, pixels); i++)
            for (int c = 0; c < TD_PLANE; c++)
                block[c] += gy[i * TD_PLANE + c] * d[i * TD_PLANE];
        for (int c = 0; c < TD_PLANE; c++)
            sum[c] += (double) block[c];
    }
    for (int c = 0; c < TD_PLANE; c++)
        dw[c] += (td_real) sum[c];
}

void td_plain_pointwise_weights(td_real *dw, const td_real *gy, const td_real *d,
                                td_channels in, int planes_out, int pixels)
{
    TD_ASSERT(in.parts > 0 && in.channels > 0 && planes_out > 0);
    size_t plane = (size_t) pixels * TD_PLANE;
    for (int q = 0; q < planes_out; q++)
        for (int p = 0; p < td_channels_planes(in); p++, dw += TD_PLANE * TD_PLANE)
            for (int i = 0; i < td_plane_channels(in, p); i++)
                add_products(dw + i * TD_PLANE, gy + (size_t) q * plane,
                             d + (size_t) p * plane + i, pixels);
}
