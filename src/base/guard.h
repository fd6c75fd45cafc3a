/* Functions that a handler of signals calls: both are safe at any moment, in any
 * thread. */
#ifndef TD_BASE_GUARD_H
#define TD_BASE_GUARD_H

#include "taildart/base_signals.h"

/* Remove the files that td_signals_guard was told. */
void td_signals_remove_guarded(void);

/* Print words, ended by NULL, to stderr, by one write, so that lines of two processes
 * stay whole; rank 0 only.  \a on_terminal: stderr is a terminal, and may show a live
 * line. */
void td_signals_say(const char *const *words, bool on_terminal);

#endif
