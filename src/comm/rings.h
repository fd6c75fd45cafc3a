/* Sums over ranks by messages of our own: reduce-scatter, then allgather, in rings.
 *
 * A ring of all P ranks sends the least that can be sent, 2(P−1)/P of the vector, but
 * in 2(P−1) turns.  Rings within rings send as little in fewer: P is a product of
 * primes, and each prime is a stage.  At the first one, groups of neighbours leave
 * each member with a share of their sum; at the next one, those who have the same share
 * in neighbouring groups do so with that share alone; until each rank holds 1/P of the
 * sum of all.  Then the stages are gone through backwards to hand the shares round.
 * Where P is a power of two that is recursive halving and doubling, where it is prime
 * it is one ring. */
#ifndef TD_COMM_RINGS_H
#define TD_COMM_RINGS_H

#include <stddef.h>

#include "taildart/base.h"

enum {
    TD_RINGS_STAGES = 31, /* more primes are no int */
    /* Numbers of a vector, at least: then what waits to be added, of the second stage
     * on, fits into what the first stage has left free of the result. */
    TD_RINGS_LEAST = 8
};

/* A stage as a rank sees it: its ring has \a size members, \a stride ranks apart. */
typedef struct {
    int size, stride, digit; /* digit: which of the members the rank is */
} td_ring;

/* The rings of a rank. */
typedef struct {
    int rank, stages, turns; /* turns: 2·Σ(size − 1) */
    td_ring ring[TD_RINGS_STAGES];
} td_rings;

/* Numbers from \a first on. */
typedef struct {
    size_t first, count;
} td_piece;

/* What a rank does in one turn. */
typedef struct {
    int to, from;           /* ranks */
    td_piece sends, brings; /* of the vector */
    bool adds;              /* own numbers are added to what comes */
    bool is_own;            /* what it adds is what this rank began with  */
} td_turn;

/* The rings of \a rank among \a ranks.  Not collective. */
td_rings td_rings_of(int rank, int ranks);

/* Turn \a turn of a sum of \a count numbers.  Not collective. */
td_turn td_rings_turn(const td_rings *rings, size_t count, int turn);

/* Where numbers that wait to be added may lie meanwhile, in the result: in turns after
 * the first stage.  Not collective. */
size_t td_rings_spare(const td_rings *rings, size_t count);

/* When a reducer takes rings: where they take less time than MPI_Allreduce is known to,
 * or wherever messages are long enough to care.  Not collective. */
bool td_rings_pay(int ranks, size_t bytes);
bool td_rings_serve(int ranks, size_t bytes);

/* Into what a vector is cut: \a pieces of \a numbers each; the last one takes what is
 * left, at least half as many. */
typedef struct {
    size_t numbers;
    int pieces;
} td_cut;

enum { TD_RINGS_PIECES = 256 }; /* of a vector, at most: each has a tag */

/* Cut \a count numbers into pieces of about \a most.  Not collective. */
td_cut td_rings_cut(size_t count, size_t most);

#endif
