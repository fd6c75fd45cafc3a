/* Forward through the states and edges of a cell, edge by edge.
 *
 * Training statistics need the whole batch, so an edge takes two phases: its first
 * units, then its second units.  The next edge's first phase also adds this edge's
 * output to its node and, where that completes the node, makes the node's pools. */
#include "mixed.h"

/* ---- training ------------------------------------------------------------ */

/* Whether \a edge completes its node, and some edge uses a pool of that. */
static bool completes_state(const td_graph *graph, const td_edge *edge)
{
    bool is_last = edge + 1 == graph->edges + graph->edge_count || edge[1].is_first;
    return is_last && td_state_has_pools(edge->to);
}

static void input_pools_image(const td_graph *graph, const td_context *ctx, int image)
{
    for (int s = 0; s < graph->inputs; s++)
        td_state_pools_image(&graph->states[s], ctx, image,
                             TD_SUMS_INPUT_POOLS + 2 * s);
}

/* Two edges that follow each other; NULL where there is none. */
typedef struct {
    const td_graph *graph;
    const td_edge *former, *edge;
} edge_pair;

/* What the former edge left to do (before the first edge, the inputs' pools), and the
 * edge's first units. */
static void first_task(const void *part, const td_context *ctx, td_item item)
{
    const edge_pair *pair = part;
    const td_edge *former = pair->former;
    if (!former)
        input_pools_image(pair->graph, ctx, item.image);
    else
        td_edge_add_image(former, ctx, item);
    if (former && completes_state(pair->graph, former))
        td_state_pools_image(former->to, ctx, item.image, TD_SUMS_NODE_POOLS);
    if (pair->edge)
        td_edge_first_image(pair->edge, ctx, item);
}

/* The batch norms of that phase. */
static void first_finish(td_graph *graph, const td_context *ctx, const td_span *span,
                         const td_edge *former, td_edge *edge)
{
    td_norm_entry list[TD_PHASE_NORMS];
    int count = td_operations_first_norms(edge->operations, edge->count, list);
    if (former && completes_state(graph, former))
        count += td_state_pool_norms(former->to, TD_SUMS_NODE_POOLS, list + count);
    for (int s = 0; !former && s < graph->inputs; s++)
        count += td_state_pool_norms(&graph->states[s], TD_SUMS_INPUT_POOLS + 2 * s,
                                     list + count);
    td_norms_finish(ctx, span, list, count);
}

static void second_task(const void *part, const td_context *ctx, td_item item)
{
    const td_edge *edge = part;
    td_operations_second_image(edge->operations, edge->count, ctx, item);
}

void td_mixed_forward(td_graph *graph, const td_context *ctx, const td_span *span,
                      const double *p)
{
    TD_ASSERT(graph->edge_count > 0 && p);
    td_edge *former = NULL, *end = graph->edges + graph->edge_count;
    for (td_edge *edge = graph->edges; edge < end; former = edge++, p += TD_NUM_OPS) {
        edge_pair pair = { graph, former, edge };
        td_phase(ctx, span, first_task, &pair);
        first_finish(graph, ctx, span, former, edge);
        if (td_operations_have_second(edge->operations, edge->count))
            td_phase(ctx, span, second_task, edge);
        td_edge_second_finish(edge, ctx, span, p);
    }
    edge_pair last = { graph, former, NULL };
    td_phase(ctx, span, first_task, &last);
}

/* ---- evaluation ---------------------------------------------------------- */

void td_mixed_evaluate_begin(td_graph *graph, const td_context *ctx,
                             const td_span *span, const double *p)
{
    td_norm_entry list[TD_PHASE_NORMS];
    for (int s = 0; s < graph->inputs + graph->nodes; s++)
        td_norms_finish(ctx, span, list,
                        td_state_pool_norms(&graph->states[s], 0, list));
    for (int e = 0; e < graph->edge_count; e++) {
        td_edge *edge = &graph->edges[e];
        td_norms_finish(ctx, span, list,
                        td_operations_first_norms(edge->operations, edge->count, list));
        td_edge_second_finish(edge, ctx, span, p + e * TD_NUM_OPS);
    }
}

void td_mixed_evaluate_image(const td_graph *graph, const td_context *ctx, int slot)
{
    td_item item = { .image = slot };
    input_pools_image(graph, ctx, slot);
    for (int e = 0; e < graph->edge_count; e++) {
        const td_edge *edge = &graph->edges[e];
        td_edge_evaluate_image(edge, ctx, item);
        if (completes_state(graph, edge))
            td_state_pools_image(edge->to, ctx, slot, TD_SUMS_NODE_POOLS);
    }
}
