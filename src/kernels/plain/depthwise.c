/* Depthwise convolutions over padded images: no branch at a border, one slice of the
 * channels at a time, eight columns of a row together so that eight sums run beside
 * each other and a tap is loaded once for all of them. */
#include "plain.h"

#include <string.h>

/* Where a kernel's taps lie: in numbers of vectors. */
typedef struct {
    int kernel;
    int step;   /* from an output column's tap to the next column's */
    int across; /* from a tap to the one beside it                  */
    int down;   /* from a tap to the one below it                   */
} td_taps;

/* Calls with the search space's stride-1 forms as constants, so that the compiler
 * unrolls the taps. */
#define TD_FOR_EACH_FORM(call, conv, pitch)                                            \
    do {                                                                               \
        int form = (conv)->stride == 1 ? 10 * (conv)->kernel + (conv)->dilation : 0;   \
        if (form == 31)                                                                \
            call(((td_taps){ 3, TD_SLICES, TD_SLICES, (pitch) }));                     \
        else if (form == 51)                                                           \
            call(((td_taps){ 5, TD_SLICES, TD_SLICES, (pitch) }));                     \
        else if (form == 32)                                                           \
            call(((td_taps){ 3, TD_SLICES, 2 * TD_SLICES, 2 * (pitch) }));             \
        else if (form == 52)                                                           \
            call(((td_taps){ 5, TD_SLICES, 2 * TD_SLICES, 2 * (pitch) }));             \
        else                                                                           \
            call(((td_taps){ (conv)->kernel, (conv)->stride * TD_SLICES,               \
                             (conv)->dilation * TD_SLICES,                             \
                             (conv)->dilation * (pitch) }));                           \
    } while (0)

/* Vectors of a row of a padded image. */
static int padded_pitch(td_extent in)
{
    return (in.width + 2 * TD_MARGIN) * TD_SLICES;
}

static size_t padded_plane(td_extent in)
{
    return (size_t) (in.height + 2 * TD_MARGIN) * (size_t) padded_pitch(in);
}

/* Where the taps of output (0,0) begin in a padded plane. */
static int first_tap(const td_depthwise *conv)
{
    int inset = TD_MARGIN - conv->dilation * (conv->kernel - 1) / 2;
    return inset * padded_pitch(conv->in) + inset * TD_SLICES;
}

/* ---- forward ------------------------------------------------------------ */

TD_INLINE void eight_columns(td_vec *d, const td_vec *r, const td_vec *w, td_taps t)
{
    td_vec a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 };
    td_vec a4 = { 0 }, a5 = { 0 }, a6 = { 0 }, a7 = { 0 };
    for (int ky = 0; ky < t.kernel; ky++)
        for (int kx = 0; kx < t.kernel; kx++) {
            td_vec tap = w[(ky * t.kernel + kx) * TD_SLICES];
            const td_vec *at = r + ky * t.down + kx * t.across;
            a0 += at[0] * tap;
            a1 += at[t.step] * tap;
            a2 += at[2 * t.step] * tap;
            a3 += at[3 * t.step] * tap;
            a4 += at[4 * t.step] * tap;
            a5 += at[5 * t.step] * tap;
            a6 += at[6 * t.step] * tap;
            a7 += at[7 * t.step] * tap;
        }
    d[0] = a0;
    d[TD_SLICES] = a1;
    d[2 * TD_SLICES] = a2;
    d[3 * TD_SLICES] = a3;
    d[4 * TD_SLICES] = a4;
    d[5 * TD_SLICES] = a5;
    d[6 * TD_SLICES] = a6;
    d[7 * TD_SLICES] = a7;
}

TD_INLINE void two_columns(td_vec *d, const td_vec *r, const td_vec *w, td_taps t)
{
    td_vec a0 = { 0 }, a1 = { 0 };
    for (int ky = 0; ky < t.kernel; ky++)
        for (int kx = 0; kx < t.kernel; kx++) {
            td_vec tap = w[(ky * t.kernel + kx) * TD_SLICES];
            const td_vec *at = r + ky * t.down + kx * t.across;
            a0 += at[0] * tap;
            a1 += at[t.step] * tap;
        }
    d[0] = a0;
    d[TD_SLICES] = a1;
}

