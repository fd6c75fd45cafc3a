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

void td_lot_range(const td_span *span, int lot, int *first, int *end)
{
    *first = (int) ((int64_t) span->images * lot / TD_LOTS);
    *end = (int) ((int64_t) span->images * (lot + 1) / TD_LOTS);
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

void td_lots_sum(const td_context *ctx, size_t count)
{
    td_real *total = ctx->lots;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        for (size_t lot = 1; lot < TD_LOTS; lot++)
            total[i] += ctx->lots[lot * ctx->needs.lot + i];
}
