/* Running of a study, cell by cell: missing stages are started, interrupted ones are
 * started again and continue, failures are noted and skipped. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/store.h"

/* A running study. */
typedef struct {
    const td_study *study;
    const td_study_options *options;
    int *cells; /* owned: indices of the selected cells */
    int count;
    int failed, elsewhere;           /* cells; elsewhere: run by another process    */
    bool again;                      /* second pass                                 */
    int missing[TD_STUDY_STAGES];    /* stages still to do                          */
    double seconds[TD_STUDY_STAGES]; /* of the stages run here, to estimate the     */
    int timed[TD_STUDY_STAGES];      /* time left                                   */
} work;

/* Outcome of a stage or a cell. */
typedef enum { WENT_WELL, HAS_FAILED, IS_ELSEWHERE, WAS_STOPPED } outcome;

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
static char *time_left(const work *w)
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

static void log_progress(const work *w, int index, td_study_stage stage,
                         const char *what)
{
    TD_ASSERT(index >= 0 && index < w->count);
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    char *name = td_study_cell_name(w->study, cell), *left = time_left(w);
    td_log(TD_LOG_INFO, "[%d/%d] %s %s: %s; %s", index + 1, w->count, name,
           td_study_stage_names[stage], what, left);
    td_free(left);
    td_free(name);
}

/* ---- failures ------------------------------------------------------------------- */

static void remove_failure(const work *w, td_study_cell cell)
{
    char *path = td_study_path(w->study, cell, TD_STUDY_FAILURE);
    unlink(path);
    td_free(path);
}

/* Write the error to the cell's folder, where later starts collect it, too. */
static void note_failure(const work *w, int index, td_study_stage stage,
                         const char *why)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    char *path = td_study_path(w->study, cell, TD_STUDY_FAILURE);
    char *name = td_study_cell_name(w->study, cell);
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

static outcome judge(const work *w, int index, td_study_stage stage, td_child_end end,
                     const char *err)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    if (end.code == 0 && td_study_is_done(w->study, cell, stage, true))
        return WENT_WELL;
    if (td_signals_stop() || end.code == TD_STOPPED)
        return WAS_STOPPED;
    if (is_elsewhere(end, err))
        return IS_ELSEWHERE;
    char *why = failure_of(end, err);
    note_failure(w, index, stage, why);
    td_free(why);
    return HAS_FAILED;
}

static outcome start_stage(work *w, int index, td_study_stage stage)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    td_study_command command =
        td_study_command_of(w->study, cell, stage, w->options->program);
    char *folder = td_study_path(w->study, cell, "");
    char *out = td_format("%s/%s.out", folder, td_study_stage_names[stage]);
    char *err = td_format("%s/%s.err", folder, td_study_stage_names[stage]);
    char *search = td_format("%s/search", folder);
    mkdir(search, 0777); /* `genotype --output` needs it; the others make theirs */
    td_child_end end = td_child_run(command.word, out, err, NULL);
    outcome result = judge(w, index, stage, end, err);
    td_free(search);
    td_free(err);
    td_free(out);
    td_free(folder);
    td_study_command_clear(&command);
    return result;
}

static outcome run_stage(work *w, int index, td_study_stage stage)
{
    static const char *const words[] = { "done in", "failed after",
                                         "run by another process, skipped after",
                                         "stopped after" };
    log_progress(w, index, stage, "starts");
    double begin = td_clock_seconds();
    outcome result = start_stage(w, index, stage);
    double seconds = td_clock_seconds() - begin;
    w->missing[stage]--;
    if (result == WENT_WELL) {
        w->seconds[stage] += seconds;
        w->timed[stage]++;
    }
    char *text = duration(seconds), *what = td_format("%s %s", words[result], text);
    log_progress(w, index, stage, what);
    td_free(what);
    td_free(text);
    return result;
}

/* ---- one cell ------------------------------------------------------------------- */

