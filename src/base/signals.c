/* Handling of signals.
 *
 * Handlers may run in any thread, at any moment: they only read variables written
 * before they are installed, and call only what is safe there (write, unlink, kill). */
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "taildart/base_launch.h"
#include "taildart/base_terminal.h"

/* ---- the table ------------------------------------------------------------------ */

typedef enum {
    ASKS,      /* a request; again, it ends the process           */
    ONLY_ASKS, /* comes every second, and is never a second one   */
    ENDS,      /* always at once: the user wants nothing saved    */
} meaning;

/* SIGPIPE is not here: see set_handlers(). */
static const struct {
    int number;
    const char *name;
    meaning meaning;
    bool stays_ignored; /* nohup, and shells for what runs in the background */
} rows[] = {
    { SIGINT, "SIGINT", ASKS, true },    { SIGTERM, "SIGTERM", ASKS, false },
    { SIGHUP, "SIGHUP", ASKS, true },    { SIGUSR1, "SIGUSR1", ASKS, false },
    { SIGUSR2, "SIGUSR2", ASKS, false }, { SIGXCPU, "SIGXCPU", ONLY_ASKS, false },
    { SIGQUIT, "SIGQUIT", ENDS, true },
};

enum { ROWS = sizeof rows / sizeof *rows };

enum {
    GRACE = 2000
}; /* milliseconds in which a signal is the same request once more */

/* Among the numbers of requests: SIGPIPE, and what came from another process. */
enum { OUTPUT_LOST = -1, BY_MESSAGE = -2 };

static struct sigaction former[ROWS], former_pipe;
static bool is_set;
static int depth;
static bool shows_errors; /* stderr is a terminal, too */
static char advice[128];  /* how to stop a job under mpirun with its state saved */

static atomic_int request;     /* 0, the signal, or one of the above   */
static atomic_llong asked_at;  /* milliseconds, when `request` was set */
static atomic_int repetitions; /* after the grace                      */
static atomic_int last_number; /* of these                             */
static atomic_int child_at_work;

static int row_of(int number)
{
    for (int i = 0; i < ROWS; i++)
        if (rows[i].number == number)
            return i;
    return 0; /* no other signal has our handlers */
}

static sigset_t all_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < ROWS; i++)
        sigaddset(&set, rows[i].number);
    return set;
}

#define SAY(...)                                                                       \
    td_signals_say((const char *const[]){ "taildart: ", __VA_ARGS__, "\n", NULL },     \
                   shows_errors)

/* ---- handlers -------------------------------------------------------------------- */

/* End by the signal itself, which the shell sees: it ends a loop on Ctrl-C. */
static void end_by(int number)
{
    td_signals_remove_guarded();
    signal(number, SIG_DFL);
    raise(number); /* waits for the handler's end */
}

static void tidy(int number)
{
    int reason = errno;
    SAY("ended by ", rows[row_of(number)].name);
    end_by(number);
    errno = reason;
}

static long long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void forward(int number)
{
    pid_t child = (pid_t) atomic_load(&child_at_work);
    if (child > 0)
        kill(child, number);
}

static void first_request(int number)
{
    static const char words[] =
        ": stopping once the step under way has ended and is saved; "
        "again after 2 s ends it at once, unsaved";
    bool is_launchers = number == SIGTERM || number == SIGINT;
    SAY(rows[row_of(number)].name, words, is_launchers ? advice : "");
    forward(SIGUSR2);
}

static void second_request(int number)
{
    int times = atomic_fetch_add(&repetitions, 1) + 1;
    atomic_store(&last_number, number);
    SAY(rows[row_of(number)].name,
        " again: ended at once; what came after the last checkpoint is lost");
    if (atomic_load(&child_at_work) > 0)
        forward(times == 1 ? SIGTERM : SIGKILL);
    else
        end_by(number);
}

static void note_request(int number)
{
    int reason = errno, none = 0;
    meaning what = rows[row_of(number)].meaning;
    long long now = milliseconds();
    if (what == ENDS)
        end_by(number);
    else if (atomic_compare_exchange_strong(&request, &none, number)) {
        atomic_store(&asked_at, now);
        first_request(number);
    } else if (what == ASKS && now - atomic_load(&asked_at) >= GRACE)
        second_request(number);
    errno = reason;
}

