/* What an epoch begins with: its losses; fewer operations; where a stage of the search
 * begins, a network in which all begins anew. */
#include "run.h"

#include <math.h>

#include "taildart/base_log.h"
#include "taildart/config_projection.h"
#include "taildart/config_stages.h"

/* ---- losses ------------------------------------------------------------------ */

static void prepare_losses(td_job *job)
{
    td_job_loop *loop = &job->loop;
    td_job_free_losses(loop);
    for (int half = 0; half < 2; half++) {
        loop->loss[half] = td_plan_loss(job->config, job->data.selection,
                                        (td_half) half, loop->progress.epoch);
        td_stepper_set_loss(loop->stepper, (td_half) half, loop->loss[half]);
    }
}

void td_job_free_losses(td_job_loop *loop)
{
    for (int half = 0; half < 2; half++) {
        td_loss_free(loop->loss[half]);
        loop->loss[half] = NULL;
    }
}

/* ---- operations and stages ------------------------------------------------------ */

static void tell_dropped(const td_job *job, int dropped)
{
    if (dropped > 0)
        td_log(
            TD_LOG_INFO,
            "epoch %lld begins with %d operations on %d edges; the %d weakest are gone",
            (long long) job->loop.progress.epoch + 1,
            td_search_state_operations(job->loop.state), 2 * job->loop.state->edges,
            dropped);
}

/* The weakest operations of the former stage go, with all that it has learned. */
static td_status begin_stage(td_job *job, const td_search_stage *stage)
{
    td_job_loop *loop = &job->loop;
    double temperature = loop->state->temperature, bonus = loop->state->skip_bonus;
    tell_dropped(job, td_search_state_prune(loop->state, stage->keep));
    loop->stage.number = stage->number;
    /* the best network so far is gone, with the cells that made it */
    loop->progress.best_value = NAN;
    loop->progress.best_epoch = -1;
    td_search_state_masks(loop->state, loop->stage.present);
    td_job_count_reductions(loop); /* of the network that goes */
    td_search_state_free(loop->state);
    td_stepper_free(loop->stepper);
    loop->state = NULL;
    loop->stepper = NULL;
    td_log(TD_LOG_INFO,
           "stage %d of %d begins: %d cells; weights and alphas are drawn anew",
           stage->number + 1, td_stage_count(job->config), stage->cells);
    td_status status = td_job_build_network(job);
    if (status != TD_OK)
        return status;
    loop->state->temperature = temperature;
    loop->state->skip_bonus = bonus;
    return TD_OK;
}

/* Before its first step; again is fine. */
static td_status change_network(td_job *job)
{
    td_job_loop *loop = &job->loop;
    td_search_stage stage = td_stage_at(job->config, loop->progress.epoch);
    if (stage.number != loop->stage.number)
        return begin_stage(job, &stage);
    if (!td_projection_tunes(job->config, loop->progress.epoch))
        tell_dropped(job,
                     td_choice_prune(loop->state, job->config, loop->progress.epoch));
    return TD_OK;
}

td_status td_job_begin_epoch(td_job *job)
{
    td_status status = TD_OK;
    if (job->loop.progress.step == 0 && job->loop.state->edges > 0)
        status = change_network(job);
    if (status == TD_OK)
        prepare_losses(job);
    return status;
}
