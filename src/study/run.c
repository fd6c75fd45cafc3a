/* The grid, cell by cell: what is missing is started, what was cut is started again and
 * continues by itself, what fails is noted and left. */
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

/* A study at work. */
typedef struct {
    const td_study *study;
    const td_study_options *options;
    int *cells; /* owned: indices of our part of the grid */
    int count;
    int failed, elsewhere;          /* cells                                       */
    bool again;                     /* whether cells are tried a second time       */
    int missing[TD_STUDY_STEPS];    /* steps still to do                           */
    double seconds[TD_STUDY_STEPS]; /* of those that we have done, for a guess at  */
    int timed[TD_STUDY_STEPS];      /* the time left                               */
} work;

/* How a step or a cell came out. */
typedef enum { WENT_WELL, HAS_FAILED, IS_ELSEWHERE, WAS_STOPPED } outcome;

/* ---- time ----------------------------------------------------------------------- */

/* "2 h 05 min", "3.4 min", "12 s" */
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

/* Steps of one kind take alike; without one done there is no guess. */
static char *time_left(const work *w)
{
    double left = 0.0;
    for (int step = 0; step < TD_STUDY_STEPS; step++) {
        if (w->missing[step] > 0 && w->timed[step] == 0)
            return td_strdup("time left not yet known");
        if (w->missing[step] > 0)
            left += w->missing[step] * w->seconds[step] / w->timed[step];
    }
    char *text = duration(left), *whole = td_format("about %s left", text);
    td_free(text);
    return whole;
}

static void say(const work *w, int place, td_study_step step, const char *what)
{
    TD_ASSERT(place >= 0 && place < w->count);
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    char *name = td_study_cell_name(w->study, cell), *left = time_left(w);
    td_log(TD_LOG_INFO, "[%d/%d] %s %s: %s; %s", place + 1, w->count, name,
           td_study_step_names[step], what, left);
    td_free(left);
    td_free(name);
}

/* ---- failures ------------------------------------------------------------------- */

static void forget_failure(const work *w, td_study_cell cell)
{
    char *path = td_study_path(w->study, cell, TD_STUDY_FAILURE);
    unlink(path);
    td_free(path);
}

/* What went wrong stays in the cell's folder: another start collects it, too. */
static void note_failure(const work *w, int place, td_study_step step, const char *why)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    char *path = td_study_path(w->study, cell, TD_STUDY_FAILURE);
    char *name = td_study_cell_name(w->study, cell);
    char *line = td_format("%s: %s\n", td_study_step_names[step], why);
    td_log(TD_LOG_WARNING, "%s %s: %s", name, td_study_step_names[step], why);
    td_file_part whole = { line, strlen(line) };
    if (td_file_replace(path, &whole, 1, NULL) != TD_OK)
        td_log(TD_LOG_WARNING, "%s", td_error_message());
    td_free(line);
    td_free(name);
    td_free(path);
}

/* ---- one step ------------------------------------------------------------------- */

static char *failure_of(td_child_end end, const char *err)
{
    char *words = td_study_last_words(err);
    const char *gap = words[0] ? ": " : "";
    char *why = end.code == 0 ? td_strdup("ended well, but its files are not complete")
                : end.code > 128
                    ? td_format("ended by signal %d%s%s", end.code - 128, gap, words)
                    : td_format("exit status %d%s%s", end.code, gap, words);
    td_free(words);
    return why;
}

/* A run directory that another process holds: it says so and exits with 2. */
static bool is_elsewhere(td_child_end end, const char *err)
{
    char *words = td_study_last_words(err);
    bool held = end.code == TD_USAGE && strstr(words, "is in use by") != NULL;
    td_free(words);
    return held;
}

static outcome judge(const work *w, int place, td_study_step step, td_child_end end,
                     const char *err)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    if (end.code == 0 && td_study_is_done(w->study, cell, step, true))
        return WENT_WELL;
    if (td_signals_stop() || end.code == TD_STOPPED)
        return WAS_STOPPED;
    if (is_elsewhere(end, err))
        return IS_ELSEWHERE;
    char *why = failure_of(end, err);
    note_failure(w, place, step, why);
    td_free(why);
    return HAS_FAILED;
}

static outcome start_step(work *w, int place, td_study_step step)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    td_study_command command =
        td_study_command_of(w->study, cell, step, w->options->program);
    char *folder = td_study_path(w->study, cell, "");
    char *out = td_format("%s/%s.out", folder, td_study_step_names[step]);
    char *err = td_format("%s/%s.err", folder, td_study_step_names[step]);
    char *search = td_format("%s/search", folder);
    mkdir(search, 0777); /* a genotype by lot needs it; the others make theirs */
    td_child_end end = td_child_run(command.word, out, err, NULL);
    outcome result = judge(w, place, step, end, err);
    td_free(search);
    td_free(err);
    td_free(out);
    td_free(folder);
    td_study_command_clear(&command);
    return result;
}

static outcome run_step(work *w, int place, td_study_step step)
{
    static const char *const words[] = { "done in", "failed after",
                                         "run by another, left after",
                                         "stopped after" };
    say(w, place, step, "starts");
    double begin = td_clock_seconds();
    outcome result = start_step(w, place, step);
    double seconds = td_clock_seconds() - begin;
    w->missing[step]--;
    if (result == WENT_WELL) {
        w->seconds[step] += seconds;
        w->timed[step]++;
    }
    char *text = duration(seconds), *what = td_format("%s %s", words[result], text);
    say(w, place, step, what);
    td_free(what);
    td_free(text);
    return result;
}

