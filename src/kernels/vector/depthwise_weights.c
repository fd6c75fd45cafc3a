/* Gradients of depthwise taps: sums over pixels of dd·r, up to ten taps at a time in
 * registers while the pixels of a block go by. */
#include "depthwise.h"

/* Pixels of one slice of a plane; step and pitch: vectors from column to column and
 * from row to row. */
typedef struct {
    const td_vec *dd, *r; /* of the first pixel and the first tap */
    int dd_pitch, r_step, r_pitch;
    int across, down; /* from a tap to its neighbours, in r */
    int width;
} tap_pixels;

#define TD_TEN(X) TD_EIGHT(X) X(8) X(9)
#define START(i) td_vec a##i = { 0 };
#define MULTIPLY(i)                                                                    \
    if (i < n)                                                                         \
        a##i += g * at[(i) / k * px.down + (i) % k * px.across];
#define ADD(i)                                                                         \
    if (i < n)                                                                         \
        d_taps[(i) *TD_SLICES] += a##i;

/* n ≤ 10 taps (a constant), row by row of a kernel k wide, over some rows of pixels. */
TD_INLINE void taps_block(td_vec *d_taps, tap_pixels px, int rows, int k, int n)
{
    TD_TEN(START)
    for (int y = 0; y < rows; y++, px.dd += px.dd_pitch, px.r += px.r_pitch) {
        const td_vec *at = px.r, *dd = px.dd;
        for (int x = 0; x < px.width; x++, at += px.r_step, dd += TD_SLICES) {
            td_vec g = *dd;
            TD_PIN(g);
            TD_TEN(MULTIPLY)
        }
    }
    TD_TEN(ADD)
}

/* The taps of a kernel 3 or 5 wide. */
TD_INLINE void all_taps(td_vec *d_taps, tap_pixels px, int rows, int k)
{
    if (k == 3) {
        taps_block(d_taps, px, rows, 3, 9);
        return;
    }
    taps_block(d_taps, px, rows, 5, 10);
    px.r += 2 * px.down;
    taps_block(d_taps + 10 * TD_SLICES, px, rows, 5, 10);
    px.r += 2 * px.down;
    taps_block(d_taps + 20 * TD_SLICES, px, rows, 5, 5);
}

void TD_VARIANT(depthwise_weights)(td_real *d_taps, const td_real *dd, const td_real *r,
                                   const td_depthwise *conv)
{
    TD_ASSERT(td_depthwise_is_valid(conv));
    td_extent in = conv->in, out = td_depthwise_out(conv);
    int k = conv->kernel, reach = td_reach(conv);
    int pitch = td_padded_pitch(in);
    int block = td_block_rows(out);
    for (int p = 0; p < in.planes; p++)
        for (int y = 0; y < out.height; y += block)
            for (int s = 0; s < TD_SLICES; s++) {
                int rows = y + block < out.height ? block : out.height - y;
                td_vec *to = (td_vec *) d_taps + p * k * k * TD_SLICES + s;
                tap_pixels px = {
                    .dd = td_padded_row(dd, out, p, y) + s,
                    .r = td_padded_row(r, in, p, y * conv->stride - reach) -
                         reach * TD_SLICES + s,
                    .dd_pitch = td_padded_pitch(out),
                    .r_step = conv->stride * TD_SLICES,
                    .r_pitch = conv->stride * pitch,
                    .across = conv->dilation * TD_SLICES,
                    .down = conv->dilation * pitch,
                    .width = out.width,
                };
                if (k == 3)
                    all_taps(to, px, rows, 3);
                else
                    all_taps(to, px, rows, 5);
            }
}
