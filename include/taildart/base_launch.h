/** Floor 1: the one reader of what launchers tell: of which job this process is a part,
 *  and who has started it. */
#ifndef TAILDART_BASE_LAUNCH_H
#define TAILDART_BASE_LAUNCH_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/* ---- what the launcher tells ----------------------------------------------------- */

/** What a launcher says of the job that this process is a part of. */
typedef struct {
    const char *variable; /**< that tells the size; NULL when no launcher speaks */
    const char *program;  /**< whose variable it is: "srun"                      */
    int size;             /**< processes that it has started, 1 without one      */
    int rank;             /**< this one's number, 0 when nobody says             */
    int local_size;       /**< of them on this host, 1 when nobody says          */
    bool is_open_mpi;     /**< whose mpirun gives each rank a pseudo-terminal and
                               cannot be started inside another */
} td_launch;

/** The innermost launcher: of mpirun inside an srun, mpirun.  An allocation alone, in
 *  which nothing was launched, is none.  Not collective. */
td_launch td_launch_read(void);

/** Ranks of this launch as mpirun, mpiexec or srun put them into the environment; works
 *  without MPI.  Not collective.  \return 1 when nobody says */
int td_launch_ranks(void);

/** Those of them on this host.  Not collective.  \return 1 when nobody says */
int td_launch_local_ranks(void);

/** This process's number, 0 when nobody says.  Not collective. */
int td_launch_rank(void);

/* ---- what the parents tell ------------------------------------------------------- */

/** The process of mpirun that has started this one on this host; 0 when there is none
 *  or when it cannot be seen.  Not collective. */
long td_launch_pid(void);

TD_PUBLIC_END

#endif
