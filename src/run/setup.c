/* What every rank must know before a search begins. */
#include <string.h>

#include "run.h"
#include "taildart/base_memory.h"
#include "taildart/comm_settings.h"

/* ---- settings and data ------------------------------------------------------ */

td_status td_search_share_settings(td_search *s)
{
    td_settings *copy = NULL;
    td_status status = TD_OK;
    if (s->rank == 0 && s->kind->settle)
        status = s->kind->settle(s->settings);
    status = td_comm_verdict(s->world, status);
    if (status == TD_OK)
        status = td_comm_settings(s->world, s->settings, s->kind->command, &copy);
    if (s->rank != 0)
        s->settings = copy;
    if (status != TD_OK)
        return status;
    s->config = td_settings_config(s->settings);
    s->branches = s->config->bbn.enabled ? TD_BRANCHES : 1;
    if (s->kind->given)
        status = s->kind->given(&s->genotype, s->config);
    if (status == TD_OK)
        status = td_settings_require(s->settings, "data.path");
    if (status == TD_OK)
        status = td_settings_require(s->settings, "run.out");
    return status;
}

td_status td_search_open_data(td_search *s)
{
    TD_ASSERT(s->config && !s->dataset && !s->labels);
    td_memory_purpose("the images", "rank 0 holds all of them at the start: a smaller "
                                    "data set, or fewer ranks on its host, need less");
    const char *path = s->config->data.path;
    td_status status = TD_OK;
    if (s->rank == 0)
        status = td_dataset_open_padded(&s->dataset, path, s->config->data.pad_to,
                                        TD_DATA_TRAIN);
    status = td_comm_verdict(s->world, status);
    if (status != TD_OK)
        return status;
    if (s->rank == 0)
        s->info = s->dataset->info;
    td_comm_bcast(s->world, &s->info, sizeof s->info);
    size_t bytes = (size_t) s->info.train_count * sizeof(int32_t);
    s->labels = td_malloc(bytes);
    if (s->rank == 0)
        memcpy(s->labels, s->dataset->labels[TD_PART_TRAIN], bytes);
    td_comm_bcast(s->world, s->labels, bytes);
    if (s->rank == 0)
        status = td_selection_of(&s->selection, s->config, s->dataset);
    else
        status = td_selection_new(&s->selection, s->config, s->labels,
                                  s->info.train_count, s->info.classes);
    return td_comm_verdict(s->world, status);
}

/* ---- shards ----------------------------------------------------------------- */

/* The interrupted epoch's batches cannot be dealt to this many ranks: it starts over,
 * in both halves, from the weights as they are. */
static void start_epoch_over(td_search *s)
{
    s->progress.arch_steps =
        td_arch_steps_before(s->config, s->steps, (int) s->progress.epoch);
    s->progress.step = 0;
    s->progress.epoch_seconds = 0.0;
    memset(s->sums, 0, sizeof s->sums);
}

/* A forged or damaged checkpoint may say anything. */
static td_status check_progress(const td_search *s)
{
    const td_progress *p = &s->progress;
    int64_t done = p->epoch * s->steps + p->step;
    if (p->step < 0 || p->step > s->steps)
        return td_error(TD_CHECKPOINT,
                        "%s: the checkpoint has done %lld steps of an epoch of %lld",
                        s->config->run.out, (long long) p->step, (long long) s->steps);
    if (p->arch_steps < 0 || p->arch_steps > done)
        return td_error(TD_CHECKPOINT,
                        "%s: the checkpoint has done %lld architecture steps in %lld "
                        "steps",
                        s->config->run.out, (long long) p->arch_steps,
                        (long long) done);
    return TD_OK;
}

td_status td_search_deal_shards(td_search *s)
{
    int wanted = s->config->data.shards, batch = s->config->search.batch;
    TD_ASSERT(s->selection && s->ranks > 0);
    if (!s->is_resumed)
        s->shards = wanted > 0 ? wanted : s->ranks;
    else if (s->shards % s->ranks != 0) {
        s->is_dealt_anew = true;
        s->shards = s->ranks;
    }
    td_status status = s->is_dealt_anew
                           ? td_shards_check_ranks(s->selection, s->config, s->ranks)
                           : TD_OK;
    if (status == TD_OK)
        status = td_shards_check(s->selection, s->config, s->ranks, s->shards);
    status = td_comm_verdict(s->world, status);
    if (status != TD_OK)
        return status;
    TD_ASSERT(s->shards % s->ranks == 0 && batch % s->shards == 0);
    s->shard_count = s->shards / s->ranks;
    s->first_shard = s->rank * s->shard_count;
    s->rank_batch = batch / s->ranks;
    s->steps = td_epoch_steps(s->selection, batch);
    if (s->is_dealt_anew)
        start_epoch_over(s);
    return check_progress(s);
}

