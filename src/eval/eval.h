/* State of an evaluation, and the functions shared by the files of this room. */
#ifndef TD_EVAL_EVAL_H
#define TD_EVAL_EVAL_H

#include "taildart/arch.h"
#include "taildart/checkpoint.h"
#include "taildart/data.h"
#include "taildart/eval.h"
#include "taildart/eval_score.h"
#include "taildart/net.h"
#include "taildart/sampling_source.h"
#include "taildart/sampling_split.h"
#include "taildart/step_state.h"

typedef enum {
    TD_EVAL_TEST,
    TD_EVAL_ARCH,
    TD_EVAL_WEIGHTS,
    TD_EVAL_PARTS
} td_eval_part;

enum { TD_EVAL_SCORES = 16 }; /* most adjustments of the same logits */

/* Sizes and network, on all ranks; plain bytes but for spec.genotype. */
typedef struct {
    td_data_info info;
    int64_t count; /* images of the part */
    td_part part;  /* of the data set that they are in */
    int threads;
    bool has_logits, has_confusion; /* whether files of them are asked for */
    td_net_spec spec;               /* its batch: images of a rank at once */
    td_genotype genotype;           /* of a derived network                */
    td_relaxation_kind relaxation;
    int top;                    /* --top, or 1                                */
    int scores;                 /* 1, or one an adjustment                    */
    bool is_adjusted;           /* --adjust                                   */
    double tau[TD_EVAL_SCORES]; /* (scores) of it                             */
    bool is_normalised;         /* --tau-norm                                 */
    double tau_norm;            /* of it                                      */
    bool knows_training;        /* whether the training images are known      */
    bool has_edge_weights;
    double temperature, skip_bonus; /* of the relaxation, as the run left it */
} td_eval_plan;

/* One image of a batch, as rank 0 hands it out; plain bytes. */
typedef struct {
    int32_t image, label;
    uint32_t check; /* of its pixels, where they lie in a file */
} td_eval_order;

typedef struct {
    td_comm *world; /* borrowed */
    int rank, ranks;
    const td_eval_options *options; /* rank 0 */
    char *checkpoint;               /* rank 0: owned, the file of it */
    char *data;                     /* rank 0: owned, the data set */
    td_checkpoint *saved;           /* rank 0 */
    td_dataset *dataset;            /* rank 0 */
    td_eval_part part;              /* rank 0 */
    const char *part_name;          /* rank 0: its word, borrowed */
    td_eval_plan plan;
    td_network *net;
    td_search_state *state;
    td_image_source source;
    int64_t *training;               /* (classes) images; on all ranks for --adjust */
    td_score *score[TD_EVAL_SCORES]; /* of this rank's images, in the end of all */
    int64_t wrong;                   /* rank 0: images whose logits are not finite */
    int64_t first_wrong;             /* rank 0: the first of them in the part */
    td_eval_order *orders;           /* (batch) of this rank; rank 0: (ranks, batch) */
    uint8_t *pixels;                 /* (batch, image) of this rank */
    td_real *images;                 /* (batch, image) of this rank */
    td_real *logits;                 /* (batch, classes) of this rank */
    double *mixture;                 /* weights of a supernet's operations */
    uint8_t *present;                /* which of them there are */
    int32_t *places;                 /* (batch) numbers of the images: for noise */
    td_real *round;                  /* rank 0, for --logits: (ranks, batch, classes) */
    td_real *all_logits;             /* rank 0, for --logits: (count, classes) */
} td_eval;

/* Groups of classes, known where the training images of each class are. */
typedef struct {
    td_group *by_count; /* (classes)                                     */
    td_group *by_range; /* (classes)                                     */
} td_eval_classes;

/* Release all that it has. */
void td_eval_clear(td_eval *e);

/* The half of the run that is evaluated; the test part is none. */
td_half td_eval_half(const td_eval *e);

/* ---- open.c ------------------------------------------------------------------ */

/* Take from the checkpoint what the state of its network is made with (rank 0). */
void td_eval_plan_state(td_eval *e);

/* Build the network of the plan and load its weights, in a process without ranks.  Not
 * collective. */
td_status td_eval_load_network_alone(td_eval *e);

/* Open checkpoint, data and network, and set the plan.  Collective. */
td_status td_eval_open(td_eval *e);

/* ---- data.c (rank 0) --------------------------------------------------------- */

/* The data set that the run has named, for td_free; NULL where it is not known. */
char *td_eval_data_of_run(const td_eval *e);

/* Find which data set it is: the one given, or that of the run. */
td_status td_eval_find_data(td_eval *e);

/* Open the data set, with the classes, mean and deviation of the run. */
td_status td_eval_open_data(td_eval *e);

/* ---- adjust.c ---------------------------------------------------------------- */

/* Read --adjust and --tau-norm into the plan (rank 0). */
td_status td_eval_read_adjustment(td_eval *e);

/* Refuse --tau-norm of a head that it would not change (rank 0). */
td_status td_eval_check_head(const td_eval *e);

/* Find the training images of each class (rank 0).  \return TD_CHECKPOINT where
 * --adjust needs them and they are not known, or none */
td_status td_eval_count_training(td_eval *e);

/* Tell them to all ranks.  Collective. */
void td_eval_share_training(td_eval *e);

/* --tau-norm: the classifier of the state, which loses its bias. */
void td_eval_normalise_classifier(td_eval *e);

/* Score \a n images by e->logits, once for each adjustment; these become those of the
 * first one. */
void td_eval_score(td_eval *e, const int32_t *labels, int n);

/* ---- pass.c ------------------------------------------------------------------ */

/* What passes need, for plan.spec.batch images of plan.count. */
void td_eval_make_buffers(td_eval *e);

/* From \a count of e->pixels and the images in e->orders, their numbers, to logits. */
void td_eval_forward(td_eval *e, int count);

/* Pass all images of the part through the network: score and logits.  Collective.
 * \return TD_DATA where images cannot be read; TD_STOPPED */
td_status td_eval_pass(td_eval *e);

/* ---- print.c (rank 0) -------------------------------------------------------- */

void td_eval_print(const td_eval *e, const td_eval_classes *table);

/* ---- files.c (rank 0) -------------------------------------------------------- */

/* Check before the work that the files asked for can be written. */
td_status td_eval_try_files(const td_eval *e);
td_status td_eval_write_files(const td_eval *e, const td_eval_classes *table);

/* ---- leave.c (rank 0) -------------------------------------------------------- */

/* Leave the figures with the run that the checkpoint lies in, if it lies in one; what
 * hinders that is a NOTE. */
void td_eval_leave_rows(const td_eval *e, const td_eval_classes *table);

#endif
