/** Floor 7: a run, followed from outside: by its heartbeat, its rows and its lock. */
#ifndef TAILDART_WATCH_H
#define TAILDART_WATCH_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Options of watch. */
typedef struct {
    const char *run; /**< a run's directory              */
    bool once;       /**< tell where it is, and do not wait */
} td_watch_run_options;

/** Tell where a run is and follow it until it ends: a line for each epoch, a live line
 *  on a terminal, a NOTE where its heartbeat is overdue.  Nothing is written to it, and
 *  no rank is needed.
 *  Not collective.
 *  \return TD_OK where it has finished, was stopped, or works (once); TD_FAILED where
 *  it has failed or is dead, saying how to go on; TD_CHECKPOINT where there is no
 *  run */
td_status td_watch_run(const td_watch_run_options *options);

TD_PUBLIC_END

#endif
