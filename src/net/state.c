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

static void take_pools(td_state *state, td_builder *b)
{
    size_t count = (size_t) b->images * td_extent_count(state->pooled);
    state->max = TD_TAKE(b->arena, td_real, count);
    state->avg = TD_TAKE(b->arena, td_real, count);
    state->argmax = TD_TAKE(b->arena, uint8_t, count);
}

void td_state_build(td_state *state, td_builder *b, int channels)
{
    if (!state->is_read)
        return;
    state->keeps_pools = b->recompute == TD_RECOMPUTE_NONE;
    if (state->keeps_pools)
        take_pools(state, b);
    td_norm_build(&state->max_norm, b, channels);
    td_norm_build(&state->avg_norm, b, channels);
}

void td_state_build_work(td_state *state, td_builder *b)
{
    if (state->is_read && !state->keeps_pools)
        take_pools(state, b);
}

void td_state_pools_image(const td_state *state, const td_context *ctx, int image,
                          int place)
{
    size_t at = (size_t) image * td_extent_count(state->pooled);
    const td_real *x = td_state_value(state, image);
    td_sums max_sums, avg_sums;
    if (place >= 0) {
        max_sums = td_sums_at(ctx, image, place);
        avg_sums = td_sums_at(ctx, image, place + 1);
    }
    /* a forward pass needs the places of the maxima only if it keeps them */
    bool with_places = place < 0 || state->keeps_pools;
    ctx->k->max_pool(state->max + at, with_places ? state->argmax + at : NULL,
                     place >= 0 ? &max_sums : NULL, x, state->extent, state->stride);
    ctx->k->avg_pool(state->avg + at, place >= 0 ? &avg_sums : NULL, x, state->extent,
                     state->stride);
}

void td_state_pools_finish(td_state *state, const td_context *ctx, const td_span *span,
                           int place)
{
    int pixels = state->pooled.height * state->pooled.width;
    td_norm_finish(&state->max_norm, ctx, span, place, pixels);
    td_norm_finish(&state->avg_norm, ctx, span, place + 1, pixels);
}
