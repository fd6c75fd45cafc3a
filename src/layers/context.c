/* How a pass is shared out: groups, slices, threads. */
#include "runtime.h"

#include <omp.h>
#include <string.h>

/* The last group that begins at the image or before it; empty ones begin where the next
 * one does. */
int td_span_group(const td_span *span, int image)
{
    int low = 0, high = span->groups - 1, at = span->first + image;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (span->start[middle] <= at)
            low = middle;
        else
            high = middle - 1;
    }
    TD_ASSERT(at < span->start[low + 1]);
    return low;
}

int td_span_group_images(const td_span *span, int group)
{
    TD_ASSERT(group >= 0 && group < span->groups);
    return span->start[group + 1] - span->start[group];
}

td_span td_branch_span(const td_context *ctx, int branch)
{
    td_span span = ctx->span;
    TD_ASSERT(span.groups % 2 == 0 && span.cuts % 2 == 0 &&
              (branch == 0 || branch == 1));
    span.groups /= 2;
    span.cuts /= 2;
    span.start += branch * span.groups;
    span.cut += branch * span.cuts;
    span.images /= 2;
    span.first = branch * span.images;
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
    size_t terms = TD_LEAST_TERMS, buffers = 2 * TD_LEAST_TERMS;
    td_needs_max(&terms, needs->terms);
    td_needs_max(&buffers, needs->buffers);
    TD_ASSERT(terms <= TD_MOST_TERMS && buffers <= TD_MOST_BUFFERS);
    td_padded *padded[] = { &scratch->r, &scratch->z, &scratch->dd };
    for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++)
        padded[i]->data = TD_TAKE(b->arena, td_real, needs->padded);
    for (size_t i = 0; i < sizeof scratch->image / sizeof scratch->image[0]; i++)
        scratch->image[i] = TD_TAKE(b->arena, td_real, needs->image);
    for (size_t i = 0; i < buffers; i++)
        scratch->buffer[i] = TD_TAKE(b->arena, td_real, needs->image);
    for (size_t i = 0; i <= terms; i++)
        scratch->channels[i] = TD_TAKE(b->arena, td_real, needs->channels);
    scratch->state = TD_TAKE(b->arena, td_real, needs->state);
    scratch->work = TD_TAKE(b->arena, td_real, needs->work);
    scratch->thinned = TD_TAKE(b->arena, td_real, needs->thinned);
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

/* ---- shares of a span ------------------------------------------------------- */

/* What threads take one at a time: slices where weight gradients are wanted, shares of
 * shards where those are order-free, else single images.  None depends on the threads.
 */
static int share_count(const td_context *ctx, const td_span *span)
{
    if (!ctx->wants_weights)
        return span->images;
    if (!ctx->grads)
        return span->cuts;
    return span->images < 1 ? 1 : span->images < TD_SLICES ? span->images : TD_SLICES;
}

/* Where a share begins in the span. */
static int share_start(const td_context *ctx, const td_span *span, int share,
                       int shares)
{
    if (ctx->wants_weights && !ctx->grads)
        return span->cut[share] - span->first;
    return (int) ((int64_t) span->images * share / shares);
}

/* ---- phases -------------------------------------------------------------- */

/* A phase in the hands of its threads. */
typedef struct {
    const td_context *ctx;
    const td_span *span;
    td_task *task;
    const void *part;
    size_t weights; /* first numbers of a slice that the task adds to */
    bool begun;     /* by an earlier phase */
    int shares;
    bool backwards; /* from the last share and image to the first */
} phase_run;

/* Where the weight gradients of a share are added up. */
static td_real *share_gradients(const phase_run *run, int share)
{
    const td_context *ctx = run->ctx;
    if (!ctx->wants_weights)
        return NULL;
    bool is_exact = !ctx->grads;
    td_real *gradients = is_exact
                             ? td_thread_scratch(ctx)->share
                             : ctx->slices + (size_t) share * ctx->needs.slice_length;
    if (run->weights > 0 && (is_exact || !run->begun))
        memset(gradients, 0, run->weights * sizeof(td_real));
    return gradients;
}

/* Order-free sums take a share as soon as it is complete. */
static void end_share(const phase_run *run, const td_real *gradients)
{
    td_scratch *scratch = td_thread_scratch(run->ctx);
    if (run->weights == 0 || run->ctx->grads)
        return;
    double largest = run->ctx->k->exact_add(scratch->totals, gradients, run->weights);
    if (largest > scratch->largest)
        scratch->largest = largest;
}

