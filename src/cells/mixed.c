/* The mixed edges of a cell of the supernet: names, memory, and what makes them a kind
 * of graph. */
#include "mixed.h"

#include <stdio.h>

/* ---- building ----------------------------------------------------------- */

static int count_operations(const td_graph *graph, const td_graph_spec *spec)
{
    int count = 0;
    for (int e = 0; e < graph->edge_count; e++)
        for (int k = 0; k < TD_NUM_OPS; k++)
            count += td_graph_has(spec, e, td_op_at(k, spec->has_noise));
    return count + (spec->adds_skips ? graph->edge_count : 0);
}

/* The primitives that an edge has, and the skip connection beside them, from \a next
 * on. */
static void list_operations(const td_graph_spec *spec, int number, td_edge *edge,
                            td_operation *next)
{
    edge->built = next;
    for (int k = 0; k < TD_NUM_OPS; k++) {
        td_op op = td_op_at(k, spec->has_noise);
        if (td_graph_has(spec, number, op))
            edge->built[edge->built_count++].op = op;
    }
    if (spec->adds_skips)
        edge->built[edge->built_count++] =
            (td_operation){ .op = TD_OP_SKIP_CONNECT, .is_beside = true };
}

/* The edges of a node come from all states before it, in their order. */
static td_edge *build_node(td_graph *graph, td_builder *b, const td_graph_spec *spec,
                           int node, td_edge *edge)
{
    char prefix[TD_NAME_BYTES];
    snprintf(prefix, sizeof prefix, "%s", b->prefix);
    for (int i = 0; i < spec->inputs + node; i++, edge++) {
        int number = (int) (edge - graph->edges);
        edge->from = &graph->states[i];
        edge->to = &graph->states[spec->inputs + node];
        edge->is_first = i == 0;
        edge->path = spec->number * graph->edge_count + number;
        list_operations(spec, number, edge,
                        number ? edge[-1].built + edge[-1].built_count
                               : graph->operations);
        if (spec->is_numbered)
            snprintf(b->prefix, sizeof b->prefix, "%.60s_ops.%d.", prefix, number);
        b->place = (td_norm_place){ true, spec->table, 0, UINT64_C(1) << number };
        td_edge_build(edge, b, spec->channels);
    }
    b->place = (td_norm_place){ 0 };
    snprintf(b->prefix, sizeof b->prefix, "%s", prefix);
    return edge;
}

static void build_edges(td_graph *graph, td_builder *b, const td_graph_spec *spec)
{
    graph->operation_count = count_operations(graph, spec);
    graph->operations =
        td_malloc((size_t) graph->operation_count * sizeof *graph->operations);
    graph->edges = td_malloc((size_t) graph->edge_count * sizeof(td_edge));
    td_edge *edge = graph->edges;
    for (int node = 0; node < spec->nodes; node++)
        edge = build_node(graph, b, spec, node, edge);
    TD_ASSERT(edge == graph->edges + graph->edge_count);
    graph->zeros =
        TD_TAKE(b->arena, td_real, (size_t) (graph->node_extent.planes * TD_PLANE));
}

/* One edge is at work at a time: what edges do not keep lies in the same place. */
static void build_edges_work(td_graph *graph, td_builder *b)
{
    td_arena *arena = b->arena;
    size_t mark = arena->used, end = mark;
    for (int e = 0; e < graph->edge_count; e++) {
        td_arena_release(arena, mark);
        td_operations_build_work(graph->edges[e].operations, graph->edges[e].count, b);
        end = arena->used > end ? arena->used : end;
    }
    td_arena_release(arena, mark);
    td_arena_take(arena, end - mark, 1);
}

static void build_work(td_graph *graph, td_builder *b)
{
    for (int s = 0; s < graph->inputs + graph->nodes; s++)
        td_state_build_work(&graph->states[s], b);
    build_edges_work(graph, b);
}

/* ---- the operations of a pass -------------------------------------------- */

/* A pool is made where an operation of the pass reads it. */
static void choose_pools(td_graph *graph)
{
    for (int s = 0; s < graph->inputs + graph->nodes; s++)
        for (int k = 0; k < TD_POOLS; k++)
            graph->states[s].pools[k].is_used = false;
    for (int i = 0; i < graph->present_count; i++) {
        const td_operation *o = graph->present[i];
        if (o->op == TD_OP_MAX_POOL_3X3)
            o->from->pools[TD_POOL_MAX].is_used = true;
        if (o->op == TD_OP_AVG_POOL_3X3)
            o->from->pools[TD_POOL_AVG].is_used = true;
    }
}

static void choose(td_graph *graph, const uint8_t *present)
{
    graph->present_count = 0;
    for (int e = 0; e < graph->edge_count; e++)
        graph->present_count +=
            td_edge_choose(&graph->edges[e], graph->present + graph->present_count,
                           present ? present[e] : ~0U);
    choose_pools(graph);
}

const td_graph_kind td_mixed_kind = {
    .has_normalised_inputs = true,
    .build_edges = build_edges,
    .build_work = build_work,
    .choose = choose,
    .forward = td_mixed_forward,
    .evaluate_begin = td_mixed_evaluate_begin,
    .evaluate_image = td_mixed_evaluate_image,
    .backward = td_mixed_backward,
};
