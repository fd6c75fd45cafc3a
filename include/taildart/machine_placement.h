/** Floor 3: placement of the ranks of a launch on hosts and CPUs, how they share them,
 *  and the report of it.  Pure functions of the placements of all ranks. */
#ifndef TAILDART_MACHINE_PLACEMENT_H
#define TAILDART_MACHINE_PLACEMENT_H

#include "taildart/machine.h"

TD_PUBLIC_BEGIN

/** Host, CPUs and threads of one rank; plain bytes. */
typedef struct {
    char host[TD_HOST_BYTES];
    char isa[16];                /**< instruction set of its kernels              */
    int asked;                   /**< threads the user asked for, 0 for none */
    int threads;                 /**< OpenMP threads it will use                   */
    int thread_limit;            /**< OMP_THREAD_LIMIT; 0 when there is none       */
    int cpus;                    /**< CPUs it may use                              */
    int node_cpus;               /**< CPUs online on the node                      */
    bool bound;                  /**< whether OpenMP binds its threads             */
    td_limit quota;              /**< CPUs of its control group                    */
    uint64_t mask[TD_CPUS / 64]; /**< bit c of the mask: it may use CPU c        */
} td_placement;

/** Read the placement of this rank, with no threads yet.
 *  Not collective.  \param [in] asked  as td_threads_asked() */
void td_placement_read(td_placement *placement, int asked);

/** Set the threads of all ranks: those asked for, or else the rank's share of its CPUs,
 *  where every CPU is shared evenly by the ranks of the host that may use it, within
 *  the quota that the ranks of a control group share; always 1 at least.  Bound ranks
 *  keep their own.
 *  Not collective.  \param [in,out] placements (ranks) */
void td_placement_share_cpus(td_placement *placements, int ranks);

/** Whether OpenMP binds the threads of this and another rank of the host within the
 *  same CPUs: each would take the first of them.
 *  Not collective.  \param [in] placements (ranks) */
bool td_placement_bindings_overlap(const td_placement *placements, int ranks, int rank);

/** Write the lines of the report, each with its newline: one for equal neighbours on a
 *  host ("ranks 0-3: host a, 2 threads on 2 CPUs (0-1)"), one for hosts in a row that
 *  are used alike ("ranks 0-7: hosts node[0-3], 2 ranks on each, …").  Six at most: the
 *  last one then sums up all that are left.
 *  Not collective.  \param [in] placements (ranks)  \return for td_free */
char *td_placement_lines(const td_placement *placements, int ranks);

/** Write a NOTE with cause, cost and flag for each misplacement of src/comm/README.md
 *  (threads on fewer CPUs, ranks that share CPUs, a quota); each with its newline.
 *  Not collective.  \param [in] placements (ranks)  \return for td_free; "" */
char *td_placement_notes(const td_placement *placements, int ranks);

TD_PUBLIC_END

#endif
