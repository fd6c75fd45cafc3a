/* Convolutions: a separable one has two depthwise-separable units, the second on the
 * ReLU of the first one's batch norm; a dilated one has one unit. */
#include "operation.h"

/* The kernel of a convolution. */
static const struct {
    int size, dilation;
} kernels[TD_NUM_OPS] = {
    [TD_OP_SEP_CONV_3X3] = { 3, 1 },
    [TD_OP_SEP_CONV_5X5] = { 5, 1 },
    [TD_OP_DIL_CONV_3X3] = { 3, 2 },
    [TD_OP_DIL_CONV_5X5] = { 5, 2 },
};

static td_depthwise convolution_of(td_op op, td_extent in, int stride)
{
    TD_ASSERT(kernels[op].size > 0);
    return (td_depthwise){ in, kernels[op].size, stride, kernels[op].dilation };
}

static void build_first(td_operation *o, td_builder *b, const char *name, int channels,
                        size_t *slice_length, bool is_kept)
{
    td_unit *first = &o->first;
    first->channels = channels;
    first->buffer = 2 * o->buffer;
    first->conv = convolution_of(o->op, o->from->extent, o->from->stride);
    first->is_kept = is_kept;
    td_unit_build(first, b, name, 0, slice_length);
}

static void unpack_first(const td_operation *o, const td_context *ctx)
{
    td_unit_unpack(&o->first, ctx);
}

static void first_image(const td_operation *o, const td_context *ctx, td_item item,
                        const td_real *r)
{
    td_unit_forward_image(&o->first, ctx, item.image, o->sums, r);
}

static td_norm *first_norm(td_operation *o)
{
    return &o->first.norm;
}

/* ---- dilated ------------------------------------------------------------ */

static void dilated_build(td_operation *o, td_builder *b, const char *name,
                          int channels, size_t *slice_length)
{
    build_first(o, b, name, channels, slice_length,
                b->recompute < TD_RECOMPUTE_DILATED);
}

static void dilated_build_work(td_operation *o, td_builder *b)
{
    if (!o->first.is_kept)
        td_unit_take_output(&o->first, b);
}

static void dilated_pack(td_operation *o, const td_context *ctx)
{
    td_unit_pack(&o->first, ctx);
}

static td_norm *dilated_norm(td_operation *o)
{
    return &o->first.norm;
}

static const td_real *dilated_output(const td_operation *o, const td_context *ctx,
                                     td_item item)
{
    return td_unit_output(&o->first, ctx, item.image);
}

static void dilated_add_image(const td_operation *o, const td_context *ctx,
                              td_item item, const td_real *r, td_real *out)
{
    (void) item;
    td_unit_add_image(&o->first, ctx, out, o->coefs.a, r);
}

static bool dilated_recalls_from_relu(const td_operation *o)
{
    return !o->first.is_kept;
}

static void dilated_recall_image(const td_operation *o, const td_context *ctx,
                                 td_item item, const td_real *r)
{
    if (!o->first.is_kept)
        td_unit_forward_image(&o->first, ctx, item.image, TD_SUMS_NONE, r);
}

static void dilated_first_backward_image(const td_operation *o, const td_context *ctx,
                                         td_item item, double factor, const td_real *r,
                                         td_real *dr, bool add)
{
    td_unit_backward_image(&o->first, ctx, item, td_state_grad(o->to, item.image),
                           td_operation_behind(o, ctx, item, factor), r, dr, add);
}

const td_family td_dilated_family = {
    .reads_relu = true,
    .build = dilated_build,
    .build_work = dilated_build_work,
    .pack = dilated_pack,
    .unpack = unpack_first,
    .norm = dilated_norm,
    .output = dilated_output,
    .first_image = first_image,
    .first_norm = first_norm,
    .add_image = dilated_add_image,
    .recalls_from_relu = dilated_recalls_from_relu,
    .recall_image = dilated_recall_image,
    .first_backward_image = dilated_first_backward_image,
};

/* ---- separable ---------------------------------------------------------- */

/* The first output is kept always: a ReLU mask must come from exact numbers, which
 * would cost a separable convolution to make again. */