TD_INLINE td_vec one_column(const td_vec *r, const td_vec *w, td_taps t)
{
    td_vec a = { 0 };
    for (int ky = 0; ky < t.kernel; ky++)
        for (int kx = 0; kx < t.kernel; kx++)
            a += r[ky * t.down + kx * t.across] * w[(ky * t.kernel + kx) * TD_SLICES];
    return a;
}

/* One row of outputs of one slice; r points at the tap (0,0) of the first of them. */
TD_INLINE void correlate_row(td_vec *d, const td_vec *r, const td_vec *w, td_taps t,
                             int width)
{
    int x = 0;
    for (; x + 8 <= width; x += 8)
        eight_columns(d + x * TD_SLICES, r + x * t.step, w, t);
    for (; x + 2 <= width; x += 2)
        two_columns(d + x * TD_SLICES, r + x * t.step, w, t);
    if (x < width)
        d[x * TD_SLICES] = one_column(r + x * t.step, w, t);
}

/* A plane of outputs from the padded plane r. */
static void correlate_plane(td_vec *d, const td_vec *r, const td_vec *w,
                            const td_depthwise *conv)
{
    int pitch = padded_pitch(conv->in);
    int rows = conv->in.height / conv->stride, width = conv->in.width / conv->stride;
    r += first_tap(conv);
    for (int s = 0; s < TD_SLICES; s++)
        for (int y = 0; y < rows; y++) {
            td_vec *to = d + y * width * TD_SLICES + s;
            const td_vec *from = r + y * conv->stride * pitch + s;
#define TD_ROW(taps) correlate_row(to, from, w + s, taps, width)
            TD_FOR_EACH_FORM(TD_ROW, conv, pitch);
#undef TD_ROW
        }
}

void TD_VARIANT(depthwise)(td_real *d, const td_real *r, const td_real *w,
                           const td_depthwise *conv)
{
    int taps = conv->kernel * conv->kernel * TD_SLICES;
    int out_plane = conv->in.height / conv->stride * (conv->in.width / conv->stride);
    for (int p = 0; p < conv->in.planes; p++)
        correlate_plane((td_vec *) d + p * out_plane * TD_SLICES,
                        (const td_vec *) r + (size_t) p * padded_plane(conv->in),
                        (const td_vec *) w + p * taps, conv);
}

/* ---- backward to the data ----------------------------------------------- */

/* Stride 1: the transpose is the same convolution with the taps turned around, over the
 * padded dd; \a work holds it and, behind it, the result. */
static void data_stride_1(td_vec *dr, td_vec *work, const td_vec *dd, const td_vec *w,
                          const td_depthwise *conv)
{
    int row = conv->in.width * TD_SLICES, pitch = padded_pitch(conv->in);
    int taps = conv->kernel * conv->kernel, margin = TD_MARGIN * TD_SLICES;
    td_vec turned[25 * TD_SLICES], *result = work + padded_plane(conv->in);
    memset(work, 0, padded_plane(conv->in) * sizeof(td_vec));
    for (int y = 0; y < conv->in.height; y++)
        memcpy(work + (y + TD_MARGIN) * pitch + margin, dd + y * row,
               (size_t) row * sizeof(td_vec));
    for (int t = 0; t < taps; t++)
        for (int s = 0; s < TD_SLICES; s++)
            turned[t * TD_SLICES + s] = w[(taps - 1 - t) * TD_SLICES + s];
    correlate_plane(result, work, turned, conv);
    for (int y = 0; y < conv->in.height; y++)
        for (int i = 0; i < row; i++)
            dr[(y + TD_MARGIN) * pitch + margin + i] += result[y * row + i];
}

