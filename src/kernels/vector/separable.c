/* Depthwise-separable convolutions, fused: a block of rows goes through both halves
 * while it is in the first cache.  What lies between is never written to memory. */
#include "depthwise.h"
#include "product.h"

/* Rows that make a block of about TD_BLOCK pixels. */
static int block_rows(td_extent out)
{
    return out.width < TD_BLOCK ? TD_BLOCK / out.width : 1;
}

/* A block: rows row … row + rows − 1 of the output. */
typedef struct {
    int row, rows, pixels;
} row_block;

static row_block block_at(td_extent out, int row)
{
    int rows = block_rows(out);
    if (row + rows > out.height)
        rows = out.height - row;
    return (row_block){ row, rows, rows * out.width };
}

static const td_vec *plane_of_matrix(const td_real *matrix, int plane, int planes)
{
    return (const td_vec *) matrix +
           (size_t) plane * (size_t) planes * TD_PLANE * TD_SLICES;
}

/* Where a block begins in a plane of an image. */
static size_t block_offset(td_extent out, int plane, row_block block)
{
    return (size_t) ((plane * out.height + block.row) * out.width) * TD_PLANE;
}

/* ---- forward -------------------------------------------------------------- */

/* Plane q of a block, whose depthwise outputs are d. */
typedef struct {
    const td_separable *unit;
    const td_real *d;
    row_block block;
} forward_block;

TD_INLINE void forward_plane(td_real *y, td_result result, const forward_block *f,
                             int q)
{
    td_extent out = td_depthwise_out(&f->unit->conv);
    td_product size = { out.planes, (size_t) f->block.pixels * TD_PLANE };
    td_product_block((td_vec *) (y + block_offset(out, q, f->block)), result, f->d,
                     plane_of_matrix(f->unit->matrix, q, out.planes), size,
                     f->block.pixels);
}

static void plane_with_sums(td_real *y, td_sums *sums, const forward_block *f, int q)
{
    td_run run = { { { 0 } }, { { 0 } } };
    forward_plane(y, (td_result){ .run = &run }, f, q);
    td_run_add(sums->first + q * TD_PLANE, run.first);
    td_run_add(sums->second + q * TD_PLANE, run.second);
}

/* All planes of an image, to y, or scaled onto it. */
static void forward(td_real *y, td_sums *sums, const td_real *scale, const td_real *r,
                    const td_separable *unit, td_real *work)
{
    td_extent out = td_depthwise_out(&unit->conv);
    for (int row = 0; row < out.height; row += block_rows(out)) {
        forward_block f = { unit, work, block_at(out, row) };
        TD_VARIANT(depthwise_rows)
        (work, r, unit->taps, &unit->conv, row, f.block.rows);
        for (int q = 0; q < out.planes; q++)
            if (sums)
                plane_with_sums(y, sums, &f, q);
            else if (scale)
                forward_plane(
                    y, (td_result){ .scale = (const td_vec *) scale + q * TD_SLICES },
                    &f, q);
            else
                forward_plane(y, (td_result){ 0 }, &f, q);
    }
}

void TD_VARIANT(separable)(td_real *y, td_sums *sums, const td_real *r,
                           const td_separable *unit, td_real *work)
{
    int planes = unit->conv.in.planes;
    if (sums) {
        td_sums_clear(sums->first, planes);
        td_sums_clear(sums->second, planes);
    }
    forward(y, sums, NULL, r, unit, work);
}

void TD_VARIANT(separable_add)(td_real *y, const td_real *scale, const td_real *r,
                               const td_separable *unit, td_real *work)
{
    forward(y, NULL, scale, r, unit, work);
}

/* ---- backward ------------------------------------------------------------- */

/* gy = a·g + b·y + c of a block. */
static void gradient_block(td_real *gy, const td_real *g, const td_real *y,
                           const td_affine *coefs, td_extent out, row_block block)
{
    for (int p = 0; p < out.planes; p++) {
        size_t from = block_offset(out, p, block);
        size_t to = (size_t) (p * block.pixels) * TD_PLANE;
        td_affine plane = { coefs->a + p * TD_PLANE, coefs->b + p * TD_PLANE,
                            coefs->c + p * TD_PLANE };
        TD_VARIANT(affine)(gy + to, g + from, y + from, &plane, 1, block.pixels);
    }
}

/* dd = Wᵀ·gy, row by row into the padded image. */
static void data_block(td_real *dd, const td_real *gy, const td_separable *unit,
                       td_extent out, row_block block)
{
    td_product size = { out.planes, (size_t) block.pixels * TD_PLANE };
    for (int q = 0; q < out.planes; q++) {
        const td_vec *w = plane_of_matrix(unit->transposed, q, out.planes);
        for (int y = 0; y < block.rows; y++)
            td_product_block(td_padded_row(dd, out, q, block.row + y), (td_result){ 0 },
                             gy + y * out.width * TD_PLANE, w, size, out.width);
    }
}

void TD_VARIANT(separable_data)(td_real *dd, td_real *dw, const td_real *g,
                                const td_real *y, const td_affine *coefs,
                                const td_real *r, const td_separable *unit,
                                td_real *work)
{
    td_extent out = td_depthwise_out(&unit->conv);
    td_real *gy = work, *d = work + td_separable_work(out) / 2;
    for (int row = 0; row < out.height; row += block_rows(out)) {
        row_block block = block_at(out, row);
        gradient_block(gy, g, y, coefs, out, block);
        data_block(dd, gy, unit, out, block);
        if (!dw)
            continue;
        td_product size = { out.planes, (size_t) block.pixels * TD_PLANE };
        TD_VARIANT(depthwise_rows)
        (d, r, unit->taps, &unit->conv, block.row, block.rows);
        TD_VARIANT(outer_block)
        (dw, gy, size.pitch, d, size, out.planes, block.pixels);
    }
}
