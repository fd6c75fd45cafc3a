/* A mixed edge forward: four first units on ReLU(state), the second halves of the two
 * separable ones, and the weighted sum of all primitives. */
#include "edge.h"

#include <string.h>

static void skip_forward_image(const td_edge *edge, const td_context *ctx, int image,
                               const td_real *r)
{
    td_sums sums;
    td_dense_skip_image(
        &edge->skip, ctx, td_edge_skip(edge, image),
        td_sums_for(&sums, ctx, image, TD_PLACE_OPS + TD_OP_SKIP_CONNECT), r);
}

void td_edge_first_image(const td_edge *edge, const td_context *ctx, int image)
{
    const td_real *r = td_edge_relu(edge, ctx, image);
    for (int u = 0; u < TD_UNITS; u++)
        td_unit_forward_image(&edge->first[u], ctx, image,
                              TD_PLACE_OPS + (int) td_edge_op(u), r);
    if (edge->has_skip)
        skip_forward_image(edge, ctx, image, r);
}

static void finish_op(td_norm *norm, const td_edge *edge, const td_context *ctx,
                      const td_span *span, td_op op)
{
    td_norm_finish(norm, ctx, span, TD_PLACE_OPS + (int) op, td_edge_pixels(edge));
}

void td_edge_first_finish(td_edge *edge, const td_context *ctx, const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int u = 0; u < TD_UNITS; u++)
        finish_op(&edge->first[u].norm, edge, ctx, span, td_edge_op(u));
    if (edge->has_skip)
        finish_op(&edge->skip.norm, edge, ctx, span, TD_OP_SKIP_CONNECT);
}

void td_edge_second_image(const td_edge *edge, const td_context *ctx, int image,
                          int group)
{
    for (int u = 0; u < TD_SEPARABLE; u++)
        td_unit_forward_image(&edge->second[u], ctx, image,
                              TD_PLACE_OPS + (int) td_edge_op(u),
                              td_unit_second_input(&edge->first[u], ctx, image, group));
}

static void mix_op(const td_edge *edge, const td_span *span, td_op op, double p)
{
    const td_norm *norm = td_edge_norm(edge, op);
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
        finish_op(&edge->second[u].norm, edge, ctx, span, td_edge_op(u));
    memset(edge->constant, 0, (size_t) span->groups * width * sizeof(td_real));
    for (int op = TD_OP_NONE + 1; op < TD_NUM_OPS; op++)
        mix_op(edge, span, (td_op) op, p[op]);
}

/* node = or += the weighted outputs of the primitives up to \a last. */
static void add_ops(const td_edge *edge, const td_context *ctx, int image, int group,
                    td_op last)
{
    td_term terms[TD_NUM_OPS - 1];
    int planes = edge->from->extent.planes;
    size_t at = (size_t) (group * planes * TD_PLANE);
    for (int op = TD_OP_NONE + 1; op <= (int) last; op++)
        terms[op - 1] = (td_term){ td_edge_output(edge, ctx, (td_op) op, image),
                                   edge->coefs[op].a + at };
    ctx->k->mix(td_state_value(edge->to, image), !edge->is_first, edge->constant + at,
                terms, (int) last, planes, td_edge_pixels(edge));
}

void td_edge_add_image(const td_edge *edge, const td_context *ctx, int image, int group)
{
    add_ops(edge, ctx, image, group, TD_OP_DIL_CONV_5X5);
}

/* ---- evaluation --------------------------------------------------------- */

static void evaluate_unit(const td_edge *edge, const td_context *ctx, int image, int u,
                          const td_real *r)
{
    td_op op = td_edge_op(u);
    bool is_separable = u < TD_SEPARABLE;
    const td_unit *last = is_separable ? &edge->second[u] : &edge->first[u];
    if (is_separable) {
        td_unit_forward_image(&edge->first[u], ctx, image, TD_NO_PLACE, r);
        r = td_unit_second_input(&edge->first[u], ctx, image, 0);
    }
    td_unit_add_image(last, ctx, td_state_value(edge->to, image), edge->coefs[op].a, r);
}

/* What a batch norm does is known beforehand: convolutions go straight to the node. */
void td_edge_evaluate_image(const td_edge *edge, const td_context *ctx, int image)
{
    const td_real *r = td_edge_relu(edge, ctx, image);
    if (edge->has_skip)
        skip_forward_image(edge, ctx, image, r);
    add_ops(edge, ctx, image, 0, TD_OP_SKIP_CONNECT);
    for (int u = 0; u < TD_UNITS; u++)
        evaluate_unit(edge, ctx, image, u, r);
}
