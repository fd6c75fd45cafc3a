/* Pools.  In a supernet a state makes each pool once, with one batch norm, for all
 * edges that leave it; in a derived cell a pool is an edge's own and has none. */
#include "operation.h"

#include <stdio.h>

static td_pool_kind kind_of(const td_operation *o)
{
    return o->op == TD_OP_MAX_POOL_3X3 ? TD_POOL_MAX : TD_POOL_AVG;
}

/* ---- shared by the edges that leave a state ----------------------------- */

static td_pool *shared_pool(const td_operation *o)
{
    return &o->from->pools[kind_of(o)];
}

/* The batch norm carries a name on every edge, but there is one a state: the first
 * edge's name stands for all, their running statistics are equal. */
static void shared_build(td_operation *o, td_builder *b, const char *name, int channels,
                         size_t *slice_length)
{
    char layer[TD_NAME_BYTES];
    td_norm *norm = &shared_pool(o)->norm;
    (void) channels;
    (void) slice_length;
    TD_ASSERT(shared_pool(o)->is_used);
    snprintf(layer, sizeof layer, "%s.1", name);
    if (norm->slot < 0)
        td_norm_name(norm, b, layer);
    else
        td_add_norm(b, layer, norm);
}

static td_norm *shared_norm(td_operation *o)
{
    return &shared_pool(o)->norm;
}

static const td_real *shared_output(const td_operation *o, const td_context *ctx,
                                    td_item item)
{
    return td_state_pool(o->from, kind_of(o), ctx, item.image);
}

/* Forward and backward are the state's (state.c, mixed_backward.c). */
const td_family td_shared_pool_family = {
    .build = shared_build,
    .norm = shared_norm,
    .output = shared_output,
};

/* ---- an edge's own ------------------------------------------------------ */

static void bare_build(td_operation *o, td_builder *b, const char *name, int channels,
                       size_t *slice_length)
{
    (void) name;
    (void) channels;
    (void) slice_length;
    if (kind_of(o) == TD_POOL_MAX)
        o->argmax = TD_TAKE(b->arena, uint8_t,
                            (size_t) b->images * td_extent_count(o->to->extent));
}

static uint8_t *argmax_at(const td_operation *o, int image)
{
    return o->argmax + (size_t) image * td_extent_count(o->to->extent);
}

/* In the thread's scratch. */
static const td_real *bare_output(const td_operation *o, const td_context *ctx,
                                  td_item item)
{
    const td_state *from = o->from;
    td_real *to = td_thread_scratch(ctx)->buffer[2 * o->buffer];
    const td_real *x = td_state_read(from, ctx, item.image, item.group);
    if (kind_of(o) == TD_POOL_AVG)
        ctx->k->avg_pool(to, NULL, x, from->extent, from->stride);
    else
        ctx->k->max_pool(to, ctx->is_inference ? NULL : argmax_at(o, item.image), NULL,
                         x, from->extent, from->stride);
    return to;
}

/* factor·g, g the node's gradient. */
static const td_real *scaled_gradient(const td_operation *o, const td_context *ctx,
                                      td_item item, double factor)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *a = scratch->channels[0], *zero = scratch->channels[1];
    int planes = o->to->extent.planes;
    td_term term = { td_state_grad(o->to, item.image), a };
    if (factor == 1.0)
        return term.y;
    for (int c = 0; c < planes * TD_PLANE; c++) {
        a[c] = (td_real) factor;
        zero[c] = 0;
    }
    ctx->k->combine(scratch->image[0], false, zero, &term, 1, planes,
                    td_operation_pixels(o));
    return scratch->image[0];
}

static void bare_state_backward_image(const td_operation *o, const td_context *ctx,
                                      td_item item, double factor)
{
    const td_state *from = o->from;
    const td_real *g = scaled_gradient(o, ctx, item, factor);
    td_real *grad = td_state_grad(from, item.image);
    if (kind_of(o) == TD_POOL_AVG)
        ctx->k->avg_pool_data(grad, g, from->extent, from->stride);
    else
        ctx->k->max_pool_data(grad, g, argmax_at(o, item.image), from->extent,
                              from->stride);
}

const td_family td_bare_pool_family = {
    .build = bare_build,
    .output = bare_output,
    .state_backward_image = bare_state_backward_image,
};
