/* How a pass is shared out: groups, lots, threads. */
#include "internal.h"

#include <omp.h>
#include <string.h>

int td_span_group(const td_span *span, int image)
{
    int group = 0;
    while (image >= span->start[group + 1])
        group++;
    TD_ASSERT(group < span->groups);
    return group;
}

td_scratch *td_thread_scratch(const td_context *ctx)
{
    return &ctx->scratch[omp_get_thread_num()];
}

void td_scratch_build(td_scratch *scratch, td_builder *b)
{
    const td_needs *needs = b->needs;
    td_padded *padded[] = { &scratch->r, &scratch->z, &scratch->dd };
    for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++)
        padded[i]->data = TD_TAKE(b->arena, td_real, needs->padded);
    for (size_t i = 0; i < sizeof scratch->image / sizeof scratch->image[0]; i++)
        scratch->image[i] = TD_TAKE(b->arena, td_real, needs->image);
    scratch->work = TD_TAKE(b->arena, td_real, needs->work);
}

td_real *td_padded_for(td_padded *padded, td_extent extent)
{
    const td_extent *old = &padded->extent;
    if (old->planes == extent.planes && old->height == extent.height &&
        old->width == extent.width)
        return padded->data;
    memset(padded->data, 0, td_extent_padded_count(extent) * sizeof(td_real));
    padded->extent = extent;
    return padded->data;
}

/* ---- lots ---------------------------------------------------------------- */

int td_lot_count(const td_context *ctx, const td_span *span)
{
    if (!ctx->grads)
        return span->images;
    return span->images < 1 ? 1 : span->images < TD_LOTS ? span->images : TD_LOTS;
}

void td_lot_range(const td_context *ctx, const td_span *span, int lot, int *first,
                  int *end)
{
    int lots = td_lot_count(ctx, span);
    *first = (int) ((int64_t) span->images * lot / lots);
    *end = (int) ((int64_t) span->images * (lot + 1) / lots);
}

td_real *td_lot_at(const td_context *ctx, int lot)
{
    return ctx->grads ? ctx->lots + (size_t) lot * ctx->needs.lot : NULL;
}

void td_lot_clear(const td_context *ctx, int lot, size_t count)
{
    TD_ASSERT(count <= ctx->needs.lot);
    if (ctx->grads)
        memset(td_lot_at(ctx, lot), 0, count * sizeof(td_real));
}

/* Threads take chunks that stay in the cache while the lots are added. */
void td_lots_sum(const td_context *ctx, const td_span *span, size_t count)
{
    enum { CHUNK = 1024 };
    td_real *total = ctx->lots;
    size_t lots = (size_t) td_lot_count(ctx, span);
#pragma omp parallel for schedule(static)
    for (size_t start = 0; start < count; start += CHUNK)
        for (size_t lot = 1; lot < lots; lot++) {
            const td_real *part = ctx->lots + lot * ctx->needs.lot;
            for (size_t i = start; i < count && i < start + CHUNK; i++)
                total[i] += part[i];
        }
}
