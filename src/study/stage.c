/* One stage of a point, run as a child: its command, how it ended, the time it took and
 * the time left. */
#include "run.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"

/* ---- time ----------------------------------------------------------------------- */

/* Write "2 h 05 min", "3.4 min", "12 s". */
static char *duration(double seconds)
{
    TD_ASSERT(seconds >= 0.0);
    if (seconds < 100.0)
        return td_format("%.0f s", seconds);
    if (seconds < 3600.0)
        return td_format("%.1f min", seconds / 60.0);
    int minutes = (int) (seconds / 60.0 + 0.5);
    return td_format("%d h %02d min", minutes / 60, minutes % 60);
}

/* Estimate the time left from stages of the same kind, if one has been run. */
static char *time_left(const td_study_work *w)
{
    double left = 0.0;
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++) {
        if (w->missing[stage] > 0 && w->timed[stage] == 0)
            return td_strdup("time left not yet known");
        if (w->missing[stage] > 0)
            left += w->missing[stage] * w->seconds[stage] / w->timed[stage];
    }
    char *text = duration(left), *whole = td_format("about %s left", text);
    td_free(text);
    return whole;
}

static void log_progress(const td_study_work *w, int index, td_study_stage stage,
                         const char *what)
{
    TD_ASSERT(index >= 0 && index < w->count);
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    char *name = td_grid_point_name(w->study, point), *left = time_left(w);
    td_log(TD_LOG_INFO, "[%d/%d] %s %s: %s; %s", index + 1, w->count, name,
           td_study_stage_names[stage], what, left);
    td_free(left);
    td_free(name);
}

/* ---- failures ------------------------------------------------------------------- */

void td_study_remove_failure(const td_study_work *w, td_grid_point point)
{
    char *path = td_study_path(w->study, point, TD_STUDY_FAILURE);
    unlink(path);
    td_free(path);
}

/* Write the error to the point's folder, where later starts collect it, too. */
static void note_failure(const td_study_work *w, int index, td_study_stage stage,
                         const char *why)
{
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    char *path = td_study_path(w->study, point, TD_STUDY_FAILURE);
    char *name = td_grid_point_name(w->study, point);
    char *line = td_format("%s: %s\n", td_study_stage_names[stage], why);
    td_log(TD_LOG_WARNING, "%s %s: %s", name, td_study_stage_names[stage], why);
    td_file_part whole = { line, strlen(line) };
    if (td_file_replace(path, &whole, 1, NULL) != TD_OK)
        td_log(TD_LOG_WARNING, "%s", td_error_message());
    td_free(line);
    td_free(name);
    td_free(path);
}

/* ---- one stage ------------------------------------------------------------------- */

static char *failure_of(td_child_end end, const char *err)
{
    char *words = td_study_last_error(err);
    const char *gap = words[0] ? ": " : "";
    char *why = end.code == 0 ? td_strdup("ended well, but its files are not complete")
                : end.code > 128
                    ? td_format("ended by signal %d%s%s", end.code - 128, gap, words)
                    : td_format("exit status %d%s%s", end.code, gap, words);
    td_free(words);
    return why;
}

/* Whether another process holds the run directory: the command exits with 2. */
static bool is_elsewhere(td_child_end end, const char *err)
{
    char *words = td_study_last_error(err);
    bool held = end.code == TD_USAGE && strstr(words, "is in use by") != NULL;
    td_free(words);
    return held;
}

static td_study_outcome judge(const td_study_work *w, int index, td_study_stage stage,
                              td_child_end end, const char *err)
{
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    if (end.code == 0 && td_study_is_done(w->study, point, stage, true))
        return TD_STUDY_WENT_WELL;
    if (td_signals_stop() || end.code == TD_STOPPED)
        return TD_STUDY_WAS_STOPPED;
    if (is_elsewhere(end, err))
        return TD_STUDY_IS_ELSEWHERE;
    char *why = failure_of(end, err);
    note_failure(w, index, stage, why);
    td_free(why);
    return TD_STUDY_HAS_FAILED;
}

static td_study_outcome start_stage(td_study_work *w, int index, td_study_stage stage)
{
    td_grid_point point = td_grid_point_at(w->study, w->points[index]);
    td_study_command command =
        td_study_command_of(w->study, point, stage, w->options->program);
    char *folder = td_study_path(w->study, point, "");
    char *out = td_format("%s/%s.out", folder, td_study_stage_names[stage]);
    char *err = td_format("%s/%s.err", folder, td_study_stage_names[stage]);
    char *search = td_format("%s/search", folder);
    mkdir(search, 0777); /* `genotype --output` needs it; the others make theirs */
    td_child_end end = td_child_run(command.word, out, err, NULL);
    td_study_outcome result = judge(w, index, stage, end, err);
    td_free(search);
    td_free(err);
    td_free(out);
    td_free(folder);
    td_study_command_clear(&command);
    return result;
}

td_study_outcome td_study_run_stage(td_study_work *w, int index, td_study_stage stage)
{
    static const char *const words[] = { "done in", "failed after",
                                         "run by another process, skipped after",
                                         "stopped after" };
    log_progress(w, index, stage, "starts");
    double begin = td_clock_seconds();
    td_study_outcome result = start_stage(w, index, stage);
    double seconds = td_clock_seconds() - begin;
    w->missing[stage]--;
    if (result == TD_STUDY_WENT_WELL) {
        w->seconds[stage] += seconds;
        w->timed[stage]++;
    }
    char *text = duration(seconds), *what = td_format("%s %s", words[result], text);
    log_progress(w, index, stage, what);
    td_free(what);
    td_free(text);
    return result;
}
