/* Preparation of a run on every rank: settings, images, shards, network, streams. */
#include <string.h>

#include "run.h"
#include "taildart/base_memory.h"
#include "taildart/comm_settings.h"
#include "taildart/config_stages.h"
#include "taildart/formats.h"
#include "taildart/store_version.h"

/* ---- settings and data ------------------------------------------------------ */

/* Programs of two builds would misread what they send each other. */
static td_status check_builds(td_comm *world)
{
    char *build = td_version_build();
    td_status status = td_comm_same_text(world, "build", build);
    td_free(build);
    if (status != TD_OK)
        td_error_hint("install the same program on every host");
    return status;
}

td_status td_job_share_settings(td_job *job)
{
    td_settings *copy = NULL;
    td_status status = check_builds(job->world);
    if (status == TD_OK && job->rank == 0 && job->kind->settle)
        status = job->kind->settle(job->settings);
    status = td_comm_verdict(job->world, status);
    if (status == TD_OK)
        status = td_comm_settings(job->world, job->settings, job->kind->command, &copy);
    if (job->rank != 0)
        job->settings = copy;
    if (status != TD_OK)
        return status;
    job->config = td_settings_config(job->settings);
    job->branches = job->config->bbn.enabled ? TD_BRANCHES : 1;
    if (job->kind->given)
        status = job->kind->given(&job->genotype, job->config);
    if (status == TD_OK)
        status = td_settings_require(job->settings, "data.path");
    if (status == TD_OK)
        status = td_settings_require(job->settings, "run.out");
    return status;
}

/* Rank 0: labels, and where the pixels lie, or the pixels. */
static td_status open_dataset(td_job *job)
{
    td_job_data *data = &job->data;
    td_pixel_map maps[2] = { 0 };
    td_status status =
        td_dataset_open_mapped(&data->dataset, maps, job->config->data.path,
                               job->config->data.pad_to, TD_DATA_TRAIN);
    data->source.map = maps[TD_PART_TRAIN];
    td_pixel_map_clear(&maps[TD_PART_TEST]);
    if (status == TD_OK)
        status = td_selection_of(&data->selection, job->config, data->dataset);
    if (status == TD_OK)
        data->info = data->dataset->info;
    return status;
}

td_status td_job_open_data(td_job *job)
{
    td_job_data *data = &job->data;
    TD_ASSERT(job->config && !data->dataset && !data->selection);
    td_memory_purpose("the images",
                      "rank 0 holds all of them at the start, unless `taildart data "
                      "import` puts them into an HDF5 file; a smaller data set needs "
                      "less");
    td_status status = job->rank == 0 ? open_dataset(job) : TD_OK;
    status = td_comm_verdict(job->world, status);
    if (status != TD_OK)
        return status;
    td_comm_bcast(job->world, &data->info, sizeof data->info);
    td_selection_share(&data->selection, job->world);
    return TD_OK;
}

/* ---- shards ----------------------------------------------------------------- */

/* The interrupted epoch's batches cannot be dealt to this many ranks: it starts over,
 * in both halves, from the weights as they are. */
static void start_epoch_over(td_job_loop *loop, const td_config *config, int64_t steps)
{
    td_progress *progress = &loop->progress;
    progress->arch_steps = td_arch_steps_before(config, steps, (int) progress->epoch);
    progress->step = 0;
    progress->epoch_seconds = 0.0;
    memset(loop->sums, 0, sizeof loop->sums);
}

/* A forged or damaged checkpoint may say anything. */
static td_status check_progress(const td_progress *p, int64_t steps, const char *out)
{
    int64_t done = p->epoch * steps + p->step;
    if (p->step < 0 || p->step > steps)
        return td_error(TD_CHECKPOINT,
                        "%s: the checkpoint has done %lld steps of an epoch of %lld",
                        out, (long long) p->step, (long long) steps);
    if (p->arch_steps < 0 || p->arch_steps > done)
        return td_error(TD_CHECKPOINT,
                        "%s: the checkpoint has done %lld architecture steps in %lld "
                        "steps",
                        out, (long long) p->arch_steps, (long long) done);
    return TD_OK;
}

