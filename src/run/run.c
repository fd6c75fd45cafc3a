/* The life of a search.  Reading order: this file, epoch.c, step.c; then setup.c,
 * resume.c, save.c, validate.c, row.c, finish.c. */
#include "run.h"

#include <math.h>
#include <string.h>

#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"

/* Stages of a start.  Nothing is written before the last one, all are collective, and
 * each returns the same verdict on every rank. */
static td_status (*const stages[])(td_search *) = {
    td_search_share_settings, /* rank 0's keys are everybody's          */
    td_search_open_data,      /* long tail and halves                   */
    td_search_find_saved,     /* does a run stand there already?        */
    td_search_deal_shards,    /* who draws what                         */
    td_search_build,          /* kernels, network, buffers, first state */
    td_search_restore,        /* or the state that was saved            */
    td_search_claim_directory,
};

enum { STAGES = sizeof stages / sizeof stages[0] };

/* Once the directory is claimed a step is taken and saved. */
static td_status stop_before_work(const td_search *s, int stage)
{
    /* Stuck here?  A stage has ended otherwise on one rank than on the others. */
    if (stage == STAGES - 1 || td_comm_max_int(s->world, td_signals_stop()) == 0)
        return TD_OK;
    return td_error(TD_STOPPED,
                    "stopped %s before the first step, with nothing new to save: the "
                    "same command starts again",
                    td_signals_reason());
}

/* What the machine is and what is about to happen.  Collective. */
static void tell(const td_search *s)
{
    td_plan plan = {
        .kind = s->kind,
        .settings = s->settings,
        .config = s->config,
        .info = &s->info,
        .selection = s->selection,
        .spec = td_plan_spec(s->kind, s->config, &s->info, s->rank_batch, &s->genotype),
        .ranks = s->ranks,
        .threads = s->machine.threads,
        .shards = s->shards,
        .steps = s->steps,
    };
    td_machine_report(&s->machine, s->world, s->config->run.threads);
    td_plan_hold_memory(&plan, s->world);
    if (s->rank == 0)
        td_plan_tell(&plan, s->machine.kernels->isa,
                     s->is_resumed ? &s->progress : NULL);
}

static td_status begin(td_search *s)
{
    for (int i = 0; i < STAGES; i++) {
        td_status status = stages[i](s);
        if (status == TD_OK && !s->is_finished)
            status = stop_before_work(s, i);
        if (status != TD_OK || s->is_finished)
            return status;
    }
    tell(s);
    td_search_share_images(s);
    return td_search_state_check(s->state, s->world, s->progress.epoch);
}

static void turn_page(td_search *s)
{
    td_progress *progress = &s->progress;
    TD_ASSERT(progress->step == s->steps);
    progress->seconds += progress->epoch_seconds + s->validation_seconds;
    progress->epoch_seconds = 0.0;
    progress->epoch++;
    progress->step = 0;
    memset(s->sums, 0, sizeof s->sums);
}

/* Validation, genotype, metrics row, checkpoint: in this order, so that a checkpoint
 * never knows less than the files beside it. */
static td_status end_epoch(td_search *s)
{
    td_status status = td_search_state_check(s->state, s->world, s->progress.epoch);
    if (status != TD_OK)
        return status;
    if (!td_search_validate(s))
        return td_search_stop(s);
    td_metrics row = td_search_row(s);
    td_search_note_best(s, &row);
    turn_page(s);
    td_search_print_epoch(s, &row);
    bool is_last = s->progress.epoch == s->config->search.epochs;
    bool stop = !is_last && td_comm_max_int(s->world, td_signals_stop()) > 0;
    status = td_search_save_epoch(s, &row, is_last || stop);
    return status == TD_OK && stop ? td_search_stopped(s) : status;
}

static td_status run_epochs(td_search *s)
{
    while (s->progress.epoch < s->config->search.epochs) {
        td_status status = td_search_train_epoch(s);
        if (status == TD_OK)
            status = end_epoch(s);
        if (status != TD_OK)
            return status;
    }
    TD_ASSERT(s->progress.epoch == s->config->search.epochs);
    return td_search_finish(s);
}

static void clear(td_search *s)
{
    td_loader_free(s->loader);
    for (int i = 0; i < TD_DRAW_COUNT; i++)
        td_stream_free(s->streams[i]);
    td_image_store_free(s->images);
    td_score_free(s->score);
    td_search_free_losses(s);
    td_search_state_free(s->state);
    td_stepper_free(s->stepper);
    td_selection_free(s->selection);
    td_free(s->labels);
    td_free(s->places);
    td_dataset_free(s->dataset);
    td_checkpoint_free(s->saved);
    td_free(s->history);
    td_free(s->class_names);
    td_free(s->arch_history);
    td_free(s->best.image);
    if (s->rank != 0)
        td_settings_free(s->settings);
    td_log_set_file(NULL);
    td_run_end(s->directory);
}

td_status td_job_run(td_config_command command, td_comm *world, td_settings *settings)
{
    td_search search = {
        .kind = td_run_kind_of(command),
        .world = world,
        .rank = td_comm_rank(world),
        .ranks = td_comm_size(world),
        .settings = settings,
        .progress = { .best_value = NAN, .best_epoch = -1 },
        .last_save = td_clock_seconds(),
    };
    td_signals_begin();
    td_status status = begin(&search);
    if (status == TD_OK && !search.is_finished)
        status = run_epochs(&search);
    if (status != TD_OK)
        td_log(TD_LOG_DETAIL, "%s", td_error_message()); /* for run.log */
    td_log_live(NULL);
    clear(&search);
    td_signals_end();
    return status;
}
