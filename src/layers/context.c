/* How a pass is shared out: groups, slices, threads. */
#include "runtime.h"

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
    scratch->queue = TD_TAKE(b->arena, td_queue, 1);
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

/* ---- slices ---------------------------------------------------------------- */

/* Where weight gradients are wanted threads take slices, else single images.  Neither
 * depends on the threads. */
static int slice_count(const td_context *ctx, const td_span *span)
{
    if (!ctx->grads)
        return span->images;
    return span->images < 1 ? 1 : span->images < TD_SLICES ? span->images : TD_SLICES;
}

static td_real *slice_at(const td_context *ctx, int slice)
{
    return ctx->grads ? ctx->slices + (size_t) slice * ctx->needs.slice_length : NULL;
}

/* Threads take chunks that stay in the cache while the slices are added. */
void td_slices_sum(const td_context *ctx, const td_span *span, size_t count)
{
    TD_ASSERT(ctx->grads && count <= ctx->needs.slice_length);
    enum { CHUNK = 1024 };
    td_real *total = ctx->slices;
    size_t slices = (size_t) slice_count(ctx, span);
#pragma omp parallel for schedule(static)
    for (size_t start = 0; start < count; start += CHUNK)
        for (size_t slice = 1; slice < slices; slice++) {
            const td_real *part = ctx->slices + slice * ctx->needs.slice_length;
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
    size_t slice_count;
    bool backwards; /* from the last slice and image to the first */
} phase_run;

static void run_slice(const phase_run *run, int slice, int slices)
{
    int64_t images = run->span->images;
    int first = (int) (images * slice / slices),
        end = (int) (images * (slice + 1) / slices);
    td_real *gradients = slice_at(run->ctx, slice);
    TD_ASSERT(run->slice_count <= run->ctx->needs.slice_length);
    if (gradients && run->slice_count)
        memset(gradients, 0, run->slice_count * sizeof(td_real));
    for (int i = first; i < end; i++) {
        int image = run->backwards ? first + end - 1 - i : i;
        td_item item = { image, td_span_group(run->span, image), gradients };
        run->task(run->part, run->ctx, item);
    }
}

/* A thread's share, and then what is left of the others'. */
static void run_queues(const phase_run *run, int thread, int workers, int slices)
{
    for (int i = 0; i < workers; i++) {
        td_queue *queue = run->ctx->scratch[(thread + i) % workers].queue;
        int slice;
        while ((slice = queue->next++) < queue->end)
            run_slice(run, run->backwards ? slices - 1 - slice : slice, slices);
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
    int slices = slice_count(ctx, span);
    int workers = least(slices, least(omp_get_max_threads(), ctx->threads));
    for (int t = 0; t < workers; t++) {
        ctx->scratch[t].queue->next = slices * t / workers;
        ctx->scratch[t].queue->end = slices * (t + 1) / workers;
    }
#pragma omp parallel
    {
        int thread = omp_get_thread_num();
        if (thread < workers)
            run_queues(&run, run.backwards ? workers - 1 - thread : thread, workers,
                       slices);
    }
    if (ctx->grads && ctx->pass->between)
        ctx->pass->between(ctx->pass->ready_context);
}
