/** Floor 6: checkpoints.
 *
 *  HDF5 does not notice a flipped byte, so a checkpoint is built in memory, followed by
 *  a trailer and renamed into place; every reader verifies the trailer first.  The one
 *  before stays as checkpoint.prev.h5.  The file, to the byte:
 *
 *      n bytes    the HDF5 file, of any length; h5py opens it as it is
 *      8 bytes    "TDTRAIL1"
 *      8 bytes    n, little endian
 *      16 bytes   XXH3-128 of the n bytes, seed 0, canonical (big endian) form
 *
 *  Equal states give equal bytes: no times are stored.  Attributes of the file tell of
 *  the run; of them `label` says which state this is, "last" (checkpoint.h5) or "best"
 *  (best.h5), so that a copy under another name is still known for what it is.
 */
#ifndef TAILDART_CHECKPOINT_H
#define TAILDART_CHECKPOINT_H

#include "taildart/config.h"
#include "taildart/data.h"
#include "taildart/net.h"
#include "taildart/step_state.h"

TD_PUBLIC_BEGIN

/** Where a run stands. */
typedef struct {
    int64_t epoch;        /**< epochs completed, or the one under way          */
    int64_t step;         /**< steps done in it                                */
    int64_t arch_steps;   /**< architecture steps of the whole run             */
    int64_t images;       /**< images seen by weight and architecture steps    */
    double best_value;    /**< best of what is held out so far, and its epoch  */
    int64_t best_epoch;   /**< NaN and -1 before the first                     */
    int64_t best_by;      /**< td_best: the measure that best_value is of      */
    double seconds;       /**< computing time so far, over all starts          */
    double epoch_sums[8]; /**< training sums of the epoch under way            */
    double epoch_seconds; /**< time already spent in it                        */
} td_progress;

/** Kind and sizes of a network; with the classes and the image's channels and sides all
 *  that it is built from. */
typedef struct {
    bool is_known; /**< false: of a file that was written before this was kept */
    int channels, cells, nodes;
    int two_branch;    /**< 0, or 1 plus td_branch_split */
    int auxiliary;     /**< 0 or 1                       */
    int pad_to;        /**< side that the images were padded to, or 0 */
    int head;          /**< td_head_kind; linear in older files       */
    double head_scale; /**< of the others                             */
    int stem;          /**< td_stem_kind; cifar in older files        */
} td_saved_net;

/** The texts of a checkpoint; NULL in a file without them. */
typedef struct {
    char *class_names; /**< a line each                                       */
    char *config;      /**< YAML                                              */
    char *genotype;    /**< Python form                                       */
    char *history;     /**< rows of metrics.csv so far, each with its newline */
    char *version;     /**< --version's text                                  */
    char *label;       /**< "last" or "best"                                  */
    char *command;     /**< "search" or "train"                               */
    char *isa;         /**< of the kernels                                    */
    char *blas_core;   /**< whose kernels OpenBLAS runs                       */
    char *operations;  /**< of a search, net.operations; NULL: all            */
} td_saved_texts;

/** Everything a checkpoint holds.  Arrays are borrowed when saving; when loading they
 *  are owned by the checkpoint and freed with it. */
typedef struct {
    td_search_state state; /**< what the run has learned; loaded, slots have the order
                                of the file, and in older files alphas mean softmax   */
    td_real *arch_history; /**< (arch_epochs, 2, edges, 8): alphas after each
                                finished epoch, NaN where they were not kept, −∞ where
                                an edge had no such operation (any more); NULL in
                                a file that was written before this existed        */
    int64_t arch_epochs;   /**< rows of it                                         */
    td_progress progress;
    int64_t *half[2];      /**< indices into the source, weight half first        */
    int64_t half_count[2]; /**< how many                                          */
    int64_t *class_counts; /**< (classes) training images of each before the halves
                                are cut; NULL in a file without them              */
    td_saved_texts texts;
    td_saved_net net;
    bool has_statistics; /**< whether it keeps the next two (since 0.2)         */
    double mean[TD_MAX_CHANNELS], std[TD_MAX_CHANNELS]; /**< of the training images
                              that the run learned from: what it normalised with */
    int world_size, shards, classes, image_channels, height, width;
    uint8_t dataset_digest[16];
} td_checkpoint;

/** Build the image with trailer and write it: temporary name, flush, the old one to
 *  checkpoint.prev.h5 (unless it is damaged: then the older one stays), rename, flush
 *  of the folder.
 *  Not collective (rank 0).  \return TD_FAILED naming the file; the old ones stand */
td_status td_checkpoint_save(const td_checkpoint *checkpoint, const char *path);

/** The HDF5 file of a checkpoint in memory; image is for td_free. */
typedef struct {
    void *image;
    size_t bytes;
} td_packed_checkpoint;