/* The write that raised SIGPIPE fails with EPIPE, and its caller decides: a lost output
 * is worth a stop, a lost gnuplot is not.  A handler instead of SIG_IGN, since programs
 * that we start shall have the default. */
static void ignore(int number)
{
    (void) number;
}

/* ---- installing ------------------------------------------------------------------ */

static void set(int number, void (*handler)(int), struct sigaction *before)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    action.sa_mask = all_signals();
    TD_CHECK(sigaction(number, &action, before) == 0, "sigaction failed");
}

static void save_former(void)
{
    for (int i = 0; !is_set && i < ROWS; i++)
        TD_CHECK(sigaction(rows[i].number, NULL, &former[i]) == 0, "sigaction failed");
    if (!is_set)
        TD_CHECK(sigaction(SIGPIPE, NULL, &former_pipe) == 0, "sigaction failed");
    is_set = true;
}

static void set_handlers(void (*handler)(int))
{
    save_former();
    for (int i = 0; i < ROWS; i++)
        if (!rows[i].stays_ignored || former[i].sa_handler != SIG_IGN)
            set(rows[i].number, handler, NULL);
    td_signals_go();
}

static void restore_former(void)
{
    for (int i = 0; is_set && i < ROWS; i++)
        TD_CHECK(sigaction(rows[i].number, &former[i], NULL) == 0, "sigaction failed");
    if (is_set)
        TD_CHECK(sigaction(SIGPIPE, &former_pipe, NULL) == 0, "sigaction failed");
    is_set = false;
}

/* Prepare the text that a handler cannot compose.  mpirun turns Ctrl-C and TERM into
 * TERM, and kills two seconds later. */
static void prepare_advice(void)
{
    long pid = td_launch_pid();
    advice[0] = '\0';
    shows_errors = td_terminal_shows_errors();
    if (pid > 0)
        snprintf(advice, sizeof advice,
                 "; mpirun leaves 2 s: `kill -USR2 %ld` takes the time it needs", pid);
}

void td_signals_tidy(void)
{
    int asked = atomic_exchange(&request, 0);
    set_handlers(tidy);
    TD_CHECK(sigaction(SIGPIPE, &former_pipe, NULL) == 0, "sigaction failed");
    if (asked > 0)
        raise(asked);
}

void td_signals_begin(void)
{
    if (depth++ > 0)
        return;
    prepare_advice();
    atomic_store(&request, 0);
    atomic_store(&repetitions, 0);
    save_former();
    set(SIGPIPE, ignore, NULL);
    set_handlers(note_request);
}

void td_signals_end(void)
{
    TD_ASSERT(depth > 0);
    if (--depth == 0)
        restore_former();
}

bool td_signals_are_requests(void)
{
    return depth > 0;
}

/* ---- asking ---------------------------------------------------------------------- */

static void (*attend)(void *what);
static void *attended;

void td_signals_attend(void (*look)(void *what), void *what)
{
    attend = look;
    attended = what;
}

void td_signals_look(void)
{
    if (attend)
        attend(attended);
}

bool td_signals_stop(void)
{
    td_signals_look();
    return atomic_load(&request) != 0;
}

const char *td_signals_reason(void)
{
    static char text[48];
    int asked = atomic_load(&request);
    if (asked == OUTPUT_LOST)
        return "(nobody reads the output)";
    if (asked == 0 || asked == BY_MESSAGE) /* asked of another rank */
        return "on request";
    snprintf(text, sizeof text, "on request (%s)", rows[row_of(asked)].name);
    return text;
}

static void ask(int reason)
{
    int none = 0;
    if (depth > 0 && atomic_compare_exchange_strong(&request, &none, reason))
        atomic_store(&asked_at, milliseconds());
}

void td_signals_output_lost(void)
{
    ask(OUTPUT_LOST);
}

void td_signals_ask(void)
{
    ask(BY_MESSAGE);
}

void td_signals_hold(void)
{
    const sigset_t set = all_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void td_signals_go(void)
{
    const sigset_t set = all_signals();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* ---- children -------------------------------------------------------------------- */

void td_signals_child(pid_t child)
{
    TD_ASSERT(child >= 0);
    atomic_store(&child_at_work, (int) child);
}

void td_signals_pass(void)
{
    if (atomic_load(&repetitions) > 0)
        end_by(atomic_load(&last_number));
}

void td_signals_reset(void)
{
    restore_former();
    td_signals_go();
}
