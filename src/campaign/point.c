/* One point of a study: its missing steps in their order, under its lock. */
#include "run.h"

#include <stdio.h>
#include <unistd.h>

#include "taildart/base_log.h"
#include "taildart/store.h"

/* ---- what is there -------------------------------------------------------------- */

bool td_point_is_complete(const td_campaign *c, int index)
{
    td_grid_point point = td_point_at(c, index);
    for (int i = 0; i < td_study_step_count(c->study); i++)
        if (!td_study_is_done(c->study, point, td_study_step_at(c->study, i), false))
            return false;
    return true;
}

void td_point_count(const td_campaign *c, int index, td_stage_clock *clock, int by)
{
    td_grid_point point = td_point_at(c, index);
    for (int i = 0; i < td_study_step_count(c->study); i++) {
        td_study_step step = td_study_step_at(c->study, i);
        if (!td_study_is_done(c->study, point, step, false))
            clock->missing[step.stage] += by;
    }
}

bool td_point_has_failed(const td_campaign *c, int index)
{
    char *path = td_study_path(c->study, td_point_at(c, index), TD_STUDY_FAILURE);
    bool is_there = access(path, F_OK) == 0;
    td_free(path);
    return is_there;
}

/* ---- making the rest ------------------------------------------------------------ */

static void forget_failure(const td_campaign *c, int index)
{
    char *path = td_study_path(c->study, td_point_at(c, index), TD_STUDY_FAILURE);
    unlink(path);
    td_free(path);
}

/* Keep the training of a cell that is no longer the search's under another name. */
static void rename_old_training(const td_campaign *c, td_grid_point point,
                                td_study_step step)
{
    enum { MOST = 1000 };
    if (td_study_trained_its_cell(c->study, point, step))
        return;
    char *train = td_study_run_path(c->study, point, step, ""), *renamed = NULL;
    for (int n = 1; n < MOST; n++) {
        td_free(renamed);
        renamed = td_format("%s-%d", train, n);
        if (access(renamed, F_OK) != 0)
            break;
    }
    if (rename(train, renamed) == 0)
        td_log(TD_LOG_NOTE,
               "%s trained another cell than its search has now: kept as %s", train,
               renamed);
    td_free(renamed);
    td_free(train);
}

/* No network can be made of a cell without operations, today as little as tomorrow: no
 * training is started, and none of its steps is waited for. */
static bool lacks_cell(td_campaign *c, int index, td_study_step training)
{
    if (td_study_check_cell(c->study, td_point_at(c, index)) == TD_OK)
        return false;
    char *why =
        td_format("%s: not tried until the search is another", td_error_message());
    td_point_count(c, index, &c->clock, -1);
    td_stage_note_failure(c, index, training, why);
    td_free(why);
    return true;
}

static td_study_outcome run_steps(td_campaign *c, int index)
{
    td_grid_point point = td_point_at(c, index);
    td_study_outcome result = TD_STUDY_WENT_WELL;
    int steps = td_study_step_count(c->study);
    forget_failure(c, index);
    for (int i = 0; result == TD_STUDY_WENT_WELL && i < steps; i++) {
        td_study_step step = td_study_step_at(c->study, i);
        if (step.stage == TD_STUDY_TRAIN)
            rename_old_training(c, point, step);
        if (td_study_is_done(c->study, point, step, false))
            continue;
        bool is_hopeless = step.stage == TD_STUDY_TRAIN && lacks_cell(c, index, step);
        result = is_hopeless ? TD_STUDY_HAS_FAILED : td_stage_run(c, index, step);
    }
    return result;
}

td_study_outcome td_point_run(td_campaign *c, int index)
{
    td_run *lock = NULL;
    if (td_point_is_complete(c, index)) {
        forget_failure(c, index);
        return TD_STUDY_WENT_WELL;
    }
    char *folder = td_study_path(c->study, td_point_at(c, index), "");
    td_status status = td_run_begin(&lock, folder, 0);
    td_free(folder);
    if (status != TD_OK) {
        if (!c->again)
            td_log(TD_LOG_NOTE, "%s: skipped", td_error_message());
        return status == TD_USAGE ? TD_STUDY_IS_ELSEWHERE : TD_STUDY_HAS_FAILED;
    }
    td_campaign_keep_file(c->study);
    td_study_outcome result = run_steps(c, index);
    td_run_end(lock);
    return result;
}
