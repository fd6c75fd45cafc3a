/* Depthwise convolutions.
 *
 * Forward and transposed they are the same loop: a weighted sum of shifted rows, eight
 * columns of a row together, so that a tap is loaded once for eight sums.  Padded
 * images spare the branches at the borders.  At stride 2 the transpose falls into four
 * phases, each with some of the taps. */
#include "depthwise.h"

enum { MAX_TAPS = 25 };

/* Where the taps of a row lie, in vectors. */
typedef struct {
    int kernel;
    int first;        /* from a pixel to tap (0,0)                        */
    int across, down; /* from a tap to its neighbours                     */
    int weight_step;  /* from a weight to the next: turned around it is < 0 */
} tap_grid;

/* Rows of outputs and inputs: vectors from a column to the next. */
typedef struct {
    int out_step, in_step;
    bool add; /* to what is there */
} row_form;

/* ---- the loop ------------------------------------------------------------- */

#define START(i)                                                                       \
    td_vec a##i = { 0 };                                                               \
    if (i < n && form.add)                                                             \
        a##i = out[(i) *form.out_step];
#define MULTIPLY(i)                                                                    \
    if (i < n)                                                                         \
        a##i += at[(i) *form.in_step] * tap;
#define STORE(i)                                                                       \
    if (i < n)                                                                         \
        out[(i) *form.out_step] = a##i;

/* n columns (at most 8) of one slice.  n, form and the kernel's width are constants. */
TD_INLINE void columns(td_vec *out, const td_vec *in, const td_vec *w, tap_grid taps,
                       row_form form, int n)
{
    TD_EIGHT(START)
    in += taps.first;
#pragma GCC unroll 5
    for (int ky = 0; ky < taps.kernel; ky++, in += taps.down) {
        const td_vec *at = in;
#pragma GCC unroll 5
        for (int kx = 0; kx < taps.kernel;
             kx++, at += taps.across, w += taps.weight_step) {
            td_vec tap = *w;
            TD_EIGHT(MULTIPLY)
        }
    }
    TD_EIGHT(STORE)
}

/* A row of one slice. */
TD_INLINE void row_of(td_vec *out, const td_vec *in, const td_vec *w, tap_grid taps,
                      row_form form, int width)
{
    int x = 0;
    for (; x + 8 <= width; x += 8)
        columns(out + x * form.out_step, in + x * form.in_step, w, taps, form, 8);
    out += x * form.out_step;
    in += x * form.in_step;
#define REST(i)                                                                        \
    if ((i) > 0 && width - x == (i))                                                   \
        columns(out, in, w, taps, form, i);
    TD_EIGHT(REST)
#undef REST
}

/* A row, all slices, with the kernel's width as a constant. */
TD_INLINE void all_slices(td_vec *out, const td_vec *in, const td_vec *w, tap_grid taps,
                          row_form form, int width)
{
    for (int s = 0; s < TD_SLICES; s++, out++, in++, w++) {
        if (taps.kernel == 3) {
            taps.kernel = 3;
            row_of(out, in, w, taps, form, width);
        } else {
            taps.kernel = 5;
            row_of(out, in, w, taps, form, width);
        }
    }
}

/* ---- forward -------------------------------------------------------------- */

static int reach(const td_depthwise *conv)
{
    return conv->dilation * (conv->kernel - 1) / 2;
}

static tap_grid grid_of(const td_depthwise *conv, int pitch)
{
    return (tap_grid){ .kernel = conv->kernel,
                       .first = -reach(conv) * (pitch + TD_SLICES),
                       .across = conv->dilation * TD_SLICES,
                       .down = conv->dilation * pitch,
                       .weight_step = TD_SLICES };
}

static const td_vec *plane_taps(const td_real *taps, const td_depthwise *conv,
                                int plane)
{
    return (const td_vec *) taps + plane * conv->kernel * conv->kernel * TD_SLICES;
}

void TD_VARIANT(depthwise_rows)(td_real *d, const td_real *r, const td_real *taps,
                                const td_depthwise *conv, int row, int count)
{
    int width = conv->in.width / conv->stride;
    tap_grid grid = grid_of(conv, td_padded_pitch(conv->in));
    row_form one = { TD_SLICES, TD_SLICES, false },
             two = { TD_SLICES, 2 * TD_SLICES, false };
    td_vec *out = (td_vec *) d;
    for (int p = 0; p < conv->in.planes; p++) {
        const td_vec *w = plane_taps(taps, conv, p);
        for (int y = row; y < row + count; y++, out += width * TD_SLICES) {
            const td_vec *in = td_padded_row(r, conv->in, p, y * conv->stride);
            if (conv->stride == 1)
                all_slices(out, in, w, grid, one, width);
            else
                all_slices(out, in, w, grid, two, width);
        }
    }
}

