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

/* The largest pixel of a window and its place in the 3x3 taps, whose first lies at
 * (row, column); the first in row order on a tie. */
TD_INLINE td_pixel window_max(td_lanes *place, const td_pixel *x, td_window w,
                              int width, int row, int column)
{
    td_pixel best = x[w.first_row * width + w.first_column];
    td_lanes at = all_lanes((w.first_row - row) * 3 + w.first_column - column);
    for (int r = w.first_row; r <= w.last_row; r++)
        for (int c = w.first_column; c <= w.last_column; c++) {
            td_pixel here = x[r * width + c];
            td_lanes larger = (td_lanes) (here > best);
            best = (td_pixel) select_lanes(larger, (td_lanes) here, (td_lanes) best);
            at = select_lanes(larger, all_lanes((r - row) * 3 + c - column), at);
        }
    *place = at;
    return best;
}

void TD_VARIANT(max_pool)(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                          td_extent in, int stride)
{
    int rows = in.height / stride, columns = in.width / stride;
    td_pixel *out = (td_pixel *) m;
    if (sums)
        td_sums_clear(sums, in.planes);
    for (int p = 0; p < in.planes; p++) {
        const td_pixel *plane =
            (const td_pixel *) x + (size_t) p * (size_t) (in.height * in.width);
        for (int y = 0; y < rows; y++) {
            td_run_sums run = { { 0 }, { 0 } };
            for (int i = 0; i < columns; i++, out++, argmax += TD_PLANE) {
                td_lanes place;
                *out = window_max(&place, plane, window_at(in, stride, y, i), in.width,
                                  y * stride - 1, i * stride - 1);
                for (int c = 0; c < TD_PLANE; c++)
                    argmax[c] = (uint8_t) place[c];
                run.first += *out;
                run.second += *out * *out;
            }
            if (sums)
                td_sums_flush(sums, p, &run);
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

TD_INLINE td_real share_of(td_window w)
{
    return (td_real) 1 / (td_real) ((w.last_row - w.first_row + 1) *
                                    (w.last_column - w.first_column + 1));
}

void TD_VARIANT(avg_pool)(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                          int stride)
{
    int rows = in.height / stride, columns = in.width / stride;
    td_pixel *out = (td_pixel *) m;
    if (sums)
        td_sums_clear(sums, in.planes);
    for (int p = 0; p < in.planes; p++) {
        const td_pixel *plane =
            (const td_pixel *) x + (size_t) p * (size_t) (in.height * in.width);
        for (int y = 0; y < rows; y++) {
            td_run_sums run = { { 0 }, { 0 } };
            for (int i = 0; i < columns; i++, out++) {
                td_window w = window_at(in, stride, y, i);
                td_pixel sum = { 0 };
                for (int r = w.first_row; r <= w.last_row; r++)
                    for (int c = w.first_column; c <= w.last_column; c++)
                        sum += plane[r * in.width + c];
                *out = sum * share_of(w);
                run.first += *out;
                run.second += *out * *out;
            }
            if (sums)
                td_sums_flush(sums, p, &run);
        }
    }
}

void TD_VARIANT(avg_pool_data)(td_real *dx, const td_real *gm, td_extent in, int stride)
{
    int rows = in.height / stride, columns = in.width / stride;
    const td_pixel *g = (const td_pixel *) gm;
    for (int p = 0; p < in.planes; p++) {
        td_pixel *plane =
            (td_pixel *) dx + (size_t) p * (size_t) (in.height * in.width);
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++, g++) {
                td_window w = window_at(in, stride, y, x);
                td_pixel share = *g * share_of(w);
                for (int r = w.first_row; r <= w.last_row; r++)
                    for (int c = w.first_column; c <= w.last_column; c++)
                        plane[r * in.width + c] += share;
            }
    }
}
