/* 3x3 mean over the pixels inside the image: sums of columns, of which a window and the
 * next have two (one at stride 2) in common. */
#include "pool.h"

TD_INLINE td_vec column_sum(const td_vec *x, int pitch, td_neighbours rows)
{
    td_vec sum = x[0];
    if (rows.before)
        sum += x[-pitch];
    if (rows.behind)
        sum += x[pitch];
    return sum;
}

/* One row of outputs of one slice; \a in is the middle row of its windows. */
TD_INLINE void mean_row(td_vec *out, const td_vec *in, int width, int stride,
                        td_neighbours rows)
{
    int pitch = width * TD_SLICES;
    td_vec before = { 0 }, here = column_sum(in, pitch, rows), behind;
    for (int x = 0; x < width; x += stride, out += TD_SLICES) {
        td_neighbours columns = td_neighbours_of(x, width);
        behind = (td_vec){ 0 };
        if (columns.behind)
            behind = column_sum(in + (x + 1) * TD_SLICES, pitch, rows);
        *out = (before + here + behind) * (td_share(rows) * td_share(columns));
        before = stride == 1 ? here : behind;
        here = behind;
        if (stride == 2 && x + 2 < width)
            here = column_sum(in + (x + 2) * TD_SLICES, pitch, rows);
    }
}

void TD_VARIANT(avg_pool)(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                          int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    int rows = in.height / stride, columns = in.width / stride;
    if (sums) {
        td_sums_clear(sums->first, in.planes);
        td_sums_clear(sums->second, in.planes);
    }
    for (int p = 0; p < in.planes; p++)
        for (int y = 0; y < rows; y++)
            for (int s = 0; s < TD_SLICES; s++) {
                td_neighbours above = td_neighbours_of(y * stride, in.height);
                td_vec *out = (td_vec *) m + (p * rows + y) * columns * TD_SLICES + s;
                const td_vec *from =
                    (const td_vec *) x +
                    (p * in.height + y * stride) * in.width * TD_SLICES + s;
#define ROW(n)                                                                         \
    if (stride == 1)                                                                   \
        mean_row(out, from, in.width, 1, n);                                           \
    else                                                                               \
        mean_row(out, from, in.width, 2, n)
                TD_WITH_NEIGHBOURS(ROW, above);
#undef ROW
                if (sums && s == TD_SLICES - 1)
                    td_block_sums(sums, p, out - s, columns);
            }
}

/* ---- backward -------------------------------------------------------------- */

/* Three rows of outputs and their shares, 0 for a row outside the image. */
typedef struct {
    const td_vec *row[3];
    float share[3];
} output_rows;

static output_rows rows_around(const td_vec *g, int y, int height, int pitch)
{
    output_rows rows;
    for (int i = 0; i < 3; i++) {
        int at = y - 1 + i;
        bool is_inside = at >= 0 && at < height;
        rows.row[i] = g + (is_inside ? at : y) * pitch;
        rows.share[i] = is_inside ? td_share(td_neighbours_of(at, height)) : 0;
    }
    return rows;
}

/* Column x of the outputs, each with its share. */
TD_INLINE td_vec column_gradient(const output_rows *rows, int x, int width)
{
    float share = td_share(td_neighbours_of(x, width));
    int at = x * TD_SLICES;
    td_vec sum = rows->row[0][at] * rows->share[0] + rows->row[1][at] * rows->share[1] +
                 rows->row[2][at] * rows->share[2];
    return sum * share;
}

/* Stride 1: the transpose is once more a sum over 3x3. */
static void gather_row(td_vec *dx, output_rows rows, int width)
{
    td_vec before = { 0 }, here = column_gradient(&rows, 0, width);
    for (int x = 0; x < width; x++, dx += TD_SLICES) {
        td_vec behind = { 0 };
        if (x + 1 < width)
            behind = column_gradient(&rows, x + 1, width);
        *dx += before + here + behind;
        before = here;
        here = behind;
    }
}

/* Stride 2: an output's gradient goes to every pixel of its window. */
static void scatter_plane(td_vec *dx, const td_vec *g, td_extent in)
{
    for (int y = 0; y < in.height; y += 2)
        for (int x = 0; x < in.width; x += 2, g += TD_SLICES) {
            td_neighbours rows = td_neighbours_of(y, in.height);
            td_neighbours columns = td_neighbours_of(x, in.width);
            float share = td_share(rows) * td_share(columns);
            for (int r = y - rows.before; r <= y + rows.behind; r++)
                for (int c = x - columns.before; c <= x + columns.behind; c++)
                    for (int s = 0; s < TD_SLICES; s++)
                        dx[(r * in.width + c) * TD_SLICES + s] += g[s] * share;
        }
}

void TD_VARIANT(avg_pool_data)(td_real *dx, const td_real *gm, td_extent in, int stride)
{
    TD_ASSERT(stride == 1 || (stride == 2 && in.height % 2 == 0 && in.width % 2 == 0));
    int pitch = in.width * TD_SLICES, plane = in.height * pitch;
    td_vec *to = (td_vec *) dx;
    const td_vec *g = (const td_vec *) gm;
    for (int p = 0; p < in.planes; p++, to += plane) {
        if (stride == 2) {
            scatter_plane(to, g + p * (plane / 4), in);
            continue;
        }
        for (int y = 0; y < in.height; y++)
            for (int s = 0; s < TD_SLICES; s++)
                gather_row(to + y * pitch + s,
                           rows_around(g + p * plane + s, y, in.height, pitch),
                           in.width);
    }
}
