/* Through the edges of a derived cell, node by node: two operations each, with drop path
 * as a factor on their outputs (Larsson et al. 2017).
 *
 * The outputs of the cell's two input layers stay as they were before their batch norm;
 * edges normalise what they read, so nothing is written twice (state->behind).
 *
 * A node takes two phases, its edges' first units and their second ones; the next
 * node's first phase also adds the two edges up.  Backward it is three steps, as in the
 * supernet: the sums that batch norms need, second units, first units; the last one
 * shares a phase with the first one of the node before. */
#include "cells.h"

#include <stdio.h>
#include <string.h>

static td_operation *node_operations(const td_graph *graph, int node)
{
    return graph->operations + TD_GENES * node;
}

/* ---- building ----------------------------------------------------------- */

static void build_edge(td_operation *o, td_builder *b, int gene, int channels,
                       size_t *lot)
{
    char name[16];
    size_t count = td_extent_count(o->from->extent);
    snprintf(name, sizeof name, "_ops.%d", gene);
    td_operation_build(o, b, name, channels, true, lot);
    td_needs_max(&b->needs->lot, *lot);
    td_needs_max(&b->needs->image, count);
    td_needs_max(&b->needs->state, count);
    td_needs_max(&b->needs->channels, (size_t) (o->from->extent.planes * TD_PLANE));
}

static void build_edges(td_graph *graph, td_builder *b, const td_graph_spec *spec)
{
    int count = graph->operation_count = TD_GENES * spec->nodes;
    graph->operations = td_malloc((size_t) count * sizeof *graph->operations);
    graph->node_lot = td_malloc((size_t) spec->nodes * sizeof *graph->node_lot);
    for (int i = 0; i < count; i++) {
        td_gene gene = spec->genes[i];
        int node = i / TD_GENES, place = i % TD_GENES;
        TD_ASSERT(gene.op > TD_OP_NONE && gene.state < spec->inputs + node);
        td_operation *o = &graph->operations[i];
        *o = (td_operation){ .op = gene.op,
                             .from = &graph->states[gene.state],
                             .to = &graph->states[spec->inputs + node],
                             .sums = place,
                             .buffer = place,
                             .path = spec->number * count + i };
        build_edge(o, b, i, spec->channels, &graph->node_lot[node]);
    }
}

/* One node is at work at a time: outputs that are not kept lie in the same place. */
static void build_work(td_graph *graph, td_builder *b)
{
    td_arena *arena = b->arena;
    size_t mark = arena->used, end = mark;
    for (int node = 0; node < graph->nodes; node++) {
        td_arena_release(arena, mark);
        td_operations_build_work(node_operations(graph, node), TD_GENES, b);
        end = arena->used > end ? arena->used : end;
    }
    td_arena_release(arena, mark);
    td_arena_take(arena, end - mark, 1);
}

/* ---- a node at work ----------------------------------------------------- */

/* And the one before it in this direction; −1 where there is none. */
typedef struct {
    const td_graph *graph;
    const td_span *span;
    int former, node;
} node_part;

static int pixels_of(const td_graph *graph)
{
    return graph->node_extent.height * graph->node_extent.width;
}

/* What drop path makes of an output for this image; a state passes undropped. */
static double factor_of(const node_part *part, const td_context *ctx,
                        const td_operation *o, td_item item)
{
    const td_real *factors = ctx->pass->drop_path;
    size_t image = (size_t) (part->span->first + item.image);
    if (!factors || o->family->passes_state)
        return 1.0;
    return (double) factors[(size_t) o->path * (size_t) ctx->images + image];
}

/* ---- forward ------------------------------------------------------------ */

/* An operation's share of the node, times its factor: a·y, and what comes to \a start.
 * \a a has room for a factor a channel. */
static td_term term_of(const td_operation *o, const td_context *ctx, td_item item,
                       double factor, td_real *a, td_real *start)
{
    const td_norm *norm =
        o->family->passes_state ? o->from->behind : td_operation_norm(o);
    td_real f = (td_real) factor;
    for (int c = 0; c < o->to->extent.planes * TD_PLANE; c++) {
        size_t at = norm ? td_norm_at(norm, item.group) + (size_t) c : 0;
        a[c] = norm ? f * norm->scale[at] : f;
        start[c] += norm ? f * norm->shift[at] : 0;
    }
    return (td_term){ o->family->output(o, ctx, item), a };
}

