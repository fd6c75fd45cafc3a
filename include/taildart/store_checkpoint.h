/** Floor 5: checkpoints (DESIGN, 3).
 *
 *  HDF5 does not notice a flipped byte, so a checkpoint is built in memory, followed by a
 *  trailer (8 bytes magic, 8 bytes length, XXH3-128) and renamed into place; every reader
 *  verifies the trailer first.  The one before stays as checkpoint.prev.h5.
 */
#ifndef TAILDART_STORE_CHECKPOINT_H
#define TAILDART_STORE_CHECKPOINT_H

#include "taildart/net.h"

/** Where a run stands. */
typedef struct {
    int64_t epoch;      /**< epochs completed, or the one under way              */
    int64_t step;       /**< steps done in it                                    */
    int64_t arch_steps; /**< architecture steps of the whole run                 */
    int64_t adam_count; /**< steps of the architecture's Adam                    */
    int64_t images;     /**< images seen by weight and architecture steps        */
    double best_top1;   /**< best validation top-1 so far, and its epoch         */
    int64_t best_epoch;
    double seconds;       /**< computing time so far, over all starts              */
    double epoch_sums[8]; /**< training sums of the epoch under way                */
    double epoch_seconds; /**< time already spent in it                            */
} td_progress;

/** Everything a checkpoint holds.  Arrays are borrowed when saving; when loading they are
 *  owned by the checkpoint and freed with it. */
typedef struct {
    const td_slots *weight_slots; /**< names and shapes                              */
    const td_slots *norm_slots;
    int edges;
    td_real *weights, *momentum; /**< (weight_slots->total)                         */
    td_real *running_mean, *running_var; /**< (norm_slots->total)                    */
    td_real *alphas, *alphas_start, *adam_first, *adam_second; /**< (2, edges, 8)    */
    td_progress progress;
    int64_t *half[2], half_count[2]; /**< indices into the source, by td_half    */
    char *config;   /**< YAML                                                */
    char *genotype; /**< Python form                                         */
    char *history;  /**< rows of metrics.csv so far                          */
    char *version;  /**< --version's text                                    */
    int world_size, shards, classes, image_channels, height, width;
    uint8_t dataset_digest[16];
} td_checkpoint;

/** Build the image with trailer and write it: temporary name, flush, the old one to
 *  checkpoint.prev.h5, rename, flush of the folder.
 *  Not collective (rank 0).  \return TD_FAILED naming the file; the old ones stand */
td_status td_checkpoint_save(const td_checkpoint *checkpoint, const char *path);

/** Read and verify; a damaged file is named on stderr and its `.prev` is used, also when
 *  \a path names the .prev itself.  Slots are rebuilt from the file (owned).
 *  Not collective (rank 0).  \return TD_CHECKPOINT when none is readable */
td_status td_checkpoint_load(td_checkpoint **checkpoint, const char *path);

/** Free what td_checkpoint_load made.  Not collective. */
void td_checkpoint_free(td_checkpoint *checkpoint);

/** Whether every name and shape is that of the network at hand.
 *  Not collective.  \return TD_CHECKPOINT naming the first difference */
td_status td_checkpoint_fits(const td_checkpoint *checkpoint, const td_slots *weights,
                             const td_slots *norms, int edges);

/** Whether a checkpoint stands at \a path or beside it as .prev.  Not collective. */
bool td_checkpoint_exists(const char *path);

#endif
