/** Floor 1: handling of signals.
 *
 *  A command chooses one of two ways before it does anything slow.  One that keeps a
 *  state treats a signal as a request (td_signals_begin): it ends its step, saves and
 *  exits.  Every other one cleans up and ends by the signal (td_signals_tidy).  Either
 *  way no temporary file and no live line is left behind.  One table in signals.c tells
 *  what each signal means.
 */
#ifndef TAILDART_BASE_SIGNALS_H
#define TAILDART_BASE_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Install handlers by which a signal ends this process at once, after removing its
 *  temporary files.  A request that has come already does so now.  Not collective. */
void td_signals_tidy(void);

/** Install handlers by which the first signal is a request to stop: it is acknowledged
 *  on stderr, and td_signals_stop returns true.  One that comes two seconds later or
 *  more ends the process at once, as a run that hangs has to be ended somehow; until
 *  then it is taken for the same request, which often comes twice (to mpirun, which
 *  forwards it, and to the ranks).  What nohup or a shell has set to be ignored stays
 *  so.  Calls nest.
 *  Not collective. */
void td_signals_begin(void);

/** Put back what was there before the outermost td_signals_begin.  Not collective. */
void td_signals_end(void);

/** Whether signals are requests now: between td_signals_begin and td_signals_end.
 *  Not collective. */
bool td_signals_are_requests(void);

/** Whether a stop was requested, also before the last td_signals_end.  Called by the
 *  main thread alone, again and again while something works: between steps, between
 *  images.  Not collective. */
bool td_signals_stop(void);

/** Let \a look be called at each td_signals_stop and td_signals_look: by a process that
 *  has others to attend to while it works.  It may call td_signals_ask, but neither
 *  of these two.  NULL ends this.  Not collective. */
void td_signals_attend(void (*look)(void *what), void *what);

/** Attend to others where long work cannot stop: reading of a data set.  Called by the
 *  main thread alone.  Not collective. */
void td_signals_look(void);

/** Request a stop, as a signal does, but never a second one: for a request that came as
 *  a message.  Not collective. */
void td_signals_ask(void);

/** The reason: "on request (SIGINT)", or that nobody reads the output.
 *  Not collective. */
const char *td_signals_reason(void);

/** Note that nobody reads this process's output any more: a request to stop like a
 *  signal, but never a second one.  Not collective. */
void td_signals_output_lost(void);

/** Block signals until td_signals_go: around an exec, or while something is
 *  noted that a handler reads.  Not collective. */
void td_signals_hold(void);

/** Unblock the signals that td_signals_hold has blocked.  Not collective. */
void td_signals_go(void);

/* ---- children ------------------------------------------------------------------ */

/** Set the process that requests are forwarded to, as SIGUSR2 and then as SIGTERM, and
 *  SIGKILL if even that does not help; 0 when it has ended.  While there is one, a
 *  second request does not end this process, which waits for its child and then asks
 *  td_signals_pass.  Not collective. */
void td_signals_child(pid_t child);

/** End now if a second request came while a child was running.  Not collective. */
void td_signals_pass(void);

/** Restore every signal as it was when the program started: in a new process, before
 *  its exec.
 *  Not collective. */
void td_signals_reset(void);

/* ---- temporary files ------------------------------------------------------------ */

/** Remove \a path should a signal end this process at once.  Not collective. */
void td_signals_guard(const char *path);

/** Forget \a path: the file has been renamed or removed.  Not collective. */
void td_signals_release(const char *path);

TD_PUBLIC_END

#endif
