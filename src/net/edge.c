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

static void add_skip(td_edge *edge, td_builder *b, int channels, size_t *lot)
{
    edge->has_skip = edge->from->stride == 2;
    if (!edge->has_skip)
        return;
    edge->skip = (td_dense){ .in_channels = channels,
                             .part_channels = channels,
                             .out_channels = channels,
                             .factorized = true,
                             .in = edge->from->extent };
    td_dense_build(&edge->skip, b, "_ops.3", lot);
    edge->skip_y = TD_TAKE(b->arena, td_real,
                           (size_t) b->images * td_extent_count(edge->skip.out));
}

static void add_unit(td_edge *edge, td_builder *b, int u, int channels, size_t *lot)
{
    char name[16];
    td_unit *first = &edge->first[u];
    snprintf(name, sizeof name, "_ops.%d", (int) op_of_unit(u));
    first->channels = channels;
    first->conv = (td_depthwise){ edge->from->extent, units[u].kernel,
                                  edge->from->stride, units[u].dilation };
    td_unit_build(first, b, name, 0, lot);
    if (u >= TD_SEPARABLE)
        return;
    td_unit *second = &edge->second[u];
    second->channels = channels;
    second->conv = (td_depthwise){ first->out, units[u].kernel, 1, 1 };
    td_unit_build(second, b, name, 4, lot);
    edge->inner[u] = td_coefs_build(b, channels);
}

void td_edge_build(td_edge *edge, td_builder *b, int channels, size_t *lot)
{
    add_pools(edge, b);
    add_skip(edge, b, channels, lot);
    for (int u = 0; u < TD_UNITS; u++)
        add_unit(edge, b, u, channels, lot);
    for (int op = 0; op < TD_NUM_OPS; op++)
        edge->coefs[op] = td_coefs_build(b, channels);
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
    for (int u = 0; u < TD_UNITS; u++)
        td_unit_unpack(&edge->first[u], ctx);
    for (int u = 0; u < TD_SEPARABLE; u++)
        td_unit_unpack(&edge->second[u], ctx);
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
static const td_real *op_output(const td_edge *edge, td_op op, int image)
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
        return td_unit_output(&edge->second[op - TD_OP_SEP_CONV_3X3], image);
    default:
        TD_ASSERT(op == TD_OP_DIL_CONV_3X3 || op == TD_OP_DIL_CONV_5X5);
        return td_unit_output(&edge->first[op - TD_OP_SEP_CONV_3X3], image);
    }
}

static int out_pixels(const td_edge *edge)
{
    return edge->from->pooled.height * edge->from->pooled.width;
}

/* ---- forward ------------------------------------------------------------ */

void td_edge_first_image(const td_edge *edge, const td_context *ctx, int image)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *r = scratch->padded[0];
    ctx->k->relu_padded(r, td_state_value(edge->from, image), edge->from->extent);
    for (int u = 0; u < TD_UNITS; u++)
        td_unit_forward_image(&edge->first[u], ctx, image,
                              edge->place + (int) op_of_unit(u), r);
    if (!edge->has_skip)
        return;
    const td_matrix *matrix = &edge->skip.matrix;
    td_sums sums = td_sums_at(ctx, image, edge->place + TD_OP_SKIP_CONNECT);
    const td_real *x =
        td_dense_input(&edge->skip, ctx, scratch->image[0], r, TD_MARGIN);
    ctx->k->pointwise(skip_output(edge, image), &sums, x, matrix->packed,
                      matrix->planes_in, matrix->planes_out, out_pixels(edge));
}

void td_edge_first_finish(td_edge *edge, const td_context *ctx, const td_span *span)
{
    for (int u = 0; u < TD_UNITS; u++)
        td_norm_finish(&edge->first[u].norm, ctx, span,
                       edge->place + (int) op_of_unit(u), out_pixels(edge));
    if (edge->has_skip)
        td_norm_finish(&edge->skip.norm, ctx, span, edge->place + TD_OP_SKIP_CONNECT,
                       out_pixels(edge));
}

