/* The states and mixed edges of a cell, node by node.
 *
 * Forward, a node waits for three batch statistics: of the first units, of the second
 * units, of its own pools.  Backward runs the nodes in reverse: a node's gradient is
 * whole when every edge that reads it has been through. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* ---- building ----------------------------------------------------------- */

static td_edge *node_edges(const td_graph *graph, int node)
{
    return graph->edges + node * graph->inputs + node * (node - 1) / 2;
}

static int node_edge_count(const td_graph *graph, int node)
{
    return graph->inputs + node;
}

static td_state *node_state(const td_graph *graph, int node)
{
    return &graph->states[graph->inputs + node];
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
        state->is_read = s < count - 1;
        state->step = td_extent_count(state->extent);
        if (is_input) {
            size_t numbers = (size_t) b->images * state->step;
            state->value = TD_TAKE(b->arena, td_real, numbers);
            state->grad = TD_TAKE(b->arena, td_real, numbers);
        }
        td_state_build(state, b, spec->channels);
        state->max_coefs = td_coefs_build(b, spec->channels);
        state->avg_coefs = td_coefs_build(b, spec->channels);
    }
}

static void build_node(td_graph *graph, td_builder *b, const td_graph_spec *spec,
                       int node)
{
    char prefix[TD_NAME_BYTES];
    snprintf(prefix, sizeof prefix, "%s", b->prefix);
    for (int i = 0; i < node_edge_count(graph, node); i++) {
        td_edge *edge = node_edges(graph, node) + i;
        edge->from = &graph->states[i];
        edge->to = node_state(graph, node);
        edge->place = i * TD_NUM_OPS;
        if (spec->is_numbered)
            snprintf(b->prefix, sizeof b->prefix, "%.60s_ops.%d.", prefix,
                     (int) (edge - graph->edges));
        td_edge_build(edge, b, spec->channels, &graph->node_lot[node]);
    }
    snprintf(b->prefix, sizeof b->prefix, "%s", prefix);
    td_needs_max(&b->needs->lot, graph->node_lot[node]);
    td_needs_max(&b->needs->places,
                 (size_t) (node_edge_count(graph, node) * TD_NUM_OPS));
}

void td_graph_build(td_graph *graph, td_builder *b, td_graph_spec spec)
{
    graph->inputs = spec.inputs;
    graph->nodes = spec.nodes;
    graph->channels = spec.channels;
    graph->edge_count = spec.nodes * spec.inputs + spec.nodes * (spec.nodes - 1) / 2;
    graph->states = td_malloc((size_t) (spec.inputs + spec.nodes) * sizeof(td_state));
    graph->edges = td_malloc((size_t) graph->edge_count * sizeof(td_edge));
    graph->node_lot = td_malloc((size_t) spec.nodes * sizeof(size_t));
    build_states(graph, b, &spec);
    for (int node = 0; node < spec.nodes; node++)
        build_node(graph, b, &spec, node);
    graph->constant = TD_TAKE(
        b->arena, td_real, (size_t) (b->groups * graph->node_extent.planes * TD_PLANE));
}

void td_graph_place_nodes(td_graph *graph, td_real *value, td_real *grad)
{
    size_t count = td_extent_count(graph->node_extent);
    for (int node = 0; node < graph->nodes; node++) {
        td_state *state = node_state(graph, node);
        state->step = (size_t) graph->nodes * count;
        state->value = value ? value + (size_t) node * count : NULL;
        state->grad = grad ? grad + (size_t) node * count : NULL;
    }
}

void td_graph_build_work(td_graph *graph, td_builder *b)
{
    for (int s = 0; s < graph->inputs + graph->nodes; s++)
        td_state_build_work(&graph->states[s], b);
}

void td_graph_free(td_graph *graph)
{
    td_free(graph->states);
    td_free(graph->edges);
    td_free(graph->node_lot);
}

