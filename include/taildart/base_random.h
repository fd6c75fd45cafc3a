/** Floor 1: counter-based random numbers (Philox4x32-10; Salmon et al., SC11).
 *
 *  A number is a pure function of (seed, stream, shard, pass, draw): never of rank,
 *  thread or call order.  So a draw and its augmentation are the same
 *  whoever computes them, and a run can continue anywhere.
 */
#ifndef TAILDART_BASE_RANDOM_H
#define TAILDART_BASE_RANDOM_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** The purposes random numbers serve; the values are part of what a run means. */
typedef enum {
    TD_STREAM_WEIGHTS = 1,   /**< weight half, conventional branch; pass = epoch   */
    TD_STREAM_ARCH = 2,      /**< architecture half; pass = number of its reshuffle */
    TD_STREAM_REBALANCE = 3, /**< weight half, re-balancing branch; pass = epoch   */
    TD_STREAM_ARCH_REBALANCE = 4, /**< architecture half, re-balancing branch */
    TD_STREAM_INIT_WEIGHTS = 5, /**< initial weights; pass = stage, draw = index      */
    TD_STREAM_INIT_ALPHAS = 6,  /**< initial architecture parameters; pass = stage    */
    TD_STREAM_SUBSET = 7,       /**< which images the long tail keeps; shard = class  */
    TD_STREAM_SYNTHETIC = 8,    /**< synthetic images of bench and tests              */
    TD_STREAM_DROP_PATH = 9,    /**< drop path; shard = image of batch, pass = epoch */
    TD_STREAM_GENOTYPE = 10,    /**< random genotypes; shard = cell, draw = gene      */
    TD_STREAM_MIX = 11,         /**< mixed images; shard, pass = epoch, draw = step   */
    TD_STREAM_NOISE = 12,       /**< the operation noise: see src/cells/op_noise.c    */
    TD_STREAM_MIXING = 14,      /**< mixing ratios; pass = epoch, draw = step         */
    TD_STREAM_DROPOUT = 15,     /**< drop-out on skips; shard = image, pass = epoch   */
    TD_STREAM_RELAXATION = 20,  /**< of architecture weights (td_arch_draw)          */
    TD_STREAM_PERTURB = 21,     /**< shifts of architecture weights, likewise        */
    TD_STREAM_CURVATURE = 25,   /**< first vector of the Hessian's eigenvalue         */
    TD_STREAM_CELLS = 26,       /**< cells of search.method random; shard = cell      */
    TD_STREAM_PROJECTION = 27,  /**< order of a projection; shard = cell, pass = 0 of
                                     its edges, 1 of its nodes                      */
    TD_STREAM_BOOTSTRAP = 40,   /**< seeds of a study resampled                       */
    TD_STREAM_TEST_PART = 41    /**< images held out by data import; shard = class    */
} td_stream_id;

/** The decision that a random number of one draw serves; keeps the numbers of the crop
 *  independent of those of the choice. */
typedef enum {
    TD_LANE_CHOICE = 0,  /**< which class and image        */
    TD_LANE_AUGMENT = 1, /**< crop, flip                  */
    TD_LANE_CUTOUT = 2,  /**< the square set to zero      */
    TD_LANE_POLICY = 16  /**< a policy's operations; and 15 lanes above it */
} td_lane;

typedef struct {
    uint64_t seed;
    uint32_t stream; /**< td_stream_id                                  */
    uint32_t shard;
    uint32_t pass;
    uint32_t lane; /**< td_lane                                       */
} td_random;

/** Compute four independent 32-bit words of draw number \a draw.  Not collective. */
void td_random_block(const td_random *key, uint32_t draw, uint32_t out[4]);

/** Uniform in [0,1) with 53 bits.  Not collective. */
double td_random_unit(const td_random *key, uint32_t draw);

/** Standard normal (Box-Muller).  Not collective. */
double td_random_normal(const td_random *key, uint32_t draw);

/** The logarithm of a draw from Gamma(shape, 1), which stays finite where a double
 *  could not hold the draw; takes the 2048 lanes from key->lane on.  Not collective. */
double td_random_log_gamma(const td_random *key, uint32_t draw, double shape);

/** Beta(a, b), in [0,1]; takes the 4096 lanes from key->lane on.  Not collective. */
double td_random_beta(const td_random *key, uint32_t draw, double a, double b);

/** Write a random permutation of 0…n-1 to \a out (Fisher-Yates; draw i decides position
 *  i).
 *  Not collective.  \param [out] out  (n) */
void td_random_permutation(const td_random *key, size_t n, int64_t *out);

/** Scale two words to [0, n) by a 64-bit product (bias below n/2^64).
 *  Not collective. */
uint64_t td_random_below(uint32_t high, uint32_t low, uint64_t n);

TD_PUBLIC_END

#endif
