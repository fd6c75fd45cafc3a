/** Floor 1: a watchdog against ranks that hang.
 *
 *  MPI never notices a rank that has stopped, or a host that is gone: the others wait
 *  for ever, silently.  A thread of each rank looks at where its main thread is; when
 *  nothing moves for long, a NOTE says so, and in the end it ends the job with status
 *  TD_HUNG, naming where it waits and the ranks that are not there; the note of
 *  td_base_set_note is called before.
 *
 *  The thread calls neither MPI nor anything that takes a lock which the main thread
 *  may hold.  What it knows of other ranks stands in a table, a small file that all
 *  ranks which can see it write to; a rank that cannot tells of itself alone.
 */
#ifndef TAILDART_TIMING_WATCH_H
#define TAILDART_TIMING_WATCH_H

#include "taildart/timing.h"

TD_PUBLIC_BEGIN

/** What is watched. */
typedef struct {
    double timeout; /**< seconds without progress until the job ends; a start may
                             take 6 times as long; validation, checkpoint and other 3
                             times; the NOTE comes after a tenth, 60 s at most, of
                             whatever section.
                             0: nothing is watched, and no thread started */
    int rank, ranks;
    int first;          /**< rank 0's number in the job, for what is said; the ranks
                             stand there one after the other */
    const char *host;   /**< copied */
    const char *advice; /**< second line of the last message; copied */
} td_watch_options;

/** Start watching; a WARNING where no thread can be started.  Not collective. */
void td_watch_begin(const td_watch_options *options);

/** Make the table at \a path, for td_watch_table_join().  Not collective: rank 0.
 *  \param [in] key  of this start alone, so that no other table is taken for it
 *  \return whether it could be made */
bool td_watch_table_make(const char *path, uint64_t key);

/** Write to that table from now on, and read it.  Not collective.
 *  \return whether it can be seen from here */
bool td_watch_table_join(const char *path, uint64_t key);

/** Stop watching; without td_watch_begin() it does nothing.  Not collective. */
void td_watch_end(void);

TD_PUBLIC_END

#endif
