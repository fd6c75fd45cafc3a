/* A tournament of all against all: with one more player where the ranks are odd, n of
 * them, the last one stays where it is, and in round r those meet whose numbers add up
 * to r, modulo n−1; who would meet itself meets the last one. */
#include "bench.h"

static int players_of(int ranks)
{
    return ranks + ranks % 2;
}

int td_bench_rounds(int ranks)
{
    TD_ASSERT(ranks >= 1);
    return ranks == 1 ? 0 : players_of(ranks) - 1;
}

int td_bench_partner(int ranks, int round, int rank)
{
    int last = players_of(ranks) - 1;
    TD_ASSERT(rank >= 0 && rank < ranks && round >= 0 && round < last);
    /* Half of the round, modulo n−1. */
    int alone = (int) ((int64_t) round * ((last + 1) / 2) % last);
    int partner = rank == last ? alone : (round - rank + last) % last;
    if (partner == rank)
        partner = last;
    return partner < ranks ? partner : -1;
}
