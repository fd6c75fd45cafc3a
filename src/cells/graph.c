/* The states of a cell, and memory; the edges are their kind's affair. */
#include "cells.h"

_Static_assert(TD_MAX_EDGES <= 64, "an edge is a bit of users");

/* The edges that leave state \a s and have the primitive. */
static uint64_t users_of(const td_graph_spec *spec, int s, td_op op)
{
    uint64_t users = 0;
    int edge = 0;
    for (int node = 0; node < spec->nodes; node++)
        for (int i = 0; i < spec->inputs + node; i++, edge++)
            if (i == s && td_graph_has(spec, edge, op))
                users |= UINT64_C(1) << edge;
    return users;
}

static void find_users(td_state *state, const td_graph_spec *spec, int s)
{
    td_pool *max = &state->pools[TD_POOL_MAX], *avg = &state->pools[TD_POOL_AVG];
    max->users = users_of(spec, s, TD_OP_MAX_POOL_3X3);
    avg->users = users_of(spec, s, TD_OP_AVG_POOL_3X3);
    max->is_used = max->users != 0;
    avg->is_used = avg->users != 0;
}

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
        state->step = td_extent_count(state->extent);
        if (is_input)
            state->value = TD_TAKE(b->arena, td_real, (size_t) b->images * state->step);
        if (spec->chosen)
            continue; /* pools belong to the edges, and have no batch norms */
        find_users(state, spec, s);
        td_state_build_pools(state, b, spec->channels);
    }
}

void td_graph_build(td_graph *graph, td_builder *b, td_graph_spec spec)
{
    TD_ASSERT(spec.nodes >= 1 && spec.nodes <= TD_MAX_NODES);
    TD_ASSERT(spec.input.height % spec.stride == 0 &&
              spec.input.width % spec.stride == 0);
    graph->kind = spec.chosen ? &td_derived_kind : &td_mixed_kind;
    graph->inputs = spec.inputs;
    graph->nodes = spec.nodes;
    graph->channels = spec.channels;
    graph->edge_count = spec.nodes * spec.inputs + spec.nodes * (spec.nodes - 1) / 2;
    graph->states = td_malloc((size_t) (spec.inputs + spec.nodes) * sizeof(td_state));
    build_states(graph, b, &spec);
    graph->kind->build_edges(graph, b, &spec);
    graph->present =
        td_malloc((size_t) graph->operation_count * sizeof *graph->present);
    graph->present_count = graph->operation_count;
    for (int i = 0; i < graph->operation_count; i++)
        graph->present[i] = &graph->operations[i];
    if (graph->kind->choose)
        graph->kind->choose(graph, NULL);
}

void td_graph_set_values(td_graph *graph, td_real *value)
{
    size_t count = td_extent_count(graph->node_extent);
    for (int node = 0; node < graph->nodes; node++) {
        td_state *state = &graph->states[graph->inputs + node];
        state->step = (size_t) graph->nodes * count;
        state->value = value ? value + (size_t) node * count : NULL;
    }
}

void td_graph_set_grads(td_graph *graph, td_real *grad)
{
    size_t count = td_extent_count(graph->node_extent);
    for (int node = 0; node < graph->nodes; node++)
        graph->states[graph->inputs + node].grad =
            grad ? grad + (size_t) node * count : NULL;
}

void td_graph_build_work(td_graph *graph, td_builder *b)
{
    for (int s = 0; s < graph->inputs; s++)
        graph->states[s].grad =
            TD_TAKE(b->arena, td_real, (size_t) b->images * graph->states[s].step);
    graph->kind->build_work(graph, b);
}

void td_graph_begin(td_graph *graph, const td_context *ctx, const uint8_t *present)
{
    if (graph->kind->choose)
        graph->kind->choose(graph, present);
    for (int i = 0; !ctx->pass->has_weights_of_last && i < graph->operation_count; i++)
        graph->operations[i].is_packed = false;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < graph->present_count; i++)
        td_operation_pack(graph->present[i], ctx);
}

void td_graph_free(td_graph *graph)
{
    td_free(graph->states);
    td_free(graph->edges);
    td_free(graph->operations);
    td_free(graph->present);
    td_free(graph->node_slice_length);
}
