/** Floor 1: the configuration of a run, and the one table of keys behind it.
 *
 *  The table in src/config/keys.c (name, type, default, limits, unit, help) drives the
 *  YAML reader, --set, the shorthands, the help, --dry-run, the saved config.yaml and
 *  the error that names an unknown key's nearest neighbour.  A key is added in two
 *  places: its field here, its row there.
 */
#ifndef TAILDART_CONFIG_H
#define TAILDART_CONFIG_H

#include <limits.h>

#include "taildart/base.h"
#include "taildart/config_kinds.h"

TD_PUBLIC_BEGIN

enum { TD_NEVER = INT_MAX }; /**< arch.lr.frozen_from: never */

/** Shapes of a schedule over epochs. */
typedef enum {
    TD_SHAPE_CONSTANT,
    TD_SHAPE_LINEAR,
    TD_SHAPE_RISING_LINEAR,
    TD_SHAPE_COSINE,
    TD_SHAPE_QUARTER_COSINE,
    TD_SHAPE_PARABOLIC,
    TD_SHAPE_RISING,
    TD_SHAPE_TENT,
    TD_SHAPE_SYMMETRIC,
    TD_SHAPE_EXPONENTIAL,
    TD_SHAPE_STEP,
    TD_SHAPE_COUPLED, /**< architecture only: start times the mixing ratio */
    TD_SHAPE_BETA     /**< mixing ratio only: one number per step, td_schedule_draw() */
} td_shape;

typedef enum { TD_SCALE_NONE, TD_SCALE_LINEAR, TD_SCALE_SQRT } td_lr_scale;

/** One schedule: learning rates and the mixing ratio are all described by this. */
typedef struct {
    int shape;        /**< td_shape                                          */
    double start;     /**< value where the shape is 1                        */
    double end;       /**< value where the shape is 0                        */
    double gamma;     /**< factor of exponential and step                    */
    int every;        /**< epochs between the drops of step                  */
    int warmup;       /**< epochs of warm-up; 0 for none                     */
    int frozen_until; /**< architecture: no step before this epoch           */
    int frozen_from;  /**< architecture: no step from this epoch; TD_NEVER   */
    int scale;        /**< td_lr_scale (weights only)                        */
} td_schedule;

typedef enum { TD_PROFILE_EXP, TD_PROFILE_STEP } td_profile;
typedef enum { TD_SPLIT_STRATIFIED, TD_SPLIT_INDEX } td_split;

#define TD_SAMPLER_NUMBER(NAME, function, word) TD_SAMPLER_##NAME,
typedef enum { TD_SAMPLERS(TD_SAMPLER_NUMBER) TD_SAMPLER_COUNT } td_sampler_kind;

#define TD_MIX_NUMBER(NAME, function, word) TD_MIX_##NAME,
typedef enum { TD_MIXES(TD_MIX_NUMBER) TD_MIX_COUNT } td_mix_kind;

/** How the images of a half's steps are mixed, as its keys define it. */
typedef struct {
    int kind;           /**< td_mix_kind                                     */
    double alpha;       /**< shares are drawn from Beta(alpha, alpha)        */
    double probability; /**< of a batch; TD_AUTO: td_mix_probability()       */
    double kappa, tau;  /**< of remix                                        */
    int from, until;    /**< epochs; TD_NEVER: to the end                    */
} td_mix_keys;

#define TD_AUGMENT_NUMBER(NAME, function, word) TD_AUGMENT_##NAME,
typedef enum { TD_AUGMENTS(TD_AUGMENT_NUMBER) TD_AUGMENT_COUNT } td_augment_kind;

enum { TD_AUGMENT_MOST = 8 }; /**< most operations of RandAugment */

/** A policy as its keys define it. */
typedef struct {
    int kind;       /**< td_augment_kind                            */
    int operations; /**< of randaugment: how many an image gets     */
    int magnitude;  /**< of randaugment: how strong they are, of 30 */
} td_augment_keys;

#define TD_WEIGHTING_NUMBER(NAME, function, word) TD_WEIGHTING_##NAME,
typedef enum { TD_WEIGHTINGS(TD_WEIGHTING_NUMBER) TD_WEIGHTING_COUNT } td_weighting;

