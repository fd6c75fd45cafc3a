/* The heartbeat: every few seconds, before a validation, at the end.  Rank 0. */
#include <math.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_memory.h"
#include "taildart/config_projection.h"

static const double EVERY = 5.0; /* seconds */

/* A beat is overdue after so many steps, and no sooner than after these seconds; a
 * validation and what belongs to it may take longer. */
enum { STEPS = 10, LEAST = 60, VALIDATION = 1800 };

static double patience(td_beat_state state, double step_seconds)
{
    double steps = fmax(LEAST, EVERY + STEPS * step_seconds);
    return state == TD_BEAT_VALIDATION ? fmax(VALIDATION, steps) : steps;
}

/* A beat that cannot be written is missed: the run is worth more. */
static void beat(td_job *job, td_beat_state state)
{
    const td_progress *progress = &job->loop.progress;
    double step = td_job_step_seconds(job);
    td_beat now = { .state = state,
                    .epoch = progress->epoch,
                    .epochs = td_config_epochs(job->config),
                    .step = progress->step,
                    .steps = job->data.steps,
                    .step_seconds = step,
                    .left = step * (double) td_job_steps_left(job),
                    .patience = patience(state, step) };
    job->loop.last_beat = td_clock_seconds();
    char *message = td_strdup(td_error_message());
    char *hint = td_strdup(td_error_hint_message());
    if (td_beat_write(job->files.directory, &now) != TD_OK) {
        td_error(TD_FAILED, "%s", message); /* what has been said stays */
        td_error_hint("%s", hint);
    }
    td_free(hint);
    td_free(message);
}

void td_job_beat(td_job *job, td_beat_state state)
{
    bool is_due = td_clock_seconds() - job->loop.last_beat >= EVERY;
    if (job->rank == 0 && (is_due || state != TD_BEAT_STEPS))
        beat(job, state);
}

void td_job_beat_last(td_job *job, td_status status)
{
    td_beat_state state = status == TD_OK        ? TD_BEAT_FINISHED
                          : status == TD_STOPPED ? TD_BEAT_STOPPED
                                                 : TD_BEAT_FAILED;
    if (job->files.directory && job->loop.state)
        td_job_beat(job, state);
}
