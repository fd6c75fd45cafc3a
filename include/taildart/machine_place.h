/** Floor 3: where the ranks of a launch run, how they share a host, and the report of
 *  it.  Pure functions of what the ranks told; who gathers that is above. */
#ifndef TAILDART_MACHINE_PLACE_H
#define TAILDART_MACHINE_PLACE_H

#include "taildart/machine.h"

TD_PUBLIC_BEGIN

/** What one rank knows of its place; plain bytes. */
typedef struct {
    char host[64];
    char isa[16];                /**< instruction set it could run                 */
    int asked;                   /**< threads somebody asked for, 0 when nobody did */
    int threads;                 /**< OpenMP threads it will use                   */
    int thread_limit;            /**< OMP_THREAD_LIMIT; 0 when there is none       */
    int cpus;                    /**< CPUs it may use                              */
    int node_cpus;               /**< CPUs online on the node                      */
    bool bound;                  /**< whether OpenMP binds its threads             */
    td_limit quota;              /**< CPUs of its control group                    */
    uint64_t mask[TD_CPUS / 64]; /**< bit c of the mask: it may use CPU c        */
} td_place;

/** Fill \a place for this rank, with no threads yet.
 *  Not collective.  \param [in] asked  as td_threads_asked() */
void td_place_read(td_place *place, int asked);

/** Threads for all ranks: those asked for, or else the rank's share of its CPUs, where
 *  every CPU is shared evenly by the ranks of the host that may use it, within the
 *  quota that the ranks of a control group share; always 1 at least.  Bound ranks keep
 *  their own.
 *  Not collective.  \param [in,out] places (ranks) */
void td_place_share(td_place *places, int ranks);

/** Whether OpenMP of several ranks of a host binds threads within the same CPUs: each
 *  would take the first of them.
 *  Not collective.  \param [in] places (ranks) */
bool td_place_binds_twice(const td_place *places, int ranks, int rank);

/** The lines of the report ("ranks 0-3: host a, 2 threads on 2 CPUs (0-1)"), one per
 *  run of equal neighbours, each with its newline.
 *  Not collective.  \param [in] places (ranks)  \return for td_free */
char *td_place_lines(const td_place *places, int ranks);

/** A NOTE naming cause, cost and flag in the trap cases of src/comm/README.md (threads
 *  on fewer CPUs, ranks that share CPUs, a quota) and in no good case; each with its
 *  newline.
 *  Not collective.  \param [in] places (ranks)  \return for td_free; "" */
char *td_place_notes(const td_place *places, int ranks);

TD_PUBLIC_END

#endif
