/* A mixed edge: the weighted sum of primitives over one state (Liu et al. 2019, eq. 2).
 *
 * Convolutions share ReLU(state); pools belong to the state.  Every term is
 * p·(y·inv + shift), so the node is Σ (p·inv)·y plus one constant per channel. */
#include "cells.h"

#include <stdio.h>
#include <string.h>

/* ---- building ----------------------------------------------------------- */

/* Convolutions first, the skip behind them: gradients are added in this order. */
static void list_readers(td_edge *edge)
{
    edge->reader_count = 0;
    for (int is_skip = 0; is_skip < 2; is_skip++)
        for (int i = 0; i < edge->count; i++) {
            const td_operation *o = edge->operations[i];
            if (o->family->reads_relu && (o->op == TD_OP_SKIP_CONNECT) == is_skip)
                edge->readers[edge->reader_count++] = i;
        }
}

/* A pool belongs to all edges that have it, a skip connection beside them to none: it
 * is there whatever is absent. */
static td_norm_place place_of(const td_operation *o, td_norm_place edge)
{
    if (o->is_beside)
        return (td_norm_place){ 0 };
    edge.op = td_op_place(o->op);
    if (o->op == TD_OP_MAX_POOL_3X3)
        edge.edges = o->from->pools[TD_POOL_MAX].users;
    if (o->op == TD_OP_AVG_POOL_3X3)
        edge.edges = o->from->pools[TD_POOL_AVG].users;
    return edge;
}

/* `none` has no sums: what stands beside the operations may have its place. */
static void build_operation(td_edge *edge, td_builder *b, td_operation *o, int channels)
{
    td_norm_place place = b->place;
    char name[16] = "aux_skip";
    int at = o->is_beside ? (int) TD_OP_NONE : td_op_place(o->op);
    o->from = edge->from;
    o->to = edge->to;
    o->path = edge->path;
    o->sums = TD_SUMS_OPS + at;
    if (!o->is_beside)
        snprintf(name, sizeof name, "_ops.%d", at);
    b->place = place_of(o, place);
    td_operation_build(o, b, name, channels, false, &edge->slice_length);
    b->place = place;
}

void td_edge_build(td_edge *edge, td_builder *b, int channels)
{
    TD_ASSERT(edge->from && edge->to && channels > 0);
    TD_ASSERT(edge->built_count <= TD_NUM_OPS);
    for (int i = 0; i < edge->built_count; i++)
        build_operation(edge, b, &edge->built[i], channels);
    edge->constant = TD_TAKE(b->arena, td_real,
                             (size_t) (b->groups * td_planes(channels) * TD_PLANE));
    td_needs_max(&b->needs->slice_length, edge->slice_length);
}

int td_edge_choose(td_edge *edge, td_operation **list, unsigned present)
{
    edge->operations = list;
    edge->count = 0;
    for (int i = 0; i < edge->built_count; i++)
        if (edge->built[i].is_beside || present >> td_op_place(edge->built[i].op) & 1)
            list[edge->count++] = &edge->built[i];
    list_readers(edge);
    return edge->count;
}

void td_edge_unpack(const td_edge *edge, const td_context *ctx)
{
    td_operations_unpack(edge->operations, edge->count, ctx);
}

/* ---- forward ------------------------------------------------------------ */

static int planes_of(const td_edge *edge)
{
    return edge->to->extent.planes;
}

static int pixels_of(const td_edge *edge)
{
    return edge->to->extent.height * edge->to->extent.width;
}

void td_edge_first_image(const td_edge *edge, const td_context *ctx, td_item item)
{
    if (edge->reader_count == 0)
        return;
    const td_real *r = td_relu_of_state(edge->from, ctx, item);
    for (int i = 0; i < edge->reader_count; i++) {
        const td_operation *o = edge->operations[edge->readers[i]];
        o->family->first_image(o, ctx, item, r);
    }
}

static double weight_of(const td_operation *o, const double *p)
{
    return o->is_beside ? 1.0 : p[td_op_place(o->op)];
}

static void mix_operation(td_edge *edge, const td_span *span, td_operation *o, double p)
{
    const td_norm *norm = td_operation_norm(o);
    if (!norm) {
        td_operation_set_plain(o, span, p);
        return;
    }
    for (int i = 0; i < span->groups * planes_of(edge) * TD_PLANE; i++) {
        o->coefs.a[i] = (td_real) (p * (double) norm->inv[i]);
        edge->constant[i] += (td_real) (p * (double) norm->shift[i]);
    }
}

void td_edge_second_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                           const double *p)
{
    size_t width = (size_t) (planes_of(edge) * TD_PLANE);
    td_norm_entry list[TD_NUM_OPS];
    td_norms_finish(ctx, span, list,
                    td_operations_second_norms(edge->operations, edge->count, list));
    memset(edge->constant, 0, (size_t) span->groups * width * sizeof(td_real));
    for (int i = 0; i < edge->count; i++)
        mix_operation(edge, span, edge->operations[i],
                      weight_of(edge->operations[i], p));
}

/* node = or += the weighted outputs: of all operations, or of those that cannot be
 * added one by one in an evaluation. */
static void add_outputs(const td_edge *edge, const td_context *ctx, td_item item,
                        bool all)
{
    td_term terms[TD_NUM_OPS];
    int count = 0;
    size_t at = (size_t) (item.group * planes_of(edge) * TD_PLANE);
    for (int i = 0; i < edge->count; i++) {
        const td_operation *o = edge->operations[i];
        if (all || !o->family->add_image)
            terms[count++] =
                (td_term){ o->family->output(o, ctx, item), o->coefs.a + at };
    }
    ctx->k->combine(td_state_value(edge->to, item.image), !edge->is_first,
                    edge->constant + at, terms, count, planes_of(edge),
                    pixels_of(edge));
}