/* ---- network and first state ------------------------------------------------ */

td_status td_search_build(td_search *s)
{
    TD_ASSERT(s->rank_batch > 0 && !s->stepper && !s->state);
    td_net_spec spec =
        td_plan_spec(s->kind, s->config, &s->info, s->rank_batch, &s->genotype);
    td_status status = td_machine_begin(&s->machine, s->world, s->config->run.threads);
    if (status != TD_OK)
        return status;
    char *what = td_format("a network at a batch of %d on each rank", spec.batch);
    char *fix = td_format("a smaller %s, net.recompute all or fewer ranks on a host "
                          "need less",
                          td_config_batch_key(s->config));
    td_memory_purpose(what, fix);
    td_free(fix);
    td_free(what);
    status = td_stepper_new(&s->stepper, s->world, &spec, s->machine.kernels,
                            s->config->search.order);
    if (status != TD_OK)
        return status;
    s->state = td_search_state_new(
        td_stepper_net(s->stepper),
        td_relaxation_of((td_relaxation_kind) s->config->arch.relaxation),
        (uint64_t) s->config->seed);
    s->score = td_score_new(s->info.classes, false);
    return TD_OK;
}

/* ---- images and streams ----------------------------------------------------- */

enum { CHUNK_BYTES = 8 << 20 }; /* of images that travel at once */

static const td_stream_id ids[TD_DRAW_COUNT] = {
    [TD_DRAW_TRAIN] = TD_STREAM_WEIGHTS,
    [TD_DRAW_VALID] = TD_STREAM_ARCH,
    [TD_DRAW_TRAIN_REBALANCE] = TD_STREAM_REBALANCE,
    [TD_DRAW_VALID_REBALANCE] = TD_STREAM_ARCH_REBALANCE,
};

/* Streams of the halves that the kind draws from, those of a branch if there is one. */
static bool is_drawn(const td_search *s, int draw)
{
    bool is_arch = draw == TD_DRAW_VALID || draw == TD_DRAW_VALID_REBALANCE;
    bool is_rebalancing = draw >= TD_DRAW_TRAIN_REBALANCE;
    return (is_arch ? TD_HALF_ARCH : TD_HALF_WEIGHTS) < s->kind->halves &&
           (!is_rebalancing || s->branches > 1);
}

static void open_streams(td_search *s)
{
    for (int i = 0; i < TD_DRAW_COUNT; i++)
        if (is_drawn(s, i))
            s->streams[i] =
                td_stream_new(ids[i], s->config, s->selection, s->labels, s->shards);
}

/* Room for what this rank may ever draw or validate, and no more. */
static void make_room(td_search *s)
{
    const int64_t *valid = s->selection->half[TD_HALF_ARCH];
    bool *needed = td_malloc((size_t) s->info.train_count);
    for (int k = s->first_shard; k < s->first_shard + s->shard_count; k++) {
        for (int i = 0; i < TD_DRAW_COUNT; i++)
            if (s->streams[i])
                td_stream_images(s->streams[i], k, needed);
        for (int64_t i = k; i < s->selection->half_count[TD_HALF_ARCH]; i += s->shards)
            needed[valid[i]] = true;
    }
    s->images = td_image_store_new(&s->info, needed, s->info.train_count);
    td_free(needed);
}

static void pass_round(td_search *s)
{
    size_t bytes = td_image_bytes(&s->info);
    TD_ASSERT(bytes > 0);
    int64_t most = (int64_t) (CHUNK_BYTES / bytes) + 1;
    uint8_t *chunk = td_malloc((size_t) most * bytes);
    for (int64_t first = 0; first < s->info.train_count; first += most) {
        int64_t left = s->info.train_count - first, count = left < most ? left : most;
        if (s->rank == 0)
            memcpy(chunk, s->dataset->images[TD_PART_TRAIN] + (size_t) first * bytes,
                   (size_t) count * bytes);
        td_comm_bcast(s->world, chunk, (size_t) count * bytes);
        td_image_store_put(s->images, first, count, chunk);
    }
    td_free(chunk);
}

void td_search_share_images(td_search *s)
{
    TD_ASSERT(!s->images && !s->loader);
    open_streams(s);
    make_room(s);
    pass_round(s);
    td_dataset_free(s->dataset);
    s->dataset = NULL;
    /* The batches of a step are held while those of the next one are made. */
    s->places = td_malloc((size_t) s->rank_batch * sizeof *s->places);
    s->loader = td_loader_new(s->config, s->images, s->streams, TD_DRAW_COUNT,
                              s->first_shard, s->shard_count,
                              s->config->search.batch / s->shards, 2 * TD_DRAW_COUNT);
}