static void run_share(const phase_run *run, int share)
{
    int first = share_start(run->ctx, run->span, share, run->shares);
    int end = share_start(run->ctx, run->span, share + 1, run->shares);
    td_real *gradients = share_gradients(run, share);
    for (int i = first; i < end; i++) {
        int image = run->backwards ? first + end - 1 - i : i;
        td_item item = { image, td_span_group(run->span, image), gradients };
        run->task(run->part, run->ctx, item);
    }
    end_share(run, gradients);
}

/* A thread's part of the shares, and then what is left of the others'. */
static void run_queues(const phase_run *run, int thread, int workers)
{
    for (int i = 0; i < workers; i++) {
        td_queue *queue = run->ctx->scratch[(thread + i) % workers].queue;
        int share;
        while ((share = queue->next++) < queue->end)
            run_share(run, run->backwards ? run->shares - 1 - share : share);
    }
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* Totals of threads that come to have no share are part of the sum, too. */
static void begin_totals(const phase_run *run)
{
    for (int t = 0; t < run->ctx->threads; t++) {
        memset(run->ctx->scratch[t].totals, 0, run->weights * sizeof(double));
        run->ctx->scratch[t].largest = 0.0;
    }
}

static void run_phase(phase_run *run)
{
    const td_context *ctx = run->ctx;
    TD_ASSERT(run->span->images >= 0 && run->span->groups >= 1);
    TD_ASSERT(run->weights <= ctx->needs.slice_length);
    run->shares = share_count(ctx, run->span);
    int workers = least(run->shares, least(omp_get_max_threads(), ctx->threads));
    if (run->weights > 0 && !ctx->grads && !run->begun)
        begin_totals(run);
    for (int t = 0; t < workers; t++) {
        ctx->scratch[t].queue->next = run->shares * t / workers;
        ctx->scratch[t].queue->end = run->shares * (t + 1) / workers;
    }
#pragma omp parallel
    {
        int thread = omp_get_thread_num();
        if (thread < workers)
            run_queues(run, run->backwards ? workers - 1 - thread : thread, workers);
    }
    if (ctx->wants_weights && ctx->pass->between)
        ctx->pass->between(ctx->pass->ready_context);
}

/* Every other phase walks backwards: what the one before left in the caches comes
 * first. */
static bool walks_backwards(const td_context *ctx)
{
    return (*ctx->phases)++ % 2 == 1;
}

void td_phase(const td_context *ctx, const td_span *span, td_task *task,
              const void *part)
{
    run_phase(&(phase_run){ .ctx = ctx,
                            .span = span,
                            .task = task,
                            .part = part,
                            .backwards = walks_backwards(ctx) });
}

void td_phase_weights(const td_context *ctx, const td_span *span, td_task *task,
                      const void *part, size_t count, bool begun)
{
    run_phase(&(phase_run){ .ctx = ctx,
                            .span = span,
                            .task = task,
                            .part = part,
                            .weights = ctx->wants_weights ? count : 0,
                            .begun = begun,
                            .backwards = walks_backwards(ctx) });
}

/* ---- sums of slices ------------------------------------------------------- */

enum { CHUNK = 1024 }; /* numbers that stay in the cache while slices are added */

static void add_in_order(const td_context *ctx, size_t slices, size_t count)
{
    td_real *total = ctx->slices;
#pragma omp parallel for schedule(static)
    for (size_t start = 0; start < count; start += CHUNK)
        for (size_t slice = 1; slice < slices; slice++) {
            const td_real *part = ctx->slices + slice * ctx->needs.slice_length;
            for (size_t i = start; i < count && i < start + CHUNK; i++)
                total[i] += part[i];
        }
}

/* A sum that went beyond the range on the way is marked: it may have come back. */
static void add_totals(const td_context *ctx, size_t count)
{
    double *sum = ctx->exact_slice;
    bool is_beyond = false;
#pragma omp parallel for schedule(static)
    for (size_t start = 0; start < count; start += CHUNK) {
        size_t end = start + CHUNK < count ? start + CHUNK : count;
        memcpy(sum + start, ctx->scratch[0].totals + start,
               (end - start) * sizeof *sum);
        for (int t = 1; t < ctx->threads; t++)
            for (size_t i = start; i < end; i++)
                sum[i] += ctx->scratch[t].totals[i];
    }
    for (int t = 0; t < ctx->threads; t++)
        is_beyond = is_beyond || ctx->scratch[t].largest > TD_EXACT_LIMIT;
    if (is_beyond)
        sum[0] = TD_EXACT_BEYOND;
}

void td_slices_sum(const td_context *ctx, const td_span *span, size_t count)
{
    TD_ASSERT(ctx->wants_weights && count <= ctx->needs.slice_length);
    if (ctx->grads)
        add_in_order(ctx, (size_t) share_count(ctx, span), count);
    else
        add_totals(ctx, count);
}