void td_edge_add_image(const td_edge *edge, const td_context *ctx, td_item item)
{
    add_outputs(edge, ctx, item, true);
}

/* Batch norms are known beforehand: convolutions go straight to the node. */
void td_edge_evaluate_image(const td_edge *edge, const td_context *ctx, td_item item)
{
    const td_real *r =
        edge->reader_count ? td_relu_of_state(edge->from, ctx, item) : NULL;
    for (int i = 0; i < edge->reader_count; i++) {
        const td_operation *o = edge->operations[edge->readers[i]];
        if (!o->family->add_image)
            o->family->first_image(o, ctx, item, r);
    }
    for (int i = 0; i < edge->count; i++) {
        const td_operation *o = edge->operations[i];
        if (!o->family->reads_relu && o->family->second_image)
            o->family->second_image(o, ctx, item);
    }
    add_outputs(edge, ctx, item, false);
    for (int i = 0; i < edge->reader_count; i++) {
        const td_operation *o = edge->operations[edge->readers[i]];
        if (o->family->add_image)
            o->family->add_image(o, ctx, item, r, td_state_value(edge->to, item.image));
    }
}

/* ---- backward: Σ g·y of every primitive --------------------------------- */

/* Make again the outputs that were not kept. */
static void recall_outputs(const td_edge *edge, const td_context *ctx, td_item item)
{
    const td_real *r = NULL;
    for (int i = 0; i < edge->count; i++) {
        const td_operation *o = edge->operations[i];
        const td_family *family = o->family;
        if (!r && family->recalls_from_relu && family->recalls_from_relu(o))
            r = td_relu_of_state(edge->from, ctx, item);
        if (family->recall_image)
            family->recall_image(o, ctx, item, r);
    }
}

void td_edge_dots_image(const td_edge *edge, const td_context *ctx, td_item item)
{
    const td_real *g = td_state_grad(edge->to, item.image);
    int planes = planes_of(edge), pixels = pixels_of(edge);
    if (edge->is_first)
        ctx->k->sum(td_sums_at(ctx, item.image, TD_SUMS_GRADIENT).first, g, planes,
                    pixels);
    recall_outputs(edge, ctx, item);
    double *dots[TD_NUM_OPS];
    const td_real *y[TD_NUM_OPS];
    for (int i = 0; i < edge->count; i++) {
        const td_operation *o = edge->operations[i];
        dots[i] = td_sums_at(ctx, item.image, o->sums).second;
        y[i] = o->family->output(o, ctx, item);
    }
    ctx->k->dots(dots, g, y, edge->count, planes, pixels);
}

/* ∂L/∂p of an output without batch norm: Σ g·y over everything.  Of order-free sums an
 * image is a term. */
static double plain_gradient(const td_operation *o, const td_context *ctx,
                             const td_span *span)
{
    double dp = 0.0;
    for (int i = 0; i < span->images; i++) {
        td_sums sums = td_sums_at(ctx, i, o->sums);
        double before = dp;
        dp = ctx->pass->exact ? 0.0 : before;
        for (int c = 0; c < o->to->extent.planes * TD_PLANE; c++)
            dp += sums.second[c];
        dp = ctx->pass->exact ? td_exact_add_term(before, td_exact_term(dp)) : dp;
    }
    return dp;
}

static void add_gradient(const td_context *ctx, double *dp, double own)
{
    *dp = ctx->pass->exact ? td_exact_add_term(*dp, own) : *dp + own;
}

void td_edge_dots_finish(td_edge *edge, const td_context *ctx, const td_span *span,
                         const double *p, double *dp)
{
    td_norm_entry list[TD_NUM_OPS];
    int count = 0;
    for (int i = 0; i < edge->count; i++) {
        td_operation *o = edge->operations[i];
        td_norm *norm = td_operation_norm(o);
        double *own = o->is_beside ? NULL : &dp[td_op_place(o->op)];
        if (norm)
            list[count++] = (td_norm_entry){ .norm = norm,
                                             .first = TD_SUMS_GRADIENT,
                                             .second = o->sums,
                                             .pixels = pixels_of(edge),
                                             .coefs = &o->coefs,
                                             .p = weight_of(o, p),
                                             .dp = own };
        else if (own)
            add_gradient(ctx, own, plain_gradient(o, ctx, span));
    }
    td_norms_gradient(ctx, span, list, count);
}

/* ---- backward: first units ---------------------------------------------- */

void td_edge_first_backward_image(const td_edge *edge, const td_context *ctx,
                                  td_item item, bool data)
{
    const td_state *from = edge->from;
    bool reads = edge->reader_count > 0;
    const td_real *r = item.slice && reads ? td_relu_of_state(from, ctx, item) : NULL;
    td_real *dr = data ? td_thread_scratch(ctx)->image[0] : NULL;
    for (int i = 0; i < edge->reader_count; i++) {
        const td_operation *o = edge->operations[edge->readers[i]];
        o->family->first_backward_image(o, ctx, item, 1.0, r, dr, i > 0);
    }
    if (data && reads)
        ctx->k->relu_data(td_state_grad(from, item.image), dr,
                          td_state_value(from, item.image),
                          td_extent_count(from->extent));
    for (int i = 0; data && i < edge->count; i++) {
        const td_operation *o = edge->operations[i];
        if (o->family->state_backward_image)
            o->family->state_backward_image(o, ctx, item, 1.0);
    }
}
