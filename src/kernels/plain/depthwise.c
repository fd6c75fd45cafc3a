/* Depthwise convolutions, a k·k kernel for every channel:
 *
 *     d[y, x] = Σ over taps (i, j) of w[i, j] · r[s·y + reach(i), s·x + reach(j)]
 *
 * with stride s and reach(i) = dilation·(i − (k−1)/2).  The margin of zeros around r
 * stands for the pixels outside the image. */
#include "plain.h"

/* One pixel of d. */
static void correlate(td_real *d, const td_real *r, const td_real *taps,
                      const td_depthwise *conv, const int at[3])
{
    int k = conv->kernel, plane = at[0];
    td_real sum[TD_PLANE] = { 0 };
    for (int t = 0; t < k * k; t++) {
        int y = at[1] * conv->stride + td_plain_reach(t / k, k, conv->dilation);
        int x = at[2] * conv->stride + td_plain_reach(t % k, k, conv->dilation);
        const td_real *from = r + td_plain_at(conv->in, TD_MARGIN, plane, y, x);
        const td_real *w = taps + (plane * k * k + t) * TD_PLANE;
        for (int c = 0; c < TD_PLANE; c++)
            sum[c] += w[c] * from[c];
    }
    for (int c = 0; c < TD_PLANE; c++)
        d[c] = sum[c];
}

void td_plain_depthwise_row(td_real *d, const td_real *r, const td_real *taps,
                            const td_depthwise *conv, int row)
{
    td_extent out = td_depthwise_out(conv);
    for (int p = 0; p < out.planes; p++)
        for (int x = 0; x < out.width; x++, d += TD_PLANE)
            correlate(d, r, taps, conv, (int[3]){ p, row, x });
}

/* ---- backward to the data ----------------------------------------------- */

/* One pixel of dr: the outputs that read it are those from which a whole number of
 * strides and a tap's reach lead here.  Outputs outside the image lie in the margin of
 * dd. */
static void gather(td_real *sum, const td_real *dd, const td_real *taps,
                   const td_depthwise *conv, const int at[3])
{
    td_extent out = td_depthwise_out(conv);
    int k = conv->kernel, s = conv->stride, plane = at[0];
    for (int t = 0; t < k * k; t++) {
        int y = at[1] - td_plain_reach(t / k, k, conv->dilation);
        int x = at[2] - td_plain_reach(t % k, k, conv->dilation);
        if (y % s != 0 || x % s != 0)
            continue;
        const td_real *from = dd + td_plain_at(out, TD_MARGIN, plane, y / s, x / s);
        const td_real *w = taps + (plane * k * k + t) * TD_PLANE;
        for (int c = 0; c < TD_PLANE; c++)
            sum[c] += w[c] * from[c];
    }
}

void td_plain_depthwise_data(td_real *dr, bool add, const td_real *dd,
                             const td_real *taps, const td_depthwise *conv)
{
    TD_ASSERT(td_depthwise_is_valid(conv));
    for (int p = 0; p < conv->in.planes; p++)
        for (int y = 0; y < conv->in.height; y++)
            for (int x = 0; x < conv->in.width; x++, dr += TD_PLANE) {
                td_real sum[TD_PLANE] = { 0 };
                gather(sum, dd, taps, conv, (int[3]){ p, y, x });
                for (int c = 0; c < TD_PLANE; c++)
                    dr[c] = add ? dr[c] + sum[c] : sum[c];
            }
}

/* ---- backward to the weights -------------------------------------------- */

/* Σ dd·r over a row of outputs, for the tap that reads r with \a step numbers from one
 * of them to the next. */
static void add_row(double *sum, const td_real *dd, const td_real *r, int step,
                    int width)
{
    for (int x = 0; x < width; x = td_plain_block_end(x, width)) {
        td_real block[TD_PLANE] = { 0 };
        for (int i = x; i < td_plain_block_end(x, width); i++)
            for (int c = 0; c < TD_PLANE; c++)
                block[c] += dd[i * TD_PLANE + c] * r[i * step + c];
        for (int c = 0; c < TD_PLANE; c++)
            sum[c] += (double) block[c];
    }
}

void td_plain_depthwise_weights(td_real *d_taps, const td_real *dd, const td_real *r,
                                const td_depthwise *conv)
{
    TD_ASSERT(td_depthwise_is_valid(conv));
    td_extent out = td_depthwise_out(conv);
    int k = conv->kernel;
    for (int p = 0; p < out.planes; p++)
        for (int t = 0; t < k * k; t++, d_taps += TD_PLANE) {
            double sum[TD_PLANE] = { 0.0 };
            int down = td_plain_reach(t / k, k, conv->dilation);
            int across = td_plain_reach(t % k, k, conv->dilation);
            for (int y = 0; y < out.height; y++)
                add_row(sum, dd + td_plain_at(out, TD_MARGIN, p, y, 0),
                        r + td_plain_at(conv->in, TD_MARGIN, p, y * conv->stride + down,
                                        across),
                        conv->stride * TD_PLANE, out.width);
            for (int c = 0; c < TD_PLANE; c++)
                d_taps[c] += (td_real) sum[c];
        }
}