/* ---- backward to the data ------------------------------------------------- */

/* Stride 1: the taps turned around. */
static void data_stride_1(td_real *dr, bool add, const td_real *dd, const td_real *taps,
                          const td_depthwise *conv)
{
    td_extent e = conv->in;
    tap_grid grid = grid_of(conv, td_padded_pitch(e));
    row_form set = { TD_SLICES, TD_SLICES, false },
             sum = { TD_SLICES, TD_SLICES, true };
    td_vec *out = (td_vec *) dr;
    grid.weight_step = -TD_SLICES;
    for (int p = 0; p < e.planes; p++) {
        const td_vec *last = plane_taps(taps, conv, p + 1) - TD_SLICES;
        for (int y = 0; y < e.height; y++, out += e.width * TD_SLICES)
            if (add)
                all_slices(out, td_padded_row(dd, e, p, y), last, grid, sum, e.width);
            else
                all_slices(out, td_padded_row(dd, e, p, y), last, grid, set, e.width);
    }
}

/* The taps that reach the inputs of a phase. */
typedef struct {
    int count;
    int offset[MAX_TAPS]; /* vectors from the phase's pixel in dd */
    int weight[MAX_TAPS];
} tap_list;

/* Output y reads input y·s + t·d − reach, so input Y gets from (Y + reach − t·d)/s,
 * where that is whole.  All inputs of a phase, Y mod s, have the same taps. */
static tap_list phase_taps(const td_depthwise *conv, int row_phase, int column_phase)
{
    int pitch = td_padded_pitch(td_depthwise_out(conv));
    int k = conv->kernel, d = conv->dilation, s = conv->stride;
    tap_list taps = { .count = 0 };
    for (int t = 0; t < k * k; t++) {
        int y = row_phase + reach(conv) - t / k * d;
        int x = column_phase + reach(conv) - t % k * d;
        if (y % s != 0 || x % s != 0)
            continue;
        taps.weight[taps.count] = t * TD_SLICES;
        taps.offset[taps.count++] = y / s * pitch + x / s * TD_SLICES;
    }
    return taps;
}

#undef START
#undef MULTIPLY
#define START(i)                                                                       \
    td_vec a##i = { 0 };                                                               \
    if (i < n && add)                                                                  \
        a##i = dr[(i) *2 * TD_SLICES];
#define MULTIPLY(i)                                                                    \
    if (i < n)                                                                         \
        a##i += at[(i) *TD_SLICES] * tap;
#define STORE_APART(i)                                                                 \
    if (i < n)                                                                         \
        dr[(i) *2 * TD_SLICES] = a##i;

/* n pixels of a phase (at most 8, a constant), which are two columns apart. */
TD_INLINE void phase_pixels(td_vec *dr, bool add, const td_vec *dd, const td_vec *w,
                            const tap_list *taps, int n)
{
    TD_EIGHT(START)
    for (int t = 0; t < taps->count; t++) {
        td_vec tap = w[taps->weight[t]];
        const td_vec *at = dd + taps->offset[t];
        TD_EIGHT(MULTIPLY)
    }
    TD_EIGHT(STORE_APART)
}

/* A row of one slice of a phase. */
static void phase_row(td_vec *dr, bool add, const td_vec *dd, const td_vec *w,
                      const tap_list *taps, int width)
{
    int x = 0;
    for (; x + 8 <= width; x += 8)
        phase_pixels(dr + x * 2 * TD_SLICES, add, dd + x * TD_SLICES, w, taps, 8);
    for (; x < width; x++)
        phase_pixels(dr + x * 2 * TD_SLICES, add, dd + x * TD_SLICES, w, taps, 1);
}

static void data_phase(td_real *dr, bool add, const td_real *dd, const td_real *taps,
                       const td_depthwise *conv, int phase)
{
    td_extent in = conv->in, out = td_depthwise_out(conv);
    tap_list list = phase_taps(conv, phase / 2, phase % 2);
    for (int p = 0; p < in.planes; p++)
        for (int y = 0; y < out.height; y++)
            for (int s = 0; s < TD_SLICES; s++) {
                int to = (p * in.height + 2 * y + phase / 2) * in.width + phase % 2;
                phase_row((td_vec *) dr + to * TD_SLICES + s, add,
                          td_padded_row(dd, out, p, y) + s,
                          plane_taps(taps, conv, p) + s, &list, out.width);
            }
}

void TD_VARIANT(depthwise_data)(td_real *dr, bool add, const td_real *dd,
                                const td_real *taps, const td_depthwise *conv)
{
    if (conv->stride == 1)
        data_stride_1(dr, add, dd, taps, conv);
    else
        for (int phase = 0; phase < 4; phase++)
            data_phase(dr, add, dd, taps, conv, phase);
}
