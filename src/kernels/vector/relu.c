/* ReLU and what goes with it: into padded images, behind a batch norm, backwards. */
#include "vector.h"

void TD_VARIANT(relu)(td_real *out, const td_real *x, size_t count)
{
    TD_ASSERT(count % TD_PLANE == 0);
    td_vec *to = (td_vec *) out;
    const td_vec *from = (const td_vec *) x;
    for (size_t i = 0; i < count / TD_LANES; i++)
        to[i] = td_relu(from[i]);
}

void TD_VARIANT(relu_data)(td_real *dx, const td_real *g, const td_real *x,
                           size_t count)
{
    TD_ASSERT(count % TD_PLANE == 0);
    td_vec *to = (td_vec *) dx;
    const td_vec *gp = (const td_vec *) g, *xp = (const td_vec *) x;
    for (size_t i = 0; i < count / TD_LANES; i++)
        to[i] += td_where_positive(gp[i], xp[i]);
}

void TD_VARIANT(relu_padded)(td_real *out, const td_real *x, td_extent size)
{
    const td_vec *in = (const td_vec *) x;
    int row_vectors = size.width * TD_SLICES;
    for (int p = 0; p < size.planes; p++)
        for (int y = 0; y < size.height; y++, in += row_vectors) {
            td_vec *row = td_padded_row(out, size, p, y);
            for (int i = 0; i < row_vectors; i++)
                row[i] = td_relu(in[i]);
        }
}

void TD_VARIANT(norm_relu_padded)(td_real *out, const td_real *y, const td_real *scale,
                                  const td_real *shift, td_extent size)
{
    const td_vec *in = (const td_vec *) y;
    for (int p = 0; p < size.planes; p++) {
        const td_vec *a = (const td_vec *) scale + p * TD_SLICES;
        const td_vec *b = (const td_vec *) shift + p * TD_SLICES;
        for (int r = 0; r < size.height; r++) {
            td_vec *row = td_padded_row(out, size, p, r);
            for (int x = 0; x < size.width; x++)
                for (int s = 0; s < TD_SLICES; s++)
                    *row++ = td_relu(a[s] * *in++ + b[s]);
        }
    }
}

/* One slice of a block of pixels; three arrays advance together. */
TD_INLINE void norm_relu_block(td_run *run, td_vec *gz, const td_vec *dr,
                               const td_vec *y, td_vec a, td_vec b, int s, int pixels)
{
    td_vec first = { 0 }, second = { 0 };
    for (int i = s; i < pixels * TD_SLICES; i += TD_SLICES) {
        td_vec g = td_where_positive(dr[i], a * y[i] + b);
        gz[i] = g;
        first += g;
        second += g * y[i];
    }
    run->first[s] = first;
    run->second[s] = second;
}

void TD_VARIANT(norm_relu_data)(td_real *gz, td_sums *sums, const td_real *dr,
                                const td_real *y, const td_real *scale,
                                const td_real *shift, int planes, int pixels)
{
    TD_ASSERT(planes > 0 && pixels > 0);
    td_sums_clear(sums->first, planes);
    td_sums_clear(sums->second, planes);
    for (int p = 0; p < planes; p++)
        for (int start = 0; start < pixels; start += TD_BLOCK) {
            int count = td_block_end(start, pixels) - start;
            size_t at = ((size_t) p * (size_t) pixels + (size_t) start) * TD_PLANE;
            td_run run;
            for (int s = 0; s < TD_SLICES; s++)
                norm_relu_block(&run, (td_vec *) (gz + at), (const td_vec *) (dr + at),
                                (const td_vec *) (y + at),
                                ((const td_vec *) scale)[p * TD_SLICES + s],
                                ((const td_vec *) shift)[p * TD_SLICES + s], s, count);
            td_run_add(sums->first + p * TD_PLANE, run.first);
            td_run_add(sums->second + p * TD_PLANE, run.second);
        }
}
