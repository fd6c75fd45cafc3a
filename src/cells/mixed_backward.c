/* Backward through the states and edges of a cell, edge by edge, nodes in reverse.
 *
 * An edge takes three steps: the sums that its batch norms need (dots), its second
 * units, its first units.  Batch sums stand between them, so they are phases; the last
 * one shares a phase with the first one of the next edge.  Between two nodes the next
 * node's gradient is completed by its pools: every edge that reads it is through. */
#include "mixed.h"

#include <string.h>

/* ---- a state's gradient: the pools -------------------------------------- */

static td_op pool_op(td_pool_kind kind)
{
    return kind == TD_POOL_MAX ? TD_OP_MAX_POOL_3X3 : TD_OP_AVG_POOL_3X3;
}

/* The first edge that has a pool of a state, whether it uses it in this pass or not:
 * terms are added in the same order whoever is absent. */
static const td_operation *first_user(const td_graph *graph, const td_state *state,
                                      td_pool_kind kind)
{
    const td_operation *o = graph->operations;
    while (o->from != state || o->op != pool_op(kind))
        o++;
    TD_ASSERT(o < graph->operations + graph->operation_count);
    return o;
}

/* The edges of a pass that use a pool of a state, in their order. */
typedef struct {
    const td_graph *graph;
    const td_state *state;
    td_pool_kind kind;
    int next; /* of the operations of the pass */
} pool_users;

/* NULL behind the last one. */
static const td_operation *next_user(pool_users *users)
{
    const td_graph *graph = users->graph;
    while (users->next < graph->present_count) {
        const td_operation *o = graph->present[users->next++];
        if (o->from == users->state && o->op == pool_op(users->kind))
            return o;
    }
    return NULL;
}

/* A pool is one tensor for all edges: gm = Σ a_e·g_e + (Σ b_e)·m + Σ c_e. */
static void gather_pool_coefs(const td_graph *graph, td_state *state, td_pool_kind kind,
                              int groups)
{
    const td_coefs *to = &state->pools[kind].coefs;
    size_t count = (size_t) (groups * state->extent.planes * TD_PLANE);
    pool_users users = { graph, state, kind, 0 };
    const td_operation *first = first_user(graph, state, kind), *o;
    memset(to->a, 0, count * sizeof(td_real));
    memset(to->b, 0, count * sizeof(td_real));
    memset(to->c, 0, count * sizeof(td_real));
    while ((o = next_user(&users)))
        for (size_t i = 0; i < count; i++) {
            if (o == first)
                to->a[i] = o->coefs.a[i];
            to->b[i] += o->coefs.b[i];
            to->c[i] += o->coefs.c[i];
        }
}

/* gm of one image, in the thread's scratch. */
static const td_real *pool_gradient(const td_graph *graph, const td_context *ctx,
                                    const td_state *state, td_pool_kind kind,
                                    td_item item)
{
    td_real *gm = td_thread_scratch(ctx)->image[0];
    const td_pool *pool = &state->pools[kind];
    td_affine coefs = td_coefs_at(&pool->coefs, &pool->norm, item.group);
    int planes = state->pooled.planes;
    int pixels = state->pooled.height * state->pooled.width;
    size_t at = td_norm_at(&pool->norm, item.group);
    pool_users users = { graph, state, kind, 0 };
    const td_operation *first = first_user(graph, state, kind), *o;
    td_term terms[TD_MAX_NODES];
    int count = 0;
    while ((o = next_user(&users)))
        if (o != first)
            terms[count++] =
                (td_term){ td_state_grad(o->to, item.image), o->coefs.a + at };
    ctx->k->affine(gm, td_state_grad(first->to, item.image),
                   pool->y + (size_t) item.image * td_extent_count(state->pooled),
                   &coefs, planes, pixels);
    ctx->k->combine(gm, true, graph->zeros, terms, count, planes, pixels);
    return gm;
}

/* The state's gradient += its pools' transposes. */
static void pools_backward_image(const td_graph *graph, const td_context *ctx,
                                 const td_state *state, td_item item)
{
    td_real *grad = td_state_grad(state, item.image);
    const td_pool *max = &state->pools[TD_POOL_MAX];
    size_t at = (size_t) item.image * td_extent_count(state->pooled);
    if (max->is_used)
        ctx->k->max_pool_data(grad, pool_gradient(graph, ctx, state, TD_POOL_MAX, item),
                              max->argmax + at, state->extent, state->stride);
    if (state->pools[TD_POOL_AVG].is_used)
        ctx->k->avg_pool_data(grad, pool_gradient(graph, ctx, state, TD_POOL_AVG, item),
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
    return way->ctx->wants_weights || wants_data(way, edge);
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
    if (edge->is_first)
        pools_backward_image(way->graph, ctx, edge->to, item);
    td_edge_dots_image(edge, ctx, item);
}

static void second_task(const void *part, const td_context *ctx, td_item item)
{
    const td_edge *edge = part;
    td_operations_second_backward_image(edge->operations, edge->count, ctx, item, NULL);
}

static void between(const td_way_back *way, const td_edge *former, const td_edge *edge)
{
    edge_pair pair = { way, former, edge };
    td_phase_weights(way->ctx, way->span, between_task, &pair,
                     former ? former->slice_length : 0, true);
    if (!former || !way->ctx->wants_weights)
        return;
    td_slices_sum(way->ctx, way->span, former->slice_length);
    td_edge_unpack(former, way->ctx);
}

static void gather_coefs(const td_way_back *way, td_state *state)
{
    for (int k = 0; k < TD_POOLS; k++)
        if (state->pools[k].is_used)
            gather_pool_coefs(way->graph, state, (td_pool_kind) k, way->span->groups);
}

static void edge_backward(const td_way_back *way, const td_edge *former, td_edge *edge)
{
    ptrdiff_t row = (edge - way->graph->edges) * TD_NUM_OPS;
    if (edge->is_first)
        gather_coefs(way, edge->to);
    between(way, former, edge);
    td_edge_dots_finish(edge, way->ctx, way->span, way->mixture->p + row,
                        way->mixture->dp + row);
    if (!wants_units(way, edge))
        return;
    if (!way->ctx->wants_weights &&
        !td_operations_have_second(edge->operations, edge->count))
        return; /* there is no slice to begin either */
    td_phase_weights(way->ctx, way->span, second_task, edge, edge->slice_length, false);
    td_norm_entry list[TD_NUM_OPS];
    td_norms_gradient(way->ctx, way->span, list,
                      td_operations_inner_norms(edge->operations, edge->count, list));
}

/* The inputs' gradients get their pools' part last. */
static void inputs_task(const void *part, const td_context *ctx, td_item item)
{
    const td_way_back *way = part;
    for (int s = 0; s < way->graph->inputs; s++)
        if (way->mixture->input_grad[s])
            pools_backward_image(way->graph, ctx, &way->graph->states[s], item);
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
    td_phase(ctx, span, inputs_task, &way);
}
