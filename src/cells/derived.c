/* Through the operations of a derived cell, node by node, with drop path as a factor on
 * their outputs (Larsson et al. 2017).
 *
 * The outputs of the cell's two input layers stay as they were before their batch norm;
 * operations normalise what they read, so nothing is written twice (state->behind).
 *
 * A node takes two phases, its operations' first units and their second ones; the next
 * node's first phase also adds them up.  Backward it is three steps, as in the
 * supernet: the sums that batch norms need, second units, first units; the last one
 * shares a phase with the first one of the node before. */
#include "derived.h"

#include <stdio.h>
#include <string.h>

/* ---- building ----------------------------------------------------------- */

static void build_operation(td_operation *o, td_builder *b, const char *name,
                            int channels, size_t *slice_length)
{
    size_t count = td_extent_count(o->from->extent);
    td_operation_build(o, b, name, channels, true, slice_length);
    td_needs_max(&b->needs->slice_length, *slice_length);
    td_needs_max(&b->needs->image, count);
    td_needs_max(&b->needs->state, count);
    td_needs_max(&b->needs->channels, (size_t) (o->from->extent.planes * TD_PLANE));
}

/* Also where each node's operations begin. */
static void build_node(td_graph *graph, td_builder *b, const td_graph_spec *spec,
                       int node)
{
    const td_chosen_cell *cell = spec->chosen;
    int i = graph->node_start[node], own = 0;
    for (; i < cell->count && cell->operation[i].node == node; i++) {
        const td_chosen *chosen = &cell->operation[i];
        td_operation *o = &graph->operations[i];
        TD_ASSERT(chosen->op > TD_OP_NONE && chosen->from < spec->inputs + node);
        *o = (td_operation){ .op = chosen->op,
                             .from = &graph->states[chosen->from],
                             .to = &graph->states[spec->inputs + node],
                             .is_beside = chosen->is_beside,
                             .sums = chosen->sums,
                             .buffer = own, /* which what stands beside does not use */
                             .path = spec->number * spec->path_rows + chosen->path };
        own += !chosen->is_beside;
        build_operation(o, b, chosen->name, spec->channels,
                        &graph->node_slice_length[node]);
    }
    graph->node_start[node + 1] = i;
    td_needs_max(&b->needs->terms, (size_t) td_node_count(graph, node));
    td_needs_max(&b->needs->buffers, 2 * (size_t) own);
}

static void build_edges(td_graph *graph, td_builder *b, const td_graph_spec *spec)
{
    int count = graph->operation_count = spec->chosen->count;
    graph->operations = td_malloc((size_t) count * sizeof *graph->operations);
    graph->node_slice_length =
        td_malloc((size_t) spec->nodes * sizeof *graph->node_slice_length);
    for (int node = 0; node < spec->nodes; node++)
        build_node(graph, b, spec, node);
    TD_ASSERT(graph->node_start[spec->nodes] == count);
}

/* One node is at work at a time: outputs that are not kept lie in the same place. */
static void build_work(td_graph *graph, td_builder *b)
{
    td_arena *arena = b->arena;
    size_t mark = arena->used, end = mark;
    for (int node = 0; node < graph->nodes; node++) {
        td_arena_release(arena, mark);
        td_operations_build_work(td_node_operations(graph, node),
                                 td_node_count(graph, node), b);
        end = arena->used > end ? arena->used : end;
    }
    td_arena_release(arena, mark);
    td_arena_take(arena, end - mark, 1);
}

/* ---- forward ------------------------------------------------------------ */

/* An operation's share of the node, times its factor: a·y, and what comes to \a start.
 * \a a holds one factor per channel. */
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

/* node = the sum of its operations. */
static void sum_image(const td_node_part *part, const td_context *ctx, int node,
                      td_item item)
{
    const td_graph *graph = part->graph;
    td_operations operations = td_node_operations(graph, node);
    td_scratch *scratch = td_thread_scratch(ctx);
    int planes = graph->node_extent.planes, count = td_node_count(graph, node);
    td_real *start = scratch->channels[count];
    td_term terms[TD_MOST_TERMS];
    memset(start, 0, (size_t) (planes * TD_PLANE) * sizeof(td_real));
    for (int k = 0; k < count; k++)
        terms[k] = term_of(operations[k], ctx, item,
                           td_derived_factor(part, ctx, operations[k], item),
                           scratch->channels[k], start);
    ctx->k->combine(td_state_value(operations[0]->to, item.image), false, start, terms,
                    count, planes, td_node_pixels(graph));
}

static void first_image(const td_operation *o, const td_context *ctx, td_item item)
{
    if (o->family->reads_relu)
        o->family->first_image(o, ctx, item, td_relu_of_state(o->from, ctx, item));
}

static void first_task(const void *argument, const td_context *ctx, td_item item)
{
    const td_node_part *part = argument;
    if (part->former >= 0)
        sum_image(part, ctx, part->former, item);
    for (int k = 0; part->node >= 0 && k < td_node_count(part->graph, part->node); k++)
        first_image(td_node_operations(part->graph, part->node)[k], ctx, item);
}

static void second_task(const void *argument, const td_context *ctx, td_item item)
{
    const td_node_part *part = argument;
    td_operations_second_image(td_node_operations(part->graph, part->node),
                               td_node_count(part->graph, part->node), ctx, item);
}

static void first_finish(const td_graph *graph, const td_context *ctx,
                         const td_span *span, int node)
{
    td_norm_entry list[TD_MOST_TERMS];
    td_norms_finish(ctx, span, list,
                    td_operations_first_norms(td_node_operations(graph, node),
                                              td_node_count(graph, node), list));
}

static void second_finish(const td_graph *graph, const td_context *ctx,
                          const td_span *span, int node)
{
    td_operations operations = td_node_operations(graph, node);
    int count = td_node_count(graph, node);
    td_norm_entry list[TD_MOST_TERMS];
    td_norms_finish(ctx, span, list,
                    td_operations_second_norms(operations, count, list));
    for (int k = 0; k < count; k++)
        if (!td_operation_norm(operations[k]))
            td_operation_set_plain(operations[k], span, 1.0);
}

static void forward(td_graph *graph, const td_context *ctx, const td_span *span,
                    const double *p)
{
    (void) p; /* nothing is mixed */
    td_node_part part = { graph, span, -1, 0 };
    for (; part.node < graph->nodes; part.former = part.node++) {
        td_phase(ctx, span, first_task, &part);
        first_finish(graph, ctx, span, part.node);
        td_phase(ctx, span, second_task, &part);
        second_finish(graph, ctx, span, part.node);
    }
    part.node = -1;
    td_phase(ctx, span, first_task, &part);
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
    td_node_part part = { graph, &span, -1, 0 };
    for (; part.node < graph->nodes; part.node++) {
        first_task(&part, ctx, item);
        second_task(&part, ctx, item);
        sum_image(&part, ctx, part.node, item);
    }
}

const td_graph_kind td_derived_kind = {
    .has_normalised_inputs = false,
    .build_edges = build_edges,
    .build_work = build_work,
    .forward = forward,
    .evaluate_begin = evaluate_begin,
    .evaluate_image = evaluate_image,
    .backward = td_derived_backward,
};
