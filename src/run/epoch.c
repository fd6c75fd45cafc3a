/* The training loop of one epoch. */
#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/mix.h"
#include "taildart/optim.h"
#include "taildart/timing_trace.h"

/* The stream of a half for a branch, or for what is pasted on images of the first. */
static int stream_of(td_half half, int branch)
{
    static const int streams[2][TD_BRANCHES] = {
        { TD_DRAW_TRAIN, TD_DRAW_TRAIN_REBALANCE },
        { TD_DRAW_VALID, TD_DRAW_VALID_REBALANCE },
    };
    return streams[half][branch];
}

static bool is_drawn(const td_job *job, td_half half, int branch)
{
    return job->loop.streams[stream_of(half, branch)] != NULL;
}

/* Ask the loader for all batches of step \a step of this epoch. */
static void request_batches(td_job *job, int64_t step, int64_t arch_step)
{
    td_loader *loader = job->loop.loader;
    int epoch = (int) job->loop.progress.epoch;
    if (step >= job->data.steps)
        return;
    bool is_arch_step = td_is_arch_step(job->config, epoch, step);
    for (int b = 0; b < TD_BRANCHES; b++) {
        if (is_drawn(job, TD_HALF_WEIGHTS, b))
            td_loader_request(loader, stream_of(TD_HALF_WEIGHTS, b), epoch, step);
        if (is_arch_step && is_drawn(job, TD_HALF_ARCH, b))
            td_loader_request(loader, stream_of(TD_HALF_ARCH, b), epoch, arch_step);
    }
}

/* Take them, in the same order. */
static void take_batches(td_job *job, bool is_arch_step, td_step_batches *batches)
{
    const td_progress *progress = &job->loop.progress;
    *batches = (td_step_batches){
        .stop = td_signals_stop(),
        .save = td_job_is_save_due(job),
        .epoch = progress->epoch,
        .step = progress->step,
        .seed = (uint64_t) job->config->seed,
        .places = job->loop.places,
        .valid_places = job->loop.valid_places,
    };
    for (int b = 0; b < TD_BRANCHES; b++) {
        if (is_drawn(job, TD_HALF_WEIGHTS, b))
            batches->train[b] = *td_loader_take(job->loop.loader);
        TD_ASSERT(batches->train[b].count <= job->data.rank_batch);
        if (is_arch_step && is_drawn(job, TD_HALF_ARCH, b))
            batches->valid[b] = *td_loader_take(job->loop.loader);
        TD_ASSERT(batches->valid[b].count == 0 ||
                  batches->valid[b].count == job->data.rank_batch);
    }
    /* One that could not be read ends the run as a request to stop would. */
    batches->stop = batches->stop || td_loader_status(job->loop.loader) != TD_OK;
}

static void account(td_job_loop *loop, int branches, const td_step_result *result)
{
    td_progress *progress = &loop->progress;
    for (int b = 0; b < branches; b++) {
        loop->sums[b].loss += result->train[b].loss;
        loop->sums[b].divisor += result->train[b].divisor;
        loop->sums[b].correct += result->train[b].correct;
        loop->sums[b].count += result->train[b].count;
        progress->images += (int64_t) result->train[b].count;
        progress->images += (int64_t) result->valid[b].count;
    }
    progress->step++;
}

/* Compute the positions of this rank's images in the whole \a batch: shard after shard,
 * the last ones of an epoch with gaps.  \return how many there are */
static int find_places(const td_job_data *data, int batch, int64_t step,
                       int32_t *places)
{
    int64_t each = batch / data->shards, first = step * each;
    int at = 0, end = data->first_shard + data->shard_count;
    for (int shard = data->first_shard; shard < end; shard++) {
        int64_t left =
            td_shard_count(data->selection, TD_HALF_WEIGHTS, shard, data->shards);
        for (int64_t i = 0; i < each && first + i < left; i++)
            places[at++] = (int32_t) (shard * each + i);
    }
    return at;
}

/* data.mix and arch.mix: each branch's images among themselves, or images of the
 * re-balancing stream on those of the conventional one. */
