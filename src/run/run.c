/* The life of a run.  Reading order: this file, begin.c, epoch.c; then setup.c,
 * resume.c, genotype.c, which knows when it is over, save.c, row.c, times.c,
 * finish.c. */
#include "run.h"

#include <math.h>
#include <string.h>

#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/judge.h"
#include "taildart/machine_watch.h"
#include "taildart/projection.h"
#include "taildart/timing_trace.h"

/* From here on: what has come before is short. */
static td_status watch(td_job *job)
{
    td_machine_watch(job->world, job->config->dist.timeout_seconds,
                     "the same command goes on from the last checkpoint, if one is "
                     "written");
    return TD_OK;
}

/* The ranks see each other once there is a directory. */
static void watch_each_other(const td_job *job)
{
    char *path = td_format("%s/.ranks", job->config->run.out);
    td_machine_watch_table(job->world, path);
    td_free(path);
}

/* Stages of a start.  Nothing is written before the last one, all are collective, and
 * each returns the same verdict on every rank. */
static td_status (*const stages[])(td_job *) = {
    td_job_share_settings, /* rank 0's keys are everybody's          */
    watch,                 /* a rank that hangs ends the job         */
    td_job_open_data,      /* long tail and halves                   */
    td_job_find_saved,     /* does a run stand there already?        */
    td_job_find_trunk,     /* or one that it begins from?            */
    td_job_deal_shards,    /* who draws what                         */
    td_job_open_pixels,    /* who reads it from a file               */
    td_job_build,          /* kernels, network, buffers, first state */
    td_job_take_trunk,     /* with the other run's network           */
    td_job_restore,        /* or the state that was saved            */
    td_job_share_images,   /* pixels, and the loader                 */
    td_job_claim_directory,
};

enum { STAGES = sizeof stages / sizeof stages[0] };

/* Once the directory is claimed a step is taken and saved. */
static td_status stop_before_work(const td_job *job, int stage)
{
    /* Stuck here?  A stage has ended otherwise on one rank than on the others. */
    if (stage == STAGES - 1 || td_comm_max_int(job->world, td_signals_stop()) == 0)
        return TD_OK;
    return td_error(TD_STOPPED,
                    "stopped %s before the first step, with nothing new to save: the "
                    "same command starts again",
                    td_signals_reason());
}

/* Print the machine and a summary of the run that begins.  Collective. */
static void tell(const td_job *job)
{
    td_plan plan = td_job_plan(job);
    td_machine_report(&job->machine, job->world, job->config->run.threads);
    td_plan_hold_memory(&plan, job->world);
    if (job->rank == 0)
        td_plan_tell(&plan, job->machine.kernels->isa,
                     job->is_resumed ? &job->loop.progress : NULL);
}

static td_status begin(td_job *job)
{
    for (int i = 0; i < STAGES; i++) {
        td_status status = stages[i](job);
        if (status == TD_OK && !job->is_finished)
            status = stop_before_work(job, i);
        if (status != TD_OK || job->is_finished)
            return status;
    }
    watch_each_other(job);
    tell(job);
    return td_search_state_check(job->loop.state, job->world, job->loop.progress.epoch);
}

static void turn_page(td_job_loop *loop, const td_metrics *row)
{
    td_progress *progress = &loop->progress;
    progress->seconds += row->seconds;
    progress->epoch_seconds = loop->seconds_before = 0.0;
    progress->epoch++;
    progress->step = 0;
    memset(loop->sums, 0, sizeof loop->sums);
}

/* What the images that are held out say of the epoch's network, and decide about it.
 * \param [out] eigenvalue  NaN where nobody asks, or a stop was asked for */
static td_status judge(td_job *job, bool *is_whole, double *eigenvalue)
{
    const td_job_data *data = &job->data;
    td_job_loop *loop = &job->loop;
    bool is_random = job->config->search.method == TD_METHOD_RANDOM;
    td_step_rates rates =
        td_plan_rates(job->kind, job->config, (int) loop->progress.epoch);
    td_judge at = { .world = job->world,
                    .config = job->config,
                    .rates = &rates,
                    .epoch = loop->progress.epoch,
                    .stepper = loop->stepper,
                    .state = loop->state,
                    .images = loop->images,
                    .info = &data->info,
                    .selection = data->selection,
                    .shards = data->shards,
                    .first_shard = data->first_shard,
                    .shard_count = data->shard_count,
                    .batch = data->rank_batch };
    *eigenvalue = NAN;
    td_status status =
        (is_random ? td_judge_cells : td_judge_network)(&at, loop->score, is_whole);
    if (status == TD_OK && *is_whole)
        status = td_judge_curvature(&at, eigenvalue);
    if (status == TD_OK && *is_whole)
        status = td_projection_decide(&at, loop->score, is_whole);
    return status;
}

