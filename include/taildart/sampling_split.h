/** Floor 4: the images of a run: long tail, halves, shards (src/README.md, Images). */
#ifndef TAILDART_SAMPLING_SPLIT_H
#define TAILDART_SAMPLING_SPLIT_H

#include "taildart/comm.h"
#include "taildart/config.h"
#include "taildart/data.h"

TD_PUBLIC_BEGIN

/** Images that a profile leaves to class \a c, whatever is available:
 *  exp floor(n_max·(1/imbalance)^(c/(K-1))), step n_max or floor(n_max/imbalance)
 *  (as LDAM's imbalance_cifar).  Not collective. */
int64_t td_tail_count(td_profile profile, int classes, int64_t n_max, double imbalance,
                      int c);

/** The two parts of the training images that steps draw from. */
typedef enum { TD_HALF_WEIGHTS, TD_HALF_ARCH } td_half;

/** The images of a run: indices into the source's training images. */
typedef struct {
    int classes;
    int64_t *counts;  /**< (classes) of the tail, before the halves are cut */
    int32_t *half[2]; /**< (half_count[h]) by td_half; sorted by class, within
                                   a class in the order of data.seed                */
    int64_t half_count[2];
    int64_t *half_classes[2]; /**< (classes) images per class in each half            */
    int64_t *half_start[2];   /**< (classes + 1) where a class begins in each half  */
    int short_classes; /**< with fewer images than the profile would keep             */
} td_selection;

/** Cut the long tail and the halves.  Stratified, a class of n images gives its first
 *  ceil(share·n) to the weights and the rest to the architecture, but at least one to
 *  each, unless the share is 1; by index, the class-sorted list is cut at
 *  floor(share·n).
 *  Not collective; equal on every rank for equal arguments.
 *  \param [in] labels  (n) of the source's training images
 *  \return TD_DATA naming all classes that have too few images, the cause and the
 *  fix */
td_status td_selection_new(td_selection **selection, const td_config *config,
                           const int32_t *labels, int64_t n, int classes);

/** Select from an open data set: errors name its classes, and a NOTE is logged for data
 *  that have a tail already and do not reach data.imbalance.  Not collective. */
td_status td_selection_of(td_selection **selection, const td_config *config,
                          const td_dataset *dataset);

/** Send rank 0's selection to all.  Collective.
 *  \param [in,out] selection  of rank 0; the others' is allocated */
void td_selection_share(td_selection **selection, td_comm *world);

/** The class of an image by its index in a half.  Not collective. */
int32_t td_selection_class(const td_selection *selection, td_half half, int64_t index);

/** Release a selection; NULL is fine.  Not collective. */
void td_selection_free(td_selection *selection);

/** Count the images of a half in shard \a shard of \a shards: indices shard,
 *  shard+shards, … of the class-sorted half.  Not collective. */
int64_t td_shard_count(const td_selection *selection, td_half half, int shard,
                       int shards);

/** Streams of a run, as far as they decide what a rank holds. */
typedef struct {
    int halves; /**< that steps draw from, the first or both */
    int shards, first_shard, shard_count; /**< of the run; of a rank */
} td_share;

/** Count the images that shards of a rank own, of both halves, and those of rare
 *  classes that its class-aware streams draw beyond them.
 *  Not collective.  \param [out] shared  the latter \return the former */
int64_t td_share_count(const td_selection *selection, const td_config *config,
                       const td_share *share, int64_t *shared);

/** Mark the images that shards of a rank own, of both halves.
 *  Not collective.  \param [out] own (n of the source) only ever set to true */
void td_share_mark(const td_selection *selection, const td_share *share, bool *own);

/** Check the division of a run's images, for the first of these errors: more ranks or
 *  shards than images of a half, ranks that do not divide the shards, a batch that is
 *  no multiple of them.
 *  Not collective.  \return TD_USAGE or TD_DATA with the fix */
td_status td_shards_check(const td_selection *selection, const td_config *config,
                          int ranks, int shards);

/** Check that so many ranks can continue a run, which keeps its batch and may have
 *  other shards.
 *  Not collective.  \return TD_USAGE with a number of ranks that can */
td_status td_shards_check_ranks(const td_selection *selection, const td_config *config,
                                int ranks);

TD_PUBLIC_END

#endif
