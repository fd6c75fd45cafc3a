/* Running of a study, point by point: missing stages are started as children,
 * interrupted ones are started again and continue, failures are noted and skipped. */
#include "run.h"

#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_signals.h"

/* ---- one after the other -------------------------------------------------------- */

/* Count the missing stages anew: the later ones of this point will not run here. */
static void drop_point(td_campaign *c, int index, const bool *held)
{
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        c->clock.missing[stage] = 0;
    for (int rest = index + 1; rest < c->count; rest++)
        if (!c->again || held[rest])
            td_point_count(c, rest, &c->clock, 1);
}

/* Run every point, or in a second pass those that were held in the first.
 * \param [in,out] held  (count) points that another start holds
 * \return whether we were stopped */
static bool run_pass(td_campaign *c, bool *held)
{
    for (int index = 0; index < c->count; index++) {
        if (c->again && !held[index])
            continue;
        td_study_outcome result =
            td_signals_stop() ? TD_STUDY_WAS_STOPPED : td_point_run(c, index);
        held[index] = result == TD_STUDY_IS_ELSEWHERE;
        if (result == TD_STUDY_WAS_STOPPED)
            return true;
        c->failed += result == TD_STUDY_HAS_FAILED;
        if (result != TD_STUDY_WENT_WELL)
            drop_point(c, index, held);
    }
    return false;
}

/* Run all points; one that was held is tried once more at the end: it may have been
 * held by the ranks of a killed study, still saving, and the status 0 would hide that
 * its run is not done.
 * \return whether we were stopped */
static bool run_points(td_campaign *c)
{
    bool *held = td_malloc((size_t) c->count * sizeof *held);
    memset(held, 0, (size_t) c->count * sizeof *held);
    for (int index = 0; index < c->count; index++)
        td_point_count(c, index, &c->clock, 1);
    bool stopped = run_pass(c, held);
    for (int index = 0; !stopped && index < c->count; index++)
        if (held[index])
            td_point_count(c, index, &c->clock, 1);
    c->again = true;
    stopped = stopped || run_pass(c, held);
    for (int index = 0; index < c->count; index++)
        c->elsewhere += held[index];
    td_free(held);
    return stopped;
}

/* ---- --dry-run ------------------------------------------------------------------ */

/* A training that is to be run is judged anew, whatever judged the one before. */
static void show_point(const td_campaign *c, int index)
{
    bool is_due = false;
    td_grid_point point = td_point_at(c, index);
    char *name = td_grid_point_name(c->study, point);
    td_print("# [%d/%d] %s%s", index + 1, c->count, name,
             td_point_is_complete(c, index) ? ": done" : "");
    for (int i = 0; i < td_study_step_count(c->study); i++) {
        td_study_step step = td_study_step_at(c->study, i);
        bool follows = is_due && step.stage == TD_STUDY_EVAL;
        is_due = follows || !td_study_is_done(c->study, point, step, false);
        if (!is_due)
            continue;
        td_study_command command =
            td_study_command_of(c->study, point, step, c->options->program);
        char *text = td_study_command_text(&command);
        td_print("%s", text);
        td_free(text);
        td_study_command_clear(&command);
    }
    td_free(name);
}

/* ---- the study ------------------------------------------------------------------ */

td_status td_campaign_begin(td_campaign *c, const td_study *study,
                            const td_campaign_options *options)
{
    size_t most = (size_t) td_grid_point_count(study);
    *c = (td_campaign){ .study = study, .options = options };
    c->points = td_malloc(most * sizeof *c->points);
    td_status status =
        td_study_select(study, &options->selection, c->points, &c->count);
    TD_ASSERT((size_t) c->count <= most);
    return status;
}

void td_campaign_clear(td_campaign *c)
{
    td_free(c->points);
}

static td_status verdict(const td_campaign *c, bool stopped)
{
    if (stopped)
        return td_error(TD_STOPPED, "stopped %s; the same command continues the study",
                        td_signals_reason());
    if (c->failed == 0)
        return TD_OK;
    td_status status = td_error(TD_FAILED, "%d of %d runs failed", c->failed, c->count);
    td_error_hint("why is in failed.txt of their folders below %s; the same command "
                  "tries them again",
                  c->study->out);
    return status;
}

td_status td_campaign_end(const td_campaign *c, bool stopped)
{
    td_status status = td_campaign_collect(c->study);
    if (c->elsewhere > 0)
        td_log(TD_LOG_INFO, "%d of %d runs belong to another study", c->elsewhere,
               c->count);
    return status == TD_OK || stopped ? verdict(c, stopped) : status;
}

static td_stage_end make_as_child(td_campaign *c, const td_study_command *command,
                                  const char *out, const char *err)
{
    (void) c;
    td_child_end end = td_child_run(command->word, out, err, NULL);
    return (td_stage_end){ .code = end.code, .words = td_child_last_error(err) };
}

static td_status run_all(td_campaign *c)
{
    td_status status = td_campaign_check_start(c->study, c->options->program);
    if (status != TD_OK)
        return status;
    c->make = make_as_child;
    c->tells_stages = true;
    td_signals_begin();
    bool stopped = run_points(c);
    td_signals_end();
    return td_campaign_end(c, stopped);
}

td_status td_campaign_run(const td_study *study, const td_campaign_options *options)
{
    TD_ASSERT(options->program);
    td_campaign c;
    td_status status = td_campaign_begin(&c, study, options);
    if (status == TD_OK && options->dry_run)
        for (int index = 0; index < c.count; index++)
            show_point(&c, index);
    else if (status == TD_OK)
        status = run_all(&c);
    td_campaign_clear(&c);
    return status;
}