/* z = ReLU(batch norm(y)) of a first unit: its second unit's padded input. */
static void second_input(const td_edge *edge, const td_context *ctx, int u, int image,
                         int group, td_real *z)
{
    const td_unit *first = &edge->first[u];
    size_t at = td_norm_at(&first->norm, group);
    ctx->k->norm_relu_padded(z, td_unit_output(first, image), first->norm.inv + at,
                             first->norm.shift + at, first->out);
}

void td_edge_second_image(const td_edge *edge, const td_context *ctx, int image,
                          int group)
{
    td_real *z = td_thread_scratch(ctx)->padded[0];
    for (int u = 0; u < TD_SEPARABLE; u++) {
        second_input(edge, ctx, u, image, group, z);
        td_unit_forward_image(&edge->second[u], ctx, image,
                              edge->place + (int) op_of_unit(u), z);
    }
}

void td_edge_second_finish(td_edge *edge, const td_context *ctx, const td_span *span)
{
    for (int u = 0; u < TD_SEPARABLE; u++)
        td_norm_finish(&edge->second[u].norm, ctx, span,
                       edge->place + (int) op_of_unit(u), out_pixels(edge));
}

static void mix_op(const td_edge *edge, const td_span *span, td_op op, double p,
                   td_real *constant)
{
    const td_norm *norm = op_norm(edge, op);
    const td_coefs *coefs = &edge->coefs[op];
    int width = edge->from->extent.planes * TD_PLANE;
    for (int i = 0; i < span->groups * width; i++) {
        coefs->a[i] = (td_real) (norm ? p * (double) norm->inv[i] : p);
        if (norm)
            constant[i] += (td_real) (p * (double) norm->shift[i]);
        else
            coefs->b[i] = coefs->c[i] = 0;
    }
}

void td_edge_mix(const td_edge *edge, const td_span *span, const double *p,
                 td_real *constant)
{
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++)
        mix_op(edge, span, (td_op) op, p[op], constant);
}

void td_edge_add_image(const td_edge *edge, const td_context *ctx, int image, int group,
                       td_real *node)
{
    int planes = edge->from->extent.planes;
    size_t at = (size_t) (group * planes * TD_PLANE);
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++)
        ctx->k->add_scaled(node, op_output(edge, (td_op) op, image),
                           edge->coefs[op].a + at, planes, out_pixels(edge));
}

/* ---- backward ----------------------------------------------------------- */

void td_edge_sums_image(const td_edge *edge, const td_context *ctx, int image,
                        const td_real *g)
{
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++) {
        td_sums sums = td_sums_at(ctx, image, edge->place + op);
        ctx->k->dot_sums(&sums, g, op_output(edge, (td_op) op, image),
                         edge->from->extent.planes, out_pixels(edge));
    }
}

/* ∂L/∂p of the plain skip: Σ g·s over everything. */
static double plain_skip_gradient(const td_edge *edge, const td_context *ctx,
                                  const td_span *span)
{
    double dp = 0.0;
    for (int i = 0; i < span->images; i++) {
        td_sums sums = td_sums_at(ctx, i, edge->place + TD_OP_SKIP_CONNECT);
        for (int c = 0; c < edge->from->extent.planes * TD_PLANE; c++)
            dp += sums.second[c];
    }
    return dp;
}

void td_edge_sums_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                         const double *p, double *dp)
{
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++) {
        const td_norm *norm = op_norm(edge, (td_op) op);
        td_sums_place at = { ctx, span, edge->place + op, out_pixels(edge) };
        dp[op] += norm ? td_norm_gradient(norm, &edge->coefs[op], at, p[op])
                       : plain_skip_gradient(edge, ctx, span);
    }
}

