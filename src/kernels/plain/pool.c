/* 3x3 pools of the search space: padding 1, stride 1 or 2.  Only pixels inside the
 * image take part. */
#include "plain.h"

enum { TAPS = 9 };

/* Places of a window's pixels in a plane of the image, by tap; −1: outside. */
typedef struct {
    int at[TAPS];
} td_window;

static td_window window_at(td_extent in, int stride, int y, int x)
{
    td_window w;
    for (int t = 0; t < TAPS; t++) {
        int row = y * stride + td_plain_reach(t / 3, 3, 1);
        int column = x * stride + td_plain_reach(t % 3, 3, 1);
        bool inside = row >= 0 && row < in.height && column >= 0 && column < in.width;
        w.at[t] = inside ? (row * in.width + column) * TD_PLANE : -1;
    }
    return w;
}

static td_extent pooled(td_extent in, int stride)
{
    return (td_extent){ in.planes, in.height / stride, in.width / stride };
}

/* ---- maximum ------------------------------------------------------------ */

/* The first maximum in row order wins: a later one has to be larger. */
static void largest(td_real *m, uint8_t *argmax, const td_real *x, const td_window *w)
{
    td_real best[TD_PLANE];
    int place[TD_PLANE], first = 0;
    while (w->at[first] < 0)
        first++;
    for (int c = 0; c < TD_PLANE; c++) {
        best[c] = x[w->at[first] + c];
        place[c] = first;
    }
    for (int t = first + 1; t < TAPS; t++) {
        if (w->at[t] < 0)
            continue;
        for (int c = 0; c < TD_PLANE; c++) {
            td_real here = x[w->at[t] + c];
            place[c] = here > best[c] ? t : place[c];
            best[c] = here > best[c] ? here : best[c];
        }
    }
    for (int c = 0; c < TD_PLANE; c++)
        m[c] = best[c];
    for (int c = 0; c < TD_PLANE && argmax; c++)
        argmax[c] = (uint8_t) place[c];
}

void td_plain_max_pool(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                       td_extent in, int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    td_extent out = pooled(in, stride);
    for (int p = 0; p < out.planes; p++)
        for (int y = 0; y < out.height; y++)
            for (int i = 0; i < out.width; i++) {
                td_window w = window_at(in, stride, y, i);
                size_t to = td_plain_at(out, 0, p, y, i);
                largest(m + to, argmax ? argmax + to : NULL,
                        x + td_plain_at(in, 0, p, 0, 0), &w);
            }
    td_plain_sums(sums, m, m, out.planes, out.height * out.width);
}

void td_plain_max_pool_data(td_real *dx, const td_real *gm, const uint8_t *argmax,
                            td_extent in, int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    td_extent out = pooled(in, stride);
    for (int p = 0; p < out.planes; p++, dx += td_plain_plane(in, 0))
        for (int y = 0; y < out.height; y++)
            for (int i = 0; i < out.width; i++) {
                td_window w = window_at(in, stride, y, i);
                size_t from = td_plain_at(out, 0, p, y, i);
                for (int c = 0; c < TD_PLANE; c++)
                    dx[w.at[argmax[from + c]] + c] += gm[from + c];
            }
}

/* ---- mean --------------------------------------------------------------- */

/* One over the number of pixels in the window. */
static td_real share_of(const td_window *w)
{
    int count = 0;
    for (int t = 0; t < TAPS; t++)
        count += w->at[t] >= 0;
    return (td_real) 1 / (td_real) count;
}

static void mean(td_real *m, const td_real *x, const td_window *w)
{
    td_real sum[TD_PLANE] = { 0 };
    for (int t = 0; t < TAPS; t++)
        for (int c = 0; c < TD_PLANE && w->at[t] >= 0; c++)
            sum[c] += x[w->at[t] + c];
    for (int c = 0; c < TD_PLANE; c++)
        m[c] = sum[c] * share_of(w);
}

void td_plain_avg_pool(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                       int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    td_extent out = pooled(in, stride);
    for (int p = 0; p < out.planes; p++)
        for (int y = 0; y < out.height; y++)
            for (int i = 0; i < out.width; i++) {
                td_window w = window_at(in, stride, y, i);
                mean(m + td_plain_at(out, 0, p, y, i), x + td_plain_at(in, 0, p, 0, 0),
                     &w);
            }
    td_plain_sums(sums, m, m, out.planes, out.height * out.width);
}

static void spread(td_real *dx, const td_real *g, const td_window *w)
{
    td_real share = share_of(w);
    for (int t = 0; t < TAPS; t++)
        for (int c = 0; c < TD_PLANE && w->at[t] >= 0; c++)
            dx[w->at[t] + c] += g[c] * share;
}

void td_plain_avg_pool_data(td_real *dx, const td_real *gm, td_extent in, int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    td_extent out = pooled(in, stride);
    for (int p = 0; p < out.planes; p++)
        for (int y = 0; y < out.height; y++)
            for (int i = 0; i < out.width; i++) {
                td_window w = window_at(in, stride, y, i);
                spread(dx + td_plain_at(in, 0, p, 0, 0),
                       gm + td_plain_at(out, 0, p, y, i), &w);
            }
}
