/* The states and mixed edges of a cell: names and memory. */
#include "derived.h"

#include <stdio.h>

static void build_states(td_graph *graph, td_builder *b, const td_graph_spec *spec)
{
    int count = spec->inputs + spec->nodes;
    graph->node_extent =
        (td_extent){ spec->input.planes, spec->input.height / spec->stride,
                     spec->input.width / spec->stride };
    for (int s = 0; s < count; s++) {
        td_state *state = &graph->states[s];
        bool is_input = s < spec->inputs;
        state->extent = is_input ? spec->input : graph->node_extent;
        state->pooled = graph->node_extent;
        state->stride = is_input ? spec->stride : 1;
        state->is_read = s < count - 1;
        state->step = td_extent_count(state->extent);
        if (is_input)
            state->value = TD_TAKE(b->arena, td_real, (size_t) b->images * state->step);
        if (spec->genes)
            continue; /* pools belong to the edges, and have no batch norms */
        td_state_build(state, b, spec->channels);
        state->max_coefs = td_coefs_build(b, spec->channels);
        state->avg_coefs = td_coefs_build(b, spec->channels);
    }
}

/* The edges of a node come from all states before it, in their order. */
static td_edge *build_node(td_graph *graph, td_builder *b, const td_graph_spec *spec,
                           int node, td_edge *edge)
{
    char prefix[TD_NAME_BYTES];
    snprintf(prefix, sizeof prefix, "%s", b->prefix);
    for (int i = 0; i < spec->inputs + node; i++, edge++) {
        edge->from = &graph->states[i];
        edge->to = &graph->states[spec->inputs + node];
        edge->is_first = i == 0;
        if (spec->is_numbered)
            snprintf(b->prefix, sizeof b->prefix, "%.60s_ops.%d.", prefix,
                     (int) (edge - graph->edges));
        td_edge_build(edge, b, spec->channels);
    }
    snprintf(b->prefix, sizeof b->prefix, "%s", prefix);
    return edge;
}

static void build_edges(td_graph *graph, td_builder *b, const td_graph_spec *spec)
{
    graph->edges = td_malloc((size_t) graph->edge_count * sizeof(td_edge));
    td_edge *edge = graph->edges;
    for (int node = 0; node < spec->nodes; node++)
        edge = build_node(graph, b, spec, node, edge);
    graph->zeros =
        TD_TAKE(b->arena, td_real, (size_t) (graph->node_extent.planes * TD_PLANE));
}

void td_graph_build(td_graph *graph, td_builder *b, td_graph_spec spec)
{
    graph->inputs = spec.inputs;
    graph->nodes = spec.nodes;
    graph->channels = spec.channels;
    graph->edge_count = spec.nodes * spec.inputs + spec.nodes * (spec.nodes - 1) / 2;
    graph->states = td_malloc((size_t) (spec.inputs + spec.nodes) * sizeof(td_state));
    build_states(graph, b, &spec);
    if (spec.genes) {
        td_derived_build(graph, b, &spec);
        return;
    }
    build_edges(graph, b, &spec);
}
void td_graph_place_values(td_graph *graph, td_real *value)
{
    size_t count = td_extent_count(graph->node_extent);
    for (int node = 0; node < graph->nodes; node++) {
        td_state *state = &graph->states[graph->inputs + node];
        state->step = (size_t) graph->nodes * count;
        state->value = value ? value + (size_t) node * count : NULL;
    }
}

void td_graph_place_grads(td_graph *graph, td_real *grad)
{
    size_t count = td_extent_count(graph->node_extent);
    for (int node = 0; node < graph->nodes; node++)
        graph->states[graph->inputs + node].grad =
            grad ? grad + (size_t) node * count : NULL;
}

/* One edge is at work at a time: what edges do not keep lies in the same place. */
static void build_edge_work(td_graph *graph, td_builder *b)
{
    td_arena *arena = b->arena;
    size_t mark = arena->used, end = mark;
    for (int e = 0; e < graph->edge_count; e++) {
        td_arena_release(arena, mark);
        td_edge_build_work(&graph->edges[e], b);
        end = arena->used > end ? arena->used : end;
    }
    td_arena_release(arena, mark);
    td_arena_take(arena, end - mark, 1);
}

void td_graph_build_work(td_graph *graph, td_builder *b)
{
    for (int s = 0; s < graph->inputs + graph->nodes; s++) {
        td_state *state = &graph->states[s];
        if (!graph->choices)
            td_state_build_work(state, b);
        if (s < graph->inputs)
            state->grad = TD_TAKE(b->arena, td_real, (size_t) b->images * state->step);
    }
    if (graph->choices)
        td_derived_build_work(graph, b);
    else
        build_edge_work(graph, b);
}

void td_graph_free(td_graph *graph)
{
    td_free(graph->states);
    td_free(graph->edges);
    td_free(graph->choices);
}

void td_graph_pack(td_graph *graph, const td_context *ctx)
{
    if (graph->choices) {
        td_derived_pack(graph, ctx);
        return;
    }
#pragma omp parallel for schedule(static)
    for (int e = 0; e < graph->edge_count; e++)
        td_edge_pack(&graph->edges[e], ctx);
}
