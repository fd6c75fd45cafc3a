/* Batches, prepared by a worker thread while the step computes.
 *
 * Requests and batches live in one ring of `depth` slots, allocated once; request k has
 * slot k mod depth from the moment it is made until request k + depth is.  Three
 * counters that only grow hold the state: taken <= made <= requested. */
#include <pthread.h>
#include <signal.h>

#include "taildart/data.h"
#include "taildart/machine.h"
#include "taildart/sampling_loader.h"

typedef struct {
    int stream, epoch;
    int64_t step;
    td_batch batch;
} slot;

struct td_loader {
    const td_config *config;     /* borrowed                             */
    const td_image_store *store; /* borrowed                             */
    td_stream *const *streams;   /* (stream_count) borrowed              */
    int stream_count, first_shard, shard_count, depth;
    slot *ring;                     /* (depth)                              */
    td_real *images;                /* (depth, batch, H, W, C)              */
    int32_t *labels, *others;       /* (depth, batch)                       */
    int *shards;                    /* (depth, shard_count)                 */
    double *shares;                 /* (depth, batch)                       */
    td_draw *draws;                 /* (batch_per_shard) the worker's       */
    uint8_t *far;                   /* (an image) the worker's              */
    uint8_t *work;                  /* (2 images) the worker's              */
    char *fault;                    /* owned, guarded by lock; NULL: none   */
    int64_t requested, made, taken; /* guarded by lock                      */
    bool is_busy, ends;             /* guarded by lock                      */
    pthread_mutex_t lock;
    pthread_cond_t is_requested, is_made;
    pthread_t worker;
};

/* ---- the worker ------------------------------------------------------------------ */

/* The first line stays: it is told when the batch is taken. */
static void keep_fault(td_loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    if (!loader->fault)
        loader->fault = td_strdup(td_error_message());
    pthread_mutex_unlock(&loader->lock);
}

static void add_image(td_loader *loader, td_stream_id id, const td_draw *draw,
                      td_batch *batch)
{
    const td_image_store *store = loader->store;
    size_t size = td_image_bytes(&store->info);
    const uint8_t *pixels = NULL;
    if (td_image_store_get(store, draw->image, loader->far, &pixels) != TD_OK)
        keep_fault(loader);
    else
        td_augment(loader->config, &store->info, id, draw, pixels, loader->work,
                   batch->images + (size_t) batch->count * size);
    batch->labels[batch->count] = batch->others[batch->count] = draw->label;
    batch->shares[batch->count] = 1.0;
    batch->count++;
}

static void fill(td_loader *loader, slot *s)
{
    td_stream *stream = loader->streams[s->stream];
    s->batch.count = 0;
    for (int k = 0; k < loader->shard_count; k++) {
        int count = td_stream_draws(stream, loader->first_shard + k, s->epoch, s->step,
                                    loader->draws);
        s->batch.shards[k] = count;
        for (int i = 0; i < count; i++)
            td_image_store_expect(loader->store, loader->draws[i].image);
        for (int i = 0; i < count; i++)
            add_image(loader, td_stream_purpose(stream), &loader->draws[i], &s->batch);
    }
}

static void *work(void *argument)
{
    td_loader *loader = argument;
    td_cpus cpus;
    td_cpus_read(&cpus); /* the thread that started this one may be bound to one CPU */
    td_cpus_release(&cpus);
    pthread_mutex_lock(&loader->lock);
    while (!loader->ends) {
        if (loader->made == loader->requested) {
            pthread_cond_wait(&loader->is_requested, &loader->lock);
            continue;
        }
        slot *next = &loader->ring[loader->made % loader->depth];
        loader->is_busy = true;
        pthread_mutex_unlock(&loader->lock);
        fill(loader, next);
        pthread_mutex_lock(&loader->lock);
        loader->is_busy = false;
        loader->made++;
        pthread_cond_broadcast(&loader->is_made);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

/* Start the worker with all signals blocked: the main thread handles them. */
static void start_worker(td_loader *loader)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&loader->worker, NULL, work, loader);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    TD_CHECK(code == 0, "no thread for the loader (error %d)", code);
}

/* ---- the main thread ------------------------------------------------------------- */

