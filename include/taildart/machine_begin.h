/** Floor 3: threads and kernels of a rank, chosen once at start. */
#ifndef TAILDART_MACHINE_BEGIN_H
#define TAILDART_MACHINE_BEGIN_H

#include "taildart/comm.h"
#include "taildart/kernels.h"
#include "taildart/machine_placement.h"

TD_PUBLIC_BEGIN

/** The choices of td_machine_begin(). */
typedef struct {
    int threads;               /**< OpenMP threads of this rank                     */
    const td_kernels *kernels; /**< the same on every rank                          */
    bool overlaps;             /**< OpenMP binds another rank's threads to our CPUs */
} td_machine;

/** Share the CPUs of each host among its ranks, set the threads, keep OpenBLAS to one
 *  each, and agree on the weakest rank's kernels.
 *  Collective.  \param [in] wanted  run.threads
 *  \return TD_USAGE for threads that are refused, and for an instruction set that was
 *  forced and cannot be */
td_status td_machine_begin(td_machine *machine, td_comm *world, int wanted);

/** Begin in a process that works alone, without MPI: as many threads, and the kernels
 *  that fit this CPU.  Not collective.
 *  \return TD_USAGE for an instruction set that was forced and cannot be */
td_status td_machine_begin_alone(const td_kernels **kernels, int threads);

/** Keep this rank's share of the launch: where a group of its ranks begins again, the
 *  CPUs are not shared anew among the group alone; run.threads and OMP_NUM_THREADS win
 *  as ever.  NULL forgets it.  Not collective. */
void td_machine_keep(const td_machine *machine);

/** Print the NOTEs on misplacement alone, once more; rank 0 prints.  Collective. */
void td_machine_tell_notes(const td_machine *machine, td_comm *world, int wanted);

/** Report ranks, hosts, threads and binding, one line for equal neighbours, with NOTEs
 *  on misplacement; rank 0 prints.  Collective. */
void td_machine_report(const td_machine *machine, td_comm *world, int wanted);

TD_PUBLIC_END

#endif
