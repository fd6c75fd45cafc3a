/* A mixed edge: the weighted sum of the eight primitives over one state (Liu et al.
 * 2019, eq. 2).
 *
 * The four convolutions share ReLU(state); both pools belong to the state.  Every term
 * is p·(y·inv + shift), so the node is Σ (p·inv)·y plus one constant a channel. */
#include "edge.h"

#include <stdio.h>

td_op td_edge_op(int unit)
{
    TD_ASSERT(unit >= 0 && unit < TD_UNITS);
    return (td_op) (TD_OP_SEP_CONV_3X3 + unit);
}

/* ---- building ----------------------------------------------------------- */

/* Both pools' batch norms carry a name on every edge, but there is one of each a state:
 * the first edge's name stands for all, their running statistics are equal. */
static void add_pools(td_edge *edge, td_builder *b)
{
    td_norm *max = &edge->from->max_norm, *avg = &edge->from->avg_norm;
    if (max->slot < 0) {
        td_norm_name(max, b, "_ops.1.1");
        td_norm_name(avg, b, "_ops.2.1");
        edge->max_slot = max->slot;
        edge->avg_slot = avg->slot;
    } else {
        edge->max_slot = td_add_norm(b, "_ops.1.1", max);
        edge->avg_slot = td_add_norm(b, "_ops.2.1", avg);
    }
}

static void add_skip(td_edge *edge, td_builder *b, int channels)
{
    edge->has_skip = edge->from->stride == 2;
    if (!edge->has_skip)
        return;
    edge->skip = (td_dense){ .in_channels = channels,
                             .part_channels = channels,
                             .out_channels = channels,
                             .factorized = true,
                             .in = edge->from->extent };
    td_dense_build(&edge->skip, b, "_ops.3", &edge->lot);
    edge->skip_y = TD_TAKE(b->arena, td_real,
                           (size_t) b->images * td_extent_count(edge->skip.out));
}

static void add_unit(td_edge *edge, td_builder *b, int u, int channels)
{
    char name[16];
    td_unit *first = &edge->first[u];
    bool is_separable = u < TD_SEPARABLE;
    snprintf(name, sizeof name, "_ops.%d", (int) td_edge_op(u));
    first->channels = channels;
    first->conv =
        td_unit_convolution(td_edge_op(u), edge->from->extent, edge->from->stride);
    /* a ReLU mask must come from exact numbers, which would be dear to make again */
    first->room = u;
    first->is_kept = is_separable || b->recompute < TD_RECOMPUTE_DILATED;
    td_unit_build(first, b, name, 0, &edge->lot);
    if (!is_separable)
        return;
    td_unit *second = &edge->second[u];
    second->channels = channels;
    second->conv = td_unit_convolution(td_edge_op(u), first->out, 1);
    second->is_kept = b->recompute < TD_RECOMPUTE_ALL;
    td_unit_build(second, b, name, 4, &edge->lot);
    edge->inner[u] = td_coefs_build(b, channels);
}

void td_edge_build(td_edge *edge, td_builder *b, int channels)
{
    TD_ASSERT(edge->from && edge->to && channels > 0);
    add_pools(edge, b);
    add_skip(edge, b, channels);
    for (int u = 0; u < TD_UNITS; u++)
        add_unit(edge, b, u, channels);
    for (int op = 0; op < TD_NUM_OPS; op++)
        edge->coefs[op] = td_coefs_build(b, channels);
    edge->constant = TD_TAKE(b->arena, td_real,
                             (size_t) (b->groups * td_planes(channels) * TD_PLANE));
    td_needs_max(&b->needs->lot, edge->lot);
}

void td_edge_build_work(td_edge *edge, td_builder *b)
{
    for (int u = 0; u < TD_UNITS; u++)
        if (!edge->first[u].is_kept)
            td_unit_take_output(&edge->first[u], b);
    for (int u = 0; u < TD_SEPARABLE; u++)
        if (!edge->second[u].is_kept)
            td_unit_take_output(&edge->second[u], b);
}

void td_edge_pack(td_edge *edge, const td_context *ctx)
{
    for (int u = 0; u < TD_UNITS; u++)
        td_unit_pack(&edge->first[u], ctx);
    for (int u = 0; u < TD_SEPARABLE; u++)
        td_unit_pack(&edge->second[u], ctx);
    if (edge->has_skip)
        td_matrix_pack(&edge->skip.matrix, ctx);
}

void td_edge_unpack(const td_edge *edge, const td_context *ctx)
{
#pragma omp parallel for schedule(static)
    for (int u = 0; u < TD_UNITS + TD_SEPARABLE; u++)
        td_unit_unpack(u < TD_UNITS ? &edge->first[u] : &edge->second[u - TD_UNITS],
                       ctx);
    if (edge->has_skip)
        td_matrix_unpack(&edge->skip.matrix, ctx);
}

/* ---- the primitives' outputs -------------------------------------------- */

/* The batch norm behind a primitive; NULL for the plain skip. */
const td_norm *td_edge_norm(const td_edge *edge, td_op op)
{
    switch (op) {
    case TD_OP_MAX_POOL_3X3:
        return &edge->from->max_norm;
    case TD_OP_AVG_POOL_3X3:
        return &edge->from->avg_norm;
    case TD_OP_SKIP_CONNECT:
        return edge->has_skip ? &edge->skip.norm : NULL;
    case TD_OP_SEP_CONV_3X3:
    case TD_OP_SEP_CONV_5X5:
        return &edge->second[op - TD_OP_SEP_CONV_3X3].norm;
    default:
        TD_ASSERT(op == TD_OP_DIL_CONV_3X3 || op == TD_OP_DIL_CONV_5X5);
        return &edge->first[op - TD_OP_SEP_CONV_3X3].norm;
    }
}

td_real *td_edge_skip(const td_edge *edge, int image)
{
    TD_ASSERT(edge->has_skip);
    return edge->skip_y + (size_t) image * td_extent_count(edge->skip.out);
}

/* A primitive's output before its batch norm. */
const td_real *td_edge_output(const td_edge *edge, const td_context *ctx, td_op op,
                              int image)
{
    size_t pooled = (size_t) image * td_extent_count(edge->from->pooled);
    switch (op) {
    case TD_OP_MAX_POOL_3X3:
        return edge->from->max + pooled;
    case TD_OP_AVG_POOL_3X3:
        return edge->from->avg + pooled;
    case TD_OP_SKIP_CONNECT:
        return edge->has_skip ? td_edge_skip(edge, image)
                              : td_state_value(edge->from, image);
    case TD_OP_SEP_CONV_3X3:
    case TD_OP_SEP_CONV_5X5:
        return td_unit_output(&edge->second[op - TD_OP_SEP_CONV_3X3], ctx, image);
    default:
        TD_ASSERT(op == TD_OP_DIL_CONV_3X3 || op == TD_OP_DIL_CONV_5X5);
        return td_unit_output(&edge->first[op - TD_OP_SEP_CONV_3X3], ctx, image);
    }
}

int td_edge_pixels(const td_edge *edge)
{
    return edge->from->pooled.height * edge->from->pooled.width;
}

/* ---- what units read ---------------------------------------------------- */

/* ReLU(state) of an image with its margin, in the thread's scratch. */
const td_real *td_edge_relu(const td_edge *edge, const td_context *ctx, int image)
{
    td_extent extent = edge->from->extent;
    td_real *r = td_padded_for(&td_thread_scratch(ctx)->r, extent);
    ctx->k->relu_padded(r, td_state_value(edge->from, image), extent);
    return r;
}
