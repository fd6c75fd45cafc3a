/* Depthwise convolutions over padded images: no branch at a border, 16 channels at a
 * time, four columns of a row together so that four sums run beside each other. */
#include "plain.h"

#include <string.h>

/* Kernel, stride and dilation as constants: the five forms of the search space (and the
 * strided ones), so that the compiler unrolls the taps. */
#define TD_FOR_EACH_FORM(call, conv)                                                   \
    do {                                                                               \
        if ((conv)->kernel == 3 && (conv)->stride == 1 && (conv)->dilation == 1)       \
            call(3, 1, 1);                                                             \
        else if ((conv)->kernel == 5 && (conv)->stride == 1 && (conv)->dilation == 1)  \
            call(5, 1, 1);                                                             \
        else if ((conv)->kernel == 3 && (conv)->stride == 1)                           \
            call(3, 1, 2);                                                             \
        else if ((conv)->kernel == 5 && (conv)->stride == 1)                           \
            call(5, 1, 2);                                                             \
        else                                                                           \
            call((conv)->kernel, (conv)->stride, (conv)->dilation);                    \
    } while (0)

/* One row of outputs; r points at the tap (0,0) of the first of them. */
TD_INLINE void correlate_row(td_pixel *d, const td_pixel *r, const td_pixel *w,
                             int kernel, int stride, int dilation, int pitch, int width)
{
    int x = 0;
    for (; x + 4 <= width; x += 4) {
        td_pixel a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
        for (int ky = 0; ky < kernel; ky++) {
            const td_pixel *row = r + ky * dilation * pitch + x * stride;
            for (int kx = 0; kx < kernel; kx++) {
                td_pixel tap = w[ky * kernel + kx];
                const td_pixel *at = row + kx * dilation;
                a0 += at[0] * tap;
                a1 += at[stride] * tap;
                a2 += at[2 * stride] * tap;
                a3 += at[3 * stride] * tap;
            }
        }
        d[x] = a0;
        d[x + 1] = a1;
        d[x + 2] = a2;
        d[x + 3] = a3;
    }
    for (; x < width; x++) {
        td_pixel a = { 0 };
        for (int ky = 0; ky < kernel; ky++)
            for (int kx = 0; kx < kernel; kx++)
                a += r[(ky * pitch + kx) * dilation + x * stride] * w[ky * kernel + kx];
        d[x] = a;
    }
}

/* Where the taps of output (0,0) begin in a padded plane. */
static size_t first_tap(const td_depthwise *conv, int pitch)
{
    int inset = TD_MARGIN - conv->dilation * (conv->kernel - 1) / 2;
    return (size_t) (inset * pitch + inset);
}

static size_t padded_plane(td_extent in)
{
    return (size_t) (in.height + 2 * TD_MARGIN) * (size_t) (in.width + 2 * TD_MARGIN);
}

void TD_VARIANT(depthwise)(td_real *d, const td_real *r, const td_real *w,
                           const td_depthwise *conv)
{
    int pitch = conv->in.width + 2 * TD_MARGIN, taps = conv->kernel * conv->kernel;
    int rows = conv->in.height / conv->stride, width = conv->in.width / conv->stride;
    td_pixel *to = (td_pixel *) d;
    for (int p = 0; p < conv->in.planes; p++) {
        const td_pixel *plane = (const td_pixel *) r +
                                (size_t) p * padded_plane(conv->in) +
                                first_tap(conv, pitch);
        const td_pixel *wp = (const td_pixel *) w + p * taps;
        for (int y = 0; y < rows; y++, to += width) {
            const td_pixel *row = plane + y * conv->stride * pitch;
#define TD_ROW(k, s, l) correlate_row(to, row, wp, k, s, l, pitch, width)
            TD_FOR_EACH_FORM(TD_ROW, conv);
#undef TD_ROW
        }
    }
}

/* ---- backward to the data --------------------------------------------------- */

/* Stride 1: the transpose is the same convolution with the taps turned around, over the
 * padded dd; \a work holds it and, behind it, the result of a row. */