void td_graph_pack(td_graph *graph, const td_context *ctx)
{
#pragma omp parallel for schedule(static)
    for (int e = 0; e < graph->edge_count; e++)
        td_edge_pack(&graph->edges[e], ctx);
}

/* ---- forward ------------------------------------------------------------ */

static void input_pools_forward(td_graph *graph, const td_context *ctx,
                                const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        for (int s = 0; s < graph->inputs; s++)
            td_state_pools_image(&graph->states[s], ctx, i, 2 * s);
    for (int s = 0; s < graph->inputs; s++)
        td_state_pools_finish(&graph->states[s], ctx, span, 2 * s);
}

static void first_units_forward(td_graph *graph, const td_context *ctx,
                                const td_span *span, int node)
{
    td_edge *edges = node_edges(graph, node);
    int count = node_edge_count(graph, node);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        for (int e = 0; e < count; e++)
            td_edge_first_image(&edges[e], ctx, i);
    for (int e = 0; e < count; e++)
        td_edge_first_finish(&edges[e], ctx, span);
}

static void second_units_forward(td_graph *graph, const td_context *ctx,
                                 const td_span *span, int node)
{
    td_edge *edges = node_edges(graph, node);
    int count = node_edge_count(graph, node);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        for (int e = 0; e < count; e++)
            td_edge_second_image(&edges[e], ctx, i, td_span_group(span, i));
    for (int e = 0; e < count; e++)
        td_edge_second_finish(&edges[e], ctx, span);
}

static void mix_edges(td_graph *graph, const td_span *span, int node, const double *p)
{
    td_edge *edges = node_edges(graph, node);
    size_t width = (size_t) (graph->node_extent.planes * TD_PLANE);
    memset(graph->constant, 0, (size_t) span->groups * width * sizeof(td_real));
    for (int e = 0; e < node_edge_count(graph, node); e++)
        td_edge_mix(&edges[e], span, p + (edges + e - graph->edges) * TD_NUM_OPS,
                    graph->constant);
}

static void node_forward(td_graph *graph, const td_context *ctx, const td_span *span,
                         int node, const double *p)
{
    td_edge *edges = node_edges(graph, node);
    td_state *state = node_state(graph, node);
    int count = node_edge_count(graph, node), planes = state->extent.planes;
    mix_edges(graph, span, node, p);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++) {
        int group = td_span_group(span, i);
        td_real *value = td_state_value(state, i);
        ctx->k->fill(value, graph->constant + (size_t) (group * planes * TD_PLANE),
                     planes, state->extent.height * state->extent.width);
        for (int e = 0; e < count; e++)
            td_edge_add_image(&edges[e], ctx, i, group, value);
        if (state->is_read)
            td_state_pools_image(state, ctx, i, 0);
    }
    if (state->is_read)
        td_state_pools_finish(state, ctx, span, 0);
}

void td_graph_forward(td_graph *graph, const td_context *ctx, const td_span *span,
                      const double *p)
{
    input_pools_forward(graph, ctx, span);
    for (int node = 0; node < graph->nodes; node++) {
        first_units_forward(graph, ctx, span, node);
        second_units_forward(graph, ctx, span, node);
        node_forward(graph, ctx, span, node, p);
    }
}

/* ---- backward: a state's gradient --------------------------------------- */

/* The first edge that leaves a state at or after \a edge, NULL if there is none. */
static const td_edge *next_reader(const td_graph *graph, const td_state *state,
                                  const td_edge *edge)
{
    for (; edge < graph->edges + graph->edge_count; edge++)
        if (edge->from == state)
            return edge;
    return NULL;
}

