/* Who sends what to whom in which turn; no message is sent here. */
#include "rings.h"

/* The least prime factor of \a n. */
static int least_factor(int n)
{
    for (int k = 2; k <= n / k; k++)
        if (n % k == 0)
            return k;
    return n;
}

/* Neighbours come first, as most travels in the first stage and they often share a
 * host. */
td_rings td_rings_of(int rank, int ranks)
{
    td_rings rings = { .rank = rank };
    TD_ASSERT(rank >= 0 && rank < ranks);
    for (int left = ranks, stride = 1; left > 1;) {
        int size = least_factor(left);
        TD_ASSERT(rings.stages < TD_RINGS_STAGES);
        rings.ring[rings.stages++] = (td_ring){ size, stride, rank / stride % size };
        rings.turns += 2 * (size - 1);
        stride *= size;
        left /= size;
    }
    return rings;
}

/* The part of \a whole that belongs to a member of a ring. */
static td_piece part(td_piece whole, const td_ring *ring, int member)
{
    size_t k = (size_t) ((member + 2 * ring->size) % ring->size);
    size_t size = (size_t) ring->size;
    size_t first = whole.count * k / size, end = whole.count * (k + 1) / size;
    return (td_piece){ whole.first + first, end - first };
}

/* What the rank holds of the sums of its groups, after \a stages of them. */
static td_piece share(const td_rings *rings, size_t count, int stages)
{
    td_piece piece = { 0, count };
    for (int i = 0; i < stages; i++)
        piece = part(piece, &rings->ring[i], rings->ring[i].digit);
    return piece;
}

static int neighbour(const td_rings *rings, const td_ring *ring, int offset)
{
    int digit = (ring->digit + offset + ring->size) % ring->size;
    return rings->rank + (digit - ring->digit) * ring->stride;
}

/* A part goes round its ring, and each member adds its own; what arrives last is one's
 * own part. */
static td_turn scatter(const td_rings *rings, size_t count, int stage, int turn)
{
    const td_ring *ring = &rings->ring[stage];
    td_piece whole = share(rings, count, stage);
    return (td_turn){ .to = neighbour(rings, ring, 1),
                      .from = neighbour(rings, ring, -1),
                      .sends = part(whole, ring, ring->digit - 1 - turn),
                      .brings = part(whole, ring, ring->digit - 2 - turn),
                      .adds = true,
                      .is_own = stage == 0 };
}

/* Each passes on what it was given last, its own part first. */
static td_turn gather(const td_rings *rings, size_t count, int stage, int turn)
{
    const td_ring *ring = &rings->ring[stage];
    td_piece whole = share(rings, count, stage);
    return (td_turn){ .to = neighbour(rings, ring, 1),
                      .from = neighbour(rings, ring, -1),
                      .sends = part(whole, ring, ring->digit - turn),
                      .brings = part(whole, ring, ring->digit - 1 - turn) };
}

td_turn td_rings_turn(const td_rings *rings, size_t count, int turn)
{
    TD_ASSERT(turn >= 0 && turn < rings->turns);
    for (int stage = 0; stage < rings->stages; stage++) {
        int turns = rings->ring[stage].size - 1;
        if (turn < turns)
            return scatter(rings, count, stage, turn);
        turn -= turns;
    }
    for (int stage = rings->stages - 1; stage > 0; stage--) {
        int turns = rings->ring[stage].size - 1;
        if (turn < turns)
            return gather(rings, count, stage, turn);
        turn -= turns;
    }
    return gather(rings, count, 0, turn);
}

size_t td_rings_spare(const td_rings *rings, size_t count)
{
    td_piece kept = share(rings, count, 1);
    size_t behind = kept.first + kept.count;
    return kept.first > count - behind ? 0 : behind;
}

/* ---- when to take them --------------------------------------------------------- */

enum {
    /* Latency times bandwidth: what could be sent while a message is under way.  29 KB
     * on 10 GbE (25 us, 1.15 GB/s) and on HDR (1.2 us, 24 GB/s), 50 KB on 25 GbE. */
    LATENCY_BYTES = 64 * 1024,
    /* Of a vector: below, latency is all. */
    SERVED_BYTES = 16 * 1024,
    /* Of a vector: below, either way is done in a fraction of a millisecond. */
    PAID_BYTES = 256 * 1024,
    /* Up to so many ranks what is sent is the same, and pieces that travel while others
     * are added save a fifth of the time; beyond, MPI may know the network better. */
    FEW_RANKS = 4
};

/* Where P is no power of two, libraries fold: ranks beyond the power p below hand in
 * their whole vector, and get the result back.  With Rabenseifner's algorithm between,
 *
 *     2·log2(p)·a + 2(p−1)/p·n/b + 2(a + n/b)   against   2·S(k−1)·a + 2(P−1)/P·n/b
 *
 * of rings (k: the primes of P, a: latency, b: bandwidth): these win for n above
 * a·b·(S(k−1) − log2(p) − 1). */
bool td_rings_pay(int ranks, size_t bytes)
{
    int log = 0;
    if (ranks == 1 || bytes < PAID_BYTES)
        return false;
    while (ranks >> (log + 1) > 0)
        log++;
    if (ranks == 1 << log)
        return ranks <= FEW_RANKS;
    int more = td_rings_of(0, ranks).turns / 2 - log - 1;
    return more <= 0 || bytes >= (size_t) more * LATENCY_BYTES;
}

bool td_rings_serve(int ranks, size_t bytes)
{
    return ranks > 1 && bytes >= SERVED_BYTES;
}

/* ---- pieces -------------------------------------------------------------------- */

td_cut td_rings_cut(size_t count, size_t most)
{
    enum { LEAST = 2 * TD_RINGS_LEAST };
    size_t numbers = most, few = count / TD_RINGS_PIECES + 1;
    numbers = numbers > few ? numbers : few;
    numbers = numbers > LEAST ? numbers : LEAST;
    size_t pieces = (count + numbers / 2) / numbers;
    return (td_cut){ numbers, pieces > 0 ? (int) pieces : 1 };
}