static void data_stride_1(td_pixel *dr, td_real *work, const td_pixel *dd,
                          const td_pixel *w, const td_depthwise *conv)
{
    int width = conv->in.width, pitch = width + 2 * TD_MARGIN;
    int taps = conv->kernel * conv->kernel;
    td_pixel *padded = (td_pixel *) work, turned[25];
    td_pixel *row_out = padded + padded_plane(conv->in);
    memset(padded, 0, padded_plane(conv->in) * sizeof(td_pixel));
    for (int y = 0; y < conv->in.height; y++)
        memcpy(padded + (y + TD_MARGIN) * pitch + TD_MARGIN, dd + y * width,
               (size_t) width * sizeof(td_pixel));
    for (int t = 0; t < taps; t++)
        turned[t] = w[taps - 1 - t];
    for (int y = 0; y < conv->in.height; y++) {
        const td_pixel *row = padded + first_tap(conv, pitch) + y * pitch;
        td_pixel *to = dr + (y + TD_MARGIN) * pitch + TD_MARGIN;
#define TD_ROW(k, s, l) correlate_row(row_out, row, turned, k, s, l, pitch, width)
        TD_FOR_EACH_FORM(TD_ROW, conv);
#undef TD_ROW
        for (int x = 0; x < width; x++)
            to[x] += row_out[x];
    }
}

/* Any stride: scatter every output's gradient to the pixels its taps read. */
static void data_strided(td_pixel *dr, const td_pixel *dd, const td_pixel *w,
                         const td_depthwise *conv)
{
    int pitch = conv->in.width + 2 * TD_MARGIN, k = conv->kernel;
    int rows = conv->in.height / conv->stride, width = conv->in.width / conv->stride;
    dr += first_tap(conv, pitch);
    for (int y = 0; y < rows; y++)
        for (int ky = 0; ky < k; ky++) {
            td_pixel *row = dr + (y * conv->stride + ky * conv->dilation) * pitch;
            for (int x = 0; x < width; x++)
                for (int kx = 0; kx < k; kx++)
                    row[x * conv->stride + kx * conv->dilation] +=
                        dd[y * width + x] * w[ky * k + kx];
        }
}

void TD_VARIANT(depthwise_data)(td_real *dr, td_real *work, const td_real *dd,
                                const td_real *w, const td_depthwise *conv)
{
    size_t out_plane = (size_t) (conv->in.height / conv->stride) *
                       (size_t) (conv->in.width / conv->stride);
    int taps = conv->kernel * conv->kernel;
    for (int p = 0; p < conv->in.planes; p++) {
        td_pixel *to = (td_pixel *) dr + (size_t) p * padded_plane(conv->in);
        const td_pixel *from = (const td_pixel *) dd + (size_t) p * out_plane;
        const td_pixel *wp = (const td_pixel *) w + p * taps;
        if (conv->stride == 1)
            data_stride_1(to, work, from, wp, conv);
        else
            data_strided(to, from, wp, conv);
    }
}

/* ---- backward to the weights ------------------------------------------------ */

/* One kernel row of taps over one row of outputs: up to five sums beside each other. */
TD_INLINE void tap_row(td_pixel *dw, const td_pixel *dd, const td_pixel *r, int kernel,
                       int stride, int dilation, int width)
{
    td_pixel a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 }, a4 = { 0 };
    for (int x = 0; x < width; x++) {
        td_pixel g = dd[x];
        const td_pixel *at = r + x * stride;
        a0 += g * at[0];
        a1 += g * at[dilation];
        a2 += g * at[2 * dilation];
        if (kernel == 5) {
            a3 += g * at[3 * dilation];
            a4 += g * at[4 * dilation];
        }
    }
    dw[0] += a0;
    dw[1] += a1;
    dw[2] += a2;
    if (kernel == 5) {
        dw[3] += a3;
        dw[4] += a4;
    }
}

void TD_VARIANT(depthwise_weights)(td_real *dw, const td_real *dd, const td_real *r,
                                   const td_depthwise *conv)
{
    int pitch = conv->in.width + 2 * TD_MARGIN, kernel = conv->kernel;
    int rows = conv->in.height / conv->stride, width = conv->in.width / conv->stride;
    const td_pixel *g = (const td_pixel *) dd;
    for (int p = 0; p < conv->in.planes; p++) {
        const td_pixel *plane = (const td_pixel *) r +
                                (size_t) p * padded_plane(conv->in) +
                                first_tap(conv, pitch);
        td_pixel *wp = (td_pixel *) dw + p * kernel * kernel;
        for (int y = 0; y < rows; y++, g += width)
            for (int ky = 0; ky < kernel; ky++) {
                const td_pixel *row =
                    plane + (y * conv->stride + ky * conv->dilation) * pitch;
#define TD_ROW(k, s, l) tap_row(wp + ky * kernel, g, row, k, s, l, width)
                TD_FOR_EACH_FORM(TD_ROW, conv);
#undef TD_ROW
            }
    }
}
