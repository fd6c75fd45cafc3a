/* The images of a rank: its streams, what it holds of them, and the loader. */
#include <string.h>

#include "run.h"
#include "taildart/base_memory.h"

td_status td_job_open_pixels(td_job *job)
{
    td_image_source *source = &job->data.source;
    source->path = job->config->data.path;
    source->info = job->data.info;
    source->part = TD_PART_TRAIN;
    source->dataset = job->data.dataset;
    td_status status = td_image_source_open(source, job->world);
    if (status != TD_OK)
        return status;
    if (job->config->data.hold != TD_HOLD_FILE || source->is_in_file) {
        td_image_source_tell(source, job->world);
        return TD_OK;
    }
    if (source->map.count > 0)
        return td_error(TD_USAGE,
                        "data.hold file: %s is not on the hosts of all ranks: give all "
                        "of them the file, or leave data.hold at auto",
                        source->path);
    return td_error(TD_USAGE,
                    "data.hold file: %s does not hold pixels as plain bytes: give the "
                    "HDF5 file that `taildart data import` makes of it, or leave "
                    "data.hold at auto",
                    source->path);
}

/* ---- what a rank holds ----------------------------------------------------------- */

static const td_stream_id ids[TD_DRAW_COUNT] = {
    [TD_DRAW_TRAIN] = TD_STREAM_WEIGHTS,
    [TD_DRAW_VALID] = TD_STREAM_ARCH,
    [TD_DRAW_TRAIN_REBALANCE] = TD_STREAM_REBALANCE,
    [TD_DRAW_VALID_REBALANCE] = TD_STREAM_ARCH_REBALANCE,
};

/* Streams of the halves that the kind draws from, as far as its steps use them. */
static bool is_drawn(int draw, const td_job *job)
{
    bool is_arch = draw == TD_DRAW_VALID || draw == TD_DRAW_VALID_REBALANCE;
    return (is_arch ? TD_HALF_ARCH : TD_HALF_WEIGHTS) < job->kind->halves &&
           td_stream_is_used(ids[draw], job->config);
}

static void open_streams(td_job *job)
{
    const td_job_data *data = &job->data;
    for (int i = 0; i < TD_DRAW_COUNT; i++)
        if (is_drawn(i, job))
            job->loop.streams[i] =
                td_stream_new(ids[i], job->config, data->selection, data->shards);
}

/* Room for what this rank owns, and for what it draws beyond that where it cannot read
 * it when it is drawn. */
static void make_room(td_job_loop *loop, const td_job_data *data)
{
    size_t n = (size_t) data->info.train_count;
    bool *own = td_malloc(n), *drawn = td_malloc(n), *none = td_malloc(n);
    td_share share = { .shards = data->shards,
                       .first_shard = data->first_shard,
                       .shard_count = data->shard_count };
    td_share_mark(data->selection, &share, own);
    memcpy(drawn, own, n);
    for (int k = data->first_shard; k < data->first_shard + data->shard_count; k++)
        for (int i = 0; i < TD_DRAW_COUNT; i++)
            if (loop->streams[i])
                td_stream_images(loop->streams[i], k, drawn);
    const bool *held = data->hold == TD_HOLD_FILE   ? none
                       : data->hold == TD_HOLD_AUTO ? own
                                                    : drawn;
    loop->images =
        td_image_store_new(&data->info, held, drawn, data->info.train_count,
                           data->hold == TD_HOLD_MEMORY ? NULL : data->source.file);
    td_free(none);
    td_free(drawn);
    td_free(own);
}

/* ---- a start --------------------------------------------------------------------- */

/* Fill what this rank holds, and check what it will read. */
static td_status fetch(const td_job *job, td_image_store *images)
{
    const td_image_source *source = &job->data.source;
    uint32_t *checks = td_malloc((size_t) images->held * sizeof *checks);
    const td_wanted_checks lists[] = {
        { images->image, images->held, checks },
        { images->far_image, images->far_count, images->far_check },
    };
    td_image_source_checks(source, job->world, lists, sizeof lists / sizeof *lists);
    td_status status = td_image_source_fetch(source, job->world, images->image, checks,
                                             images->held, images->pixels);
    td_free(checks);
    return status;
}

/* What the start alone needed. */
static void release(td_job_data *data, bool keeps_file)
{
    td_dataset_free(data->dataset);
    data->dataset = NULL;
    data->source.dataset = NULL;
    td_free(data->source.map.check);
    data->source.map.check = NULL;
    if (!keeps_file)
        td_image_source_close(&data->source);
}

/* A batch of the architecture half is always whole: shard after shard. */
static int32_t *valid_places_of(const td_job_data *data)
{
    int each = data->rank_batch / data->shard_count;
    int32_t *places = td_malloc((size_t) data->rank_batch * sizeof *places);
    for (int i = 0; i < data->rank_batch; i++)
        places[i] = data->first_shard * each + i;
    return places;
}

td_status td_job_share_images(td_job *job)
{
    td_job_data *data = &job->data;
    td_job_loop *loop = &job->loop;
    TD_ASSERT(!loop->images && !loop->loader && (job->rank != 0 || data->dataset));
    td_memory_purpose("the images",
                      "more ranks on more hosts, or data.hold file with an "
                      "HDF5 file that all ranks can read, need less");
    td_plan plan = td_job_plan(job);
    td_plan_settle_hold(&plan, job->world);
    data->hold = plan.hold;
    open_streams(job);
    make_room(loop, data);
    td_status status = fetch(job, loop->images);
    if (status != TD_OK)
        return status;
    if (job->rank == 0)
        td_job_settle_names(&job->files, data->dataset);
    release(data, loop->images->far_count > 0);
    loop->places = td_malloc((size_t) data->rank_batch * sizeof *loop->places);
    loop->valid_places = valid_places_of(data);
    /* The batches of a step are held while those of the next one are made. */
    loop->loader = td_loader_new(
        job->config, loop->images, loop->streams, TD_DRAW_COUNT, data->first_shard,
        data->shard_count, job->config->search.batch / data->shards, 2 * TD_DRAW_COUNT);
    return TD_OK;
}