/* Keep the training of a cell that is no longer the search's under another name. */
static void rename_old_training(const work *w, td_study_cell cell)
{
    enum { MOST = 1000 };
    if (td_study_trained_its_cell(w->study, cell))
        return;
    char *train = td_study_path(w->study, cell, "train"), *renamed = NULL;
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

static outcome run_stages(work *w, int index)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    outcome result = WENT_WELL;
    remove_failure(w, cell);
    for (int stage = 0; result == WENT_WELL && stage < TD_STUDY_STAGES; stage++) {
        if (stage == TD_STUDY_TRAIN)
            rename_old_training(w, cell);
        if (!td_study_is_done(w->study, cell, (td_study_stage) stage, false))
            result = run_stage(w, index, (td_study_stage) stage);
    }
    return result;
}

static bool is_complete(const work *w, td_study_cell cell)
{
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        if (!td_study_is_done(w->study, cell, (td_study_stage) stage, false))
            return false;
    return true;
}

/* Run a cell under its lock: two studies in one folder share the cells. */
static outcome run_cell(work *w, int index)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    td_run *lock = NULL;
    if (is_complete(w, cell)) {
        remove_failure(w, cell);
        return WENT_WELL;
    }
    char *folder = td_study_path(w->study, cell, "");
    td_status status = td_run_begin(&lock, folder, 0);
    td_free(folder);
    if (status != TD_OK) {
        if (!w->again)
            td_log(TD_LOG_NOTE, "%s: skipped", td_error_message());
        return status == TD_USAGE ? IS_ELSEWHERE : HAS_FAILED;
    }
    outcome result = run_stages(w, index);
    td_run_end(lock);
    return result;
}

static void count_missing(work *w, int index, int by)
{
    TD_ASSERT(index >= 0 && index < w->count);
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        if (!td_study_is_done(w->study, cell, (td_study_stage) stage, false))
            w->missing[stage] += by;
}

/* Count the missing stages anew: the later ones of this cell will not run here. */
static void drop_cell(work *w, int index, const bool *held)
{
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        w->missing[stage] = 0;
    for (int rest = index + 1; rest < w->count; rest++)
        if (!w->again || held[rest])
            count_missing(w, rest, 1);
}

/* Run every cell, or in a second pass those that were held in the first.
 * \param [in,out] held  (count) cells that another start holds
 * \return whether we were stopped */
static bool run_pass(work *w, bool *held)
{
    for (int index = 0; index < w->count; index++) {
        if (w->again && !held[index])
            continue;
        outcome result = td_signals_stop() ? WAS_STOPPED : run_cell(w, index);
        held[index] = result == IS_ELSEWHERE;
        if (result == WAS_STOPPED)
            return true;
        w->failed += result == HAS_FAILED;
        if (result != WENT_WELL)
            drop_cell(w, index, held);
    }
    return false;
}

/* Run all cells; one that was held is tried once more at the end: it may have been held
 * by the ranks of a killed study, still saving, and the status 0 would hide that its
 * run is not done.
 * \return whether we were stopped */
static bool run_cells(work *w)
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

static void show_cell(const work *w, int index)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[index]);
    char *name = td_study_cell_name(w->study, cell);
    td_print("# [%d/%d] %s%s", index + 1, w->count, name,
             is_complete(w, cell) ? ": done" : "");
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++) {
        if (td_study_is_done(w->study, cell, (td_study_stage) stage, false))
            continue;
        td_study_command command = td_study_command_of(
            w->study, cell, (td_study_stage) stage, w->options->program);
        char *text = td_study_command_text(&command);
        td_print("%s", text);
        td_free(text);
        td_study_command_clear(&command);
    }
    td_free(name);
}

/* ---- the study ------------------------------------------------------------------ */

static td_status verdict(const work *w, bool stopped)
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

static td_status run_all(work *w)
{
    td_status status = td_study_check_start(w->study, w->options->program);
    if (status != TD_OK)
        return status;
    td_signals_begin();
    bool stopped = run_cells(w);
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
    size_t most = (size_t) td_study_cell_count(study);
    work w = { .study = study, .options = options };
    w.cells = td_malloc(most * sizeof *w.cells);
    td_status status = td_study_select(study, &options->selection, w.cells, &w.count);
    TD_ASSERT((size_t) w.count <= most);
    if (status == TD_OK && options->dry_run)
        for (int index = 0; index < w.count; index++)
            show_cell(&w, index);
    else if (status == TD_OK)
        status = run_all(&w);
    td_free(w.cells);
    return status;
}