/* node = the sum of its two edges. */
static void sum_image(const node_part *part, const td_context *ctx, int node,
                      td_item item)
{
    const td_graph *graph = part->graph;
    const td_operation *operations = node_operations(graph, node);
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *start = scratch->channels[TD_GENES];
    int planes = graph->node_extent.planes;
    td_term terms[TD_GENES];
    memset(start, 0, (size_t) (planes * TD_PLANE) * sizeof(td_real));
    for (int k = 0; k < TD_GENES; k++)
        terms[k] = term_of(&operations[k], ctx, item,
                           factor_of(part, ctx, &operations[k], item),
                           scratch->channels[k], start);
    ctx->k->mix(td_state_value(operations[0].to, item.image), false, start, terms,
                TD_GENES, planes, pixels_of(graph));
}

static void first_image(const td_operation *o, const td_context *ctx, td_item item)
{
    if (o->family->reads_relu)
        o->family->first_image(o, ctx, item, td_relu_of_state(o->from, ctx, item));
}

static void first_task(const void *argument, const td_context *ctx, td_item item)
{
    const node_part *part = argument;
    if (part->former >= 0)
        sum_image(part, ctx, part->former, item);
    for (int k = 0; part->node >= 0 && k < TD_GENES; k++)
        first_image(&node_operations(part->graph, part->node)[k], ctx, item);
}

static void second_task(const void *argument, const td_context *ctx, td_item item)
{
    const node_part *part = argument;
    td_operations_second_image(node_operations(part->graph, part->node), TD_GENES, ctx,
                               item);
}

static void first_finish(const td_graph *graph, const td_context *ctx,
                         const td_span *span, int node)
{
    td_operations_first_finish(node_operations(graph, node), TD_GENES, ctx, span);
}

static void second_finish(const td_graph *graph, const td_context *ctx,
                          const td_span *span, int node)
{
    td_operation *operations = node_operations(graph, node);
    td_operations_second_finish(operations, TD_GENES, ctx, span);
    for (int k = 0; k < TD_GENES; k++)
        if (!td_operation_norm(&operations[k]))
            td_operation_set_plain(&operations[k], span, 1.0);
}

static void forward(td_graph *graph, const td_context *ctx, const td_span *span,
                    const double *p)
{
    (void) p; /* nothing is mixed */
    node_part part = { graph, span, -1, 0 };
    for (; part.node < graph->nodes; part.former = part.node++) {
        td_phase(ctx, span, first_task, &part, 0);
        first_finish(graph, ctx, span, part.node);
        td_phase(ctx, span, second_task, &part, 0);
        second_finish(graph, ctx, span, part.node);
    }
    part.node = -1;
    td_phase(ctx, span, first_task, &part, 0);
}

/* ---- evaluation --------------------------------------------------------- */

static void evaluate_begin(td_graph *graph, const td_context *ctx, const td_span *span,
                           const double *p)
{
    (void) p;
    for (int node = 0; node < graph->nodes; node++) {
        first_finish(graph, ctx, span, node);
        second_finish(graph, ctx, span, node);
    }
}

static void evaluate_image(const td_graph *graph, const td_context *ctx, int slot)
{
    td_span span = { .images = 1 };
    td_item item = { .image = slot };
    node_part part = { graph, &span, -1, 0 };
    for (; part.node < graph->nodes; part.node++) {
        first_task(&part, ctx, item);
        second_task(&part, ctx, item);
        sum_image(&part, ctx, part.node, item);
    }
}

/* ---- backward ----------------------------------------------------------- */

static void recall_image(const td_operation *o, const td_context *ctx, td_item item)
{
    const td_family *family = o->family;
    const td_real *r = NULL;
    if (family->recalls_from_relu && family->recalls_from_relu(o))
        r = td_relu_of_state(o->from, ctx, item);
    if (family->recall_image)
        family->recall_image(o, ctx, item, r);
}

/* Σ g and Σ g·y of an operation with a batch norm, times its factor. */
static void scale_sums(const td_operation *o, const td_context *ctx, td_item item,
                       const double *sum, double factor)
{
    td_sums sums = td_sums_at(ctx, item.image, o->sums);
    for (int c = 0; c < o->to->extent.planes * TD_PLANE; c++) {
        sums.first[c] = factor * sum[c];
        sums.second[c] *= factor;
    }
}

