/* 3x3 pools of the search space: padding 1, stride 1 or 2. */
#include "plain.h"

/* Taps of a pool window that lie inside the image. */
typedef struct {
    int first_row, last_row, first_column, last_column;
} td_window;

TD_INLINE td_window window_at(td_extent in, int stride, int y, int x)
{
    int row = y * stride - 1, column = x * stride - 1;
    return (td_window){ row < 0 ? 0 : row,
                        row + 2 < in.height ? row + 2 : in.height - 1,
                        column < 0 ? 0 : column,
                        column + 2 < in.width ? column + 2 : in.width - 1 };
}

TD_INLINE td_lanes all_lanes(int value)
{
    return (td_lanes){ 0 } + value;
}

TD_INLINE td_lanes select_lanes(td_lanes mask, td_lanes yes, td_lanes no)
{
    return (yes & mask) | (no & ~mask);
}

/* Sums of one row and slice of a pool's outputs. */
TD_INLINE void add_row_sums(td_sums *sums, const td_vec *out, int columns, int channel)
{
    td_run_sums run = { { 0 }, { 0 } };
    if (!sums)
        return;
    for (int x = 0; x < columns; x++) {
        run.first += out[x * TD_SLICES];
        run.second += out[x * TD_SLICES] * out[x * TD_SLICES];
    }
    td_sums_add(sums, channel, &run);
}

/* ---- maximum ------------------------------------------------------------ */

/* One slice of a window's largest pixel, and its place among the nine taps, whose first
 * lies at (row, column); the first in row order on a tie. */
TD_INLINE td_vec window_max(td_lanes *place, const td_vec *x, td_window w, int width,
                            int row, int column)
{
    td_vec best = x[(w.first_row * width + w.first_column) * TD_SLICES];
    td_lanes at = all_lanes((w.first_row - row) * 3 + w.first_column - column);
    for (int r = w.first_row; r <= w.last_row; r++)
        for (int c = w.first_column; c <= w.last_column; c++) {
            td_vec here = x[(r * width + c) * TD_SLICES];
            td_lanes larger = (td_lanes) (here > best);
            best = (td_vec) select_lanes(larger, (td_lanes) here, (td_lanes) best);
            at = select_lanes(larger, all_lanes((r - row) * 3 + c - column), at);
        }
    *place = at;
    return best;
}

void TD_VARIANT(max_pool)(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                          td_extent in, int stride)
{
    int rows = in.height / stride, columns = in.width / stride;
    if (sums)
        td_sums_clear(sums, in.planes);
    for (int slice = 0; slice < in.planes * TD_SLICES; slice++) {
        int p = slice / TD_SLICES, s = slice % TD_SLICES;
        const td_vec *plane =
            (const td_vec *) x + p * in.height * in.width * TD_SLICES + s;
        for (int y = 0; y < rows; y++) {
            size_t at = (size_t) ((p * rows + y) * columns);
            td_vec *out = (td_vec *) m + at * TD_SLICES + s;
            uint8_t *place = argmax + at * TD_PLANE + s * TD_LANES;
            for (int i = 0; i < columns; i++) {
                td_lanes tap;
                out[i * TD_SLICES] =
                    window_max(&tap, plane, window_at(in, stride, y, i), in.width,
                               y * stride - 1, i * stride - 1);
                for (int c = 0; c < TD_LANES; c++)
                    place[i * TD_PLANE + c] = (uint8_t) tap[c];
            }
            add_row_sums(sums, out, columns, p * TD_PLANE + s * TD_LANES);
        }
    }
}

void TD_VARIANT(max_pool_data)(td_real *dx, const td_real *gm, const uint8_t *argmax,
                               td_extent in, int stride)
{
    int rows = in.height / stride, columns = in.width / stride;
    for (int p = 0; p < in.planes; p++) {
        td_real *plane = dx + (size_t) p * (size_t) (in.height * in.width) * TD_PLANE;
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++, gm += TD_PLANE, argmax += TD_PLANE)
                for (int c = 0; c < TD_PLANE; c++) {
                    int row = y * stride - 1 + argmax[c] / 3;
                    int column = x * stride - 1 + argmax[c] % 3;
                    plane[(row * in.width + column) * TD_PLANE + c] += gm[c];
                }
    }
}

/* ---- mean --------------------------------------------------------------- */

TD_INLINE td_real share_of(td_window w)
{
    return (td_real) 1 / (td_real) ((w.last_row - w.first_row + 1) *
                                    (w.last_column - w.first_column + 1));
}

TD_INLINE td_vec window_mean(const td_vec *x, td_window w, int width)
{
    td_vec sum = { 0 };
    for (int r = w.first_row; r <= w.last_row; r++)
        for (int c = w.first_column; c <= w.last_column; c++)
            sum += x[(r * width + c) * TD_SLICES];
    return sum * share_of(w);
}

void TD_VARIANT(avg_pool)(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                          int stride)
{
    int rows = in.height / stride, columns = in.width / stride;
    if (sums)
        td_sums_clear(sums, in.planes);
    for (int slice = 0; slice < in.planes * TD_SLICES; slice++) {
        int p = slice / TD_SLICES, s = slice % TD_SLICES;
        const td_vec *plane =
            (const td_vec *) x + p * in.height * in.width * TD_SLICES + s;
        for (int y = 0; y < rows; y++) {
            td_vec *out = (td_vec *) m + (p * rows + y) * columns * TD_SLICES + s;
            for (int i = 0; i < columns; i++)
                out[i * TD_SLICES] =
                    window_mean(plane, window_at(in, stride, y, i), in.width);
            add_row_sums(sums, out, columns, p * TD_PLANE + s * TD_LANES);
        }
    }
}

void TD_VARIANT(avg_pool_data)(td_real *dx, const td_real *gm, td_extent in, int stride)
{
    const td_vec *g = (const td_vec *) gm;
    for (int p = 0; p < in.planes; p++) {
        td_vec *plane = (td_vec *) dx + p * in.height * in.width * TD_SLICES;
        for (int y = 0; y < in.height / stride; y++)
            for (int x = 0; x < in.width / stride; x++, g += TD_SLICES) {
                td_window w = window_at(in, stride, y, x);
                for (int r = w.first_row; r <= w.last_row; r++)
                    for (int c = w.first_column; c <= w.last_column; c++)
                        for (int s = 0; s < TD_SLICES; s++)
                            plane[(r * in.width + c) * TD_SLICES + s] +=
                                g[s] * share_of(w);
            }
    }
}
