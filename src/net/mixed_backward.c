/* Backward through the states and edges of a cell, edge by edge, nodes in reverse.
 *
 * An edge takes three steps: the sums that its batch norms need (dots), its second
 * units, its first units.  Batch sums stand between them, so they are phases; the last
 * one shares a phase with the first one of the next edge.  Between two nodes the next
 * node's gradient is completed by its pools: every edge that reads it is through. */
#include "mixed.h"

#include <string.h>

/* ---- a state's gradient: the pools -------------------------------------- */

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
    TD_ASSERT(first && (op == TD_OP_MAX_POOL_3X3 || op == TD_OP_AVG_POOL_3X3));
    memcpy(to->a, first->coefs[op].a, count * sizeof(td_real));
    memset(to->b, 0, count * sizeof(td_real));
    memset(to->c, 0, count * sizeof(td_real));
    for (const td_edge *e = first; e; e = next_reader(graph, state, e + 1))
        for (size_t i = 0; i < count; i++) {
            to->b[i] += e->coefs[op].b[i];
            to->c[i] += e->coefs[op].c[i];
        }
}

/* gm of one image, in the thread's scratch. */
static const td_real *pool_gradient(const td_graph *graph, const td_context *ctx,
                                    const td_state *state, td_op op, int image,
                                    int group)
{
    td_real *gm = td_thread_scratch(ctx)->image[0];
    bool is_max = op == TD_OP_MAX_POOL_3X3;
    const td_real *m = is_max ? state->max : state->avg;
    td_affine coefs = td_coefs_at(is_max ? &state->max_coefs : &state->avg_coefs,
                                  &state->max_norm, group);
    int planes = state->pooled.planes;
    int pixels = state->pooled.height * state->pooled.width;
    const td_edge *first = next_reader(graph, state, graph->edges);
    td_term terms[TD_MAX_NODES];
    int count = 0;
    for (const td_edge *e = next_reader(graph, state, first + 1); e;
         e = next_reader(graph, state, e + 1))
        terms[count++] =
            (td_term){ td_state_grad(e->to, image),
                       e->coefs[op].a + td_norm_at(&state->max_norm, group) };
    ctx->k->affine(gm, td_state_grad(first->to, image),
                   m + (size_t) image * td_extent_count(state->pooled), &coefs, planes,
                   pixels);
    ctx->k->mix(gm, true, graph->zeros, terms, count, planes, pixels);
    return gm;
}

/* The state's gradient += both pools' transposes. */
static void pools_backward_image(const td_graph *graph, const td_context *ctx,
                                 const td_state *state, int image, int group)
{
    td_real *grad = td_state_grad(state, image);
    const uint8_t *argmax =
        state->argmax + (size_t) image * td_extent_count(state->pooled);
    ctx->k->max_pool_data(
        grad, pool_gradient(graph, ctx, state, TD_OP_MAX_POOL_3X3, image, group),
        argmax, state->extent, state->stride);
    ctx->k->avg_pool_data(
        grad, pool_gradient(graph, ctx, state, TD_OP_AVG_POOL_3X3, image, group),
        state->extent, state->stride);
}

/* ---- phases ------------------------------------------------------------- */

/* One way through the edges. */
typedef struct {
    const td_graph *graph;
    const td_context *ctx;
    const td_span *span;
    const td_mixture *mixture;
} td_way_back;

/* Whether the gradient of the state that an edge comes from is wanted. */
static bool wants_data(const td_way_back *way, const td_edge *edge)
{
    ptrdiff_t state = edge->from - way->graph->states;
    return state >= way->graph->inputs || way->mixture->input_grad[state];
}

static bool wants_units(const td_way_back *way, const td_edge *edge)
{
    return way->ctx->grads || wants_data(way, edge);
}

/* The pools that the forward pass did not keep; input gradients start from 0. */
static void begin_image(const td_way_back *way, int image)
{
    const td_graph *graph = way->graph;
    for (int s = 0; s < graph->inputs + graph->nodes; s++) {
        const td_state *state = &graph->states[s];
        td_state_recall_pools(state, way->ctx, image);
        if (s < graph->inputs)
            memset(td_state_grad(state, image), 0, state->step * sizeof(td_real));
    }
}

/* Two edges that follow each other; NULL where there is none. */
typedef struct {
    const td_way_back *way;
    const td_edge *former, *edge;
} edge_pair;

/* The rest of the former edge and the beginning of the next. */
static void between_task(const void *part, const td_context *ctx, td_item item)
{
    const edge_pair *pair = part;
    const td_way_back *way = pair->way;
    const td_edge *former = pair->former, *edge = pair->edge;
    if (!former)
        begin_image(way, item.image);
    else if (wants_units(way, former))
        td_edge_first_backward_image(former, ctx, item, wants_data(way, former));
    if (!edge)
        return;
    if (edge->is_first && edge->to->is_read)
        pools_backward_image(way->graph, ctx, edge->to, item.image, item.group);
    td_edge_dots_image(edge, ctx, item.image, item.group);
}

static void second_task(const void *part, const td_context *ctx, td_item item)
{
    td_edge_second_backward_image(part, ctx, item);
}

static void between(const td_way_back *way, const td_edge *former, const td_edge *edge)
{
    edge_pair pair = { way, former, edge };
    td_phase(way->ctx, way->span, between_task, &pair, 0);
    if (!former || !way->ctx->grads)
        return;
    td_lots_sum(way->ctx, way->span, former->lot);
    td_edge_unpack(former, way->ctx);
}

static void gather_coefs(const td_way_back *way, const td_state *state)
{
    gather_pool_coefs(way->graph, state, TD_OP_MAX_POOL_3X3, way->span->groups);
    gather_pool_coefs(way->graph, state, TD_OP_AVG_POOL_3X3, way->span->groups);
}

static void edge_backward(const td_way_back *way, const td_edge *former, td_edge *edge)
{
    ptrdiff_t row = (edge - way->graph->edges) * TD_NUM_OPS;
    if (edge->is_first && edge->to->is_read)
        gather_coefs(way, edge->to);
    between(way, former, edge);
    td_edge_dots_finish(edge, way->ctx, way->span, way->mixture->p + row,
                        way->mixture->dp + row);
    if (!wants_units(way, edge))
        return;
    td_phase(way->ctx, way->span, second_task, edge, edge->lot);
    td_edge_second_backward_finish(edge, way->ctx, way->span);
}

/* The inputs' gradients get their pools' part last. */
static void inputs_task(const void *part, const td_context *ctx, td_item item)
{
    const td_way_back *way = part;
    for (int s = 0; s < way->graph->inputs; s++)
        if (way->mixture->input_grad[s])
            pools_backward_image(way->graph, ctx, &way->graph->states[s], item.image,
                                 item.group);
}

void td_mixed_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                       const td_mixture *mixture)
{
    td_way_back way = { graph, ctx, span, mixture };
    td_edge *former = NULL, *end = graph->edges + graph->edge_count;
    TD_ASSERT(mixture->p && mixture->dp);
    for (int node = graph->nodes - 1; node >= 0; node--) {
        td_edge *first = end - (graph->inputs + node);
        for (td_edge *edge = first; edge < end; former = edge++)
            edge_backward(&way, former, edge);
        end = first;
    }
    TD_ASSERT(end == graph->edges);
    between(&way, former, NULL);
    for (int s = 0; s < graph->inputs; s++)
        gather_coefs(&way, &graph->states[s]);
    td_phase(ctx, span, inputs_task, &way, 0);
}