/* Σ g, and Σ g·y of both edges, as far as they have batch norms. */
static void dots_image(const node_part *part, const td_context *ctx, td_item item)
{
    const td_operation *operations = node_operations(part->graph, part->node);
    int planes = part->graph->node_extent.planes, pixels = pixels_of(part->graph);
    const td_real *g = td_state_grad(operations[0].to, item.image), *y[TD_GENES];
    double *dots[TD_GENES], *sum = td_sums_at(ctx, item.image, TD_PLACE_GRADIENT).first;
    int count = 0;
    for (int k = 0; k < TD_GENES; k++) {
        recall_image(&operations[k], ctx, item);
        if (!td_operation_norm(&operations[k]))
            continue;
        y[count] = operations[k].family->output(&operations[k], ctx, item);
        dots[count++] = td_sums_at(ctx, item.image, k).second;
    }
    if (count == 0)
        return;
    ctx->k->sum(sum, g, planes, pixels);
    ctx->k->dots(dots, g, y, count, planes, pixels);
    for (int k = 0; k < TD_GENES; k++)
        if (td_operation_norm(&operations[k]))
            scale_sums(&operations[k], ctx, item, sum,
                       factor_of(part, ctx, &operations[k], item));
}

static void dots_finish(const td_graph *graph, const td_context *ctx,
                        const td_span *span, int node)
{
    for (int k = 0; k < TD_GENES; k++) {
        td_operation *o = &node_operations(graph, node)[k];
        const td_norm *norm = td_operation_norm(o);
        td_sums_place at = { ctx, span, o->sums, o->sums, pixels_of(graph), false };
        if (norm)
            td_norm_gradient(norm, &o->coefs, at, 1.0);
    }
}

static void second_backward_task(const void *argument, const td_context *ctx,
                                 td_item item)
{
    const node_part *part = argument;
    const td_operation *operations = node_operations(part->graph, part->node);
    double factors[TD_GENES];
    for (int k = 0; k < TD_GENES; k++)
        factors[k] = factor_of(part, ctx, &operations[k], item);
    td_operations_second_backward_image(operations, TD_GENES, ctx, item, factors);
}

/* Gradients of the inputs start from 0. */
static void clear_inputs_image(const td_graph *graph, td_item item)
{
    for (int s = 0; s < graph->inputs; s++)
        memset(td_state_grad(&graph->states[s], item.image), 0,
               graph->states[s].step * sizeof(td_real));
}

/* The state's gradient += the operation's. */
static void first_backward_image(const td_operation *o, const td_context *ctx,
                                 td_item item, double factor)
{
    const td_state *from = o->from;
    TD_ASSERT(item.lot);
    if (!o->family->reads_relu) {
        o->family->state_backward_image(o, ctx, item, factor);
        return;
    }
    td_real *dr = td_thread_scratch(ctx)->image[0];
    const td_real *r = td_relu_of_state(from, ctx, item);
    o->family->first_backward_image(o, ctx, item, factor, r, dr, false);
    ctx->k->relu_data(td_state_grad(from, item.image), dr,
                      td_state_read(from, ctx, item.image, item.group),
                      td_extent_count(from->extent));
}

/* The rest of the former node and the beginning of the next. */
static void between_task(const void *argument, const td_context *ctx, td_item item)
{
    const node_part *part = argument;
    if (part->former < 0)
        clear_inputs_image(part->graph, item);
    for (int k = 0; part->former >= 0 && k < TD_GENES; k++) {
        const td_operation *o = &node_operations(part->graph, part->former)[k];
        first_backward_image(o, ctx, item, factor_of(part, ctx, o, item));
    }
    if (part->node >= 0)
        dots_image(part, ctx, item);
}

static void between(const node_part *part, const td_context *ctx)
{
    td_phase(ctx, part->span, between_task, part, 0);
    if (part->former < 0)
        return;
    td_lots_sum(ctx, part->span, part->graph->node_lot[part->former]);
    td_operations_unpack(node_operations(part->graph, part->former), TD_GENES, ctx);
}

/* Gradients of both input states come of it, whoever wants them. */
static void backward(td_graph *graph, const td_context *ctx, const td_span *span,
                     const td_mixture *mixture)
{
    (void) mixture;
    node_part part = { graph, span, -1, graph->nodes - 1 };
    TD_ASSERT(ctx->grads);
    for (; part.node >= 0; part.former = part.node--) {
        td_operation *operations = node_operations(graph, part.node);
        between(&part, ctx);
        dots_finish(graph, ctx, span, part.node);
        td_phase(ctx, span, second_backward_task, &part, graph->node_lot[part.node]);
        td_operations_second_backward_finish(operations, TD_GENES, ctx, span);
    }
    between(&part, ctx);
}

const td_graph_kind td_derived_kind = {
    .has_normalised_inputs = false,
    .build_edges = build_edges,
    .build_work = build_work,
    .forward = forward,
    .evaluate_begin = evaluate_begin,
    .evaluate_image = evaluate_image,
    .backward = backward,
};