/* Any stride: scatter every output's gradient to the pixels its taps read. */
static void data_strided(td_vec *dr, const td_vec *dd, const td_vec *w,
                         const td_depthwise *conv)
{
    int pitch = padded_pitch(conv->in), k = conv->kernel;
    int rows = conv->in.height / conv->stride, width = conv->in.width / conv->stride;
    dr += first_tap(conv);
    for (int y = 0; y < rows; y++)
        for (int tap = 0; tap < k * k; tap++) {
            td_vec *to = dr + (y * conv->stride + tap / k * conv->dilation) * pitch +
                         tap % k * conv->dilation * TD_SLICES;
            for (int x = 0; x < width; x++)
                for (int s = 0; s < TD_SLICES; s++)
                    to[x * conv->stride * TD_SLICES + s] +=
                        dd[(y * width + x) * TD_SLICES + s] * w[tap * TD_SLICES + s];
        }
}

void TD_VARIANT(depthwise_data)(td_real *dr, td_real *work, const td_real *dd,
                                const td_real *w, const td_depthwise *conv)
{
    int taps = conv->kernel * conv->kernel * TD_SLICES;
    int out_plane = conv->in.height / conv->stride * (conv->in.width / conv->stride);
    for (int p = 0; p < conv->in.planes; p++) {
        td_vec *to = (td_vec *) dr + (size_t) p * padded_plane(conv->in);
        const td_vec *from = (const td_vec *) dd + p * out_plane * TD_SLICES;
        const td_vec *wp = (const td_vec *) w + p * taps;
        if (conv->stride == 1)
            data_stride_1(to, (td_vec *) work, from, wp, conv);
        else
            data_strided(to, from, wp, conv);
    }
}

/* ---- backward to the weights -------------------------------------------- */

/* One kernel row of taps over one row of outputs: up to five sums beside each other. */
TD_INLINE void tap_row(td_vec *dw, const td_vec *dd, const td_vec *r, td_taps t,
                       int width)
{
    td_vec a0 = { 0 }, a1 = { 0 }, a2 = { 0 }, a3 = { 0 }, a4 = { 0 };
    for (int x = 0; x < width; x++) {
        td_vec g = dd[x * TD_SLICES];
        const td_vec *at = r + x * t.step;
        a0 += g * at[0];
        a1 += g * at[t.across];
        a2 += g * at[2 * t.across];
        if (t.kernel == 5) {
            a3 += g * at[3 * t.across];
            a4 += g * at[4 * t.across];
        }
    }
    dw[0] += a0;
    dw[TD_SLICES] += a1;
    dw[2 * TD_SLICES] += a2;
    if (t.kernel == 5) {
        dw[3 * TD_SLICES] += a3;
        dw[4 * TD_SLICES] += a4;
    }
}

/* All taps of one slice over one row of outputs. */
TD_INLINE void tap_rows(td_vec *dw, const td_vec *dd, const td_vec *r, td_taps t,
                        int width)
{
    for (int ky = 0; ky < t.kernel; ky++)
        tap_row(dw + ky * t.kernel * TD_SLICES, dd, r + ky * t.down, t, width);
}

void TD_VARIANT(depthwise_weights)(td_real *dw, const td_real *dd, const td_real *r,
                                   const td_depthwise *conv)
{
    int pitch = padded_pitch(conv->in), taps = conv->kernel * conv->kernel * TD_SLICES;
    int rows = conv->in.height / conv->stride, width = conv->in.width / conv->stride;
    for (int slice = 0; slice < conv->in.planes * TD_SLICES; slice++) {
        int p = slice / TD_SLICES, s = slice % TD_SLICES;
        td_vec *to = (td_vec *) dw + p * taps + s;
        const td_vec *plane = (const td_vec *) r + (size_t) p * padded_plane(conv->in) +
                              first_tap(conv) + s;
        for (int y = 0; y < rows; y++) {
            const td_vec *g =
                (const td_vec *) dd + (p * rows + y) * width * TD_SLICES + s;
            const td_vec *row = plane + y * conv->stride * pitch;
#define TD_ROW(t) tap_rows(to, g, row, t, width)
            TD_FOR_EACH_FORM(TD_ROW, conv, pitch);
#undef TD_ROW
        }
    }
}