static void separable_build(td_operation *o, td_builder *b, const char *name,
                            int channels, size_t *slice_length)
{
    td_unit *second = &o->second;
    build_first(o, b, name, channels, slice_length, true);
    second->channels = channels;
    second->buffer = 2 * o->buffer + 1;
    second->conv = convolution_of(o->op, o->first.out, 1);
    second->is_kept = b->recompute < TD_RECOMPUTE_ALL;
    td_unit_build(second, b, name, 4, slice_length);
    o->inner = td_coefs_build(b, channels);
}

static void separable_build_work(td_operation *o, td_builder *b)
{
    if (!o->second.is_kept)
        td_unit_take_output(&o->second, b);
}

static void separable_pack(td_operation *o, const td_context *ctx)
{
    td_unit_pack(&o->first, ctx);
    td_unit_pack(&o->second, ctx);
}

static void separable_unpack(const td_operation *o, const td_context *ctx)
{
    td_unit_unpack(&o->first, ctx);
    td_unit_unpack(&o->second, ctx);
}

static td_norm *separable_norm(td_operation *o)
{
    return &o->second.norm;
}

static const td_real *separable_output(const td_operation *o, const td_context *ctx,
                                       td_item item)
{
    return td_unit_output(&o->second, ctx, item.image);
}

static void second_image(const td_operation *o, const td_context *ctx, td_item item)
{
    td_unit_forward_image(&o->second, ctx, item.image, o->sums,
                          td_unit_second_input(&o->first, ctx, item.image, item.group));
}

static td_norm *second_norm(td_operation *o)
{
    return &o->second.norm;
}

static void separable_add_image(const td_operation *o, const td_context *ctx,
                                td_item item, const td_real *r, td_real *out)
{
    td_unit_forward_image(&o->first, ctx, item.image, TD_SUMS_NONE, r);
    td_unit_add_image(&o->second, ctx, out, o->coefs.a,
                      td_unit_second_input(&o->first, ctx, item.image, item.group));
}

static void separable_recall_image(const td_operation *o, const td_context *ctx,
                                   td_item item, const td_real *r)
{
    (void) r;
    if (!o->second.is_kept)
        td_unit_forward_image(
            &o->second, ctx, item.image, TD_SUMS_NONE,
            td_unit_second_input(&o->first, ctx, item.image, item.group));
}

/* gz, the gradient behind the first unit's batch norm, takes the place of the second
 * unit's output, which is not read again. */
static void second_backward_image(const td_operation *o, const td_context *ctx,
                                  td_item item, double factor)
{
    const td_unit *first = &o->first, *second = &o->second;
    td_real *dz = td_thread_scratch(ctx)->image[0];
    td_sums sums = td_sums_at(ctx, item.image, o->sums);
    size_t at = td_norm_at(&first->norm, item.group);
    const td_real *z = NULL;
    if (item.slice)
        z = td_unit_second_input(first, ctx, item.image, item.group);
    td_unit_backward_image(second, ctx, item, td_state_grad(o->to, item.image),
                           td_operation_behind(o, ctx, item, factor), z, dz, false);
    ctx->k->norm_relu_data(td_unit_output(second, ctx, item.image), &sums, dz,
                           td_unit_output(first, ctx, item.image),
                           first->norm.scale + at, first->norm.shift + at,
                           first->out.planes, td_operation_pixels(o));
}

static void separable_first_backward_image(const td_operation *o, const td_context *ctx,
                                           td_item item, double factor,
                                           const td_real *r, td_real *dr, bool add)
{
    (void) factor; /* it is in gz already */
    td_affine behind = td_coefs_at(&o->inner, &o->first.norm, item.group);
    td_unit_backward_image(&o->first, ctx, item,
                           td_unit_output(&o->second, ctx, item.image), behind, r, dr,
                           add);
}

const td_family td_separable_family = {
    .reads_relu = true,
    .build = separable_build,
    .build_work = separable_build_work,
    .pack = separable_pack,
    .unpack = separable_unpack,
    .norm = separable_norm,
    .output = separable_output,
    .first_image = first_image,
    .first_norm = first_norm,
    .second_image = second_image,
    .second_norm = second_norm,
    .add_image = separable_add_image,
    .recall_image = separable_recall_image,
    .second_backward_image = second_backward_image,
    .first_backward_image = separable_first_backward_image,
};
