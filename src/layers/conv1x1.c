/* ReLU, 1x1 convolution, batch norm: the cells' input layers and the skip of stride
 * 2.
 *
 * The factorized form (FactorizedReduce) halves the image by two convolutions that
 * read the pixels (0,0), (2,2) … and (1,1), (3,3) …  Both phases lie side by side as
 * planes, so it is one product with a matrix that is zero where a convolution does
 * not look. */
#include "layers.h"

#include <stdio.h>

static void add_layers(td_conv1x1 *conv, td_builder *b, const char *name)
{
    char layer[64];
    int in = conv->in_channels, parts = conv->factorized ? 2 : 1;
    int rows = conv->out_channels / parts;
    for (int i = 0; i < parts; i++) {
        if (conv->factorized)
            snprintf(layer, sizeof layer, "%s.conv_%d.weight", name, i + 1);
        else
            snprintf(layer, sizeof layer, "%s.op.1.weight", name);
        int slot = td_add_weight(b, layer, (int[4]){ rows, in, 1, 1 }, in);
        conv->matrix.parts[i] = (td_matrix_part){
            slot, rows, in, conv->part_channels, i * rows, i * conv->in.planes, false
        };
    }
    conv->matrix.part_count = parts;
    conv->matrix.in =
        (td_channels){ parts * in / conv->part_channels, conv->part_channels };
    conv->matrix.out = (td_channels){ 1, conv->out_channels };
    snprintf(layer, sizeof layer, conv->factorized ? "%s.bn" : "%s.op.2", name);
    td_norm_build(&conv->norm, b, conv->out_channels);
    (b->is_affine ? td_norm_name_affine : td_norm_name)(&conv->norm, b, layer);
}

void td_conv1x1_build(td_conv1x1 *conv, td_builder *b, const char *name,
                      size_t *slice_length)
{
    int half = conv->factorized ? 2 : 1;
    TD_ASSERT(conv->in.height % half == 0 && conv->in.width % half == 0);
    TD_ASSERT(conv->in_channels % conv->part_channels == 0);
    TD_ASSERT(conv->out_channels % half == 0);
    conv->out = (td_extent){ td_planes(conv->out_channels), conv->in.height / half,
                             conv->in.width / half };
    add_layers(conv, b, name);
    td_add_flops(b, 2.0 * conv->out.height * conv->out.width * conv->in_channels *
                        conv->out_channels);
    td_matrix_build(&conv->matrix, b, slice_length);
    td_needs_max(&b->needs->image, td_extent_count(conv->in));
    td_needs_max(&b->needs->image, td_extent_count(conv->out));
}

const td_real *td_conv1x1_input(const td_conv1x1 *conv, const td_context *ctx,
                                td_real *phases, const td_real *relu_x, int margin)
{
    if (!conv->factorized)
        return relu_x;
    ctx->k->halve(phases, relu_x, conv->in, margin);
    return phases;
}

/* ---- the skip of stride 2 ----------------------------------------------- */

static int out_pixels(const td_conv1x1 *conv)
{
    return conv->out.height * conv->out.width;
}

void td_conv1x1_skip_image(const td_conv1x1 *skip, const td_context *ctx, td_real *y,
                           td_sums *sums, const td_real *r)
{
    const td_matrix *matrix = &skip->matrix;
    const td_real *x =
        td_conv1x1_input(skip, ctx, td_thread_scratch(ctx)->image[0], r, TD_MARGIN);
    TD_ASSERT(skip->factorized);
    ctx->k->pointwise(y, sums, x, matrix->packed, matrix->in, skip->out.planes,
                      out_pixels(skip));
}

void td_conv1x1_skip_backward_image(const td_conv1x1 *skip, const td_context *ctx,
                                    td_item item, const td_real *g, const td_real *y,
                                    td_affine behind, const td_real *r, td_real *dr)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    const td_matrix *matrix = &skip->matrix;
    td_real *gy = scratch->image[1], *phases = scratch->image[2];
    int pixels = out_pixels(skip);
    TD_ASSERT(skip->factorized && dr != gy && dr != phases);
    ctx->k->affine(gy, g, y, &behind, skip->out.planes, pixels);
    if (dr) {
        ctx->k->pointwise(phases, NULL, gy, matrix->transposed, matrix->out,
                          td_channels_planes(matrix->in), pixels);
        ctx->k->halve_data(dr, phases, skip->in);
    }
    if (item.slice) {
        const td_real *x = td_conv1x1_input(skip, ctx, phases, r, TD_MARGIN);
        ctx->k->pointwise_weights(item.slice + matrix->slice_offset, gy, x, matrix->in,
                                  skip->out.planes, pixels);
    }
}