/* gy = a·g + b·y + c into the thread's third image. */
static const td_real *behind_norm(const td_edge *edge, const td_context *ctx,
                                  const td_coefs *coefs, int group, const td_real *g,
                                  const td_real *y)
{
    td_real *gy = td_thread_scratch(ctx)->image[2];
    int planes = edge->from->extent.planes;
    size_t at = (size_t) (group * planes * TD_PLANE);
    ctx->k->affine(gy, g, y, coefs->a + at, coefs->b + at, coefs->c + at, planes,
                   out_pixels(edge));
    return gy;
}

/* The second units; the gradient of their input takes the place of their output,
 * which is not read again. */
void td_edge_second_backward_image(const td_edge *edge, const td_context *ctx,
                                   int image, int group, const td_real *g, td_real *lot)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *dz = scratch->padded[0], *z = scratch->padded[1];
    for (int u = 0; u < TD_SEPARABLE; u++) {
        const td_unit *first = &edge->first[u], *second = &edge->second[u];
        td_sums sums = td_sums_at(ctx, image, edge->place + (int) op_of_unit(u));
        td_real *y = td_unit_output(second, image);
        size_t at = td_norm_at(&first->norm, group);
        const td_real *gy =
            behind_norm(edge, ctx, &edge->coefs[op_of_unit(u)], group, g, y);
        memset(dz, 0, td_extent_padded_count(first->out) * sizeof(td_real));
        if (lot)
            second_input(edge, ctx, u, image, group, z);
        td_unit_backward_image(second, ctx, dz, lot, gy, z);
        ctx->k->norm_relu_padded_data(y, &sums, dz, td_unit_output(first, image),
                                      first->norm.inv + at, first->norm.shift + at,
                                      first->out);
    }
}

void td_edge_second_backward_finish(td_edge *edge, const td_context *ctx,
                                    const td_span *span)
{
    for (int u = 0; u < TD_SEPARABLE; u++) {
        td_sums_place at = { ctx, span, edge->place + (int) op_of_unit(u),
                             out_pixels(edge) };
        td_norm_gradient(&edge->first[u].norm, &edge->inner[u], at, 1.0);
    }
}

static void skip_backward_image(const td_edge *edge, const td_context *ctx,
                                const td_real *gy, td_real *dr, td_real *lot,
                                const td_real *r)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    const td_matrix *matrix = &edge->skip.matrix;
    td_real *dx = scratch->image[1];
    if (dr) {
        ctx->k->pointwise(dx, NULL, gy, matrix->transposed, matrix->planes_out,
                          matrix->planes_in, out_pixels(edge));
        ctx->k->halve_data(dr, dx, edge->from->extent, TD_MARGIN);
    }
    if (lot) {
        const td_real *x =
            td_dense_input(&edge->skip, ctx, scratch->image[0], r, TD_MARGIN);
        ctx->k->pointwise_weights(lot + matrix->lot, gy, x, matrix->planes_in,
                                  matrix->planes_out, out_pixels(edge));
    }
}

void td_edge_first_backward_image(const td_edge *edge, const td_context *ctx, int image,
                                  int group, const td_real *g, td_real *lot, bool data)
{
    td_real *r = td_thread_scratch(ctx)->padded[0];
    td_real *dr = data ? td_state_dr(edge->from, image) : NULL;
    if (lot)
        ctx->k->relu_padded(r, td_state_value(edge->from, image), edge->from->extent);
    for (int u = 0; u < TD_UNITS; u++) {
        const td_unit *first = &edge->first[u];
        bool is_separable = u < TD_SEPARABLE;
        const td_coefs *coefs =
            is_separable ? &edge->inner[u] : &edge->coefs[op_of_unit(u)];
        const td_real *from =
            is_separable ? td_unit_output(&edge->second[u], image) : g;
        const td_real *gy =
            behind_norm(edge, ctx, coefs, group, from, td_unit_output(first, image));
        td_unit_backward_image(first, ctx, dr, lot, gy, r);
    }
    if (edge->has_skip) {
        const td_real *gy = behind_norm(edge, ctx, &edge->coefs[TD_OP_SKIP_CONNECT],
                                        group, g, skip_output(edge, image));
        skip_backward_image(edge, ctx, gy, dr, lot, r);
    }
}
