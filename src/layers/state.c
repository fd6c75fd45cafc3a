/* A state of a cell: a tensor that edges read, its pools and its gradient.
 *
 * Pools have no parameters, so they and the statistics of their batch norms are made
 * once a state and shared by all edges that leave it. */
#include "layers.h"

td_real *td_state_value(const td_state *state, int image)
{
    TD_ASSERT(state->value && image >= 0);
    return state->value + (size_t) image * state->step;
}

td_real *td_state_grad(const td_state *state, int image)
{
    TD_ASSERT(state->grad && image >= 0);
    return state->grad + (size_t) image * state->step;
}

const td_real *td_state_read(const td_state *state, const td_context *ctx, int image,
                             int group)
{
    const td_norm *norm = state->behind;
    if (!norm)
        return td_state_value(state, image);
    size_t at = td_norm_at(norm, group);
    td_real *normalised = td_thread_scratch(ctx)->state;
    td_term term = { td_state_value(state, image), norm->scale + at };
    ctx->k->combine(normalised, false, norm->shift + at, &term, 1, norm->planes,
                    state->extent.height * state->extent.width);
    return normalised;
}

bool td_state_has_pools(const td_state *state)
{
    return state->pools[TD_POOL_MAX].is_used || state->pools[TD_POOL_AVG].is_used;
}

static void take_pools(td_state *state, td_builder *b)
{
    TD_ASSERT(state->pooled.planes > 0);
    size_t count = (size_t) b->images * td_extent_count(state->pooled);
    for (int k = 0; k < TD_POOLS; k++) {
        if (!state->pools[k].is_used)
            continue;
        state->pools[k].y = TD_TAKE(b->arena, td_real, count);
        if (k == TD_POOL_MAX)
            state->pools[k].argmax = TD_TAKE(b->arena, uint8_t, count);
    }
}

void td_state_build_pools(td_state *state, td_builder *b, int channels)
{
    TD_ASSERT(state->stride == 1 || state->stride == 2);
    state->keeps_pools = b->recompute == TD_RECOMPUTE_NONE;
    if (state->keeps_pools)
        take_pools(state, b);
    for (int k = 0; k < TD_POOLS; k++) {
        td_pool *pool = &state->pools[k];
        if (!pool->is_used)
            continue;
        if (!state->keeps_pools)
            pool->own = TD_TAKE(b->arena, td_real,
                                (size_t) b->threads * td_extent_count(state->pooled));
        td_norm_build(&pool->norm, b, channels);
        pool->coefs = td_coefs_build(b, channels);
    }
}

td_real *td_state_pool(const td_state *state, td_pool_kind kind, const td_context *ctx,
                       int image)
{
    const td_pool *pool = &state->pools[kind];
    td_real *base = ctx->is_inference && pool->own ? pool->own : pool->y;
    TD_ASSERT(pool->is_used && image >= 0);
    return base + (size_t) image * td_extent_count(state->pooled);
}

void td_state_build_work(td_state *state, td_builder *b)
{
    if (!state->keeps_pools)
        take_pools(state, b);
}

/* \a with_argmax: which only a backward pass reads. */
static void pools_image(const td_state *state, const td_context *ctx, int image,
                        int index, bool with_argmax)
{
    const td_real *x = td_state_value(state, image);
    const td_pool *max = &state->pools[TD_POOL_MAX];
    size_t at = (size_t) image * td_extent_count(state->pooled);
    int next = index == TD_SUMS_NONE ? index : index + 1;
    td_sums sums;
    if (max->is_used)
        ctx->k->max_pool(td_state_pool(state, TD_POOL_MAX, ctx, image),
                         with_argmax ? max->argmax + at : NULL,
                         td_sums_for(&sums, ctx, image, index), x, state->extent,
                         state->stride);
    if (state->pools[TD_POOL_AVG].is_used)
        ctx->k->avg_pool(td_state_pool(state, TD_POOL_AVG, ctx, image),
                         td_sums_for(&sums, ctx, image, next), x, state->extent,
                         state->stride);
}

void td_state_pools_image(const td_state *state, const td_context *ctx, int image,
                          int sums)
{
    pools_image(state, ctx, image, sums, state->keeps_pools && !ctx->is_inference);
}

void td_state_recall_pools(const td_state *state, const td_context *ctx, int image)
{
    if (!state->keeps_pools)
        pools_image(state, ctx, image, TD_SUMS_NONE, true);
}

int td_state_pool_norms(td_state *state, int sums, td_norm_entry *to)
{
    int count = 0, pixels = state->pooled.height * state->pooled.width;
    for (int k = 0; k < TD_POOLS; k++)
        if (state->pools[k].is_used)
            to[count++] = (td_norm_entry){ .norm = &state->pools[k].norm,
                                           .first = sums + k,
                                           .second = sums + k,
                                           .pixels = pixels };
    return count;
}