#define TD_LOSS_NUMBER(NAME, function, word) TD_LOSS_##NAME,
typedef enum { TD_LOSSES(TD_LOSS_NUMBER) TD_LOSS_COUNT } td_loss_kind;

/** A number that is left to its kind: the word `auto`. */
#define TD_AUTO (-1.0)

/** A loss as its keys define it. */
typedef struct {
    int kind;          /**< td_loss_kind                                            */
    double gamma, tau; /**< TD_AUTO: as published for the kind, td_loss_settled()   */
    double margin;     /**< of the smallest class                                   */
    double head, tail; /**< smoothing of the largest and the smallest class         */
} td_loss_keys;

/** Numbers of a loss that a kind may read. */
typedef enum {
    TD_LOSS_GAMMA = 1,
    TD_LOSS_TAU = 2,
    TD_LOSS_SMOOTHING = 4, /**< head and tail */
    TD_LOSS_MARGIN = 8
} td_loss_number;

#define TD_HEAD_NUMBER(NAME, function, word) TD_HEAD_##NAME,
typedef enum { TD_HEADS(TD_HEAD_NUMBER) TD_HEAD_COUNT } td_head_kind;

#define TD_RELAXATION_NUMBER(NAME, function, word) TD_RELAXATION_##NAME,
typedef enum {
    TD_RELAXATIONS(TD_RELAXATION_NUMBER) TD_RELAXATION_COUNT
} td_relaxation_kind;

#define TD_PENALTY_NUMBER(NAME, function, what) TD_PENALTY_##NAME,
typedef enum { TD_PENALTIES(TD_PENALTY_NUMBER) TD_PENALTY_COUNT } td_penalty_kind;

#define TD_PERTURBATION_NUMBER(NAME, word) TD_PERTURB_##NAME,
typedef enum {
    TD_PERTURBATIONS(TD_PERTURBATION_NUMBER) TD_PERTURB_COUNT
} td_perturbation;

#define TD_REDUCER_NUMBER(NAME, function, word) TD_REDUCER_##NAME,
typedef enum { TD_REDUCERS(TD_REDUCER_NUMBER) TD_REDUCER_COUNT } td_reducer_kind;

/** Operations that a backward pass recomputes instead of keeping their results since
 *  the forward pass. */
typedef enum {
    TD_RECOMPUTE_NONE,    /**< nothing                                                */
    TD_RECOMPUTE_POOLS,   /**< both pools of every state                              */
    TD_RECOMPUTE_DILATED, /**< also the dilated convolutions                          */
    TD_RECOMPUTE_ALL,     /**< also the second halves of the separable convolutions   */
    TD_RECOMPUTE_AUTO     /**< all in as many of the first cells as memory requires   */
} td_recompute;
/** Layers between images and cells: a convolution, or three that halve the sides each
 *  (the network for ImageNet of Liu et al. 2019). */
#define TD_STEM_NUMBER(NAME, word) TD_STEM_##NAME,
typedef enum { TD_STEMS(TD_STEM_NUMBER) TD_STEM_COUNT } td_stem_kind;

/** What each of two branches has of its own, beside the columns of the classifier. */
typedef enum { TD_BRANCH_CELL, TD_BRANCH_HEAD } td_branch_split;

/** Whose images share a batch norm: those of a rank, of a shard, of the global batch.
 */
typedef enum { TD_NORMS_LOCAL, TD_NORMS_SHARD, TD_NORMS_SYNC } td_norm_sharing;
/** What a rank holds of its images; auto: those of its shards, if they fit. */
typedef enum { TD_HOLD_AUTO, TD_HOLD_MEMORY, TD_HOLD_FILE } td_hold;
typedef enum { TD_RESUME_AUTO, TD_RESUME_NEVER, TD_RESUME_MUST } td_resume;
/** The measure that chooses best.h5. */
typedef enum { TD_BEST_BALANCED, TD_BEST_TOP1, TD_BEST_LOSS } td_best;

enum { TD_TEXT_BYTES = 4096 }; /**< longest text value, with its end */

