/* Depthwise-separable convolutions, fused: a block of rows goes through both halves
 * while it is in the first cache.  What lies between is never written to memory. */
#include "depthwise.h"
#include "product.h"

/* A block: rows row … row + rows − 1 of the output. */
typedef struct {
    int row, rows, pixels;
} row_block;

static row_block block_at(td_extent out, int row)
{
    int rows = td_block_rows(out);
    if (row + rows > out.height)
        rows = out.height - row;
    return (row_block){ row, rows, rows * out.width };
}

/* Index of a block's first pixel in an image. */
static size_t block_offset(td_extent out, int plane, row_block block)
{
    return (size_t) ((plane * out.height + block.row) * out.width) * TD_PLANE;
}

static td_product product_of(const td_separable *unit, row_block block)
{
    return (td_product){ { 1, unit->channels }, (size_t) block.pixels * TD_PLANE };
}

/* The block behind this one in a plane of an image; NULL where none of its size is. */
static const td_real *next_block(const td_real *image, td_extent out, int plane,
                                 row_block block)
{
    if (block.row + 2 * block.rows > out.height)
        return NULL;
    return image + block_offset(out, plane, block) + block.pixels * TD_PLANE;
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
    td_product size = product_of(f->unit, f->block);
    td_ahead ahead = { .first = next_block(y, out, q, f->block) };
    td_product_block((td_vec *) (y + block_offset(out, q, f->block)), result, f->d,
                     td_plane_of_matrix(f->unit->matrix, q, out.planes), size,
                     f->block.pixels, ahead);
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
    for (int row = 0; row < out.height; row += td_block_rows(out)) {
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
    TD_ASSERT(td_separable_is_valid(unit));
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
    TD_ASSERT(td_separable_is_valid(unit));
    forward(y, NULL, scale, r, unit, work);
}

/* ---- backward ------------------------------------------------------------- */

/* Input of a backward pass: the gradient g and the output y of a unit. */
typedef struct {
    const td_separable *unit;
    const td_real *g, *y;
    const td_affine *coefs;
    td_extent out;
} backward_image;

/* gy = a·g + b·y + c of a block. */
static void gradient_block(td_real *gy, const backward_image *b, row_block block)
{
    for (int p = 0; p < b->out.planes; p++) {
        size_t from = block_offset(b->out, p, block);
        size_t to = (size_t) (p * block.pixels) * TD_PLANE;
        td_affine plane = { b->coefs->a + p * TD_PLANE, b->coefs->b + p * TD_PLANE,
                            b->coefs->c + p * TD_PLANE };
        TD_VARIANT(affine)
        (gy + to, b->g + from, b->y + from, &plane, 1, block.pixels);
    }
}

/* dd = Wᵀ·gy, row by row into the padded image; g and y of the next block come
 * meanwhile. */
static void data_block(td_real *dd, const td_real *gy, const backward_image *b,
                       row_block block)
{
    td_extent out = b->out;
    td_product size = product_of(b->unit, block);
    for (int q = 0; q < out.planes; q++) {
        const td_vec *w = td_plane_of_matrix(b->unit->transposed, q, out.planes);
        const td_real *g = next_block(b->g, out, q, block);
        const td_real *y = next_block(b->y, out, q, block);
        for (int row = 0; row < block.rows; row++) {
            int at = row * out.width * TD_PLANE;
            td_ahead ahead = { g ? g + at : NULL, y ? y + at : NULL };
            td_product_block(td_padded_row(dd, out, q, block.row + row),
                             (td_result){ 0 }, gy + at, w, size, out.width, ahead);
        }
    }
}

void TD_VARIANT(separable_data)(td_real *dd, td_real *dw, const td_real *g,
                                const td_real *y, const td_affine *coefs,
                                const td_real *r, const td_separable *unit,
                                td_real *work)
{
    TD_ASSERT(td_separable_is_valid(unit));
    TD_ASSERT(!dw || r);
    td_extent out = td_depthwise_out(&unit->conv);
    backward_image image = { unit, g, y, coefs, out };
    td_real *gy = work, *d = work + td_separable_work(out) / 2;
    for (int row = 0; row < out.height; row += td_block_rows(out)) {
        row_block block = block_at(out, row);
        td_product size = product_of(unit, block);
        gradient_block(gy, &image, block);
        data_block(dd, gy, &image, block);
        if (!dw)
            continue;
        TD_VARIANT(depthwise_rows)
        (d, r, unit->taps, &unit->conv, block.row, block.rows);
        TD_VARIANT(outer_block)
        (dw, gy, size.pitch, d, size, out.planes, block.pixels);
    }
}
