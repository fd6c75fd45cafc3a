/** Floor 4: samplers and streams, the order of drawing (src/README.md, Images).
 *
 *  A stream answers one question: which images does shard s draw in step t of pass p?
 *  The answer is a pure function of its arguments; training, `data draws` and the
 *  tests call the same functions.
 */
#ifndef TAILDART_SAMPLING_STREAM_H
#define TAILDART_SAMPLING_STREAM_H

#include "taildart/base_random.h"
#include "taildart/sampling_split.h"

TD_PUBLIC_BEGIN

/** One image to be drawn, and the key of its augmentation. */
typedef struct {
    int64_t image; /**< index into the source's training images  */
    int32_t label;
    uint32_t shard, pass, draw; /**< the draw's counters           */
} td_draw;

/** One of the four streams of a run. */
typedef struct td_stream td_stream;

/** Compute the probability of each class: \a counts of the half drawn from; absent
 *  classes get 0.
 *  Not collective.  \param [in] passed  share of the run that is over, 0…1
 *  \param [out] p  (classes), sum 1 */
void td_sampler_probabilities(td_sampler_kind kind, const int64_t *counts, int classes,
                              double passed, double *p);

/** Allocate a stream over one half.  Not collective.
 *  \param [in] id      TD_STREAM_WEIGHTS, _ARCH, _REBALANCE or _ARCH_REBALANCE; names
 *                      the half, too
 *  \param [in] config, selection  borrowed */
td_stream *td_stream_new(td_stream_id id, const td_config *config,
                         const td_selection *selection, int shards);

/** Release a stream; NULL is fine.  Not collective. */
void td_stream_free(td_stream *stream);

/** Make room to draw for a shard: from then on drawing for it allocates nothing.
 *  Not collective. */
void td_stream_reserve(td_stream *stream, int shard);

/** The id of the stream.  Not collective. */
td_stream_id td_stream_purpose(const td_stream *stream);

/** Count the steps of an epoch: ceil(images of the weight half / search.batch).
 *  Not collective. */
int64_t td_epoch_steps(const td_selection *selection, int batch);

/** Count the architecture steps before epoch \a epoch (interval and freezes).
 *  Not collective. */
int64_t td_arch_steps_before(const td_config *config, int64_t steps_per_epoch,
                             int epoch);

/** Whether step \a step of epoch \a epoch begins with an architecture step: steps 0, k,
 *  2k … at arch.interval k.  Not collective. */
bool td_is_arch_step(const td_config *config, int epoch, int64_t step);

/** Compute the draws of one shard in one step of \a epoch, which decides whether its
 *  sampler has begun (data.sampler_from, arch.sampler_from) and how far it is.  Weight
 *  streams: \a step is that of the epoch; the last batches may be short or empty.
 *  Architecture streams: \a step counts the architecture steps of the whole run; always
 *  batch/shards images, across reshuffles.
 *  Counters of a draw, with b = batch/shards: weight streams have pass = epoch and
 *  draw = step·b + i.  Architecture streams count positions p = step·b + i over the
 *  whole run; with n images in the shard, pass = p div n (the number of the reshuffle)
 *  and draw = p mod n, for class-aware samplers, too.
 *  The permutation of a pass and the probabilities of an epoch are kept in the stream:
 *  one thread at a time.
 *  Not collective.  \param [out] draws  (batch/shards)  \return their number */
int td_stream_draws(td_stream *stream, int shard, int epoch, int64_t step,
                    td_draw *draws);

/** Whether steps of a run look at what a stream draws: the re-balancing one of a half
 *  serves the second branch, or its images are pasted on others.
 *  Not collective. */
bool td_stream_is_used(td_stream_id id, const td_config *config);

/** Whether a stream draws by class, in some epoch of a run.  Not collective. */
bool td_stream_is_by_class(td_stream_id id, const td_config *config);

/** Whether a class of so many images in a half is drawn whole by each shard, by streams
 *  that draw by class: fewer than 32 images per shard.  Not collective. */
bool td_class_is_shared(int64_t count, int shards);

/** Mark every image that this stream may draw for shard \a shard: its own and,
 *  for class-aware samplers, the whole of the rare classes (fewer than 32 images a
 *  shard in this half).
 *  Not collective.  \param [out] needed  (n of the source) only ever set to true */
void td_stream_images(const td_stream *stream, int shard, bool *needed);

TD_PUBLIC_END

#endif
