/* The stem: 3x3 convolution of the image, batch norm with scale and shift, no ReLU.
 *
 * The nine taps of each image channel become channels of planes, so the convolution is
 * one more 1x1 product. */
#include "ends.h"

#include <string.h>

enum { TAPS = 9 };

static int column_planes(const td_stem *stem)
{
    return td_planes(TAPS * stem->image_channels);
}

static int stem_pixels(const td_stem *stem)
{
    return stem->output.extent.height * stem->output.extent.width;
}

void td_stem_build(td_stem *stem, td_builder *b, int channels, td_image_size image)
{
    int c = channels, in = image.channels;
    td_output *output = &stem->output;
    size_t slice_length = 0;
    TD_ASSERT(c >= 1 && in >= 1);
    stem->image_channels = in;
    stem->channels = c;
    int slot = td_add_weight(b, "stem.0.weight", (int[4]){ c, in, 3, 3 }, TAPS * in);
    td_norm_build(&stem->norm, b, c);
    td_norm_name_affine(&stem->norm, b, "stem.1");
    stem->coefs = td_coefs_build(b, c);
    output->extent = (td_extent){ td_planes(c), image.height, image.width };
    output->channels = output->part_channels = c;
    td_add_flops(b, 2.0 * image.height * image.width * TAPS * in * c);
    stem->matrix = (td_matrix){ .parts = { { slot, c, TAPS * in, TAPS * in, 0, 0 } },
                                .part_count = 1,
                                .out = { 1, c },
                                .in = { 1, TAPS * in } };
    td_matrix_build(&stem->matrix, b, &slice_length);
    td_needs_max(&b->needs->slice_length, slice_length);
    size_t count = td_extent_count(output->extent);
    stem->y = TD_TAKE(b->arena, td_real, (size_t) b->images * count);
    output->value = TD_TAKE(b->arena, td_real, (size_t) b->images * count);
    td_needs_max(&b->needs->image, count);
    td_extent columns = { column_planes(stem), image.height, image.width };
    td_needs_max(&b->needs->image, td_extent_count(columns));
}

void td_stem_pack(td_stem *stem, const td_context *ctx)
{
    td_matrix_pack(&stem->matrix, ctx);
}

/* The image's taps as planes: input (channel·9 + tap), zero outside the image. */
static void columns_image(const td_stem *stem, const td_real *image, td_real *columns)
{
    int height = stem->output.extent.height, width = stem->output.extent.width;
    int channels = stem->image_channels;
    size_t pixels = (size_t) (height * width);
    memset(columns, 0,
           (size_t) column_planes(stem) * pixels * TD_PLANE * sizeof(td_real));
    for (int k = 0; k < TAPS * channels; k++) {
        int c = k / TAPS, dy = k % TAPS / 3 - 1, dx = k % 3 - 1;
        td_real *to =
            columns + (size_t) (k / TD_PLANE) * pixels * TD_PLANE + k % TD_PLANE;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                int row = y + dy, column = x + dx;
                if (row >= 0 && row < height && column >= 0 && column < width)
                    to[(y * width + x) * TD_PLANE] =
                        image[(row * width + column) * channels + c];
            }
    }
}

static const td_real *pass_image(const td_stem *stem, const td_context *ctx, int image)
{
    return ctx->pass->images +
           (size_t) image * (size_t) (stem_pixels(stem) * stem->image_channels);
}

static td_real *stem_y(const td_stem *stem, int image)
{
    return stem->y + (size_t) image * td_extent_count(stem->output.extent);
}

static void convolve_image(const td_stem *stem, const td_context *ctx, int slot,
                           int image)
{
    td_real *columns = td_thread_scratch(ctx)->image[0];
    td_sums sums;
    columns_image(stem, pass_image(stem, ctx, image), columns);
    ctx->k->pointwise(stem_y(stem, slot), td_sums_for(&sums, ctx, slot, 0), columns,
                      stem->matrix.packed, stem->matrix.in, stem->output.extent.planes,
                      stem_pixels(stem));
}

static void scale_image(const td_stem *stem, const td_context *ctx, int slot, int group)
{
    size_t at = td_norm_at(&stem->norm, group);
    td_term term = { stem_y(stem, slot), stem->norm.scale + at };
    ctx->k->combine(td_output_value(&stem->output, slot), false, stem->norm.shift + at,
                    &term, 1, stem->output.extent.planes, stem_pixels(stem));
}

static void convolve_task(const void *part, const td_context *ctx, td_item item)
{
    convolve_image(part, ctx, item.image, item.image);
}

static void scale_task(const void *part, const td_context *ctx, td_item item)
{
    scale_image(part, ctx, item.image, item.group);
}

static void finish(td_stem *stem, const td_context *ctx, const td_span *span)
{
    td_norm_entry entry = { .norm = &stem->norm, .pixels = stem_pixels(stem) };
    td_norms_finish(ctx, span, &entry, 1);
}

void td_stem_forward(td_stem *stem, const td_context *ctx, const td_span *span)
{
    td_phase(ctx, span, convolve_task, stem);
    finish(stem, ctx, span);
    td_phase(ctx, span, scale_task, stem);
}

void td_stem_evaluate_begin(td_stem *stem, const td_context *ctx, const td_span *span)
{
    finish(stem, ctx, span);
}

void td_stem_evaluate_image(const td_stem *stem, const td_context *ctx, int slot,
                            int image)
{
    convolve_image(stem, ctx, slot, image);
    scale_image(stem, ctx, slot, 0);
}

static void sums_task(const void *part, const td_context *ctx, td_item item)
{
    const td_stem *stem = part;
    td_sums sums = td_sums_at(ctx, item.image, 0);
    const td_real *g = td_output_grad(&stem->output, item.image);
    int planes = stem->output.extent.planes, pixels = stem_pixels(stem);
    ctx->k->sum(sums.first, g, planes, pixels);
    const td_real *y = stem_y(stem, item.image);
    ctx->k->dots(&sums.second, g, &y, 1, planes, pixels);
}

static void weights_task(const void *part, const td_context *ctx, td_item item)
{
    const td_stem *stem = part;
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *columns = scratch->image[0], *gy = scratch->image[1];
    int planes = stem->output.extent.planes, pixels = stem_pixels(stem);
    td_affine coefs = td_coefs_at(&stem->coefs, &stem->norm, item.group);
    ctx->k->affine(gy, td_output_grad(&stem->output, item.image),
                   stem_y(stem, item.image), &coefs, planes, pixels);
    columns_image(stem, pass_image(stem, ctx, item.image), columns);
    ctx->k->pointwise_weights(item.slice + stem->matrix.slice_offset, gy, columns,
                              stem->matrix.in, planes, pixels);
}

void td_stem_backward(td_stem *stem, const td_context *ctx, const td_span *span)
{
    int planes = stem->output.extent.planes;
    size_t count = (size_t) (planes * column_planes(stem) * TD_PLANE * TD_PLANE);
    td_norm_entry entry = { .norm = &stem->norm,
                            .pixels = stem_pixels(stem),
                            .coefs = &stem->coefs,
                            .p = 1.0 };
    TD_ASSERT(ctx->wants_weights);
    td_phase(ctx, span, sums_task, stem);
    td_norms_gradient(ctx, span, &entry, 1);
    td_phase_weights(ctx, span, weights_task, stem, count, false);
    td_slices_sum(ctx, span, count);
    td_matrix_unpack(&stem->matrix, ctx);
}
