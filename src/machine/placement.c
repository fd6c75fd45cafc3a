/* Placement of a rank and the number of its threads. */
#include "taildart/machine_placement.h"

#include <limits.h>
#include <math.h>
#include <omp.h>
#include <string.h>

enum { WORDS = TD_CPUS / 64 };

void td_placement_read(td_placement *placement, int asked)
{
    td_cpus cpus;
    int limit = omp_get_thread_limit();
    TD_ASSERT(asked >= 0);
    td_cpus_read(&cpus);
    *placement = (td_placement){
        .asked = asked,
        .thread_limit = limit < INT_MAX ? limit : 0,
        .cpus = cpus.count,
        .node_cpus = cpus.online,
        .bound = cpus.bound,
        .quota = td_quota_read(""),
    };
    memcpy(placement->mask, cpus.mask, sizeof placement->mask);
    td_host_read(placement->host);
}

/* ---- sharing --------------------------------------------------------------------- */

static bool same_host(const td_placement *a, const td_placement *b)
{
    return strcmp(a->host, b->host) == 0;
}

static bool overlap(const td_placement *a, const td_placement *b)
{
    for (int i = 0; i < WORDS; i++)
        if (a->mask[i] & b->mask[i])
            return true;
    return false;
}

/* Count the ranks that may use a CPU of \a placement's host. */
static int users_of(const td_placement *placements, int ranks,
                    const td_placement *placement, int cpu)
{
    int users = 0;
    for (int r = 0; r < ranks; r++)
        users += same_host(&placements[r], placement) &&
                 (placements[r].mask[cpu / 64] >> cpu % 64 & 1);
    return users;
}

/* Sum over the CPUs of a rank of 1/(ranks that may use the CPU). */
static double share_of_cpus(const td_placement *placements, int ranks,
                            const td_placement *placement)
{
    double share = 0.0;
    int alike = 0;
    if (td_cpus_count(placement->mask) ==
        0) { /* more CPUs than the mask holds: all share all */
        for (int r = 0; r < ranks; r++)
            alike += same_host(&placements[r], placement);
        return (double) placement->cpus / alike;
    }
    for (int cpu = 0; cpu < TD_CPUS; cpu++)
        if (placement->mask[cpu / 64] >> cpu % 64 & 1)
            share += 1.0 / users_of(placements, ranks, placement, cpu);
    return share;
}

static double share_of_quota(const td_placement *placements, int ranks,
                             const td_placement *placement)
{
    int alike = 0;
    if (!isfinite(placement->quota.value))
        return INFINITY;
    for (int r = 0; r < ranks; r++)
        alike += same_host(&placements[r], placement) &&
                 placements[r].quota.cgroup == placement->quota.cgroup;
    return placement->quota.value / alike;
}

static int share(const td_placement *placements, int ranks,
                 const td_placement *placement)
{
    const double ROUNDING = 1e-6; /* a third three times is one */
    double most = fmin(share_of_cpus(placements, ranks, placement),
                       share_of_quota(placements, ranks, placement));
    if (placement->thread_limit > 0)
        most = fmin(most, placement->thread_limit);
    return most + ROUNDING < 1.0 ? 1 : (int) (most + ROUNDING);
}

/* Whether two ranks get the same share.  Neighbours mostly do, so that it is computed
 * only where they differ: hundreds of ranks on hundreds of CPUs would take seconds. */
static bool alike(const td_placement *a, const td_placement *b)
{
    return same_host(a, b) && a->quota.cgroup == b->quota.cgroup &&
           a->thread_limit == b->thread_limit && a->cpus == b->cpus &&
           memcmp(a->mask, b->mask, sizeof a->mask) == 0;
}

void td_placement_share_cpus(td_placement *placements, int ranks)
{
    int before = 0; /* threads of the last rank that got a share */
    const td_placement *last = NULL;
    for (int r = 0; r < ranks; r++) {
        td_placement *placement = &placements[r];
        if (placement->asked > 0) {
            placement->threads = placement->asked;
            continue;
        }
        if (!last || !alike(last, placement))
            before = share(placements, ranks, placement);
        placement->threads = before;
        last = placement;
    }
}

bool td_placement_bindings_overlap(const td_placement *placements, int ranks, int rank)
{
    TD_ASSERT(rank >= 0 && rank < ranks);
    for (int r = 0; r < ranks; r++)
        if (r != rank && placements[r].bound && placements[rank].bound &&
            same_host(&placements[r], &placements[rank]) &&
            overlap(&placements[r], &placements[rank]))
            return true;
    return false;
}