/* A pool is one tensor for all edges: gm = Σ a_e·g_e + (Σ b_e)·m + Σ c_e. */
static void gather_pool_coefs(const td_graph *graph, const td_state *state, td_op op,
                              int groups)
{
    const td_coefs *to =
        op == TD_OP_MAX_POOL_3X3 ? &state->max_coefs : &state->avg_coefs;
    size_t count = (size_t) (groups * state->extent.planes * TD_PLANE);
    const td_edge *first = next_reader(graph, state, graph->edges);
    memcpy(to->a, first->coefs[op].a, count * sizeof(td_real));
    memset(to->b, 0, count * sizeof(td_real));
    memset(to->c, 0, count * sizeof(td_real));
    for (const td_edge *e = first; e; e = next_reader(graph, state, e + 1))
        for (size_t i = 0; i < count; i++) {
            to->b[i] += e->coefs[op].b[i];
            to->c[i] += e->coefs[op].c[i];
        }
}

static const td_real *pool_gradient_image(const td_graph *graph, const td_context *ctx,
                                          const td_state *state, td_op op, int image,
                                          int group)
{
    bool is_max = op == TD_OP_MAX_POOL_3X3;
    const td_coefs *coefs = is_max ? &state->max_coefs : &state->avg_coefs;
    int planes = state->pooled.planes,
        pixels = state->pooled.height * state->pooled.width;
    size_t at = (size_t) (group * planes * TD_PLANE);
    const td_real *m = (is_max ? state->max : state->avg) +
                       (size_t) image * td_extent_count(state->pooled);
    const td_edge *first = next_reader(graph, state, graph->edges);
    td_real *gm = td_thread_scratch(ctx)->image[0];
    ctx->k->affine(gm, td_state_grad(first->to, image), m, coefs->a + at, coefs->b + at,
                   coefs->c + at, planes, pixels);
    for (const td_edge *e = next_reader(graph, state, first + 1); e;
         e = next_reader(graph, state, e + 1))
        ctx->k->add_scaled(gm, td_state_grad(e->to, image), e->coefs[op].a + at, planes,
                           pixels);
    return gm;
}

/* grad += [s > 0]·dr + Σ p_skip·g + both pools' scatter. */
static void state_gradient_image(const td_graph *graph, const td_context *ctx,
                                 const td_state *state, int image, int group)
{
    td_real *grad = td_state_grad(state, image);
    int planes = state->pooled.planes,
        pixels = state->pooled.height * state->pooled.width;
    size_t at = (size_t) (group * planes * TD_PLANE);
    ctx->k->relu_padded_data(grad, td_state_dr(state, image),
                             td_state_value(state, image), state->extent);
    for (const td_edge *e = next_reader(graph, state, graph->edges); e;
         e = next_reader(graph, state, e + 1))
        if (!e->has_skip)
            ctx->k->add_scaled(grad, td_state_grad(e->to, image),
                               e->coefs[TD_OP_SKIP_CONNECT].a + at, planes, pixels);
    const uint8_t *argmax =
        state->argmax + (size_t) image * td_extent_count(state->pooled);
    ctx->k->max_pool_data(
        grad, pool_gradient_image(graph, ctx, state, TD_OP_MAX_POOL_3X3, image, group),
        argmax, state->extent, state->stride);
    ctx->k->avg_pool_data(
        grad, pool_gradient_image(graph, ctx, state, TD_OP_AVG_POOL_3X3, image, group),
        state->extent, state->stride);
}

static void state_backward(const td_graph *graph, const td_context *ctx,
                           const td_span *span, const td_state *state)
{
    gather_pool_coefs(graph, state, TD_OP_MAX_POOL_3X3, span->groups);
    gather_pool_coefs(graph, state, TD_OP_AVG_POOL_3X3, span->groups);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        state_gradient_image(graph, ctx, state, i, td_span_group(span, i));
}

/* ---- backward: a node's edges ------------------------------------------- */

static void clear_gradients(const td_graph *graph, const td_span *span)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        for (int s = 0; s < graph->inputs + graph->nodes; s++) {
            const td_state *state = &graph->states[s];
            if (state->is_read)
                memset(td_state_dr(state, i), 0,
                       td_extent_padded_count(state->extent) * sizeof(td_real));
            if (s < graph->inputs)
                memset(td_state_grad(state, i), 0, state->step * sizeof(td_real));
        }
}

