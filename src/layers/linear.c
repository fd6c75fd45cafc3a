/* A classifier: a product with a matrix [out][in], and a bias. */
#include "layers.h"

#include <stdio.h>
#include <string.h>

void td_linear_build(td_linear *linear, td_builder *b, const char *name, int in,
                     int out)
{
    char tensor[TD_NAME_BYTES];
    TD_ASSERT(in > 0 && out > 0);
    linear->in = in;
    td_add_flops(b, 2.0 * in * out);
    td_needs_max(&b->needs->product_length, (size_t) in * (size_t) out);
    linear->out = out;
    snprintf(tensor, sizeof tensor, "%s.weight", name);
    linear->matrix_slot = td_add_weight(b, tensor, (int[4]){ out, in }, in);
    snprintf(tensor, sizeof tensor, "%s.bias", name);
    linear->bias_slot = td_add_weight(b, tensor, (int[4]){ out }, in);
}

void td_linear_forward(const td_linear *linear, const td_context *ctx, td_real *y,
                       const td_real *x, int rows)
{
    const td_real *bias = td_weight_at(ctx, linear->bias_slot);
    td_gemm_size size = { rows, linear->out, linear->in, false, true };
    for (int r = 0; r < rows; r++)
        memcpy(y + r * linear->out, bias, (size_t) linear->out * sizeof *bias);
    td_rows_product(ctx, y, x, td_weight_at(ctx, linear->matrix_slot), size, 1, true);
}

void td_linear_backward(const td_linear *linear, const td_context *ctx, td_real *d_x,
                        const td_real *d_y, const td_real *x, int rows)
{
    int in = linear->in, out = linear->out;
    td_gemm_size data = { rows, in, out, false, false };
    td_gemm_size weights = { out, in, rows, true, false };
    td_rows_product(ctx, d_x, d_y, td_weight_at(ctx, linear->matrix_slot), data, 1,
                    false);
    if (!ctx->wants_weights)
        return;
    td_grads_add_product(ctx, linear->matrix_slot, d_y, x, weights, 1);
    td_grads_add_columns(ctx, linear->bias_slot, d_y, out, rows);
}
