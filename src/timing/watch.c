/* The watchdog's thread.
 *
 * A rank makes progress when its main thread enters a section, begins or ends a call
 * that waits for others, or uses the processor outside of such a call: a long
 * computation is no hang.  Nothing moves when no rank that can be seen makes any.
 *
 * Its clock is called as (clock_gettime)(…): a simulator redefines the name by a macro,
 * and its own clock may only be asked by the simulated process, not by a thread. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "taildart/base_log.h"
#include "taildart/base_terminal.h"
#include "taildart/timing_watch.h"

static td_watch watch = { .file = -1 };
static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of watch, but for its end */
static pthread_cond_t changed;

static double read_clock(clockid_t clock)
{
    struct timespec now;
    if ((clock_gettime) (clock, &now) != 0)
        return 0.0;
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* ---- what the ranks do ----------------------------------------------------------- */

/* Whether this process has used the processor since the last look, outside of calls
 * that wait: those spin. */
static bool is_computing(td_watch *w, double gap)
{
    static const double SHARE = 0.05;
    double used = read_clock(CLOCK_PROCESS_CPUTIME_ID), spent = used - w->processor;
    w->processor = used;
    return !atomic_load(&td_here.is_waiting) && spent > SHARE * gap;
}

static void read_own(td_watch *w, double gap)
{
    td_watch_record *own = &w->own;
    long long beats = atomic_load(&td_here.beats);
    if (is_computing(w, gap) || beats != w->beats) {
        own->beats++;
        w->moved = w->now;
    }
    w->beats = beats;
    own->ticks++;
    own->section = atomic_load(&td_here.section);
    own->is_waiting = atomic_load(&td_here.is_waiting);
    own->epoch = atomic_load(&td_here.epoch);
    own->step = atomic_load(&td_here.step);
}

/* The first look tells nothing of who moves. */
static void read_others(td_watch *w, bool is_first)
{
    for (int r = 0; r < w->ranks; r++) {
        td_watch_seen *seen = &w->seen[r];
        td_watch_record now;
        if (r == w->rank || !td_table_read(w->file, r, w->own.key, &now))
            continue;
        if (!seen->is_known || is_first || now.ticks != seen->record.ticks)
            seen->alive = w->now;
        if (seen->is_known && !is_first && now.beats != seen->record.beats)
            w->moved = w->now;
        seen->is_known = true;
        seen->record = now;
    }
}

/* Write and read the table now and then; read only while this rank stands still. */
static void exchange(td_watch *w)
{
    if (w->file < 0 || w->now - w->exchanged < w->interval)
        return;
    td_table_write(w->file, w->rank, &w->own);
    bool stands = w->now - w->moved >= w->interval;
    if (stands)
        read_others(w, !w->is_reading);
    w->is_reading = stands;
    w->exchanged = w->now;
}

/* ---- what is said and done ------------------------------------------------------- */

/* To stderr, by one write that cannot block: the main thread may hold the stream's
 * lock, and a pipe that nobody empties must not keep the job alive. */
static void say(const char *text)
{
    struct pollfd stream = { .fd = STDERR_FILENO, .events = POLLOUT };
    if (td_terminal_drop_live() && td_terminal_shows_errors())
        (void) !write(STDERR_FILENO, TD_TERMINAL_CLEAR, strlen(TD_TERMINAL_CLEAR));
    if (poll(&stream, 1, 1000) == 1)
        (void) !write(STDERR_FILENO, text, strlen(text));
}

static void note(td_watch *w, double quiet)
{
    char text[TD_WATCH_TEXT], where[TD_WATCH_TEXT / 2];
    td_watch_describe(w, quiet, where, sizeof where);
    snprintf(text, sizeof text, "NOTE: %s; the job ends after %.4g s of that\n", where,
             w->timeout * td_watch_patience(w->own.section));
    say(text);
    w->noted = quiet;
    w->notes *= 2;
}

/* MPI_Abort is not for the watchdog's thread; mpirun ends the other ranks. */
static _Noreturn void end_now(int unused)
{
    (void) unused;
    _exit(TD_HUNG);
}

/* Note and table go to a disk, which may be what hangs: they are given some seconds. */
static _Noreturn void end_job(td_watch *w, double quiet)
{
    enum { NOTE_SECONDS = 5 };
    char text[TD_WATCH_TEXT + 512], where[TD_WATCH_TEXT / 2], why[TD_WATCH_TEXT];
    td_watch_describe(w, quiet, where, sizeof where);
    snprintf(why, sizeof why, "%s: dist.timeout_seconds is %.4g", where, w->timeout);
    snprintf(text, sizeof text, "taildart: %s: the job ends\n%s\n", why, w->advice);
    say(text);
    signal(SIGALRM, end_now);
    alarm(NOTE_SECONDS);
    w->own.has_ended = true;
    if (w->file >= 0)
        td_table_write(w->file, w->rank, &w->own);
    td_base_note_end(why);
    end_now(0);
}

static void judge(td_watch *w)
{
    double quiet = w->now - w->moved, times = td_watch_patience(w->own.section);
    if (quiet < w->interval) {
        if (w->noted > 0.0)
            atomic_store(&td_here.went_on, (int) ceil(w->noted));
        w->noted = 0.0;
        return;
    }
    if (quiet >= times * w->timeout + td_watch_grace(w))
        end_job(w, quiet);
    if (td_watch_tells(w, quiet))
        note(w, quiet);
}

/* A look that comes late means that this process was stopped itself, or its host: what
 * the others did meanwhile is not known. */
static void look(td_watch *w)
{
    double now = read_clock(CLOCK_MONOTONIC), gap = now - w->now;
    w->now = now;
    if (gap > fmax(1.0, 5.0 * w->tick)) {
        w->moved = now;
        w->is_reading = false;
    }
    read_own(w, gap);
    exchange(w);
    judge(w);
}

/* ---- the thread ------------------------------------------------------------------ */

static void *run(void *unused)
{
    pthread_mutex_lock(&lock);
    while (!watch.ends) {
        double next = read_clock(CLOCK_MONOTONIC) + watch.tick;
        struct timespec until = { .tv_sec = (time_t) next,
                                  .tv_nsec = (long) (1e9 * (next - floor(next))) };
        if (pthread_cond_timedwait(&changed, &lock, &until) == ETIMEDOUT)
            look(&watch);
    }
    pthread_mutex_unlock(&lock);
    return unused;
}

/* With all signals blocked: the main thread handles them.  \return as pthread_create */
static int start_thread(void)
{
    sigset_t all, before;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&changed, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static void forget(void)
{
    pthread_cond_destroy(&changed);
    if (watch.file >= 0)
        close(watch.file);
    td_free(watch.seen);
    watch = (td_watch){ .file = -1 };
}

void td_watch_begin(const td_watch_options *options)
{
    TD_ASSERT(!watch.is_on && options->rank >= 0 && options->rank < options->ranks);
    if (options->timeout <= 0.0)
        return;
    double note = fmin(60.0, 0.1 * options->timeout);
    watch = (td_watch){ .timeout = options->timeout,
                        .note = note,
                        .notes = 1.0,
                        .interval = 0.25 * note,
                        .tick = fmin(1.0, 0.25 * note),
                        .rank = options->rank,
                        .first = options->first,
                        .ranks = options->ranks,
                        .file = -1 };
    snprintf(watch.own.host, sizeof watch.own.host, "%s", options->host);
    snprintf(watch.advice, sizeof watch.advice, "%s", options->advice);
    watch.now = watch.moved = watch.exchanged = read_clock(CLOCK_MONOTONIC);
    watch.processor = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    int code = start_thread();
    watch.is_on = code == 0;
    if (watch.is_on)
        return;
    td_log(TD_LOG_WARNING,
           "rank %d@%s: no thread can be started that watches it (%s): "
           "dist.timeout_seconds has no effect there",
           watch.first + watch.rank, watch.own.host, strerror(code));
    forget();
}

bool td_watch_table_join(const char *path, uint64_t key)
{
    uint64_t found = 0;
    int file = watch.is_on ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (file < 0)
        return false;
    if (pread(file, &found, sizeof found, 0) != (ssize_t) sizeof found ||
        found != key) {
        close(file);
        return false;
    }
    td_watch_seen *seen = td_malloc((size_t) watch.ranks * sizeof *seen);
    pthread_mutex_lock(&lock);
    TD_ASSERT(watch.file < 0);
    watch.own.key = key;
    watch.seen = seen;
    watch.file = file;
    td_table_write(file, watch.rank, &watch.own);
    pthread_mutex_unlock(&lock);
    return true;
}

void td_watch_end(void)
{
    if (!watch.is_on)
        return;
    pthread_mutex_lock(&lock);
    watch.ends = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    pthread_join(thread, NULL);
    forget();
}