static void node_sums_backward(td_graph *graph, const td_context *ctx,
                               const td_span *span, int node, const td_mixture *mixture)
{
    td_edge *edges = node_edges(graph, node);
    const td_state *state = node_state(graph, node);
    int count = node_edge_count(graph, node);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < span->images; i++)
        for (int e = 0; e < count; e++)
            td_edge_sums_image(&edges[e], ctx, i, td_state_grad(state, i));
    for (int e = 0; e < count; e++) {
        size_t row = (size_t) (edges + e - graph->edges) * TD_NUM_OPS;
        td_edge_sums_finish(&edges[e], ctx, span, mixture->p + row, mixture->dp + row);
    }
}

static bool wants_data(const td_graph *graph, const td_mixture *mixture, int state)
{
    return state >= graph->inputs || mixture->input_grad[state];
}

/* A node's edge number equals the number of the state it comes from. */
static bool wants_edge(const td_graph *graph, const td_context *ctx,
                       const td_mixture *mixture, int edge)
{
    return ctx->grads || wants_data(graph, mixture, edge);
}

static void second_units_backward(td_graph *graph, const td_context *ctx,
                                  const td_span *span, int node,
                                  const td_mixture *mixture)
{
    td_edge *edges = node_edges(graph, node);
    const td_state *state = node_state(graph, node);
    int count = node_edge_count(graph, node);
#pragma omp parallel for schedule(static)
    for (int lot = 0; lot < TD_LOTS; lot++) {
        int first, end;
        td_lot_range(span, lot, &first, &end);
        td_lot_clear(ctx, lot, graph->node_lot[node]);
        for (int i = first; i < end; i++)
            for (int e = 0; e < count; e++)
                if (wants_edge(graph, ctx, mixture, e))
                    td_edge_second_backward_image(
                        &edges[e], ctx, i, td_span_group(span, i),
                        td_state_grad(state, i), td_lot_at(ctx, lot));
    }
    for (int e = 0; e < count; e++)
        if (wants_edge(graph, ctx, mixture, e))
            td_edge_second_backward_finish(&edges[e], ctx, span);
}

static void first_units_backward(td_graph *graph, const td_context *ctx,
                                 const td_span *span, int node,
                                 const td_mixture *mixture)
{
    td_edge *edges = node_edges(graph, node);
    const td_state *state = node_state(graph, node);
    int count = node_edge_count(graph, node);
#pragma omp parallel for schedule(static)
    for (int lot = 0; lot < TD_LOTS; lot++) {
        int first, end;
        td_lot_range(span, lot, &first, &end);
        for (int i = first; i < end; i++)
            for (int e = 0; e < count; e++)
                if (wants_edge(graph, ctx, mixture, e))
                    td_edge_first_backward_image(
                        &edges[e], ctx, i, td_span_group(span, i),
                        td_state_grad(state, i), td_lot_at(ctx, lot),
                        wants_data(graph, mixture, e));
    }
}

static void weights_backward(td_graph *graph, const td_context *ctx, int node)
{
    td_lots_sum(ctx, graph->node_lot[node]);
#pragma omp parallel for schedule(static)
    for (int e = 0; e < node_edge_count(graph, node); e++)
        td_edge_unpack(&node_edges(graph, node)[e], ctx);
}

void td_graph_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                       const td_mixture *mixture)
{
    clear_gradients(graph, span);
    for (int node = graph->nodes - 1; node >= 0; node--) {
        if (node_state(graph, node)->is_read)
            state_backward(graph, ctx, span, node_state(graph, node));
        node_sums_backward(graph, ctx, span, node, mixture);
        second_units_backward(graph, ctx, span, node, mixture);
        first_units_backward(graph, ctx, span, node, mixture);
        if (ctx->grads)
            weights_backward(graph, ctx, node);
    }
    for (int s = 0; s < graph->inputs; s++)
        if (mixture->input_grad[s])
            state_backward(graph, ctx, span, &graph->states[s]);
}
