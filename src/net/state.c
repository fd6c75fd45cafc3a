/* A state of a cell: a tensor that edges read, its pools and its gradient.
 *
 * Pools have no parameters, so they and the statistics of their batch norms are made
 * once a state and shared by all edges that leave it. */
#include "internal.h"

td_real *td_state_value(const td_state *state, int image)
{
    return state->value + (size_t) image * state->step;
}

td_real *td_state_grad(const td_state *state, int image)
{
    return state->grad + (size_t) image * state->step;
}

td_real *td_state_dr(const td_state *state, int image)
{
    return state->dr + (size_t) image * td_extent_padded_count(state->extent);
}

void td_state_build(td_state *state, td_builder *b, int channels)
{
    size_t count = (size_t) b->images * td_extent_count(state->pooled);
    if (!state->is_read)
        return;
    state->max = TD_TAKE(b->arena, td_real, count);
    state->avg = TD_TAKE(b->arena, td_real, count);
    state->argmax = TD_TAKE(b->arena, uint8_t, count);
    td_norm_build(&state->max_norm, b, channels);
    td_norm_build(&state->avg_norm, b, channels);
}

void td_state_build_work(td_state *state, td_builder *b)
{
    if (state->is_read)
        state->dr = TD_TAKE(b->arena, td_real,
                            (size_t) b->images * td_extent_padded_count(state->extent));
}

void td_state_pools_image(const td_state *state, const td_context *ctx, int image,
                          int place)
{
    size_t at = (size_t) image * td_extent_count(state->pooled);
    td_sums max_sums = td_sums_at(ctx, image, place);
    td_sums avg_sums = td_sums_at(ctx, image, place + 1);
    const td_real *x = td_state_value(state, image);
    ctx->k->max_pool(state->max + at, state->argmax + at, &max_sums, x, state->extent,
                     state->stride);
    ctx->k->avg_pool(state->avg + at, &avg_sums, x, state->extent, state->stride);
}

void td_state_pools_finish(td_state *state, const td_context *ctx, const td_span *span,
                           int place)
{
    int pixels = state->pooled.height * state->pooled.width;
    td_norm_finish(&state->max_norm, ctx, span, place, pixels);
    td_norm_finish(&state->avg_norm, ctx, span, place + 1, pixels);
}
