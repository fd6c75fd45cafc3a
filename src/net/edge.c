/* A mixed edge: the weighted sum of the eight primitives over one state (Liu et al.
 * 2019, eq. 2).
 *
 * The four convolutions share ReLU(state); both pools belong to the state.  Every term
 * is p·(y·inv + shift), so the node is Σ (p·inv)·y plus one constant a channel. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

static const struct {
    int kernel, dilation;
} units[TD_UNITS] = { { 3, 1 }, { 5, 1 }, { 3, 2 }, { 5, 2 } };

static td_op op_of_unit(int unit)
{
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
        edge->max_slot = td_add_norm(b, "_ops.1.1", max->channels);
        edge->avg_slot = td_add_norm(b, "_ops.2.1", avg->channels);
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
    snprintf(name, sizeof name, "_ops.%d", (int) op_of_unit(u));
    first->channels = channels;
    first->conv = (td_depthwise){ edge->from->extent, units[u].kernel,
                                  edge->from->stride, units[u].dilation };
    /* a ReLU mask must come from exact numbers, which would be dear to make again */
    first->is_kept = is_separable || b->recompute < TD_RECOMPUTE_DILATED;
    td_unit_build(first, b, name, 0, &edge->lot);
    if (!is_separable)
        return;
    td_unit *second = &edge->second[u];
    second->channels = channels;
    second->conv = (td_depthwise){ first->out, units[u].kernel, 1, 1 };
    second->is_kept = b->recompute < TD_RECOMPUTE_ALL;
    td_unit_build(second, b, name, 4, &edge->lot);
    edge->inner[u] = td_coefs_build(b, channels);
}

void td_edge_build(td_edge *edge, td_builder *b, int channels)
{
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
static const td_norm *op_norm(const td_edge *edge, td_op op)
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

static td_real *skip_output(const td_edge *edge, int image)
{
    return edge->skip_y + (size_t) image * td_extent_count(edge->skip.out);
}

/* A primitive's output before its batch norm. */
static const td_real *op_output(const td_edge *edge, const td_context *ctx, td_op op,
                                int image)
{
    size_t pooled = (size_t) image * td_extent_count(edge->from->pooled);
    switch (op) {
    case TD_OP_MAX_POOL_3X3:
        return edge->from->max + pooled;
    case TD_OP_AVG_POOL_3X3:
        return edge->from->avg + pooled;
    case TD_OP_SKIP_CONNECT:
        return edge->has_skip ? skip_output(edge, image)
                              : td_state_value(edge->from, image);
    case TD_OP_SEP_CONV_3X3:
    case TD_OP_SEP_CONV_5X5:
        return td_unit_output(&edge->second[op - TD_OP_SEP_CONV_3X3], ctx, image);
    default:
        TD_ASSERT(op == TD_OP_DIL_CONV_3X3 || op == TD_OP_DIL_CONV_5X5);
        return td_unit_output(&edge->first[op - TD_OP_SEP_CONV_3X3], ctx, image);
    }
}

static int out_pixels(const td_edge *edge)
{
    return edge->from->pooled.height * edge->from->pooled.width;
}

/* ---- forward ------------------------------------------------------------ */

/* ReLU(state) of an image with its margin, in the thread's scratch. */
static const td_real *relu_of_state(const td_edge *edge, const td_context *ctx,
                                    int image)
{
    td_extent extent = edge->from->extent;
    td_real *r = td_padded_for(&td_thread_scratch(ctx)->r, extent);
    ctx->k->relu_padded(r, td_state_value(edge->from, image), extent);
    return r;
}

static void skip_forward_image(const td_edge *edge, const td_context *ctx, int image,
                               const td_real *r)
{
    const td_matrix *matrix = &edge->skip.matrix;
    td_sums sums = td_sums_at(ctx, image, TD_PLACE_OPS + TD_OP_SKIP_CONNECT);
    const td_real *x = td_dense_input(&edge->skip, ctx,
                                      td_thread_scratch(ctx)->image[0], r, TD_MARGIN);
    ctx->k->pointwise(skip_output(edge, image), &sums, x, matrix->packed,
                      matrix->planes_in, matrix->planes_out, out_pixels(edge));
}

void td_edge_first_image(const td_edge *edge, const td_context *ctx, int image)
{
    const td_real *r = relu_of_state(edge, ctx, image);
    for (int u = 0; u < TD_UNITS; u++)
        td_unit_forward_image(&edge->first[u], ctx, image,
                              TD_PLACE_OPS + (int) op_of_unit(u), r);
    if (edge->has_skip)
        skip_forward_image(edge, ctx, image, r);
}

static void finish_op(td_norm *norm, const td_edge *edge, const td_context *ctx,
                      const td_span *span, td_op op)
{
    td_norm_finish(norm, ctx, span, TD_PLACE_OPS + (int) op, out_pixels(edge));
}

void td_edge_first_finish(td_edge *edge, const td_context *ctx, const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int u = 0; u < TD_UNITS; u++)
        finish_op(&edge->first[u].norm, edge, ctx, span, op_of_unit(u));
    if (edge->has_skip)
        finish_op(&edge->skip.norm, edge, ctx, span, TD_OP_SKIP_CONNECT);
}

