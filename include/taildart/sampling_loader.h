/** Floor 4: images in memory, and augmented batches, prepared while a step computes. */
#ifndef TAILDART_SAMPLING_LOADER_H
#define TAILDART_SAMPLING_LOADER_H

#include "taildart/data.h"
#include "taildart/data_pixels.h"
#include "taildart/objective.h"
#include "taildart/sampling_stream.h"

TD_PUBLIC_BEGIN

/** The images that a rank may draw, by their index in the source: in memory, or far:
 *  read from a file when they are drawn. */
typedef struct {
    td_data_info info;
    int64_t held;          /**< images in memory                               */
    int32_t *image;        /**< (held) their indices, rising                   */
    uint8_t *pixels;       /**< (held, height, width, channels)                */
    int64_t far_count;     /**< images that stay in the file                   */
    int32_t *far_image;    /**< (far_count) their indices, rising              */
    uint32_t *far_check;   /**< (far_count) checks, set by the caller          */
    const td_pixels *file; /**< borrowed, of the far ones; may be NULL without */
} td_image_store;

/** Allocate a store; pixels and checks still zero.
 *  Not collective.  \param [in] held,drawn  (n) images that are held, and all that are
 *  drawn or held  \param [in] file  of those that are not held, borrowed, or NULL */
td_image_store *td_image_store_new(const td_data_info *info, const bool *held,
                                   const bool *drawn, int64_t n, const td_pixels *file);

/** Release a store; NULL is fine.  Not collective. */
void td_image_store_free(td_image_store *store);

/** Find an image that may be drawn.  Not collective; any thread.
 *  \param [out] buffer  (an image) for one that is far
 *  \param [out] pixels  of it: in the store, or buffer; NULL after an error
 *  \return TD_DATA naming the file, as td_pixels_gather() */
td_status td_image_store_get(const td_image_store *store, int64_t image,
                             uint8_t *buffer, const uint8_t **pixels);

/** Tell the system that an image is going to be drawn.  Not collective; any thread. */
void td_image_store_expect(const td_image_store *store, int64_t image);

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

/** Pad, crop, flip one image, change it by data.augment, normalise, then cut a square
 *  out: the order of the published recipes.  Keyed by the draw.
 *  Not collective.  \param [out] work  (2 images)
 *  \param [out] out (height, width, channels) */
void td_augment(const td_config *config, const td_data_info *info, td_stream_id id,
                const td_draw *draw, const uint8_t *image, uint8_t *work, td_real *out);

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
 *  \param [in] epoch,step  as td_stream_draws takes them */
void td_loader_request(td_loader *loader, int stream, int epoch, int64_t step);

/** Wait for the oldest request that was not yet taken.  Borrowed until \a depth further
 *  requests were made after that one.  Not collective. */
const td_batch *td_loader_take(td_loader *loader);

/** The error of the first batch so far that could not be read, as the calling thread's
 *  own; what was taken since is of no use.  Not collective.  \return TD_DATA naming the
 *  file, or TD_OK */
td_status td_loader_status(td_loader *loader);

/** Drop all requests (on a stop).  Not collective. */
void td_loader_cancel(td_loader *loader);

TD_PUBLIC_END

#endif
