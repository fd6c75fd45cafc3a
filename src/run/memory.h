/* The memory of a run, planned and held against the host. */
#ifndef TD_RUN_MEMORY_H
#define TD_RUN_MEMORY_H

#include "run.h"
#include "taildart/machine_memory.h"

/* A launch as its plan sees it. */
typedef struct {
    const td_config *config;
    const td_data_info *info;
    const td_selection *selection;
    td_net_spec spec; /* batch: of a branch on one rank */
    int ranks, threads;
} td_launch_plan;

/* Bytes of one rank: program, network, optimisers, batches, images held. */
td_status td_search_rank_bytes(const td_launch_plan *plan, td_net_plan *net,
                               double *bytes);

/* What rank 0 holds besides: the whole data set while it shares it out, later the
 * checkpoint while it is written. */
double td_search_root_bytes(const td_launch_plan *plan, const td_net_plan *net);

/* The NOTE of a launch that does not fit: what is missing where, and what would need
 * less, with figures.  \a all: planned bytes of each rank.  Not collective. */
void td_search_note_memory(const td_launch_plan *plan, const td_memory *all, int ranks);

/* The same at a start, with what each host has now; rank 0 speaks.  Collective. */
void td_search_hold_memory(const td_search *s);

#endif
