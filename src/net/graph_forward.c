/* Forward through the states and edges of a cell, edge by edge.
 *
 * Training statistics need the whole batch, so an edge takes two phases: its first units,
 * then its second units.  The next edge's first phase also adds this edge's output to its
 * node and, where that completes the node, makes the node's pools. */
#include "internal.h"

/* Whether \a edge completes its node, and some edge reads that. */
static bool completes_state(const td_graph *graph, const td_edge *edge)
{
    bool is_last = edge + 1 == graph->edges + graph->edge_count || edge[1].is_first;
    return is_last && edge->to->is_read;
}

static void input_pools_image(const td_graph *graph, const td_context *ctx, int image)
{
    for (int s = 0; s < graph->inputs; s++)
        td_state_pools_image(&graph->states[s], ctx, image,
                             TD_PLACE_INPUT_POOLS + 2 * s);
}

/* What the former edge left to do; before the first edge, the inputs' pools. */
static void former_image(const td_graph *graph, const td_context *ctx,
                         const td_edge *former, int image, int group)
{
    if (!former) {
        input_pools_image(graph, ctx, image);
        return;
    }
    td_edge_add_image(former, ctx, image, group, graph->constant);
    if (completes_state(graph, former))
        td_state_pools_image(former->to, ctx, image, TD_PLACE_NODE_POOLS);
}

static void former_finish(td_graph *graph, const td_context *ctx, const td_span *span,
                          const td_edge *former)
{
    if (former && completes_state(graph, former))
        td_state_pools_finish(former->to, ctx, span, TD_PLACE_NODE_POOLS);
    for (int s = 0; !former && s < graph->inputs; s++)
        td_state_pools_finish(&graph->states[s], ctx, span,
                              TD_PLACE_INPUT_POOLS + 2 * s);
}

/* The former edge's rest and \a edge's first units; NULL where there is none. */
static void first_phase(td_graph *graph, const td_context *ctx, const td_span *span,
                        const td_edge *former, td_edge *edge)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++) {
        former_image(graph, ctx, former, i, td_span_group(span, i));
        if (edge)
            td_edge_first_image(edge, ctx, i);
    }
    former_finish(graph, ctx, span, former);
    if (edge)
        td_edge_first_finish(edge, ctx, span);
}

static void second_phase(td_edge *edge, const td_context *ctx, const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        td_edge_second_image(edge, ctx, i, td_span_group(span, i));
    td_edge_second_finish(edge, ctx, span);
}

void td_graph_forward(td_graph *graph, const td_context *ctx, const td_span *span,
                      const double *p)
{
    td_edge *former = NULL, *end = graph->edges + graph->edge_count;
    for (td_edge *edge = graph->edges; edge < end; former = edge++) {
        first_phase(graph, ctx, span, former, edge);
        second_phase(edge, ctx, span);
        td_edge_mix(edge, span, p + (edge - graph->edges) * TD_NUM_OPS,
                    graph->constant);
    }
    first_phase(graph, ctx, span, former, NULL);
}