/* ---- one cell ------------------------------------------------------------------- */

/* Nothing is lost: the training of a cell that the search has left since gets another
 * name. */
static void set_training_aside(const work *w, td_study_cell cell)
{
    enum { MOST = 1000 };
    if (td_study_trained_its_cell(w->study, cell))
        return;
    char *train = td_study_path(w->study, cell, "train"), *aside = NULL;
    for (int n = 1; n < MOST; n++) {
        td_free(aside);
        aside = td_format("%s-%d", train, n);
        if (access(aside, F_OK) != 0)
            break;
    }
    if (rename(train, aside) == 0)
        td_log(TD_LOG_NOTE, "%s is of another cell than its search has now: kept as %s",
               train, aside);
    td_free(aside);
    td_free(train);
}

static outcome run_steps(work *w, int place)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    outcome result = WENT_WELL;
    forget_failure(w, cell);
    for (int step = 0; result == WENT_WELL && step < TD_STUDY_STEPS; step++) {
        if (step == TD_STUDY_TRAIN)
            set_training_aside(w, cell);
        if (!td_study_is_done(w->study, cell, (td_study_step) step, false))
            result = run_step(w, place, (td_study_step) step);
    }
    return result;
}

static bool is_complete(const work *w, td_study_cell cell)
{
    for (int step = 0; step < TD_STUDY_STEPS; step++)
        if (!td_study_is_done(w->study, cell, (td_study_step) step, false))
            return false;
    return true;
}

/* Two studies in one folder share the work: a cell belongs to who holds its lock. */
static outcome run_cell(work *w, int place)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    td_run *lock = NULL;
    if (is_complete(w, cell)) {
        forget_failure(w, cell);
        return WENT_WELL;
    }
    char *folder = td_study_path(w->study, cell, "");
    td_status status = td_run_begin(&lock, folder, 0);
    td_free(folder);
    if (status != TD_OK) {
        if (!w->again)
            td_log(TD_LOG_NOTE, "%s: left alone", td_error_message());
        return status == TD_USAGE ? IS_ELSEWHERE : HAS_FAILED;
    }
    outcome result = run_steps(w, place);
    td_run_end(lock);
    return result;
}

static void count_missing(work *w, int place, int by)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    for (int step = 0; step < TD_STUDY_STEPS; step++)
        if (!td_study_is_done(w->study, cell, (td_study_step) step, false))
            w->missing[step] += by;
}

/* Its later steps are not going to happen here. */
static void give_up_cell(work *w, int place, const bool *held)
{
    for (int step = 0; step < TD_STUDY_STEPS; step++)
        w->missing[step] = 0;
    for (int rest = place + 1; rest < w->count; rest++)
        if (!w->again || held[rest])
            count_missing(w, rest, 1);
}

/* Every cell, or of a second pass those that were held in the first.
 * \param [in,out] held  (count) cells that another start holds
 * \return whether we were stopped */
static bool run_pass(work *w, bool *held)
{
    for (int place = 0; place < w->count; place++) {
        if (w->again && !held[place])
            continue;
        outcome result = td_signals_stop() ? WAS_STOPPED : run_cell(w, place);
        held[place] = result == IS_ELSEWHERE;
        if (result == WAS_STOPPED)
            return true;
        w->failed += result == HAS_FAILED;
        if (result != WENT_WELL)
            give_up_cell(w, place, held);
    }
    return false;
}

/* A cell that was held is tried once more at the end: what held it may have been the
 * ranks of a killed study, which were still saving, and the status 0 would hide that
 * its run is not done.
 * \return whether we were stopped */
static bool run_cells(work *w)
{
    bool *held = td_malloc((size_t) w->count * sizeof *held);
    memset(held, 0, (size_t) w->count * sizeof *held);
    for (int place = 0; place < w->count; place++)
        count_missing(w, place, 1);
    bool stopped = run_pass(w, held);
    for (int place = 0; !stopped && place < w->count; place++)
        if (held[place])
            count_missing(w, place, 1);
    w->again = true;
    stopped = stopped || run_pass(w, held);
    for (int place = 0; place < w->count; place++)
        w->elsewhere += held[place];
    td_free(held);
    return stopped;
}

/* ---- without running ------------------------------------------------------------ */

static void show_cell(const work *w, int place)
{
    td_study_cell cell = td_study_cell_at(w->study, w->cells[place]);
    char *name = td_study_cell_name(w->study, cell);
    td_print("# [%d/%d] %s%s", place + 1, w->count, name,
             is_complete(w, cell) ? ": done" : "");
    for (int step = 0; step < TD_STUDY_STEPS; step++) {
        if (td_study_is_done(w->study, cell, (td_study_step) step, false))
            continue;
        td_study_command command = td_study_command_of(
            w->study, cell, (td_study_step) step, w->options->program);
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
        td_log(TD_LOG_INFO, "%d of %d runs are another study's", w->elsewhere,
               w->count);
    return status == TD_OK || stopped ? verdict(w, stopped) : status;
}

td_status td_study_run(const td_study *study, const td_study_options *options)
{
    TD_ASSERT(options->program);
    size_t most = (size_t) td_study_cell_count(study);
    work w = { .study = study, .options = options };
    w.cells = td_malloc(most * sizeof *w.cells);
    td_status status = td_study_select(study, &options->part, w.cells, &w.count);
    TD_ASSERT((size_t) w.count <= most);
    if (status == TD_OK && options->dry_run)
        for (int place = 0; place < w.count; place++)
            show_cell(&w, place);
    else if (status == TD_OK)
        status = run_all(&w);
    td_free(w.cells);
    return status;
}
