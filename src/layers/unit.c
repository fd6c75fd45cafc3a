/* A depthwise-separable unit: ReLU, depthwise k x k, pointwise, batch norm. */
#include "layers.h"

#include <stdio.h>

static void add_layers(td_unit *unit, td_builder *b, const char *name, int index)
{
    char layer[64];
    int k = unit->conv.kernel, c = unit->channels;
    snprintf(layer, sizeof layer, "%s.op.%d.weight", name, index + 1);
    unit->taps_slot = td_add_weight(b, layer, (int[4]){ c, 1, k, k }, k * k);
    snprintf(layer, sizeof layer, "%s.op.%d.weight", name, index + 2);
    int matrix = td_add_weight(b, layer, (int[4]){ c, c, 1, 1 }, c);
    unit->matrix = (td_matrix){ .parts = { { matrix, c, c, c, 0, 0, false } },
                                .part_count = 1,
                                .out = { 1, c },
                                .in = { 1, c } };
    snprintf(layer, sizeof layer, "%s.op.%d", name, index + 3);
    td_norm_build(&unit->norm, b, c);
    (b->is_affine ? td_norm_name_affine : td_norm_name)(&unit->norm, b, layer);
}

static size_t taps_count(const td_unit *unit)
{
    return (size_t) (unit->out.planes * unit->conv.kernel * unit->conv.kernel *
                     TD_PLANE);
}

void td_unit_take_output(td_unit *unit, td_builder *b)
{
    TD_ASSERT(!unit->y);
    unit->y =
        TD_TAKE(b->arena, td_real, (size_t) b->images * td_extent_count(unit->out));
}

static double unit_flops(const td_unit *unit)
{
    double c = unit->channels, taps = unit->conv.kernel * unit->conv.kernel;
    return 2.0 * unit->out.height * unit->out.width * c * (taps + c);
}

void td_unit_build(td_unit *unit, td_builder *b, const char *name, int index,
                   size_t *slice_length)
{
    td_extent in = unit->conv.in;
    TD_ASSERT(unit->channels > 0 && td_planes(unit->channels) == in.planes);
    unit->out = td_depthwise_out(&unit->conv);
    add_layers(unit, b, name, index);
    td_add_flops(b, unit_flops(unit));
    unit->taps = TD_TAKE(b->arena, td_real, taps_count(unit));
    if (unit->is_kept)
        td_unit_take_output(unit, b);
    unit->slice_offset = *slice_length;
    *slice_length += taps_count(unit);
    td_matrix_build(&unit->matrix, b, slice_length);
    td_needs_max(&b->needs->padded, td_extent_padded_count(in));
    td_needs_max(&b->needs->image, td_extent_count(in));
    td_needs_max(&b->needs->work, td_separable_work(unit->out));
}

/* Index of a tap of a channel in the kernels' order. */
static int tap_index(const td_unit *unit, int channel, int tap)
{
    int taps = unit->conv.kernel * unit->conv.kernel;
    return (channel / TD_PLANE * taps + tap) * TD_PLANE + channel % TD_PLANE;
}

void td_unit_pack(td_unit *unit, const td_context *ctx)
{
    const td_real *w = td_weight_at(ctx, unit->taps_slot);
    int taps = unit->conv.kernel * unit->conv.kernel;
    for (int c = 0; c < unit->channels; c++)
        for (int t = 0; t < taps; t++)
            unit->taps[tap_index(unit, c, t)] = *w++;
    td_matrix_pack(&unit->matrix, ctx);
}

void td_unit_unpack(const td_unit *unit, const td_context *ctx)
{
    size_t to = td_grad_offset(ctx, unit->taps_slot);
    int taps = unit->conv.kernel * unit->conv.kernel;
    for (int c = 0; c < unit->channels; c++)
        for (int t = 0; t < taps; t++)
            td_grads_move(ctx, to++,
                          unit->slice_offset + (size_t) tap_index(unit, c, t));
    td_matrix_unpack(&unit->matrix, ctx);
}

td_real *td_unit_output(const td_unit *unit, const td_context *ctx, int image)
{
    if (ctx->is_inference)
        return td_thread_scratch(ctx)->buffer[unit->buffer];
    return unit->y + (size_t) image * td_extent_count(unit->out);
}

static td_separable kernel_of(const td_unit *unit)
{
    return (td_separable){ unit->conv, unit->channels, unit->taps, unit->matrix.packed,
                           unit->matrix.transposed };
}

void td_unit_forward_image(const td_unit *unit, const td_context *ctx, int image,
                           int place, const td_real *r)
{
    td_separable kernel = kernel_of(unit);
    td_sums sums;
    ctx->k->separable(td_unit_output(unit, ctx, image),
                      td_sums_for(&sums, ctx, image, place), r, &kernel,
                      td_thread_scratch(ctx)->work);
}

void td_unit_add_image(const td_unit *unit, const td_context *ctx, td_real *out,
                       const td_real *scale, const td_real *r)
{
    td_separable kernel = kernel_of(unit);
    ctx->k->separable_add(out, scale, r, &kernel, td_thread_scratch(ctx)->work);
}

const td_real *td_unit_second_input(const td_unit *first, const td_context *ctx,
                                    int image, int group)
{
    size_t at = td_norm_at(&first->norm, group);
    td_real *z = td_padded_for(&td_thread_scratch(ctx)->z, first->out);
    ctx->k->norm_relu_padded(z, td_unit_output(first, ctx, image),
                             first->norm.scale + at, first->norm.shift + at,
                             first->out);
    return z;
}

void td_unit_backward_image(const td_unit *unit, const td_context *ctx, td_item item,
                            const td_real *g, td_affine behind, const td_real *r,
                            td_real *dr, bool add)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    td_separable kernel = kernel_of(unit);
    td_real *dd = td_padded_for(&scratch->dd, unit->out);
    ctx->k->separable_data(
        dd, item.slice ? item.slice + unit->matrix.slice_offset : NULL, g,
        td_unit_output(unit, ctx, item.image), &behind, r, &kernel, scratch->work);
    if (dr)
        ctx->k->depthwise_data(dr, add, dd, unit->taps, &unit->conv);
    if (item.slice)
        ctx->k->depthwise_weights(item.slice + unit->slice_offset, dd, r, &unit->conv);
}
