/** Floor 4: images in memory, and augmented batches, prepared while a step computes. */
#ifndef TAILDART_SAMPLING_LOADER_H
#define TAILDART_SAMPLING_LOADER_H

#include "taildart/data.h"
#include "taildart/objective.h"
#include "taildart/sampling_stream.h"

TD_PUBLIC_BEGIN

/** The images a rank holds, found by their index in the source. */
typedef struct {
    td_data_info info;
    int64_t source_count;
    int64_t *row;    /**< (source_count) row in pixels, or -1        */
    int64_t held;    /**< rows                                       */
    uint8_t *pixels; /**< (held, height, width, channels)            */
} td_image_store;

/** Allocate a store of the images marked in \a needed (n), pixels still zero.
 *  Not collective. */
td_image_store *td_image_store_new(const td_data_info *info, const bool *needed,
                                   int64_t n);

/** Release a store; NULL is fine.  Not collective. */
void td_image_store_free(td_image_store *store);

/** Copy the held ones among the source's images first … first+count-1.
 *  Not collective.  \param [in] images  (count, height, width, channels) */
void td_image_store_put(td_image_store *store, int64_t first, int64_t count,
                        const uint8_t *images);

/** A batch as the network reads it. */
typedef struct {
    int count;       /**< images; 0 on a rank whose shards ran dry   */
    td_real *images; /**< (count, height, width, channels)           */
    int32_t *labels; /**< (count)                                    */
    int32_t *others; /**< (count) as td_targets has them; NULL: none */
    double *shares;  /**< is mixed.  A loader gives shares of 1      */
    int *shards;     /**< (shard_count) images of each shard, in order; NULL: one */
    int shard_count;
} td_batch;

/** The targets of a batch.  Not collective. */
static inline td_targets td_batch_targets(const td_batch *batch)
{
    return (td_targets){ batch->labels, batch->others, batch->shares };
}

/** Normalise without augmentation: (x/255 − mean)/std per channel; a channel with std 0
 *  is only centred.
 *  Not collective.  \param [out] out (count, height, width, channels)
 *  \param [in] images (count, height, width, channels) */
void td_normalise(const td_data_info *info, int64_t count, const uint8_t *images,
                  td_real *out);

/** Pad, crop, flip, normalise one image, then cut a square out; keyed by the draw.
 *  Not collective.  \param [out] out (height, width, channels) */
void td_augment(const td_config *config, const td_data_info *info, td_stream_id id,
                const td_draw *draw, const uint8_t *image, td_real *out);

/** Prepares batches in a thread of its own.  Requests are answered in order. */
typedef struct td_loader td_loader;

/** Start the thread, with all signals blocked.  While requests are outstanding the
 *  streams belong to it.  Not collective.
 *  \param [in] streams  (count) borrowed  \param [in] first_shard,shard_count  the
 *  shards of this rank  \param [in] depth  batches that may wait, or be in use */
td_loader *td_loader_new(const td_config *config, const td_image_store *store,
                         td_stream *const *streams, int count, int first_shard,
                         int shard_count, int batch_per_shard, int depth);

/** End the thread, requests outstanding or not; NULL is fine.  Not collective. */
void td_loader_free(td_loader *loader);

/** Request a batch: the draws of all shards of this rank, shard after shard.  At most
 *  \a depth requests may wait to be taken.
 *  Not collective.  \param [in] stream  index into the streams
 *  \param [in] pass,step  as td_stream_draws takes them */
void td_loader_request(td_loader *loader, int stream, int pass, int64_t step);

/** Wait for the oldest request that was not yet taken.  Borrowed until \a depth further
 *  requests were made after that one.  Not collective. */
const td_batch *td_loader_take(td_loader *loader);

/** Drop all requests (on a stop).  Not collective. */
void td_loader_cancel(td_loader *loader);

TD_PUBLIC_END

#endif
