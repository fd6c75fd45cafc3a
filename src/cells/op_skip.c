/* skip_connect: the state itself, or where it reduces a factorized 1x1 convolution. */
#include "operation.h"

#include <string.h>

/* ---- identity, and drop-out on it ----------------------------------------- */

static void identity_build(td_operation *o, td_builder *b, const char *name,
                           int channels, size_t *slice_length)
{
    (void) name;
    (void) channels;
    (void) slice_length;
    if (b->drops_skips && !o->is_beside)
        td_needs_max(&b->needs->thinned, td_extent_count(o->from->extent));
}

/* The numbers of an image that this pass does not leave out, in the thread's scratch;
 * the gradient goes where they went. */
static const td_real *thin(const td_operation *o, const td_context *ctx, td_item item,
                           const td_real *numbers)
{
    td_dropout dropout = { .key = td_operation_key(ctx, item, TD_STREAM_DROPOUT),
                           .first = td_operation_draw(o),
                           .share = ctx->pass->skip_dropout };
    td_real *thinned = td_thread_scratch(ctx)->thinned;
    if (o->is_beside || !(dropout.share > 0.0))
        return numbers;
    TD_ASSERT(thinned && !ctx->is_inference);
    td_dropout_image(&dropout, numbers, thinned, td_extent_count(o->from->extent));
    return thinned;
}

static const td_real *identity_output(const td_operation *o, const td_context *ctx,
                                      td_item item)
{
    return thin(o, ctx, item, td_state_value(o->from, item.image));
}

static void identity_state_backward_image(const td_operation *o, const td_context *ctx,
                                          td_item item, double factor)
{
    td_affine behind = td_operation_behind(o, ctx, item, factor);
    td_term term = { thin(o, ctx, item, td_state_grad(o->to, item.image)), behind.a };
    ctx->k->combine(td_state_grad(o->from, item.image), true, behind.c, &term, 1,
                    o->to->extent.planes, td_operation_pixels(o));
}

const td_family td_identity_family = {
    .passes_state = true,
    .build = identity_build,
    .output = identity_output,
    .state_backward_image = identity_state_backward_image,
};

/* ---- of stride 2 -------------------------------------------------------- */

static void reducing_build(td_operation *o, td_builder *b, const char *name,
                           int channels, size_t *slice_length)
{
    o->skip = (td_conv1x1){ .in_channels = channels,
                            .part_channels = channels,
                            .out_channels = channels,
                            .factorized = true,
                            .in = o->from->extent };
    td_conv1x1_build(&o->skip, b, name, slice_length);
    o->skip_y =
        TD_TAKE(b->arena, td_real, (size_t) b->images * td_extent_count(o->skip.out));
    td_needs_max(&b->needs->padded, td_extent_padded_count(o->from->extent));
}

static void reducing_pack(td_operation *o, const td_context *ctx)
{
    td_matrix_pack(&o->skip.matrix, ctx);
}

static void reducing_unpack(const td_operation *o, const td_context *ctx)
{
    td_matrix_unpack(&o->skip.matrix, ctx);
}

static td_norm *reducing_norm(td_operation *o)
{
    return &o->skip.norm;
}

static td_real *output_at(const td_operation *o, int image)
{
    return o->skip_y + (size_t) image * td_extent_count(o->skip.out);
}

static const td_real *reducing_output(const td_operation *o, const td_context *ctx,
                                      td_item item)
{
    (void) ctx;
    return output_at(o, item.image);
}

static void reducing_first_image(const td_operation *o, const td_context *ctx,
                                 td_item item, const td_real *r)
{
    td_sums sums;
    td_conv1x1_skip_image(&o->skip, ctx, output_at(o, item.image),
                          td_sums_for(&sums, ctx, item.image, o->sums), r);
}

static td_norm *reducing_first_norm(td_operation *o)
{
    return &o->skip.norm;
}

static void reducing_first_backward_image(const td_operation *o, const td_context *ctx,
                                          td_item item, double factor, const td_real *r,
                                          td_real *dr, bool add)
{
    if (dr && !add)
        memset(dr, 0, td_extent_count(o->skip.in) * sizeof(td_real));
    td_conv1x1_skip_backward_image(
        &o->skip, ctx, item, td_state_grad(o->to, item.image), output_at(o, item.image),
        td_operation_behind(o, ctx, item, factor), r, dr);
}

const td_family td_reducing_skip_family = {
    .reads_relu = true,
    .build = reducing_build,
    .pack = reducing_pack,
    .unpack = reducing_unpack,
    .norm = reducing_norm,
    .output = reducing_output,
    .first_image = reducing_first_image,
    .first_norm = reducing_first_norm,
    .first_backward_image = reducing_first_backward_image,
};
