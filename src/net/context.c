/* How a pass is shared out: groups, lots, threads. */
#include "ground.h"

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

td_span td_pass_span(const td_pass *pass)
{
    td_span span = { .groups = pass->group_count };
    for (int g = 0; g < pass->group_count; g++) {
        span.images += pass->groups[g];
        span.start[g + 1] = span.images;
    }
    return span;
}

bool td_pass_is_evaluation(const td_pass *pass)
{
    return pass->running_mean != NULL;
}

int td_pass_most(const td_net_spec *spec)
{
    return spec->batch * (spec->two_branch ? 2 : 1);
}

td_scratch *td_thread_scratch(const td_context *ctx)
{
    int thread = omp_get_thread_num();
    TD_ASSERT(thread < ctx->threads);
    return &ctx->scratch[thread];
}

void td_scratch_build(td_scratch *scratch, td_builder *b)
{
    const td_needs *needs = b->needs;
    td_padded *padded[] = { &scratch->r, &scratch->z, &scratch->dd };
    for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++)
        padded[i]->data = TD_TAKE(b->arena, td_real, needs->padded);
    for (size_t i = 0; i < sizeof scratch->image / sizeof scratch->image[0]; i++)
        scratch->image[i] = TD_TAKE(b->arena, td_real, needs->image);
    for (int i = 0; i < TD_BUFFERS; i++)
        scratch->buffer[i] = TD_TAKE(b->arena, td_real, needs->image);
    for (int i = 0; i <= TD_GENES; i++)
        scratch->channels[i] = TD_TAKE(b->arena, td_real, needs->channels);
    scratch->state = TD_TAKE(b->arena, td_real, needs->state);
    scratch->work = TD_TAKE(b->arena, td_real, needs->work);
    scratch->turn = TD_TAKE(b->arena, td_turn, 1);
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

/* Where weight gradients are wanted threads take lots, else single images.  Neither
 * depends on the threads. */
static int lot_count(const td_context *ctx, const td_span *span)
{
    if (!ctx->grads)
        return span->images;
    return span->images < 1 ? 1 : span->images < TD_LOTS ? span->images : TD_LOTS;
}

static td_real *lot_at(const td_context *ctx, int lot)
{
    return ctx->grads ? ctx->lots + (size_t) lot * ctx->needs.lot : NULL;
}

/* Threads take chunks that stay in the cache while the lots are added. */
void td_lots_sum(const td_context *ctx, const td_span *span, size_t count)
{
    TD_ASSERT(ctx->grads && count <= ctx->needs.lot);
    enum { CHUNK = 1024 };
    td_real *total = ctx->lots;
    size_t lots = (size_t) lot_count(ctx, span);
#pragma omp parallel for schedule(static)
    for (size_t start = 0; start < count; start += CHUNK)
        for (size_t lot = 1; lot < lots; lot++) {
            const td_real *part = ctx->lots + lot * ctx->needs.lot;
            for (size_t i = start; i < count && i < start + CHUNK; i++)
                total[i] += part[i];
        }
}

/* ---- phases -------------------------------------------------------------- */

/* A phase in the hands of one thread. */
typedef struct {
    const td_context *ctx;
    const td_span *span;
    td_task *task;
    const void *part;
    size_t lot_count;
    bool backwards; /* from the last lot and image to the first */
} phase_run;

static void run_lot(const phase_run *run, int lot, int lots)
{
    int64_t images = run->span->images;
    int first = (int) (images * lot / lots), end = (int) (images * (lot + 1) / lots);
    td_real *gradients = lot_at(run->ctx, lot);
    TD_ASSERT(run->lot_count <= run->ctx->needs.lot);
    if (gradients && run->lot_count)
        memset(gradients, 0, run->lot_count * sizeof(td_real));
    for (int i = first; i < end; i++) {
        int image = run->backwards ? first + end - 1 - i : i;
        td_item item = { image, td_span_group(run->span, image), gradients };
        run->task(run->part, run->ctx, item);
    }
}

/* A thread's share, and then what is left of the others'. */
static void run_turns(const phase_run *run, int thread, int workers, int lots)
{
    for (int i = 0; i < workers; i++) {
        td_turn *turn = run->ctx->scratch[(thread + i) % workers].turn;
        int lot;
        while ((lot = turn->next++) < turn->end)
            run_lot(run, run->backwards ? lots - 1 - lot : lot, lots);
    }
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Every other phase walks backwards: what the one before left in the caches comes
 * first. */
void td_phase(const td_context *ctx, const td_span *span, td_task *task,
              const void *part, size_t count)
{
    TD_ASSERT(span->images >= 0 && span->groups >= 1);
    phase_run run = { ctx, span, task, part, count, (*ctx->phases)++ % 2 == 1 };
    int lots = lot_count(ctx, span);
    int workers = least(lots, least(omp_get_max_threads(), ctx->threads));
    for (int t = 0; t < workers; t++) {
        ctx->scratch[t].turn->next = lots * t / workers;
        ctx->scratch[t].turn->end = lots * (t + 1) / workers;
    }
#pragma omp parallel
    {
        int thread = omp_get_thread_num();
        if (thread < workers)
            run_turns(&run, run.backwards ? workers - 1 - thread : thread, workers,
                      lots);
    }
}
