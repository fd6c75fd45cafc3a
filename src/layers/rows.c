/* Products whose rows belong to images.
 *
 * In one call; where sums are order-free shard by shard, since a product may round a
 * row by where it stands among how many. */
#include "runtime.h"

#include <string.h>

/* The next images that go together. */
typedef struct {
    int first, images;
    int shard; /* that comes next */
} block;

/* \a total images of the pass, or of a branch of it. */
static bool next_block(block *b, const td_context *ctx, int total)
{
    const td_exact_sums *exact = ctx->pass->exact;
    b->first += b->images;
    if (b->first >= total)
        return false;
    if (!exact)
        b->images = total;
    else if (ctx->is_inference)
        b->images = 1;
    else
        b->images = exact->shards[b->shard++ % exact->shard_count];
    TD_ASSERT(b->images >= 0 && b->first + b->images <= total);
    return true;
}

void td_rows_product(const td_context *ctx, td_real *c, const td_real *a,
                     const td_real *b, td_gemm_size size, int per_image, bool add)
{
    TD_ASSERT(!size.a_transposed && per_image > 0 && size.m % per_image == 0);
    for (block rows = { 0 }; next_block(&rows, ctx, size.m / per_image);) {
        td_gemm_size part = size;
        part.m = rows.images * per_image;
        size_t row = (size_t) (rows.first * per_image);
        if (part.m > 0)
            td_gemm(c + row * (size_t) size.n, a + row * (size_t) size.k, b, part, add);
    }
}

/* The gradient of a shard to all gradients; a sum beyond the range is marked. */
static void add_exactly(const td_context *ctx, size_t to, size_t count)
{
    double *grads = ctx->pass->exact->grads + to;
    TD_ASSERT(count <= ctx->needs.product_length);
    if (ctx->k->exact_add(grads, ctx->product, count) > TD_EXACT_LIMIT)
        grads[0] = TD_EXACT_BEYOND;
}

void td_grads_add_product(const td_context *ctx, int slot, const td_real *a,
                          const td_real *b, td_gemm_size size, int per_image)
{
    size_t to = td_grad_offset(ctx, slot);
    TD_ASSERT(size.a_transposed && per_image > 0 && size.k % per_image == 0);
    for (block rows = { 0 }; next_block(&rows, ctx, size.k / per_image);) {
        td_gemm_size part = size;
        part.k = rows.images * per_image;
        size_t row = (size_t) (rows.first * per_image);
        td_real *c = ctx->grads ? ctx->grads + to : ctx->product;
        if (part.k > 0)
            td_gemm(c, a + row * (size_t) size.m, b + row * (size_t) size.n, part,
                    ctx->grads != NULL);
        if (part.k > 0 && !ctx->grads)
            add_exactly(ctx, to, (size_t) size.m * (size_t) size.n);
    }
}

void td_grads_add_scaled_rows(const td_context *ctx, int slot, const td_real *a,
                              const td_real *b, td_gemm_size size)
{
    size_t to = td_grad_offset(ctx, slot);
    for (block rows = { 0 }; next_block(&rows, ctx, size.k);)
        for (int c = 0; c < size.m; c++) {
            double sum = 0.0;
            for (int r = rows.first; r < rows.first + rows.images; r++)
                sum += (double) a[r * size.m + c];
            for (int i = 0; i < size.n; i++)
                td_grads_add(ctx, to + (size_t) (c * size.n + i),
                             sum * (double) b[c * size.n + i]);
        }
}

void td_grads_add_columns(const td_context *ctx, int slot, const td_real *a,
                          int columns, int rows)
{
    size_t to = td_grad_offset(ctx, slot);
    for (block b = { 0 }; next_block(&b, ctx, rows);)
        for (int k = 0; k < columns; k++) {
            double sum = 0.0;
            for (int r = b.first; r < b.first + b.images; r++)
                sum += (double) a[r * columns + k];
            td_grads_add(ctx, to + (size_t) k, sum);
        }
}