enum { TD_MOST_ROWS = 16, TD_MOST_MEMBERS = 4 };

/** A list of whole numbers by name, as [{epoch: 25, keep: 5}, {epoch: 40, keep: 3}]: a
 *  row each, its members in the order of the key's names; then a share from 0 to 0.99
 *  where the key has one, 0 of a row that does not give it. */
typedef struct {
    int count;
    int value[TD_MOST_ROWS][TD_MOST_MEMBERS];
    double share[TD_MOST_ROWS];
} td_rows;

/** How a search finds its cell. */
typedef enum { TD_METHOD_DARTS, TD_METHOD_RANDOM } td_method;

/** Which operations of its edges a cell gets. */
typedef enum {
    TD_DISCRETISE_STRONGEST,
    TD_DISCRETISE_THRESHOLD,
    TD_DISCRETISE_PERTURBATION
} td_discretise;

/** What ends a search before its last epoch. */
typedef enum { TD_STOP_NONE, TD_STOP_SKIPS, TD_STOP_EIGENVALUE } td_stop;

/** A row of search.prune. */
enum { TD_PRUNE_EPOCH, TD_PRUNE_KEEP, TD_PRUNE_MEMBERS };

/** A row of search.stages. */
enum { TD_STAGE_EPOCH, TD_STAGE_CELLS, TD_STAGE_KEEP, TD_STAGE_MEMBERS };

/** The commands that have keys: rows of the table name those that show them. */
typedef enum {
    TD_FOR_SEARCH = 1,
    TD_FOR_BENCH = 2,
    TD_FOR_EVAL = 4,
    TD_FOR_DRAWS = 8,
    TD_FOR_INFO = 16,
    TD_FOR_TRAIN = 32
} td_config_command;

/** All keys, grouped by the room that reads them. */
typedef struct {
    td_config_command command; /**< whose defaults and rules these are          */
    int64_t seed;
    struct {
        char path[TD_TEXT_BYTES];
        double imbalance;   /**< >= 1                                       */
        int64_t largest;    /**< images that the largest class keeps; 0: all */
        int profile;        /**< td_profile                                 */
        int64_t seed;       /**< which images the tail keeps, and the halves */
        int split;          /**< td_split                                   */
        double train_share; /**< share of the weight half, in (0,1)         */
        int shards;         /**< 0: the number of ranks at the first start  */
        int crop_pad;       /**< pixels of padding before the crop          */
        bool flip;
        td_augment_keys augment;
        int cutout;       /**< side of the square set to zero, or 0       */
        int pad_to;       /**< side that smaller images are padded to, or 0 */
        int hold;         /**< td_hold                                    */
        int sampler;      /**< td_sampler_kind of the weight stream       */
        int sampler_from; /**< epoch; instance before                */
        td_mix_keys mix;  /**< of weight steps                       */
    } data;
    struct {
        int channels, cells, nodes;
        char operations[TD_TEXT_BYTES]; /**< a set's name, or primitives     */
        int stem;                       /**< td_stem_kind */
        int recompute;                  /**< td_recompute */
        int head;                       /**< td_head_kind                    */
        double head_scale;              /**< of its logits; TD_AUTO: td_head_scale() */
    } net;
    struct {
        int epochs, batch; /**< of the loop: also keys train.epochs, train.batch */
        int order;
        int discretise;        /**< td_discretise */
        double threshold;      /**< of it; in (0,1) */
        int tuning_epochs;     /**< between decisions of a projection */
        int projection_images; /**< by which it decides; 0: all that are held out */
        int max_skips;         /**< of the normal cell; TD_NEVER: any number */
        int method, samples;   /**< td_method; cells that random judges in the end */
        td_rows prune;         /**< by TD_PRUNE_EPOCH, TD_PRUNE_KEEP */
        td_rows stages;        /**< by TD_STAGE_EPOCH, …: the second and later ones */
        int stop;              /**< td_stop */
        int stop_start, stop_limit, stop_every, stop_window, stop_delta; /**< of it */
        double stop_factor;
    } search;
    struct {
        char genotype[TD_TEXT_BYTES]; /**< its Python form once a run has begun */
        char from[TD_TEXT_BYTES]; /**< checkpoint whose head alone learns anew; "" */
        bool auxiliary;           /**< wanted; where it fits                */
        double auxiliary_weight;  /**< factor on its loss                   */
        td_schedule drop_path;    /**< probability                          */
        int best;                 /**< td_best: chooses best.h5             */
    } train;
    struct {
        td_schedule lr;
        double momentum, decay, clip;
        int class_weights;      /**< td_weighting                           */
        int class_weights_from; /**< epoch; ones before                     */
        td_loss_keys loss;
    } weights;
    struct {
        td_schedule lr;
        double decay;
        double betas[2];
        int interval; /**< every k-th step is an architecture step    */
        int sampler;  /**< td_sampler_kind of the architecture stream */
        int sampler_from;
        td_mix_keys mix; /**< of architecture steps */
        int class_weights, class_weights_from;
        td_loss_keys loss;
        int relaxation;          /**< td_relaxation_kind                         */
        td_schedule temperature; /**< of the relaxation                 */
        bool edge_weights;       /**< betas beside alphas               */
        td_schedule penalty[TD_PENALTY_COUNT]; /**< weights               */
        td_schedule skip_bonus;                /**< added to skip_connect             */
        int perturb;                           /**< td_perturbation of weight steps   */
        td_schedule epsilon;                   /**< its largest shift                 */
    } arch;
    struct {
        bool enabled;
        int split;   /**< td_branch_split                            */
        int sampler; /**< td_sampler_kind of both re-balancing streams */
        td_schedule mixing;
    } bbn;
    struct {
        int reduce;    /**< td_reducer_kind                                     */
        int bucket;    /**< KiB that travel together                            */
        int batchnorm; /**< td_norm_sharing, as td_config_norms() reads it      */
        bool reproducible;
        double timeout_seconds; /**< without progress until the job ends; 0: never */
    } dist;
    struct {
        double minutes; /**< between checkpoints within an epoch        */
    } checkpoint;
    struct {
        char out[TD_TEXT_BYTES];
        int threads; /**< 0: OMP_NUM_THREADS, or the CPUs bound to   */
        int resume;  /**< td_resume                                  */
        int trace;   /**< steps that trace.json shows                */
    } run;
    struct {
        int steps, warmup, size, image_channels, classes;
        int keep; /**< operations of an edge that take part */
    } bench;
} td_config;

