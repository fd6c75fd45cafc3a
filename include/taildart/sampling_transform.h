/** Floor 4: batches that are changed as a whole before a weight step learns from them.
 *
 *  A transform sees the batch of the conventional stream and, where there are two
 *  branches, that of the re-balancing one, so that images of one can go into the other.
 *  A kind is a row of TD_TRANSFORMS and a function in a file here.
 */
#ifndef TAILDART_SAMPLING_TRANSFORM_H
#define TAILDART_SAMPLING_TRANSFORM_H

#include "taildart/sampling_loader.h"

TD_PUBLIC_BEGIN

/** Key of a transform's random numbers and the shape of what it works on.  What becomes
 *  of an image depends on its shard and its position there, not on the rank. */
typedef struct {
    uint64_t seed;
    int64_t epoch, step;
    const int32_t *positions; /**< (count) of the images in the whole batch         */
    int per_shard;            /**< images of a shard in a whole batch               */
    size_t image;             /**< numbers of one image                             */
} td_transform_key;

/** Change the batches in place, images and targets.  Not collective.
 *  \param [in,out] conventional  count, others and shares are there
 *  \param [in,out] rebalancing  as many images; NULL where there is one branch */
typedef void td_transform(td_batch *conventional, td_batch *rebalancing,
                          const td_transform_key *key);

/** The function of a kind.  Not collective. */
td_transform *td_transform_of(td_transform_kind kind);

/** "none", "mixup", …  Not collective. */
const char *td_transform_name(td_transform_kind kind);

TD_PUBLIC_END

#endif