/* z = ReLU(batch norm(y)) of a first unit: its second unit's padded input. */
static const td_real *second_input(const td_edge *edge, const td_context *ctx, int u,
                                   int image, int group)
{
    const td_unit *first = &edge->first[u];
    size_t at = td_norm_at(&first->norm, group);
    td_real *z = td_padded_for(&td_thread_scratch(ctx)->z, first->out);
    ctx->k->norm_relu_padded(z, td_unit_output(first, ctx, image), first->norm.inv + at,
                             first->norm.shift + at, first->out);
    return z;
}

void td_edge_second_image(const td_edge *edge, const td_context *ctx, int image,
                          int group)
{
    for (int u = 0; u < TD_SEPARABLE; u++)
        td_unit_forward_image(&edge->second[u], ctx, image,
                              TD_PLACE_OPS + (int) op_of_unit(u),
                              second_input(edge, ctx, u, image, group));
}

static void mix_op(const td_edge *edge, const td_span *span, td_op op, double p)
{
    const td_norm *norm = op_norm(edge, op);
    const td_coefs *coefs = &edge->coefs[op];
    int width = edge->from->extent.planes * TD_PLANE;
    for (int i = 0; i < span->groups * width; i++) {
        coefs->a[i] = (td_real) (norm ? p * (double) norm->inv[i] : p);
        if (norm)
            edge->constant[i] += (td_real) (p * (double) norm->shift[i]);
        else
            coefs->b[i] = coefs->c[i] = 0;
    }
}

void td_edge_second_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                           const double *p)
{
    size_t width = (size_t) (edge->from->extent.planes * TD_PLANE);
#pragma omp parallel for schedule(static)
    for (int u = 0; u < TD_SEPARABLE; u++)
        finish_op(&edge->second[u].norm, edge, ctx, span, op_of_unit(u));
    memset(edge->constant, 0, (size_t) span->groups * width * sizeof(td_real));
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++)
        mix_op(edge, span, (td_op) op, p[op]);
}

void td_edge_add_image(const td_edge *edge, const td_context *ctx, int image, int group)
{
    td_term terms[TD_NUM_OPS - 1];
    int planes = edge->from->extent.planes;
    size_t at = (size_t) (group * planes * TD_PLANE);
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++)
        terms[op - 1] = (td_term){ op_output(edge, ctx, (td_op) op, image),
                                   edge->coefs[op].a + at };
    ctx->k->mix(td_state_value(edge->to, image), !edge->is_first, edge->constant + at,
                terms, TD_NUM_OPS - 1, planes, out_pixels(edge));
}

/* ---- backward: Σ g·y of every primitive --------------------------------- */

/* What the forward pass did not keep. */
static void recall_outputs(const td_edge *edge, const td_context *ctx, int image,
                           int group)
{
    const td_real *r = NULL;
    for (int u = 0; u < TD_UNITS; u++) {
        if (edge->first[u].is_kept)
            continue;
        if (!r)
            r = relu_of_state(edge, ctx, image);
        td_unit_forward_image(&edge->first[u], ctx, image, TD_NO_PLACE, r);
    }
    for (int u = 0; u < TD_SEPARABLE; u++)
        if (!edge->second[u].is_kept)
            td_unit_forward_image(&edge->second[u], ctx, image, TD_NO_PLACE,
                                  second_input(edge, ctx, u, image, group));
}

void td_edge_dots_image(const td_edge *edge, const td_context *ctx, int image,
                        int group)
{
    const td_real *g = td_state_grad(edge->to, image);
    int planes = edge->from->extent.planes, pixels = out_pixels(edge);
    if (edge->is_first)
        ctx->k->sum(td_sums_at(ctx, image, TD_PLACE_GRADIENT).first, g, planes, pixels);
    recall_outputs(edge, ctx, image, group);
    double *dots[TD_NUM_OPS];
    const td_real *y[TD_NUM_OPS];
    int count = 0;
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++, count++) {
        dots[count] = td_sums_at(ctx, image, TD_PLACE_OPS + op).second;
        y[count] = op_output(edge, ctx, (td_op) op, image);
    }
    ctx->k->dots(dots, g, y, count, planes, pixels);
}

/* ∂L/∂p of the plain skip: Σ g·s over everything. */
static double plain_skip_gradient(const td_edge *edge, const td_context *ctx,
                                  const td_span *span)
{
    double dp = 0.0;
    for (int i = 0; i < span->images; i++) {
        td_sums sums = td_sums_at(ctx, i, TD_PLACE_OPS + TD_OP_SKIP_CONNECT);
        for (int c = 0; c < edge->from->extent.planes * TD_PLANE; c++)
            dp += sums.second[c];
    }
    return dp;
}