/** Origin of a value, for --dry-run. */
typedef enum { TD_ORIGIN_DEFAULT, TD_ORIGIN_FILE, TD_ORIGIN_OPTION } td_origin;

/** Whether a derived network is trained, rather than a supernet searched.
 *  Not collective. */
static inline bool td_config_is_training(const td_config *config)
{
    return config->command == TD_FOR_TRAIN;
}

/** The same loss with numbers in the place of TD_AUTO: focal with gamma 2 (Lin et al.
 *  2017), vs with gamma 0.2 and tau 1.2 (Kini et al. 2021, long-tailed CIFAR-10),
 *  logit adjustment with tau 1 (Menon et al. 2021), cdt with gamma 0.2 (Ye et al.
 *  2020).  A number that the kind does not read is 0.  Not collective. */
td_loss_keys td_loss_settled(const td_loss_keys *keys);

/** Whether a kind reads one of its numbers.  Not collective. */
bool td_loss_reads(td_loss_kind kind, td_loss_number number);

/** Whether the logits of a kind follow the training images of classes, so that rare
 *  ones are favoured; margins (LDAM) do not.  Not collective. */
bool td_loss_follows_counts(td_loss_kind kind);

/** net.head_scale, or where that is left to the head: 30 of normalised (LDAM: Cao et
 *  al. 2019), 1 of the others.  Not collective. */
double td_head_scale(const td_config *config);

/** A kind of head as users spell it.  Not collective. */
const char *td_head_word(td_head_kind kind);

/** A kind of stem as users spell it.  Not collective. */
const char *td_stem_word(td_stem_kind kind);

/** A kind of loss as users spell it.  Not collective. */
const char *td_loss_word(td_loss_kind kind);

