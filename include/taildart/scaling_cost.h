/** Floor 6: what a step costs on other numbers of ranks, from what was measured on few.
 *
 *  Sums over P ranks of n bytes, over links of latency α (s) and bandwidth β (bytes/s),
 *  with γ seconds per byte for the addition (R. Thakur, R. Rabenseifner, W. Gropp:
 *  Optimization of collective communication operations in MPICH, IJHPCA 19, 2005):
 *
 *      ring       2(P−1)α + 2(P−1)/P n/β + (P−1)/P nγ
 *      rings      2S α + 2(P−1)/P n/β + (P−1)/P nγ           (src/comm/rings.h)
 *      halving    2 log₂P α + 2(P−1)/P n/β + (P−1)/P nγ      (Rabenseifner)
 *      doubling   log₂P (α + n/β + nγ)
 *
 *  Halving and doubling want a power of two: with other counts the ranks above the last
 *  one, P', hand their vector to a partner first and get the sums back, which adds
 *  2(α + n/β) + nγ, and P' take part.  Rings within rings go by the primes of P: S is
 *  the sum of each less one.
 *
 *  All wait for the slowest: of P times with mean μ and deviation σ, independent and
 *  normal, the largest is expected at μ + σ·E(P), E(8) = 1.42, E(64) = 2.34.
 *
 *  A prediction has each rank on a link of its own, and nothing hidden behind the
 *  passes.  Pure functions. */
#ifndef TAILDART_SCALING_COST_H
#define TAILDART_SCALING_COST_H

#include "taildart/comm_reducer.h"

TD_PUBLIC_BEGIN

/** A link between two ranks, as messages see it. */
typedef struct {
    double latency;   /**< s: half a round trip of a small message */
    double bandwidth; /**< bytes/s of a large one                  */
} td_link;

/** Read a link: a name of the table (usual figures of that kind of network), or
 *  LATENCY,BANDWIDTH in seconds and bytes per second: 18e-6,2.8e9.  Not collective.
 *  \return TD_USAGE saying what was found and what is accepted */
td_status td_link_read(td_link *link, const char *word);

/** How a sum over ranks is made. */
typedef enum {
    TD_SUM_RING,
    TD_SUM_RINGS,
    TD_SUM_HALVING,
    TD_SUM_DOUBLING,
    TD_SUMS
} td_sum_kind;

/** Seconds of a sum of \a bytes over \a ranks; 0 on one.  Not collective.
 *  \param [in] add  γ, seconds per byte */
double td_sum_cost(td_sum_kind kind, int ranks, double bytes, td_link link, double add);

/** The same by a reducer: rings where it takes them; MPI's own sum costs the less of
 *  halving and doubling.  Not collective. */
double td_sum_cost_of(td_reducer_kind reduce, int ranks, double bytes, td_link link,
                      double add);

/** E(P): the expected largest of \a ranks independent standard normal numbers; 0 of
 *  one.  Not collective. */
double td_slowest_of(int ranks);

enum { TD_STEP_SUMS_MOST = 8 }; /* sums over ranks in a step */

/** A step as it was measured. */
typedef struct {
    double fixed,
        image;    /**< s of a rank: whatever the batch, and for each image      */
    double noise; /**< deviation of a rank's time, as a share of it             */
    int sums;     /**< over ranks in a step                                     */
    double
        bytes[TD_STEP_SUMS_MOST]; /**< (sums) of each                               */
    td_reducer_kind reduce;       /**< what makes them                              */
    td_link link;
    double
        add; /**< seconds to add a byte                                             */
} td_step_measured;

/** What stays the same on other numbers of ranks: a rank's images, or all of them. */
typedef enum { TD_WEAK, TD_STRONG, TD_SCALINGS } td_scaling_mode;

/** A step as it is predicted; seconds. */
typedef struct {
    double batch;      /**< images of all ranks                          */
    double transfer;   /**< of the sums                                  */
    double wait;       /**< for the slowest rank, beyond the mean        */
    double seconds;    /**< passes, transfer and wait                    */
    double efficiency; /**< of each rank, against one that works alone: on as many
                            images (weak), on all of them (strong)       */
} td_step_cost;

/** Predict a step; NaN where some rank would have no image.  Not collective.
 *  \param [in] images  of a rank (weak), of all ranks (strong) */
td_step_cost td_step_predict(const td_step_measured *step, td_scaling_mode mode,
                             int ranks, double images);

TD_PUBLIC_END

#endif
