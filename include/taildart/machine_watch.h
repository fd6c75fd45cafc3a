/** Floor 3: the watchdog of a command that works on ranks. */
#ifndef TAILDART_MACHINE_WATCH_H
#define TAILDART_MACHINE_WATCH_H

#include "taildart/comm.h"
#include "taildart/timing_watch.h"

TD_PUBLIC_BEGIN

/** Start the watchdog of each rank, for td_watch_end().
 *  Not collective.  \param [in] timeout  dist.timeout_seconds, 0 for none
 *  \param [in] advice  second line of its last message */
void td_machine_watch(const td_comm *world, double timeout, const char *advice);

/** Let those see each other that share a file system: through a file that has the name
 *  \a path for a moment.  Where none can be made, each tells of itself alone.
 *  Collective.  \param [in] path  rank 0's counts; NULL: in the folder for temporary
 *  files, which the ranks of rank 0's host share */
void td_machine_watch_table(td_comm *world, const char *path);

TD_PUBLIC_END

#endif