td_loader *td_loader_new(const td_config *config, const td_image_store *store,
                         td_stream *const *streams, int count, int first_shard,
                         int shard_count, int batch_per_shard, int depth)
{
    TD_ASSERT(config && store && streams && first_shard >= 0);
    TD_ASSERT(count > 0 && shard_count > 0 && batch_per_shard > 0 && depth > 0);
    size_t batch = (size_t) shard_count * (size_t) batch_per_shard;
    size_t size = td_image_bytes(&store->info);
    td_loader *loader = td_malloc(sizeof *loader);
    loader->config = config;
    loader->store = store;
    loader->streams = streams;
    loader->stream_count = count;
    loader->first_shard = first_shard;
    loader->shard_count = shard_count;
    loader->depth = depth;
    loader->ring = td_malloc((size_t) depth * sizeof *loader->ring);
    loader->images = td_malloc((size_t) depth * batch * size * sizeof(td_real));
    loader->labels = td_malloc((size_t) depth * batch * sizeof(int32_t));
    loader->others = td_malloc((size_t) depth * batch * sizeof(int32_t));
    loader->shares = td_malloc((size_t) depth * batch * sizeof(double));
    loader->shards =
        td_malloc((size_t) depth * (size_t) shard_count * sizeof *loader->shards);
    loader->draws = td_malloc((size_t) batch_per_shard * sizeof *loader->draws);
    loader->far = td_malloc(size);
    loader->work = td_malloc(2 * size);
    for (size_t k = 0; k < (size_t) depth; k++) {
        loader->ring[k].batch.images = loader->images + k * batch * size;
        loader->ring[k].batch.labels = loader->labels + k * batch;
        loader->ring[k].batch.others = loader->others + k * batch;
        loader->ring[k].batch.shares = loader->shares + k * batch;
        loader->ring[k].batch.shards = loader->shards + k * (size_t) shard_count;
        loader->ring[k].batch.shard_count = shard_count;
    }
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->is_requested, NULL);
    pthread_cond_init(&loader->is_made, NULL);
    for (int i = 0; i < count; i++)
        for (int k = 0; streams[i] && k < shard_count; k++)
            td_stream_reserve(streams[i], first_shard + k);
    start_worker(loader);
    return loader;
}

void td_loader_free(td_loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->ends = true;
    pthread_cond_signal(&loader->is_requested);
    pthread_mutex_unlock(&loader->lock);
    pthread_join(loader->worker, NULL);
    pthread_cond_destroy(&loader->is_requested);
    pthread_cond_destroy(&loader->is_made);
    pthread_mutex_destroy(&loader->lock);
    td_free(loader->fault);
    td_free(loader->far);
    td_free(loader->work);
    td_free(loader->draws);
    td_free(loader->labels);
    td_free(loader->others);
    td_free(loader->shards);
    td_free(loader->shares);
    td_free(loader->images);
    td_free(loader->ring);
    td_free(loader);
}

void td_loader_request(td_loader *loader, int stream, int epoch, int64_t step)
{
    TD_ASSERT(stream >= 0 && stream < loader->stream_count && step >= 0);
    pthread_mutex_lock(&loader->lock);
    TD_ASSERT(loader->requested - loader->taken < loader->depth);
    slot *s = &loader->ring[loader->requested % loader->depth];
    s->stream = stream;
    s->epoch = epoch;
    s->step = step;
    loader->requested++;
    pthread_cond_signal(&loader->is_requested);
    pthread_mutex_unlock(&loader->lock);
}

const td_batch *td_loader_take(td_loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    TD_ASSERT(loader->taken < loader->requested);
    while (loader->made == loader->taken)
        pthread_cond_wait(&loader->is_made, &loader->lock);
    const td_batch *batch = &loader->ring[loader->taken % loader->depth].batch;
    loader->taken++;
    pthread_mutex_unlock(&loader->lock);
    return batch;
}

td_status td_loader_status(td_loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    td_status status = loader->fault ? td_error(TD_DATA, "%s", loader->fault) : TD_OK;
    pthread_mutex_unlock(&loader->lock);
    return status;
}

/* Waits for the batch that the worker is making, which writes to its slot. */
void td_loader_cancel(td_loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    loader->requested = loader->made + loader->is_busy;
    while (loader->is_busy)
        pthread_cond_wait(&loader->is_made, &loader->lock);
    TD_ASSERT(loader->made == loader->requested);
    loader->taken = loader->requested;
    pthread_mutex_unlock(&loader->lock);
}
