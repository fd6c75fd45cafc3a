/** Floor 4: images of a batch that are mixed before a step learns from them.
 *
 *  Mixed images have two labels, and shares of both (td_targets).  A kind is a row of
 *  TD_MIXES and a function in a file of src/mix, which mixes an image with its partner:
 *  the next one of its shard, or that of the re-balancing stream at the same place.
 *  What becomes of an image depends on its shard and its place there, not on the rank.
 */
#ifndef TAILDART_MIX_H
#define TAILDART_MIX_H

#include "taildart/base_random.h"
#include "taildart/sampling_loader.h"

TD_PUBLIC_BEGIN

/** A rectangle of an image; bottom and right are beyond it. */
typedef struct {
    int top, left, bottom, right;
} td_box;

/** The box of cutmix (Yun et al. 2019) around a pixel: its sides are √(1−λ) of the
 *  image's, halves of them rounded down; cut at the borders.  Not collective.
 *  \param [in] lambda  0…1 */
td_box td_mix_box(int height, int width, double lambda, int row, int column);

/** How an image and its partner are mixed. */
typedef struct {
    int height, width, channels;
    double lambda; /**< share of the own image that was drawn, 0…1 */
    td_box box;    /**< of that share                                */
    /** Of remix: images of both classes in the half, the factor between them that
     *  counts, the bound of the share. */
    double own_count, partner_count, kappa, tau;
} td_mix_pair;

/** Mix \a partner into \a own, (height, width, channels) both.  Not collective.
 *  \return the share of the own label */
typedef double td_mix(td_real *own, const td_real *partner, const td_mix_pair *pair);

/** The function of a kind; NULL of none.  Not collective. */
td_mix *td_mix_of(td_mix_kind kind);

/** "none", "mixup", …  Not collective. */
const char *td_mix_name(td_mix_kind kind);

/** Who draws, and what of. */
typedef struct {
    const td_mix_keys *keys; /**< borrowed                                       */
    int height, width, channels;
    const int64_t *counts; /**< (classes) images of each in the half, borrowed */
    uint64_t seed;
    td_half half; /**< of the steps                                            */
    int epoch;
    int64_t step;    /**< of the epoch                                         */
    int first_shard; /**< of the rank                                          */
} td_mix_site;

/** Mix the images of a batch, in place; in epochs without it, and where the probability
 *  leaves a batch out, they stay as they are.  Each shard draws its own λ.
 *  Not collective.  \param [in,out] batch  with others and shares
 *  \param [in] rebalancing  as many images, for kinds that paste them; else NULL
 *  \param [in] branch  0, or 1 of the re-balancing one: draws differ */
void td_mix_batch(td_batch *batch, const td_batch *rebalancing, int branch,
                  const td_mix_site *site);

TD_PUBLIC_END

#endif