void td_edge_dots_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                         const double *p, double *dp)
{
#pragma omp parallel for schedule(static)
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++) {
        const td_norm *norm = op_norm(edge, (td_op) op);
        td_sums_place at = {
            ctx, span, TD_PLACE_GRADIENT, TD_PLACE_OPS + op, out_pixels(edge), false
        };
        dp[op] += norm ? td_norm_gradient(norm, &edge->coefs[op], at, p[op])
                       : plain_skip_gradient(edge, ctx, span);
    }
}

/* ---- backward: second units, first units -------------------------------- */

/* gz, the gradient behind the first unit's batch norm, takes the place of the second
 * unit's output, which is not read again. */
void td_edge_second_backward_image(const td_edge *edge, const td_context *ctx,
                                   td_item item)
{
    const td_real *g = td_state_grad(edge->to, item.image);
    td_real *dz = td_thread_scratch(ctx)->image[0];
    for (int u = 0; u < TD_SEPARABLE; u++) {
        const td_unit *first = &edge->first[u], *second = &edge->second[u];
        td_sums sums = td_sums_at(ctx, item.image, TD_PLACE_OPS + (int) op_of_unit(u));
        size_t at = td_norm_at(&first->norm, item.group);
        const td_real *z = NULL;
        if (item.lot)
            z = second_input(edge, ctx, u, item.image, item.group);
        td_unit_backward_image(second, ctx, item, g, &edge->coefs[op_of_unit(u)], z, dz,
                               false);
        ctx->k->norm_relu_data(td_unit_output(second, ctx, item.image), &sums, dz,
                               td_unit_output(first, ctx, item.image),
                               first->norm.inv + at, first->norm.shift + at,
                               first->out.planes, out_pixels(edge));
    }
}

void td_edge_second_backward_finish(td_edge *edge, const td_context *ctx,
                                    const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int u = 0; u < TD_SEPARABLE; u++) {
        int place = TD_PLACE_OPS + (int) op_of_unit(u);
        td_sums_place at = { ctx, span, place, place, out_pixels(edge), false };
        td_norm_gradient(&edge->first[u].norm, &edge->inner[u], at, 1.0);
    }
}

static void skip_backward_image(const td_edge *edge, const td_context *ctx,
                                td_item item, const td_real *r, td_real *dr)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    const td_matrix *matrix = &edge->skip.matrix;
    td_real *gy = scratch->image[1], *room = scratch->image[2];
    td_affine coefs =
        td_coefs_at(&edge->coefs[TD_OP_SKIP_CONNECT], &edge->skip.norm, item.group);
    ctx->k->affine(gy, td_state_grad(edge->to, item.image),
                   skip_output(edge, item.image), &coefs, edge->skip.out.planes,
                   out_pixels(edge));
    if (dr) {
        ctx->k->pointwise(room, NULL, gy, matrix->transposed, matrix->planes_out,
                          matrix->planes_in, out_pixels(edge));
        ctx->k->halve_data(dr, room, edge->from->extent);
    }
    if (item.lot) {
        const td_real *x = td_dense_input(&edge->skip, ctx, room, r, TD_MARGIN);
        ctx->k->pointwise_weights(item.lot + matrix->lot, gy, x, matrix->planes_in,
                                  matrix->planes_out, out_pixels(edge));
    }
}

/* The state's gradient += [s > 0]·dr, and the plain skip's p·g. */
static void state_gets(const td_edge *edge, const td_context *ctx, td_item item,
                       const td_real *dr)
{
    td_extent extent = edge->from->extent;
    td_real *grad = td_state_grad(edge->from, item.image);
    const td_coefs *skip = &edge->coefs[TD_OP_SKIP_CONNECT];
    size_t at = (size_t) (item.group * extent.planes * TD_PLANE);
    td_term term = { td_state_grad(edge->to, item.image), skip->a + at };
    ctx->k->relu_data(grad, dr, td_state_value(edge->from, item.image),
                      td_extent_count(extent));
    if (!edge->has_skip)
        ctx->k->mix(grad, true, skip->c + at, &term, 1, extent.planes,
                    out_pixels(edge));
}

void td_edge_first_backward_image(const td_edge *edge, const td_context *ctx,
                                  td_item item, bool data)
{
    const td_real *r = item.lot ? relu_of_state(edge, ctx, item.image) : NULL;
    td_real *dr = data ? td_thread_scratch(ctx)->image[0] : NULL;
    for (int u = 0; u < TD_UNITS; u++) {
        bool is_separable = u < TD_SEPARABLE;
        const td_real *g = is_separable
                               ? td_unit_output(&edge->second[u], ctx, item.image)
                               : td_state_grad(edge->to, item.image);
        td_unit_backward_image(
            &edge->first[u], ctx, item, g,
            is_separable ? &edge->inner[u] : &edge->coefs[op_of_unit(u)], r, dr, u > 0);
    }
    if (edge->has_skip)
        skip_backward_image(edge, ctx, item, r, dr);
    if (data)
        state_gets(edge, ctx, item, dr);
}
