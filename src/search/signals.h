/* Requests to stop: SIGUSR2 (which mpirun forwards) and SIGTERM to a rank. */
#ifndef TD_SEARCH_SIGNALS_H
#define TD_SEARCH_SIGNALS_H

#include <stdbool.h>

/* The first signal from now on sets a flag; the second takes its default action, so
 * that a run that hangs can still be ended. */
void td_signals_begin(void);

/* Put back what was there before. */
void td_signals_end(void);

/* Whether a stop was asked for. */
bool td_signals_stop(void);

#endif
