/* One step of a point: its command, how it ended, what is told of it. */
#include "run.h"

#include <string.h>
#include <sys/stat.h>

#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"

const char *const td_outcome_words[TD_STUDY_OUTCOMES] = {
    "done in", "failed after", "run by another process, skipped after", "stopped after"
};

td_grid_point td_point_at(const td_campaign *c, int index)
{
    TD_ASSERT(index >= 0 && index < c->count);
    return td_grid_point_at(c->study, c->points[index]);
}

static void log_progress(const td_campaign *c, int index, td_study_step step,
                         const char *what)
{
    if (!c->tells_stages)
        return;
    char *name = td_grid_point_name(c->study, td_point_at(c, index));
    char *left = td_time_left(&c->clock, 1);
    char *stage = td_study_step_name(c->study, step);
    td_log_wrapped(TD_LOG_INFO, 4, "[%d/%d] %s %s: %s; %s", index + 1, c->count, name,
                   stage, what, left);
    td_free(stage);
    td_free(left);
    td_free(name);
}

/* ---- failures ------------------------------------------------------------------- */

void td_stage_note_failure(const td_campaign *c, int index, td_study_step step,
                           const char *why)
{
    td_grid_point point = td_point_at(c, index);
    char *path = td_study_path(c->study, point, TD_STUDY_FAILURE);
    char *name = td_grid_point_name(c->study, point);
    char *stage = td_study_step_name(c->study, step);
    char *line = td_format("%s: %s\n", stage, why);
    td_log(TD_LOG_WARNING, "%s %s: %s", name, stage, why);
    td_file_part whole = { line, strlen(line) };
    if (td_file_replace(path, &whole, 1, NULL) != TD_OK)
        td_log(TD_LOG_WARNING, "%s", td_error_message());
    td_free(line);
    td_free(stage);
    td_free(name);
    td_free(path);
}

static char *failure_of(const td_stage_end *end)
{
    const char *gap = end->words[0] ? ": " : "";
    return end->code == 0 ? td_strdup("ended well, but its files are not complete")
           : end->code > 128
               ? td_format("ended by signal %d%s%s", end->code - 128, gap, end->words)
               : td_format("exit status %d%s%s", end->code, gap, end->words);
}

/* ---- one step -------------------------------------------------------------------- */

/* Whether another process holds the run directory: the command ends with 2. */
static bool is_elsewhere(const td_stage_end *end)
{
    return end->code == TD_USAGE && strstr(end->words, "is in use by") != NULL;
}

static td_study_outcome judge(const td_campaign *c, int index, td_study_step step,
                              const td_stage_end *end)
{
    if (end->code == 0 && td_study_is_done(c->study, td_point_at(c, index), step, true))
        return TD_STUDY_WENT_WELL;
    if (td_signals_stop() || end->code == TD_STOPPED)
        return TD_STUDY_WAS_STOPPED;
    if (is_elsewhere(end))
        return TD_STUDY_IS_ELSEWHERE;
    char *why = failure_of(end);
    td_stage_note_failure(c, index, step, why);
    td_free(why);
    return TD_STUDY_HAS_FAILED;
}

static td_study_outcome make(td_campaign *c, int index, td_study_step step)
{
    td_grid_point point = td_point_at(c, index);
    td_study_command command =
        td_study_command_of(c->study, point, step, c->options->program);
    char *folder = td_study_path(c->study, point, "");
    char *name = td_study_step_name(c->study, step);
    char *out = td_format("%s/%s.out", folder, name);
    char *err = td_format("%s/%s.err", folder, name);
    char *search = td_format("%s/search", folder);
    mkdir(search, 0777); /* `genotype --output` needs it; the others make theirs */
    td_stage_end end = c->make(c, &command, out, err);
    td_study_outcome result = judge(c, index, step, &end);
    td_free(end.words);
    td_free(search);
    td_free(err);
    td_free(out);
    td_free(name);
    td_free(folder);
    td_study_command_clear(&command);
    return result;
}

td_study_outcome td_stage_run(td_campaign *c, int index, td_study_step step)
{
    log_progress(c, index, step, "starts");
    double begin = td_clock_seconds();
    td_study_outcome result = make(c, index, step);
    double seconds = td_clock_seconds() - begin;
    c->clock.missing[step.stage]--;
    if (result == TD_STUDY_WENT_WELL) {
        c->clock.seconds[step.stage] += seconds;
        c->clock.timed[step.stage]++;
    }
    char *text = td_duration(seconds);
    char *what = td_format("%s %s", td_outcome_words[result], text);
    log_progress(c, index, step, what);
    td_free(what);
    td_free(text);
    return result;
}
