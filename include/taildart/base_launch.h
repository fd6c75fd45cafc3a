/** Floor 1: the one reader of what launchers tell: the job that this process belongs
 *  to, and its launcher's process. */
#ifndef TAILDART_BASE_LAUNCH_H
#define TAILDART_BASE_LAUNCH_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/* ---- the environment ------------------------------------------------------------- */

/** The job that this process belongs to, as its launcher describes it. */
typedef struct {
    const char *variable; /**< that tells the size; NULL without a launcher     */
    const char *program;  /**< whose variable it is: "srun"                      */
    int size;             /**< processes that it has started, 1 without one      */
    int rank;             /**< this one's number, 0 when unknown                 */
    int local_size;       /**< of them on this host, 1 when unknown              */
    bool is_open_mpi;     /**< whose mpirun gives each rank a pseudo-terminal and
                               cannot be started inside another */
} td_launch;

/** Read the innermost launcher: of mpirun inside an srun, mpirun.  An allocation alone,
 *  in which nothing was launched, is none.  Not collective. */
td_launch td_launch_read(void);

/** Count the ranks of this launch as mpirun, mpiexec or srun put them into the
 *  environment; works without MPI.  Not collective.  \return 1 when unknown */
int td_launch_ranks(void);

/** Count those of them on this host.  Not collective.  \return 1 when unknown */
int td_launch_local_ranks(void);

/** This process's number, 0 when unknown.  Not collective. */
int td_launch_rank(void);

/* ---- parents --------------------------------------------------------------------- */

/** The process id of the mpirun that started this process on this host; 0 when there is
 *  none or when it cannot be seen.  Not collective. */
long td_launch_pid(void);

TD_PUBLIC_END

#endif
