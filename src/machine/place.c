/* Where a rank runs, and how many threads it gets there. */
#include "taildart/machine_place.h"

#include <limits.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = TD_CPUS / 64 };

void td_place_read(td_place *place, int asked)
{
    td_cpus cpus;
    int limit = omp_get_thread_limit();
    TD_ASSERT(asked >= 0);
    td_cpus_read(&cpus);
    *place = (td_place){
        .asked = asked,
        .thread_limit = limit < INT_MAX ? limit : 0,
        .cpus = cpus.count,
        .node_cpus = cpus.online,
        .bound = cpus.bound,
        .quota = td_quota_read(""),
    };
    memcpy(place->mask, cpus.mask, sizeof place->mask);
    if (gethostname(place->host, sizeof place->host - 1) != 0)
        snprintf(place->host, sizeof place->host, "unknown");
}

/* ---- sharing --------------------------------------------------------------------- */

static bool same_host(const td_place *a, const td_place *b)
{
    return strcmp(a->host, b->host) == 0;
}

static bool overlap(const td_place *a, const td_place *b)
{
    for (int i = 0; i < WORDS; i++)
        if (a->mask[i] & b->mask[i])
            return true;
    return false;
}

/* Ranks that may use a CPU of \a place's host. */
static int users_of(const td_place *places, int ranks, const td_place *place, int cpu)
{
    int users = 0;
    for (int r = 0; r < ranks; r++)
        users +=
            same_host(&places[r], place) && (places[r].mask[cpu / 64] >> cpu % 64 & 1);
    return users;
}

/* CPUs of a rank, each in as many parts as ranks may use it. */
static double share_of_cpus(const td_place *places, int ranks, const td_place *place)
{
    double share = 0.0;
    int alike = 0;
    if (td_cpus_count(place->mask) == 0) { /* a host beyond the mask: all share all */
        for (int r = 0; r < ranks; r++)
            alike += same_host(&places[r], place);
        return (double) place->cpus / alike;
    }
    for (int cpu = 0; cpu < TD_CPUS; cpu++)
        if (place->mask[cpu / 64] >> cpu % 64 & 1)
            share += 1.0 / users_of(places, ranks, place, cpu);
    return share;
}

static double share_of_quota(const td_place *places, int ranks, const td_place *place)
{
    int alike = 0;
    if (!isfinite(place->quota.value))
        return INFINITY;
    for (int r = 0; r < ranks; r++)
        alike +=
            same_host(&places[r], place) && places[r].quota.group == place->quota.group;
    return place->quota.value / alike;
}

static int share(const td_place *places, int ranks, const td_place *place)
{
    const double ROUNDING = 1e-6; /* a third three times is one */
    double most =
        fmin(share_of_cpus(places, ranks, place), share_of_quota(places, ranks, place));
    if (place->thread_limit > 0)
        most = fmin(most, place->thread_limit);
    return most + ROUNDING < 1.0 ? 1 : (int) (most + ROUNDING);
}

/* Neighbours mostly are alike: what the one before got is asked anew only where they
 * differ, as hundreds of ranks on hundreds of CPUs would take seconds. */
static bool alike(const td_place *a, const td_place *b)
{
    return same_host(a, b) && a->quota.group == b->quota.group &&
           a->thread_limit == b->thread_limit && a->cpus == b->cpus &&
           memcmp(a->mask, b->mask, sizeof a->mask) == 0;
}

void td_place_share(td_place *places, int ranks)
{
    int before = 0; /* threads of the last rank that was asked for none */
    const td_place *last = NULL;
    for (int r = 0; r < ranks; r++) {
        td_place *place = &places[r];
        if (place->asked > 0) {
            place->threads = place->asked;
            continue;
        }
        if (!last || !alike(last, place))
            before = share(places, ranks, place);
        place->threads = before;
        last = place;
    }
}

bool td_place_binds_twice(const td_place *places, int ranks, int rank)
{
    for (int r = 0; r < ranks; r++)
        if (r != rank && places[r].bound && places[rank].bound &&
            same_host(&places[r], &places[rank]) && overlap(&places[r], &places[rank]))
            return true;
    return false;
}
