/* ReLU, 1x1 convolution, batch norm: the cells' input layers and the skip of stride
 * 2.
 *
 * The factorized form (FactorizedReduce) halves the image by two convolutions that
 * read the pixels (0,0), (2,2) … and (1,1), (3,3) …  Both phases lie side by side as
 * planes, so it is one product with a matrix that is zero where a convolution does
 * not look. */
#include "layers.h"

#include <stdio.h>

static void add_layers(td_dense *dense, td_builder *b, const char *name)
{
    char layer[64];
    int in = dense->in_channels, parts = dense->factorized ? 2 : 1;
    int rows = dense->out_channels / parts;
    for (int i = 0; i < parts; i++) {
        if (dense->factorized)
            snprintf(layer, sizeof layer, "%s.conv_%d.weight", name, i + 1);
        else
            snprintf(layer, sizeof layer, "%s.op.1.weight", name);
        int slot = td_add_weight(b, layer, (int[4]){ rows, in, 1, 1 }, in);
        dense->matrix.parts[i] = (td_matrix_part){ slot,     rows,
                                                   in,       dense->part_channels,
                                                   i * rows, i * dense->in.planes };
    }
    dense->matrix.part_count = parts;
    dense->matrix.in =
        (td_channels){ parts * in / dense->part_channels, dense->part_channels };
    dense->matrix.out = (td_channels){ 1, dense->out_channels };
    snprintf(layer, sizeof layer, dense->factorized ? "%s.bn" : "%s.op.2", name);
    td_norm_build(&dense->norm, b, dense->out_channels);
    (b->is_affine ? td_norm_name_affine : td_norm_name)(&dense->norm, b, layer);
}

void td_dense_build(td_dense *dense, td_builder *b, const char *name, size_t *lot)
{
    int half = dense->factorized ? 2 : 1;
    TD_ASSERT(dense->in.height % half == 0 && dense->in.width % half == 0);
    TD_ASSERT(dense->in_channels % dense->part_channels == 0);
    TD_ASSERT(dense->out_channels % half == 0);
    dense->out = (td_extent){ td_planes(dense->out_channels), dense->in.height / half,
                              dense->in.width / half };
    add_layers(dense, b, name);
    td_add_flops(b, 2.0 * dense->out.height * dense->out.width * dense->in_channels *
                        dense->out_channels);
    td_matrix_build(&dense->matrix, b, lot);
    td_needs_max(&b->needs->image, td_extent_count(dense->in));
    td_needs_max(&b->needs->image, td_extent_count(dense->out));
}

const td_real *td_dense_input(const td_dense *dense, const td_context *ctx,
                              td_real *room, const td_real *relu_x, int margin)
{
    if (!dense->factorized)
        return relu_x;
    ctx->k->halve(room, relu_x, dense->in, margin);
    return room;
}

/* ---- the skip of stride 2 ----------------------------------------------- */

static int out_pixels(const td_dense *dense)
{
    return dense->out.height * dense->out.width;
}

void td_dense_skip_image(const td_dense *skip, const td_context *ctx, td_real *y,
                         td_sums *sums, const td_real *r)
{
    const td_matrix *matrix = &skip->matrix;
    const td_real *x =
        td_dense_input(skip, ctx, td_thread_scratch(ctx)->image[0], r, TD_MARGIN);
    TD_ASSERT(skip->factorized);
    ctx->k->pointwise(y, sums, x, matrix->packed, matrix->in, skip->out.planes,
                      out_pixels(skip));
}

void td_dense_skip_backward_image(const td_dense *skip, const td_context *ctx,
                                  td_item item, const td_real *g, const td_real *y,
                                  td_affine behind, const td_real *r, td_real *dr)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    const td_matrix *matrix = &skip->matrix;
    td_real *gy = scratch->image[1], *room = scratch->image[2];
    int pixels = out_pixels(skip);
    TD_ASSERT(skip->factorized && dr != gy && dr != room);
    ctx->k->affine(gy, g, y, &behind, skip->out.planes, pixels);
    if (dr) {
        ctx->k->pointwise(room, NULL, gy, matrix->transposed, matrix->out,
                          td_channels_planes(matrix->in), pixels);
        ctx->k->halve_data(dr, room, skip->in);
    }
    if (item.lot) {
        const td_real *x = td_dense_input(skip, ctx, room, r, TD_MARGIN);
        ctx->k->pointwise_weights(item.lot + matrix->lot, gy, x, matrix->in,
                                  skip->out.planes, pixels);
    }
}