/* Genotype, metrics row, checkpoint: in this order, so that a checkpoint never knows
 * less than the files beside it. */
static td_status close_epoch(td_job *job, double eigenvalue)
{
    td_progress *progress = &job->loop.progress;
    td_metrics row = td_job_row(job, eigenvalue);
    td_job_note_best(progress, job->kind->best_by(job->config), &row);
    td_job_find_end(job, &row);
    turn_page(&job->loop, &row);
    td_job_print_epoch(job, &row);
    bool is_last = td_job_is_over(job);
    bool stop = !is_last && td_comm_max_int(job->world, td_signals_stop()) > 0;
    td_status status = td_job_save_epoch(job, &row, is_last || stop);
    return status == TD_OK && stop ? td_job_stopped(progress, job->config->run.out)
                                   : status;
}

static td_status end_epoch(td_job *job)
{
    bool is_whole = false;
    double eigenvalue;
    td_status status =
        td_search_state_check(job->loop.state, job->world, job->loop.progress.epoch);
    td_job_beat(job, TD_BEAT_VALIDATION);
    if (status == TD_OK)
        status = judge(job, &is_whole, &eigenvalue);
    if (status != TD_OK)
        return status;
    return is_whole ? close_epoch(job, eigenvalue) : td_job_stop(job);
}

static td_status run_epochs(td_job *job)
{
    td_section_enter(TD_SECTION_OTHER);
    td_job_begin_trace(job);
    td_times_read(&job->loop.counted);
    job->loop.seconds_before = job->loop.progress.epoch_seconds;
    while (!td_job_is_over(job)) {
        td_status status = td_job_train_epoch(job);
        if (status == TD_OK)
            status = end_epoch(job);
        if (status == TD_STOPPED)
            td_job_tell_times(job);
        if (status != TD_OK)
            return status;
    }
    return td_job_finish(job);
}

/* Free in this order: users of a stream, a store or a network go before it. */
static void clear_loop(td_job_loop *loop)
{
    td_loader_free(loop->loader);
    for (int i = 0; i < TD_DRAW_COUNT; i++)
        td_stream_free(loop->streams[i]);
    td_image_store_free(loop->images);
    td_score_free(loop->score);
    td_job_free_losses(loop);
    td_search_state_free(loop->state);
    td_stepper_free(loop->stepper);
    td_free(loop->places);
    td_free(loop->valid_places);
}

static void clear_data(td_job_data *data)
{
    td_selection_free(data->selection);
    td_dataset_free(data->dataset);
    td_image_source_close(&data->source);
}

static void clear_files(td_job_files *files)
{
    td_checkpoint_free(files->saved);
    td_checkpoint_free(files->trunk);
    td_free(files->history);
    td_free(files->class_names);
    td_free(files->arch_history);
    td_free(files->best.image);
    td_log_set_file(NULL);
    td_run_end(files->directory);
}

/* A run that failed within the steps of its trace leaves it for nobody. */
static void drop_trace(void)
{
    int count;
    td_free(td_trace_end(&count));
}

static void clear(td_job *job)
{
    drop_trace();
    clear_loop(&job->loop);
    clear_data(&job->data);
    if (job->rank != 0)
        td_settings_free(job->settings);
    clear_files(&job->files);
}

td_status td_job_run(td_config_command command, td_comm *world, td_settings *settings)
{
    td_job job = {
        .kind = td_run_kind_of(command),
        .world = world,
        .rank = td_comm_rank(world),
        .ranks = td_comm_size(world),
        .settings = settings,
        .loop.progress = { .best_value = NAN, .best_epoch = -1 },
        .files.last_save = td_clock_seconds(),
        .throttled_before = td_throttled_read(""),
    };
    td_times_begin();
    td_signals_begin();
    td_status status = begin(&job);
    if (status == TD_OK && !job.is_finished)
        status = run_epochs(&job);
    if (status != TD_OK)
        td_log(TD_LOG_DETAIL, "%s", td_error_message()); /* for run.log */
    if (!job.is_finished)
        td_job_beat_last(&job, status);
    td_log_live(NULL);
    clear(&job);
    td_watch_end();
    td_signals_end();
    return status;
}
