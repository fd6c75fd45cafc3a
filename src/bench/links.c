/* Links between ranks: every pair, one after the other, where there are few; else
 * rounds of disjoint pairs at once, and those found slowest once more, alone. */
#include <stdlib.h>

#include "bench.h"
#include "taildart/comm_probe.h"

enum {
    FEW = 8,     /* ranks whose pairs are measured one by one   */
    ROUNDS = 16, /* at most, of more ranks                      */
    AGAIN = 4,   /* pairs that are measured once more           */
    SMALL = 8,   /* bytes                                       */
    LARGE = 4 << 20
};
static const double SECONDS = 0.05; /* of a message size */

/* Measure the link to a rank.  Collective over the two. */
static td_link measure(td_comm *world, int peer)
{
    double small = td_comm_ping(world, peer, SMALL, SECONDS);
    double large = td_comm_ping(world, peer, LARGE, SECONDS);
    /* A clock may be coarser than the difference. */
    double seconds = large > small ? large - small : large;
    return (td_link){ small, (LARGE - SMALL) / seconds };
}

/* Measure the pairs of a round.  \return this rank's, where it is the lower one */
static td_bench_pair run_round(td_comm *world, int round)
{
    int ranks = td_comm_size(world), me = td_comm_rank(world);
    int peer = td_bench_partner(ranks, round, me);
    td_bench_pair mine = { -1, -1, { 0, 0 } };
    for (int turn = 0; turn < (ranks <= FEW ? ranks : 1); turn++) {
        int lower = me < peer ? me : peer;
        if (peer >= 0 && (ranks > FEW || lower == turn)) {
            td_link link = measure(world, peer);
            if (me == lower)
                mine = (td_bench_pair){ me, peer, link };
        }
        td_comm_barrier(world);
    }
    return mine;
}

static int by_bandwidth(const void *a, const void *b)
{
    double x = ((const td_bench_pair *) a)->link.bandwidth;
    double y = ((const td_bench_pair *) b)->link.bandwidth;
    return (x > y) - (x < y);
}

/* Move the pairs that were measured to the front, slowest first. */
static int sort_pairs(td_bench_pair *pairs, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++)
        if (pairs[i].a >= 0)
            pairs[found++] = pairs[i];
    qsort(pairs, (size_t) found, sizeof *pairs, by_bandwidth);
    return found;
}

/* Measure the slowest pairs of rank 0's list alone: others may have been in their
 * way. */
static void measure_again(td_comm *world, td_bench_pair *pairs, int count)
{
    int me = td_comm_rank(world);
    for (int i = 0; i < AGAIN; i++) {
        td_bench_pair pair = { -1, -1, { 0, 0 } };
        if (me == 0 && i < count)
            pair = pairs[i];
        td_comm_bcast(world, &pair, sizeof pair);
        if (me == pair.a || me == pair.b)
            pair.link = measure(world, me == pair.a ? pair.b : pair.a);
        double both[2] = { me == pair.a ? pair.link.latency : 0,
                           me == pair.a ? pair.link.bandwidth : 0 };
        td_comm_sum_f64(world, both, 2);
        if (me == 0 && i < count)
            pairs[i].link = (td_link){ both[0], both[1] };
    }
}

int td_bench_links(td_comm *world, td_bench_pair **pairs)
{
    int ranks = td_comm_size(world), all = td_bench_rounds(ranks);
    int rounds = ranks <= FEW || all <= ROUNDS ? all : ROUNDS;
    td_bench_pair mine[ROUNDS], *found = NULL;
    for (int i = 0; i < rounds; i++)
        mine[i] = run_round(world, (int) ((int64_t) i * all / rounds));
    if (td_comm_rank(world) == 0)
        found = td_malloc(((size_t) ranks * (size_t) rounds + 1) * sizeof *found);
    td_comm_gather(world, found, mine, (size_t) rounds * sizeof *mine);
    int count = found ? sort_pairs(found, ranks * rounds) : 0;
    if (ranks > FEW) {
        measure_again(world, found, count);
        count = found ? sort_pairs(found, count) : 0;
    }
    *pairs = found;
    return count;
}