/** Whether a kind pastes images of the half's re-balancing stream.  Not collective. */
static inline bool td_mix_pastes(td_mix_kind kind)
{
    return kind == TD_MIX_CMO;
}

/** The probability that a batch is mixed; where that is left to the kind, 1/2 of cutmix
 *  and cmo (as published for CIFAR), 1 of the others.  Not collective. */
static inline double td_mix_probability(const td_mix_keys *keys)
{
    bool has_box = keys->kind == TD_MIX_CUTMIX || keys->kind == TD_MIX_CMO;
    return keys->probability != TD_AUTO ? keys->probability : has_box ? 0.5 : 1.0;
}

/** Name of a reducer, as dist.reduce has it.  Not collective. */
const char *td_reducer_word(td_reducer_kind kind);

/** "balanced", "top1", "loss".  Not collective. */
const char *td_best_name(td_best best);

/** The same for messages: "balanced accuracy", "top-1", "loss".  Not collective. */
const char *td_best_title(td_best best);

/** Find the measure of a name.  Not collective.  \return false for an unknown name */
bool td_best_find(td_best *best, const char *name);

/** Two cells are all reductions (they stand at 1/3 and 2/3): no normal cell. */
enum { TD_LEAST_CELLS = 3, TD_MOST_CELLS = 256 };

/** The name of the key of the batch: "search.batch" or "train.batch".
 *  Not collective. */
const char *td_config_batch_key(const td_config *config);

/** Whose images share a batch norm: dist.reproducible makes a rank's a shard's, since
 *  what a rank has is another number of images on other ranks.  Not collective. */
td_norm_sharing td_config_norms(const td_config *config);

/** A configuration with the origin of each value. */
typedef struct td_settings td_settings;

/** Allocate settings with all keys at their defaults.  Not collective.  \return for
 *  td_settings_free */
td_settings *td_settings_new(td_config_command command);

/** Free settings; NULL is fine.  Not collective. */
void td_settings_free(td_settings *settings);

/** The values.  Borrowed.  Not collective. */
const td_config *td_settings_config(const td_settings *settings);

/** Set one key from text ("weights.lr.start", "0.1").  A value of lower origin is
 *  checked and then ignored after one of higher origin: options beat files.
 *  Not collective.  \return TD_USAGE naming the key, what was found, what is
 *  accepted, and for an unknown key its nearest neighbour. */
td_status td_settings_set(td_settings *settings, const char *key, const char *text,
                          td_origin origin);

/** Read a YAML file of nested keys over the present values.
 *  Not collective.  \return TD_USAGE naming file, line and key. */
td_status td_settings_read_file(td_settings *settings, const char *path);

/** Read the same from text; \a name is the file's in messages.  Not collective. */
td_status td_settings_read_text(td_settings *settings, const char *name,
                                const char *text);

/** Check the rules between keys (a bbn key off its default while bbn.enabled is false,
 *  a shape that its schedule does not take, …), after the last set.
 *  Not collective.  \return TD_USAGE naming the key and the fix. */
td_status td_settings_check(const td_settings *settings);

/** Check that a text key that the command needs is set.
 *  Not collective.  \return TD_USAGE naming the key and its option */
td_status td_settings_require(const td_settings *settings, const char *key);

/** Write the configuration as YAML that td_settings_read_text takes back to equal
 *  values.
 *  Not collective.  \return for td_free */
char *td_settings_yaml(const td_settings *settings);

/** Write `key  value  unit  origin` lines for --dry-run: keys with their defaults, then
 *  those that files and options have set.  Not collective.  \return for td_free */
char *td_settings_table(const td_settings *settings);

/** Find the first key that differs from the saved run's and may not on resume.
 *  Not collective.  \return the key's name, or NULL when the run may continue */
const char *td_settings_difference(const td_settings *mine, const td_settings *saved);

/** Write a key's value as text; that of an enumeration as files spell it, for example
 *  td_settings_value(s, "weights.lr.shape") -> "cosine".
 *  Not collective.  \param [out] out  holds TD_TEXT_BYTES */
void td_settings_value(const td_settings *settings, const char *key, char *out);

TD_PUBLIC_END

#endif
