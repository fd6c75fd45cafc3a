/** Floor 3: what a rank computes with: threads and kernels, settled once at start. */
#ifndef TAILDART_MACHINE_BEGIN_H
#define TAILDART_MACHINE_BEGIN_H

#include "taildart/comm.h"
#include "taildart/kernels.h"
#include "taildart/machine_place.h"

TD_PUBLIC_BEGIN

/** What td_machine_begin() has settled. */
typedef struct {
    int threads;               /**< OpenMP threads of this rank */
    const td_kernels *kernels; /**< the same on every rank      */
} td_machine;

/** Share the CPUs of each host among its ranks, set the threads, keep OpenBLAS to one
 *  each, and agree on the weakest rank's kernels.
 *  Collective.  \param [in] wanted  run.threads
 *  \return TD_USAGE for threads that are refused, and for an instruction set that was
 *  forced and cannot be */
td_status td_machine_begin(td_machine *machine, td_comm *world, int wanted);

/** Ranks, hosts, threads and binding, equal neighbours folded, with NOTEs where they
 *  are deserved; rank 0 speaks.  Collective. */
void td_machine_report(const td_machine *machine, td_comm *world, int wanted);

TD_PUBLIC_END

#endif
