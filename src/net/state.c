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
    td_real *room = td_thread_scratch(ctx)->state;
    td_term term = { td_state_value(state, image), norm->scale + at };
    ctx->k->mix(room, false, norm->shift + at, &term, 1, norm->planes,
                state->extent.height * state->extent.width);
    return room;
}

static void take_pools(td_state *state, td_builder *b)
{
    TD_ASSERT(state->is_read && state->pooled.planes > 0);
    size_t count = (size_t) b->images * td_extent_count(state->pooled);
    state->max = TD_TAKE(b->arena, td_real, count);
    state->avg = TD_TAKE(b->arena, td_real, count);
    state->argmax = TD_TAKE(b->arena, uint8_t, count);
}

void td_state_build(td_state *state, td_builder *b, int channels)
{
    TD_ASSERT(state->stride == 1 || state->stride == 2);
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

/* \a with_places: of the maxima, which only a backward pass reads. */
static void pools_image(const td_state *state, const td_context *ctx, int image,
                        int place, bool with_places)
{
    size_t at = (size_t) image * td_extent_count(state->pooled);
    const td_real *x = td_state_value(state, image);
    td_sums max_sums, avg_sums;
    ctx->k->max_pool(state->max + at, with_places ? state->argmax + at : NULL,
                     td_sums_for(&max_sums, ctx, image, place), x, state->extent,
                     state->stride);
    ctx->k->avg_pool(
        state->avg + at,
        td_sums_for(&avg_sums, ctx, image, place == TD_NO_PLACE ? place : place + 1), x,
        state->extent, state->stride);
}

void td_state_pools_image(const td_state *state, const td_context *ctx, int image,
                          int place)
{
    pools_image(state, ctx, image, place, state->keeps_pools && !ctx->forgets);
}

void td_state_recall_pools(const td_state *state, const td_context *ctx, int image)
{
    if (state->is_read && !state->keeps_pools)
        pools_image(state, ctx, image, TD_NO_PLACE, true);
}

void td_state_pools_finish(td_state *state, const td_context *ctx, const td_span *span,
                           int place)
{
    int pixels = state->pooled.height * state->pooled.width;
    TD_ASSERT(state->is_read);
    td_norm_finish(&state->max_norm, ctx, span, place, pixels);
    td_norm_finish(&state->avg_norm, ctx, span, place + 1, pixels);
}