/* Set the number of shards: as asked for, as saved, or as many as ranks. */
static td_status settle_shards(td_job *job)
{
    td_job_data *data = &job->data;
    int wanted = job->config->data.shards;
    td_status status = TD_OK;
    if (!job->is_resumed)
        data->shards = wanted > 0 ? wanted : job->ranks;
    else if (data->shards % job->ranks != 0) {
        data->is_dealt_anew = true;
        data->shards = job->ranks;
        status = td_shards_check_ranks(data->selection, job->config, job->ranks);
    }
    if (status == TD_OK)
        status =
            td_shards_check(data->selection, job->config, job->ranks, data->shards);
    if (status == TD_OK)
        status = td_plan_check_losses(job->kind, job->config, data->selection);
    return td_comm_verdict(job->world, status);
}

td_status td_job_deal_shards(td_job *job)
{
    td_job_data *data = &job->data;
    int batch = job->config->search.batch;
    TD_ASSERT(data->selection && job->ranks > 0);
    td_status status = settle_shards(job);
    if (status != TD_OK)
        return status;
    TD_ASSERT(data->shards % job->ranks == 0 && batch % data->shards == 0);
    data->shard_count = data->shards / job->ranks;
    data->first_shard = job->rank * data->shard_count;
    data->rank_batch = batch / job->ranks;
    data->steps = td_epoch_steps(data->selection, batch);
    if (data->is_dealt_anew)
        start_epoch_over(&job->loop, job->config, data->steps);
    return check_progress(&job->loop.progress, data->steps, job->config->run.out);
}

/* ---- network and first state ------------------------------------------------ */

/* Sums that hide who made a term need the same kernels everywhere. */
static td_status check_kernels(const td_job *job)
{
    if (!job->config->dist.reproducible)
        return TD_OK;
    td_status status = td_comm_same_text(
        job->world, "OpenBLAS kernel (dist.reproducible needs one)", td_gemm_core());
    if (status != TD_OK)
        td_error_hint("OPENBLAS_CORETYPE in the environment of all ranks chooses it: "
                      "that of the weakest processor");
    return status;
}

/* Of the stage at hand. */
static td_net_spec spec_of(const td_job *job)
{
    td_net_spec spec =
        td_plan_spec(job->kind, job->config, &job->data.info, job->data.rank_batch,
                     job->data.shard_count, &job->genotype);
    td_plan_enter_stage(&spec, job->config, &job->loop.stage);
    return spec;
}

td_status td_job_build_network(td_job *job)
{
    td_net_spec spec = spec_of(job);
    TD_ASSERT(job->data.rank_batch > 0 && !job->loop.stepper && !job->loop.state);
    char *what = td_format("a network at a batch of %d on each rank", spec.batch);
    char *fix = td_format("a smaller %s, net.recompute all or fewer ranks on a host "
                          "need less",
                          td_config_batch_key(job->config));
    td_memory_purpose(what, fix);
    td_free(fix);
    td_free(what);
    td_status status = td_stepper_new(&job->loop.stepper, job->world, &spec,
                                      job->machine.kernels, job->config->search.order);
    if (status != TD_OK)
        return status;
    td_stepper_set_reducer(job->loop.stepper,
                           td_reducer_of((td_reducer_kind) job->config->dist.reduce),
                           (size_t) job->config->dist.bucket * 1024);
    td_stepper_share_norms(job->loop.stepper,
                           td_config_norms(job->config) == TD_NORMS_SYNC);
    job->loop.state = td_search_state_new(
        td_stepper_net(job->loop.stepper),
        td_relaxation_of((td_relaxation_kind) job->config->arch.relaxation),
        job->config->arch.edge_weights, (uint64_t) job->config->seed);
    if (job->config->search.method == TD_METHOD_RANDOM && job->loop.state->edges > 0)
        td_search_state_admit_none(job->loop.state);
    return TD_OK;
}

td_status td_job_build(td_job *job)
{
    td_status status =
        td_machine_begin(&job->machine, job->world, job->config->run.threads);
    if (status == TD_OK)
        status = check_kernels(job);
    if (status == TD_OK)
        status = td_job_build_network(job);
    if (status == TD_OK)
        job->loop.score = td_score_new(job->data.info.classes, false);
    return status;
}

td_plan td_job_plan(const td_job *job)
{
    return (td_plan){
        .kind = job->kind,
        .settings = job->settings,
        .config = job->config,
        .info = &job->data.info,
        .selection = job->data.selection,
        .spec = spec_of(job),
        .ranks = job->ranks,
        .threads = job->machine.threads,
        .shards = job->data.shards,
        .steps = job->data.steps,
        .is_in_file = job->data.source.is_in_file,
        .is_mapped = job->data.source.map.count > 0,
        .hold = job->data.hold,
    };
}
