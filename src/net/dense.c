/* A 3x3 convolution over all channels as a 1x1 product of columns, and its batch norm.
 */
#include "dense.h"

#include <stdio.h>

/* Of an image the taps of a channel lie side by side, as in the tensor: few channels
 * fill few planes.  Planes come tap by tap. */
static void build_matrix(td_dense *d, td_builder *b, int slot)
{
    int ins = TD_DENSE_TAPS * d->in_channels;
    bool has_taps = d->image.channels == 0;
    td_channels in = has_taps ? (td_channels){ TD_DENSE_TAPS, d->in_channels }
                              : (td_channels){ 1, ins };
    size_t slice_length = 0;
    d->matrix = (td_matrix){ .parts = { { slot, d->channels, ins, in.channels, 0, 0,
                                          has_taps } },
                             .part_count = 1,
                             .out = { 1, d->channels },
                             .in = in };
    td_matrix_build(&d->matrix, b, &slice_length);
    td_needs_max(&b->needs->slice_length, slice_length);
}

void td_dense_build(td_dense *d, td_builder *b, const char *layer, const char *norm)
{
    TD_ASSERT(d->channels >= 1 && d->in_channels >= 1);
    TD_ASSERT(d->in.height % d->stride == 0 && d->in.width % d->stride == 0);
    d->out = (td_extent){ td_planes(d->channels), d->in.height / d->stride,
                          d->in.width / d->stride };
    char weight[TD_NAME_BYTES];
    snprintf(weight, sizeof weight, "%s.weight", layer);
    int slot = td_add_weight(b, weight, (int[4]){ d->channels, d->in_channels, 3, 3 },
                             TD_DENSE_TAPS * d->in_channels);
    td_norm_build(&d->norm, b, d->channels);
    td_norm_name_affine(&d->norm, b, norm);
    d->coefs = td_coefs_build(b, d->channels);
    td_add_flops(b, 2.0 * d->out.height * d->out.width * TD_DENSE_TAPS *
                        d->in_channels * d->channels);
    build_matrix(d, b, slot);
    d->y = TD_TAKE(b->arena, td_real, (size_t) b->images * td_extent_count(d->out));
    td_extent columns = { td_channels_planes(d->matrix.in), d->out.height,
                          d->out.width };
    td_needs_max(&b->needs->image, td_extent_count(d->out));
    td_needs_max(&b->needs->image, td_extent_count(columns));
    if (d->image.channels > 0)
        return;
    td_needs_max(&b->needs->image, td_extent_count(d->in));
    td_needs_max(&b->needs->padded, td_extent_padded_count(d->in));
}

int td_dense_pixels(const td_dense *d)
{
    return d->out.height * d->out.width;
}

td_real *td_dense_y(const td_dense *d, int image)
{
    return d->y + (size_t) image * td_extent_count(d->out);
}

td_norm_entry td_dense_norm(td_dense *d)
{
    return (td_norm_entry){
        .norm = &d->norm, .pixels = td_dense_pixels(d), .coefs = &d->coefs, .p = 1.0
    };
}

size_t td_dense_slice(const td_dense *d)
{
    return (size_t) (td_channels_planes(d->matrix.out) *
                     td_channels_planes(d->matrix.in) * TD_PLANE * TD_PLANE);
}

/* ---- forward ------------------------------------------------------------ */

static const td_real *pass_image(const td_dense *d, const td_context *ctx, int image)
{
    const td_image_size *size = &d->image;
    TD_ASSERT(size->channels > 0);
    return ctx->pass->images +
           (size_t) image * (size_t) (size->height * size->width * size->channels);
}

static void multiply(const td_dense *d, const td_context *ctx, int slot,
                     const td_real *columns)
{
    td_sums sums;
    ctx->k->pointwise(td_dense_y(d, slot), td_sums_for(&sums, ctx, slot, 0), columns,
                      d->matrix.packed, d->matrix.in, d->out.planes,
                      td_dense_pixels(d));
}

void td_dense_read_image(const td_dense *d, const td_context *ctx, int slot, int image)
{
    td_real *columns = td_thread_scratch(ctx)->image[0];
    td_columns_of_image(columns, d, pass_image(d, ctx, image));
    multiply(d, ctx, slot, columns);
}

void td_dense_read_planes(const td_dense *d, const td_context *ctx, int slot,
                          const td_real *padded)
{
    td_real *columns = td_thread_scratch(ctx)->image[0];
    td_columns_of_planes(columns, d, padded);
    multiply(d, ctx, slot, columns);
}

void td_dense_scale(const td_dense *d, const td_context *ctx, td_real *out, int slot,
                    int group)
{
    size_t at = td_norm_at(&d->norm, group);
    td_term term = { td_dense_y(d, slot), d->norm.scale + at };
    ctx->k->combine(out, false, d->norm.shift + at, &term, 1, d->out.planes,
                    td_dense_pixels(d));
}

/* ---- backward ----------------------------------------------------------- */

void td_dense_sum(const td_dense *d, const td_context *ctx, const td_real *g, int image)
{
    td_sums sums = td_sums_at(ctx, image, 0);
    const td_real *y = td_dense_y(d, image);
    ctx->k->sum(sums.first, g, d->out.planes, td_dense_pixels(d));
    ctx->k->dots(&sums.second, g, &y, 1, d->out.planes, td_dense_pixels(d));
}

td_real *td_dense_backward(const td_dense *d, const td_context *ctx, td_item item,
                           const td_real *g, const td_real *padded)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *columns = scratch->image[0], *gy = scratch->image[1];
    const td_matrix *matrix = &d->matrix;
    int pixels = td_dense_pixels(d);
    td_affine coefs = td_coefs_at(&d->coefs, &d->norm, item.group);
    ctx->k->affine(gy, g, td_dense_y(d, item.image), &coefs, d->out.planes, pixels);
    if (padded)
        td_columns_of_planes(columns, d, padded);
    else
        td_columns_of_image(columns, d, pass_image(d, ctx, item.image));
    ctx->k->pointwise_weights(item.slice + matrix->slice_offset, gy, columns,
                              matrix->in, d->out.planes, pixels);
    if (!padded)
        return NULL;
    ctx->k->pointwise(columns, NULL, gy, matrix->transposed, matrix->out,
                      td_channels_planes(matrix->in), pixels);
    td_columns_to_planes(scratch->image[2], d, columns);
    return scratch->image[2];
}
