/* Following a run. */
#include "taildart/watch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/checkpoint.h"
#include "taildart/store_beat.h"

/* What is known of a run. */
typedef struct {
    const char *run; /* borrowed */
    td_beat beat;
    bool has_beat;
    double seen; /* td_clock_seconds() of a new beat: hosts' clocks differ */
    double age;  /* of the first one that was seen, by its own clock       */
    td_owner owner;
    char words[256]; /* of the owner, or the last one */
    int rows;        /* of metrics.csv that have been told */
    bool is_noted;   /* that the heartbeat is overdue      */
} watched;

/* ---- looking --------------------------------------------------------------------- */

static double age_of(const td_beat *beat)
{
    return fmax(0.0, (double) time(NULL) - beat->time);
}

/* The lock first: a run that ends between both has left its last beat. */
static void look(watched *w)
{
    td_beat beat;
    bool had_beat = w->has_beat;
    w->owner = td_run_owner(w->run, w->words, sizeof w->words);
    if (!td_beat_read(&beat, w->run))
        return;
    if (!had_beat || beat.time != w->beat.time) {
        w->seen = td_clock_seconds();
        w->age = had_beat ? 0.0 : age_of(&beat);
        w->is_noted = false;
    }
    w->beat = beat;
    w->has_beat = true;
}

/* Seconds since the last beat. */
static double silence(const watched *w)
{
    return w->age + td_clock_seconds() - w->seen;
}

static bool is_working(const watched *w)
{
    return w->has_beat && w->beat.state <= TD_BEAT_VALIDATION;
}

static bool is_dead(const watched *w)
{
    return is_working(w) && w->owner == TD_OWNER_NONE;
}

/* A start that goes on with a run has its lock before its first beat. */
static bool has_ended(const watched *w)
{
    return w->owner != TD_OWNER_THERE && !is_working(w);
}

/* ---- telling --------------------------------------------------------------------- */

static void tell_row(const watched *w, const td_metrics *row)
{
    td_text line = { 0 };
    td_text_write(&line, "epoch %d", row->epoch + 1);
    if (w->has_beat)
        td_text_write(&line, "/%lld", (long long) w->beat.epochs);
    if (isfinite(row->valid_top1))
        td_text_write(&line, "  valid top-1 %.4f balanced %.4f", row->valid_top1,
                      row->valid_balanced_top1);
    td_text_write(&line, "  train top-1 %.4f  %.1f s", row->train_top1, row->seconds);
    td_log(TD_LOG_INFO, "%s", line.chars);
    td_free(line.chars);
}

/* \a most: rows before the last so many are passed over. */
static void tell_rows(watched *w, int most)
{
    enum { MOST_BYTES = 64 << 20 };
    td_metrics *rows = NULL;
    char *text = NULL, *path = td_format("%s/" TD_RUN_METRICS, w->run);
    td_status status = td_file_read_regular(&text, NULL, path, MOST_BYTES);
    int count = status == TD_OK ? td_metrics_parse(&rows, text) : 0;
    for (int i = w->rows > count - most ? w->rows : count - most; i < count; i++)
        if (i >= 0)
            tell_row(w, &rows[i]);
    w->rows = count;
    td_free(rows);
    td_free(text);
    td_free(path);
}

/* "epoch 4/50 step 12/97", or what follows the steps. */
static char *place_text(const td_beat *b)
{
    if (b->state == TD_BEAT_VALIDATION)
        return td_format("epoch %lld/%lld, validation", (long long) b->epoch + 1,
                         (long long) b->epochs);
    return td_format("epoch %lld/%lld step %lld/%lld", (long long) b->epoch + 1,
                     (long long) b->epochs, (long long) b->step, (long long) b->steps);
}

static void tell_place(const watched *w)
{
    char *place = place_text(&w->beat), *left = td_duration(w->beat.left);
    char *quiet = td_duration(silence(w));
    td_log(TD_LOG_INFO, "%s, about %s left; last sign of life %s ago", place, left,
           quiet);
    td_free(quiet);
    td_free(left);
    td_free(place);
}

static void show_live(const watched *w)
{
    char *place = place_text(&w->beat), *duration = td_duration(w->beat.left);
    char *left = td_format("about %s left", duration);
    char *speed = td_format("%.3g s per step", w->beat.step_seconds);
    char *quiet = td_format("%.0f s ago", silence(w));
    td_log_live((const char *const[]){ place, left, speed, quiet, NULL });
    td_free(quiet);
    td_free(speed);
    td_free(left);
    td_free(duration);
    td_free(place);
}

