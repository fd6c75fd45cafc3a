/* A mixed edge backward: the sums that batch norms need, second units, first units. */
#include "edge.h"

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
            r = td_edge_relu(edge, ctx, image);
        td_unit_forward_image(&edge->first[u], ctx, image, TD_NO_PLACE, r);
    }
    for (int u = 0; u < TD_SEPARABLE; u++)
        if (!edge->second[u].is_kept)
            td_unit_forward_image(
                &edge->second[u], ctx, image, TD_NO_PLACE,
                td_unit_second_input(&edge->first[u], ctx, image, group));
}

void td_edge_dots_image(const td_edge *edge, const td_context *ctx, int image,
                        int group)
{
    const td_real *g = td_state_grad(edge->to, image);
    int planes = edge->from->extent.planes, pixels = td_edge_pixels(edge);
    if (edge->is_first)
        ctx->k->sum(td_sums_at(ctx, image, TD_PLACE_GRADIENT).first, g, planes, pixels);
    recall_outputs(edge, ctx, image, group);
    double *dots[TD_NUM_OPS];
    const td_real *y[TD_NUM_OPS];
    int count = 0;
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++, count++) {
        dots[count] = td_sums_at(ctx, image, TD_PLACE_OPS + op).second;
        y[count] = td_edge_output(edge, ctx, (td_op) op, image);
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
        const td_norm *norm = td_edge_norm(edge, (td_op) op);
        td_sums_place at = {
            ctx, span, TD_PLACE_GRADIENT, TD_PLACE_OPS + op, td_edge_pixels(edge), false
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
        td_sums sums = td_sums_at(ctx, item.image, TD_PLACE_OPS + (int) td_edge_op(u));
        size_t at = td_norm_at(&first->norm, item.group);
        const td_real *z = NULL;
        if (item.lot)
            z = td_unit_second_input(&edge->first[u], ctx, item.image, item.group);
        td_affine behind =
            td_coefs_at(&edge->coefs[td_edge_op(u)], &second->norm, item.group);
        td_unit_backward_image(second, ctx, item, g, behind, z, dz, false);
        ctx->k->norm_relu_data(td_unit_output(second, ctx, item.image), &sums, dz,
                               td_unit_output(first, ctx, item.image),
                               first->norm.inv + at, first->norm.shift + at,
                               first->out.planes, td_edge_pixels(edge));
    }
}

void td_edge_second_backward_finish(td_edge *edge, const td_context *ctx,
                                    const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int u = 0; u < TD_SEPARABLE; u++) {
        int place = TD_PLACE_OPS + (int) td_edge_op(u);
        td_sums_place at = { ctx, span, place, place, td_edge_pixels(edge), false };
        td_norm_gradient(&edge->first[u].norm, &edge->inner[u], at, 1.0);
    }
}

static void skip_backward_image(const td_edge *edge, const td_context *ctx,
                                td_item item, const td_real *r, td_real *dr)
{
    td_affine behind =
        td_coefs_at(&edge->coefs[TD_OP_SKIP_CONNECT], &edge->skip.norm, item.group);
    td_dense_skip_backward_image(&edge->skip, ctx, item,
                                 td_state_grad(edge->to, item.image),
                                 td_edge_skip(edge, item.image), behind, r, dr);
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
                    td_edge_pixels(edge));
}

void td_edge_first_backward_image(const td_edge *edge, const td_context *ctx,
                                  td_item item, bool data)
{
    const td_real *r = item.lot ? td_edge_relu(edge, ctx, item.image) : NULL;
    td_real *dr = data ? td_thread_scratch(ctx)->image[0] : NULL;
    for (int u = 0; u < TD_UNITS; u++) {
        bool is_separable = u < TD_SEPARABLE;
        const td_real *g = is_separable
                               ? td_unit_output(&edge->second[u], ctx, item.image)
                               : td_state_grad(edge->to, item.image);
        const td_coefs *coefs =
            is_separable ? &edge->inner[u] : &edge->coefs[td_edge_op(u)];
        td_affine behind = td_coefs_at(coefs, &edge->first[u].norm, item.group);
        td_unit_backward_image(&edge->first[u], ctx, item, g, behind, r, dr, u > 0);
    }
    if (edge->has_skip)
        skip_backward_image(edge, ctx, item, r, dr);
    if (data)
        state_gets(edge, ctx, item, dr);
}
