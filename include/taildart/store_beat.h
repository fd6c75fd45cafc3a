/** Floor 6: the heartbeat of a run: where it is, for those who look from outside. */
#ifndef TAILDART_STORE_BEAT_H
#define TAILDART_STORE_BEAT_H

#include "taildart/store.h"

TD_PUBLIC_BEGIN

/** What a run is at. */
typedef enum {
    TD_BEAT_STEPS,
    TD_BEAT_VALIDATION, /**< or a decision of a projection */
    TD_BEAT_FINISHED,
    TD_BEAT_STOPPED,
    TD_BEAT_FAILED,
    TD_BEAT_STATES
} td_beat_state;

/** A heartbeat: numbers of the file `heartbeat` in a run's directory. */
typedef struct {
    td_beat_state state;
    int64_t epoch, epochs; /**< done, and of the run                      */
    int64_t step, steps;   /**< done of the epoch, and of each            */
    double step_seconds;   /**< mean of the epoch's so far                */
    double left;           /**< seconds, as the live line has it          */
    double patience;       /**< seconds after which a beat is overdue     */
    double time;           /**< seconds since 1970, by the run's host     */
} td_beat;

/** Write the heartbeat, whole or not at all; its time is set here.  Not collective.
 *  \return TD_FAILED */
td_status td_beat_write(td_run *run, const td_beat *beat);

/** Read the heartbeat of the run in \a path.  Not collective.
 *  \return false where there is none that can be read */
bool td_beat_read(td_beat *beat, const char *path);

/** Whether somebody holds the lock of a run's directory. */
typedef enum {
    TD_OWNER_NONE,
    TD_OWNER_THERE,
    TD_OWNER_UNKNOWN /**< the file system has no locks, or no lock was ever made */
} td_owner;

/** Look who holds the run in \a path, without holding it.  Not collective.
 *  \param [out] words "pid 4711 on node3, job 12": who did last; "" for nobody */
td_owner td_run_owner(const char *path, char *words, size_t size);

TD_PUBLIC_END

#endif