static void mix_half(const td_job *job, td_half half, td_batch *batches, int64_t step)
{
    const td_job_data *data = &job->data;
    td_mix_keys keys = td_plan_mix(job->config, half, job->loop.progress.epoch);
    td_mix_site site = { .keys = &keys,
                         .height = data->info.height,
                         .width = data->info.width,
                         .channels = data->info.channels,
                         .counts = data->selection->half_classes[half],
                         .seed = (uint64_t) job->config->seed,
                         .half = half,
                         .epoch = (int) job->loop.progress.epoch,
                         .step = step,
                         .first_shard = data->first_shard };
    if (td_mix_pastes((td_mix_kind) keys.kind)) {
        td_mix_batch(&batches[TD_CONVENTIONAL], &batches[TD_REBALANCING],
                     TD_CONVENTIONAL, &site);
        return;
    }
    for (int b = 0; b < job->branches; b++)
        td_mix_batch(&batches[b], NULL, b, &site);
}

static td_status one_step(td_job *job, td_step_rates *rates, td_step_result *result)
{
    td_job_loop *loop = &job->loop;
    td_progress *progress = &loop->progress;
    td_step_batches batches;
    td_section former = td_section_enter(TD_SECTION_DATA);
    td_section_at(progress->epoch, progress->step);
    TD_ASSERT(progress->step < job->data.steps);
    rates->arch_step =
        td_is_arch_step(job->config, (int) progress->epoch, progress->step);
    rates->mixing =
        td_plan_mixing(job->config, rates, (int) progress->epoch, progress->step);
    take_batches(job, rates->arch_step, &batches);
    int count = find_places(&job->data, job->config->search.batch, progress->step,
                            loop->places);
    TD_ASSERT(count == batches.train[TD_CONVENTIONAL].count);
    mix_half(job, TD_HALF_WEIGHTS, batches.train, progress->step);
    if (rates->arch_step)
        mix_half(job, TD_HALF_ARCH, batches.valid, progress->step);
    progress->arch_steps += rates->arch_step;
    /* The loader works on the next step while this one computes. */
    request_batches(job, progress->step + 1, progress->arch_steps);
    td_section_enter(former);
    td_status status =
        td_search_step(loop->stepper, loop->state, &batches, rates, result);
    if (status == TD_OK)
        account(loop, job->branches, result);
    return status;
}

td_status td_job_stop(td_job *job)
{
    td_loader_cancel(job->loop.loader);
    td_status status = td_job_save_last(job);
    return status == TD_OK ? td_job_stopped(&job->loop.progress, job->config->run.out)
                           : status;
}

td_status td_job_train_epoch(td_job *job)
{
    td_progress *progress = &job->loop.progress;
    td_step_rates rates = td_plan_rates(job->kind, job->config, (int) progress->epoch);
    double clock = td_clock_seconds();
    job->loop.state->temperature = rates.temperature;
    job->loop.state->skip_bonus = rates.skip_bonus;
    td_status status = td_job_begin_epoch(job);
    if (status != TD_OK)
        return status;
    TD_ASSERT(progress->step >= 0 && progress->step <= job->data.steps);
    request_batches(job, progress->step, progress->arch_steps);
    while (progress->step < job->data.steps) {
        td_step_result result;
        status = one_step(job, &rates, &result);
        if (status != TD_OK)
            return status;
        double now = td_clock_seconds();
        progress->epoch_seconds += now - clock;
        clock = now;
        td_job_print_live(job, &rates);
        td_job_beat(job, TD_BEAT_STEPS);
        if (td_trace_is_complete())
            td_job_end_trace(job);
        if (result.stop)
            status = td_comm_verdict(job->world, td_loader_status(job->loop.loader));
        if (status != TD_OK)
            return status; /* with nothing saved of what such a batch has taught */
        if (result.stop)
            return td_job_stop(job);
        if (result.save)
            status = td_job_save_now(job);
        if (status != TD_OK)
            return status;
    }
    return TD_OK;
}
