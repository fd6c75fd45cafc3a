/* Running of a study, point by point: missing stages are started, interrupted ones are
 * started again and continue, failures are noted and skipped. */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/store.h"

/* ---- one point ------------------------------------------------------------------- */

/* Keep the training of a cell that is no longer the search's under another name. */
static void rename_old_training(const td_study_work *w, td_grid_point point)
{
    enum { MOST = 1000 };
    if (td_study_trained_its_cell(w->study, point))
        return;
    char *train = td_study_path(w->study, point, "train"), *renamed = NULL;
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

static td_study_outcome run_stages(td_study_work *w, int index)
{
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    td_study_outcome result = TD_STUDY_WENT_WELL;
    td_study_remove_failure(w, point);
    for (int stage = 0; result == TD_STUDY_WENT_WELL && stage < TD_STUDY_STAGES;
         stage++) {
        if (stage == TD_STUDY_TRAIN)
            rename_old_training(w, point);
        if (!td_study_is_done(w->study, point, (td_study_stage) stage, false))
            result = td_study_run_stage(w, index, (td_study_stage) stage);
    }
    return result;
}

static bool is_complete(const td_study_work *w, td_grid_point point)
{
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        if (!td_study_is_done(w->study, point, (td_study_stage) stage, false))
            return false;
    return true;
}

/* Run a point under its lock: two studies in one folder share the points. */
static td_study_outcome run_point(td_study_work *w, int index)
{
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    td_run *lock = NULL;
    if (is_complete(w, point)) {
        td_study_remove_failure(w, point);
        return TD_STUDY_WENT_WELL;
    }
    char *folder = td_study_path(w->study, point, "");
    td_status status = td_run_begin(&lock, folder, 0);
    td_free(folder);
    if (status != TD_OK) {
        if (!w->again)
            td_log(TD_LOG_NOTE, "%s: skipped", td_error_message());
        return status == TD_USAGE ? TD_STUDY_IS_ELSEWHERE : TD_STUDY_HAS_FAILED;
    }
    td_study_outcome result = run_stages(w, index);
    td_run_end(lock);
    return result;
}

static void count_missing(td_study_work *w, int index, int by)
{
    TD_ASSERT(index >= 0 && index < w->count);
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        if (!td_study_is_done(w->study, point, (td_study_stage) stage, false))
            w->missing[stage] += by;
}

/* Count the missing stages anew: the later ones of this point will not run here. */
static void drop_point(td_study_work *w, int index, const bool *held)
{
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        w->missing[stage] = 0;
    for (int rest = index + 1; rest < w->count; rest++)
        if (!w->again || held[rest])
            count_missing(w, rest, 1);
}

/* Run every point, or in a second pass those that were held in the first.
 * \param [in,out] held  (count) points that another start holds
 * \return whether we were stopped */
static bool run_pass(td_study_work *w, bool *held)
{
    for (int index = 0; index < w->count; index++) {
        if (w->again && !held[index])
            continue;
        td_study_outcome result =
            td_signals_stop() ? TD_STUDY_WAS_STOPPED : run_point(w, index);
        held[index] = result == TD_STUDY_IS_ELSEWHERE;
        if (result == TD_STUDY_WAS_STOPPED)
            return true;
        w->failed += result == TD_STUDY_HAS_FAILED;
        if (result != TD_STUDY_WENT_WELL)
            drop_point(w, index, held);
    }
    return false;
}

/* Run all points; one that was held is tried once more at the end: it may have been
 * held by the ranks of a killed study, still saving, and the status 0 would hide that
 * its run is not done.
 * \return whether we were stopped */
static bool run_points(td_study_work *w)
{
    bool *held = td_malloc((size_t) w->count * sizeof *held);
    memset(held, 0, (size_t) w->count * sizeof *held);
    for (int index = 0; index < w->count; index++)
        count_missing(w, index, 1);
    bool stopped = run_pass(w, held);
    for (int index = 0; !stopped && index < w->count; index++)
        if (held[index])
            count_missing(w, index, 1);
    w->again = true;
    stopped = stopped || run_pass(w, held);
    for (int index = 0; index < w->count; index++)
        w->elsewhere += held[index];
    td_free(held);
    return stopped;
}

/* ---- --dry-run ------------------------------------------------------------------ */

static void show_point(const td_study_work *w, int index)
{
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    char *name = td_grid_point_name(w->study, point);
    td_print("# [%d/%d] %s%s", index + 1, w->count, name,
             is_complete(w, point) ? ": done" : "");
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++) {
        if (td_study_is_done(w->study, point, (td_study_stage) stage, false))
            continue;
        td_study_command command = td_study_command_of(
            w->study, point, (td_study_stage) stage, w->options->program);
        char *text = td_study_command_text(&command);
        td_print("%s", text);
        td_free(text);
        td_study_command_clear(&command);
    }
    td_free(name);
}

/* ---- the study ------------------------------------------------------------------ */

static td_status verdict(const td_study_work *w, bool stopped)
{
    if (stopped)
        return td_error(TD_STOPPED, "stopped %s; the same command continues the study",
                        td_signals_reason());
    if (w->failed == 0)
        return TD_OK;
    td_status status = td_error(TD_FAILED, "%d of %d runs failed", w->failed, w->count);
    td_error_hint("why is in failed.txt of their folders below %s; the same command "
                  "tries them again",
                  w->study->out);
    return status;
}

static td_status run_all(td_study_work *w)
{
    td_status status = td_study_check_start(w->study, w->options->program);
    if (status != TD_OK)
        return status;
    td_signals_begin();
    bool stopped = run_points(w);
    td_signals_end();
    status = td_study_collect(w->study);
    if (w->elsewhere > 0)
        td_log(TD_LOG_INFO, "%d of %d runs belong to another study", w->elsewhere,
               w->count);
    return status == TD_OK || stopped ? verdict(w, stopped) : status;
}

td_status td_study_run(const td_study *study, const td_study_options *options)
{
    TD_ASSERT(options->program);
    size_t most = (size_t) td_grid_point_count(study);
    td_study_work w = { .study = study, .options = options };
    w.points = td_malloc(most * sizeof *w.points);
    td_status status = td_study_select(study, &options->selection, w.points, &w.count);
    TD_ASSERT((size_t) w.count <= most);
    if (status == TD_OK && options->dry_run)
        for (int index = 0; index < w.count; index++)
            show_point(&w, index);
    else if (status == TD_OK)
        status = run_all(&w);
    td_free(w.points);
    return status;
}