/* How to ask a scheduler for the job; for td_free. */
static char *ask_scheduler(const watched *w)
{
    const char *job = strstr(w->words, ", job ");
    return job ? td_format("; ask the scheduler for job %s (squeue -j, qstat, bjobs)",
                           job + strlen(", job "))
               : td_strdup("");
}

static void note_silence(watched *w)
{
    if (!is_working(w) || w->is_noted || silence(w) <= w->beat.patience)
        return;
    char *place = place_text(&w->beat), *quiet = td_duration(silence(w));
    char *ask = ask_scheduler(w);
    td_log(TD_LOG_NOTE,
           "no sign of life for %s, in %s: it hangs, or its host (%s) does not write "
           "here any more%s",
           quiet, place, w->words, ask);
    w->is_noted = true;
    td_free(ask);
    td_free(quiet);
    td_free(place);
}

/* ---- the end --------------------------------------------------------------------- */

static bool has_saved(const watched *w)
{
    char *path = td_format("%s/" TD_RUN_CHECKPOINT, w->run);
    bool has = td_checkpoint_exists(path);
    td_free(path);
    return has;
}

/* What the command that started it does now. */
static void hint_to_start(const watched *w)
{
    td_error_hint(
        "%s: the command that started it (%s) %s; the end of run.log may tell "
        "why",
        has_saved(w) ? "its last save is there" : "nothing was saved yet", w->words,
        has_saved(w) ? "continues it" : "begins anew");
}

static td_status tell_death(const watched *w)
{
    char *place = place_text(&w->beat), *quiet = td_duration(silence(w));
    td_status status = td_error(
        TD_FAILED,
        "%s: the run is dead: nobody holds its lock, and its last sign of life "
        "was %s ago, in %s",
        w->run, quiet, place);
    hint_to_start(w);
    td_free(quiet);
    td_free(place);
    return status;
}

static td_status tell_end(const watched *w)
{
    if (!w->has_beat && has_saved(w)) { /* by a version without heartbeats */
        td_log(TD_LOG_INFO, "nobody is at work here");
        return TD_OK;
    }
    if (!w->has_beat) {
        td_status status =
            td_error(TD_FAILED,
                     "%s: the run ended before its first step: nobody holds "
                     "its lock",
                     w->run);
        hint_to_start(w);
        return status;
    }
    long long done = (long long) w->beat.epoch, all = (long long) w->beat.epochs;
    const char *epochs = td_noun(w->beat.epochs, "epoch", "epochs");
    if (w->beat.state == TD_BEAT_FINISHED)
        td_log(TD_LOG_INFO, "finished: %lld of %lld %s", done, all, epochs);
    else if (w->beat.state == TD_BEAT_STOPPED)
        td_log(
            TD_LOG_INFO,
            "stopped on request after %lld of %lld %s: the same command continues it",
            done, all, epochs);
    else {
        td_status status = td_error(TD_FAILED, "%s: failed after %lld of %lld %s",
                                    w->run, done, all, epochs);
        td_error_hint("the end of %s/run.log says why", w->run);
        return status;
    }
    return TD_OK;
}

/* ---- all of it ------------------------------------------------------------------- */

static td_status open_run(watched *w, const char *run)
{
    *w = (watched){ .run = run };
    look(w);
    if (w->has_beat || w->words[0] != '\0' || has_saved(w))
        return TD_OK;
    return td_checkpoint_refuse_missing(run);
}

static void wait_a_second(void)
{
    const struct timespec second = { .tv_sec = 1 };
    nanosleep(&second, NULL);
}

static td_status follow(watched *w)
{
    for (;;) {
        tell_rows(w, INT32_MAX);
        if (has_ended(w) || is_dead(w)) {
            td_log_live(NULL);
            return is_dead(w) ? tell_death(w) : tell_end(w);
        }
        note_silence(w);
        if (is_working(w))
            show_live(w);
        wait_a_second();
        look(w);
    }
}

td_status td_watch_run(const td_watch_run_options *options)
{
    enum { FORMER_ROWS = 3 };
    watched w;
    td_status status = open_run(&w, options->run);
    if (status != TD_OK)
        return status;
    td_log(TD_LOG_INFO, "%s: %s%s", w.run, has_ended(&w) ? "last " : "", w.words);
    tell_rows(&w, FORMER_ROWS);
    if (is_working(&w) && !is_dead(&w))
        tell_place(&w);
    if (!options->once)
        return follow(&w);
    note_silence(&w);
    return is_dead(&w) ? tell_death(&w) : has_ended(&w) ? tell_end(&w) : TD_OK;
}
