/* What a rank computes with: threads and kernels, settled once at start. */
#ifndef TD_SEARCH_MACHINE_H
#define TD_SEARCH_MACHINE_H

#include "taildart/dist.h"
#include "taildart/kernels.h"

typedef struct {
    int threads;               /* OpenMP threads of this rank */
    const td_kernels *kernels; /* the same on every rank      */
} td_machine;

/* OpenMP threads for \a wanted (run.threads): that many, or OMP_NUM_THREADS, or the
 * CPUs of the affinity mask. */
int td_machine_threads(int wanted);

/* Set the threads, keep OpenBLAS to one each, and agree on the weakest rank's kernels.
 * Collective.  \return TD_USAGE for an instruction set that was forced and cannot be */
td_status td_machine_begin(td_machine *machine, td_dist *world, int wanted);

#endif