/** The first half of td_checkpoint_save, for what has to be written once more if that
 *  fails.  Not collective.  \return TD_FAILED naming \a path */
td_status td_checkpoint_pack(td_packed_checkpoint *packed,
                             const td_checkpoint *checkpoint, const char *path);

/** The second half: write what td_checkpoint_pack gave; any number of times.
 *  Not collective.  \return TD_FAILED naming \a path; the old files stand */
td_status td_checkpoint_put(const td_packed_checkpoint *packed, const char *path);

/** The file that \a given stands for: of a directory, that of a run, its checkpoint.h5;
 *  anything else stands for itself.  Not collective.  \return for td_free */
char *td_checkpoint_path(const char *given);

/** Read and verify; a damaged or missing file is named on stderr and its `.prev` is
 *  used; \a given is a path as td_checkpoint_path takes it, or names the .prev itself.
 *  Slots are rebuilt from the file (owned).
 *  Not collective (rank 0).  \param [out] checkpoint  NULL on failure
 *  \return TD_CHECKPOINT when none is readable, naming both and, of two, the fix */
td_status td_checkpoint_load(td_checkpoint **checkpoint, const char *given);

/** Refuse \a given, where no run or no checkpoint is, in the words that all commands
 *  have for that.  Not collective.  \return TD_CHECKPOINT naming it and the fix */
td_status td_checkpoint_refuse_missing(const char *given);

/** Free what td_checkpoint_load made; NULL is fine.  Not collective. */
void td_checkpoint_free(td_checkpoint *checkpoint);

/** Whether every name and shape is that of the network at hand, in its order, so that
 *  the arrays can be copied as they are.
 *  Not collective.  \return TD_CHECKPOINT naming \a path and the first difference */
td_status td_checkpoint_fits(const td_checkpoint *checkpoint, const char *path,
                             const td_slots *weights, const td_slots *norms, int edges);

/** The state of a checkpoint that fits, tensors by name.  Not collective. */
void td_checkpoint_restore(td_search_state *state, const td_checkpoint *saved);

/** Whether a classifier of the images at hand can be put upon a training's network.
 *  Not collective.  \param [in] info  of the images
 *  \return TD_DATA when the network's classes or images are of other sizes,
 *  TD_CHECKPOINT when its weights are not finite, naming \a path */
td_status td_checkpoint_check_trunk(const td_checkpoint *saved,
                                    const td_data_info *info, const char *path);

/** All of a training's network but its head into \a state, whose head and momentum stay
 *  as they are (cRT: Kang et al. 2020); it may have an auxiliary head that \a state
 *  lacks.  Not collective.
 *  \return TD_CHECKPOINT naming \a path when it does not fit */
td_status td_checkpoint_take_trunk(td_search_state *state, const td_checkpoint *saved,
                                   const char *path);

/** Whether all numbers of the state are finite, the optimiser's included, and none
 *  that is a mean of squares negative.
 *  Not collective.  \return TD_CHECKPOINT naming \a path and the first tensor that is
 *  not */
td_status td_checkpoint_check_finite(const td_checkpoint *checkpoint, const char *path);

/** The network that a checkpoint's weights are of, for passes of \a batch images, from
 *  the checkpoint alone; of an older file, from its configuration.
 *  Not collective.  \param [out] genotype  of a derived network; spec points to it
 *  \return TD_CHECKPOINT naming \a path when what it says of its network cannot be */
td_status td_checkpoint_spec(const td_checkpoint *checkpoint, const char *path,
                             int batch, td_net_spec *spec, td_genotype *genotype);

/** The stage of a search that a checkpoint is of into a spec: which operations edges
 *  have there, and how often all began anew.
 *  Not collective.  \return TD_CHECKPOINT naming \a path when that cannot be */
td_status td_checkpoint_take_stage(const td_checkpoint *checkpoint, const char *path,
                                   td_net_spec *spec);

/** The side that the images of the run were padded to, or 0.
 *  Not collective.  \return TD_CHECKPOINT naming \a path */
td_status td_checkpoint_pad_to(const td_checkpoint *checkpoint, const char *path,
                               int *side);

/** The class names, made-up ones ("0", "1", …) of a file that has none.
 *  Not collective.  \return (classes) for td_free */
td_class_name *td_checkpoint_class_names(const td_checkpoint *checkpoint);

/** Whether a checkpoint stands at \a path or beside it as .prev.  Not collective. */
bool td_checkpoint_exists(const char *path);

/** Whether the file at \a path bears the trailer of a checkpoint, whole or damaged.
 *  Not collective. */
bool td_checkpoint_is_one(const char *path);

/** "runs/a/checkpoint.prev.h5" for "runs/a/checkpoint.h5"; NULL for a name that is a
 *  .prev already.  Not collective.  \return for td_free */
char *td_checkpoint_prev(const char *path);

TD_PUBLIC_END

#endif
