/* Inside of the stepper, shared by step.c, second_order.c, pass.c and reduce.c. */
#ifndef TD_STEP_STEPPER_H
#define TD_STEP_STEPPER_H

#include "taildart/arch.h"
#include "taildart/base_exact.h"
#include "taildart/comm_reducer.h"
#include "taildart/step.h"
#include "taildart/step_rows.h"
#include "taildart/timing.h"

/* One reduction over ranks: its buffers, and how numbers lie in them:
 *
 *     gradients | sums of both branches, requests, range | statistics, pass by pass
 *
 * so that any prefix is one call without packing.  Order-free sums alone have a range:
 * the largest number of each rank, whose sum no partial sum of any order exceeds. */
typedef struct {
    void *send, *receive; /* of type */
    td_number type;
    bool is_exact;      /* whether all sums are order-free */
    size_t gradients;   /* numbers of the first part */
    size_t used;        /* numbers of the reduction under way */
    td_section section; /* that its time belongs to  */
    td_reducer reducer;
} td_reduction;

enum {
    TD_STEP_SUMS = 4 * TD_BRANCHES + 1, /* td_loss_sums of both branches, requests */
    TD_STEP_PASSES = 4                  /* that update running statistics, at most  */
};

/* Numbers between the gradients and the statistics. */
static inline size_t td_reduction_sums(const td_reduction *r)
{
    return TD_STEP_SUMS + (r->is_exact ? 1 : 0);
}

/* A number of the sums that came back. */
static inline double td_reduction_got(const td_reduction *r, size_t i)
{
    return r->type == TD_NUMBER_F64 ? ((const double *) r->receive)[i]
                                    : (double) ((const td_real *) r->receive)[i];
}

static inline void td_reduction_put(const td_reduction *r, size_t i, double x)
{
    if (r->type == TD_NUMBER_F64)
        ((double *) r->send)[i] = x;
    else
        ((td_real *) r->send)[i] = (td_real) x;
}

/* Requests that travel beside the sums. */
typedef struct {
    bool stop; /* of any rank */
    bool save; /* of rank 0   */
} td_step_requests;

/* What a stepper was made for. */
typedef struct {
    int branches, classes, order;
    int path_rows;      /* genes of all cells; 0: not a derived network */
    int groups;         /* most batch-norm groups of a branch */
    bool is_exact;      /* whether sums of images are order-free */
    bool auxiliary;     /* whether the network has the head */
    size_t image_count; /* numbers of one image */
    size_t weight_count, norm_count, alpha_count;
    size_t arch_count; /* alphas and betas: of one gradient of the architecture */
} td_step_sizes;

typedef struct {
    td_real *gradient; /* (weights.gradients) of all ranks, not divided; weights.receive
                          itself where that has such numbers */
    td_real *d_arch;   /* (order, arch_count) of all ranks: alphas, then betas */
    td_real *unrolled; /* (weight_count) second order's other weights */
    td_real *statistics; /* (2, norm_count) of one group */
    int *groups;         /* (branches·groups) of the pass under way */
    int32_t *places;     /* (branches·batch) of the pass under way, for noise */
    uint8_t *present; /* (TD_STEP_PASSES, 2, edges) of the passes that are recorded */
    uint8_t *single;  /* (2, edges) of the pass under way, where others rest */
    td_real *logits, *d_logits;              /* (batch, classes) */
    td_real *auxiliary_logits, *d_auxiliary; /* (branches·batch, classes) */
    td_real *drop_path;                      /* (path_rows, branches·batch) factors */
    td_real *images;      /* both branches side by side, if there are two */
    td_real *arch_backup; /* the architecture's arrays before the step */
    int64_t count_backup[TD_STATE_COUNTS];
    td_real *cell;         /* (alpha_count) alphas of a cell drawn for the step */
    uint8_t *cell_present; /* (2, edges) its operations */
    double *mixture;       /* (alpha_count) of the pass under way */
    uint8_t *masks;        /* (2, edges) operations that the edges have in this step */
    double *d_minus;       /* (alpha_count) second order's other gradient */
    double *costs;         /* (alpha_count) of operations: td_network_costs() */
    double *shift;         /* (alpha_count) of the weight step's weights */
} td_step_buffers;

struct td_stepper {
    td_network *net;                  /* owned */
    td_comm *weight_comm, *arch_comm; /* owned */
    const td_loss *loss[2];           /* by td_half; borrowed, or the plain one */
    td_loss *plain_loss;              /* owned */
    td_step_sizes sizes;
    td_arena memory;      /* owned: all that follows */
    td_reduction weights; /* gradients of the weights */
    td_reduction arch;    /* of the mixture weights; twice as many for second order */
    td_step_buffers buffers;
    td_arch_draw draw;              /* of the step under way */
    td_arch arch_view;              /* the state's, with that draw */
    const td_search_state *state;   /* of the step under way; borrowed */
    const td_step_batches *batches; /* the same */
    bool are_norms_shared;          /* by all ranks */
    bool is_beyond;        /* whether a sum within a pass of this step left the range */
    int statistics;        /* passes recorded in this step */
    int arch_passes;       /* passes of this step for gradients by weights alone */
    double skip_dropout;   /* of the passes of this step */
    double gradient_norm;  /* of buffers.gradient as it came from all ranks */
    const td_real *packed; /* weights that the network has packed, unchanged since; or
                              NULL */
};

/* One pass over the batches of a half, at any weights. */
typedef struct {
    const td_batch *batch; /* (branches) */
    td_half half;
    const td_real *weights;
    const td_arch *arch; /* what operations weigh, and which take part */
    bool keeps_weights;  /* the weights stay as they are until the next pass */
    const td_real *running_mean, *running_var; /* NULL: statistics of the batch */
    double mixing;
    td_request request; /* of weights: cleared and filled in weights.send, whose reducer
                           is told what is final */
    double *d_mixture;  /* (alpha_count) or NULL: cleared, then filled */
    bool keep_statistics;
    const td_real *drop_path; /* (path_rows, images of the pass) or NULL */
    double auxiliary_weight;
    const uint8_t *present;         /* result: (2, edges) computed; NULL: all */
    td_loss_sums sums[TD_BRANCHES]; /* result: this rank's own */
} td_step_pass;

/* Before the passes of a step, or of anything like it. */
void td_step_begin(td_stepper *stepper, const td_search_state *state,
                   const td_step_batches *batches);

/* Forward, loss, backward.  Collective only with class weights in two branches. */
void td_step_pass_run(td_stepper *stepper, td_step_pass *pass);

/* Drop-path factors of this rank's images in the weight step, NULL where nothing is
 * dropped: 0 with the probability of the epoch, else 1/(1−p) (Larsson et al. 2017). */
const td_real *td_step_draw_paths(td_stepper *stepper, const td_step_batches *batches,
                                  double probability);

/* m·L_c + (1−m)·L_r of global sums. */
double td_step_loss(const td_stepper *stepper, const td_loss_sums sums[TD_BRANCHES],
                    double mixing);

/* A reduction of the weights' gradients begins, before the pass that makes them; with
 * \a records passes' statistics.  Collective on the weights' communicator. */
void td_step_begin_weights(td_stepper *stepper, int records);

/* Sum the gradients, to stepper->buffers.gradient, and \a sums, in place of which the
 * global ones return, and the records.  Collective on the weights' communicator.
 * \param [in,out] requests  of this rank, then of all; NULL is none */
void td_step_reduce_weights(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES],
                            td_step_requests *requests);

/* Sum arch.send to arch.receive, and \a sums, on the architecture's communicator. */
void td_step_reduce_mixture(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES]);

/* The same, and the relaxation makes stepper->buffers.d_arch of the sums. */
void td_step_reduce_arch(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES]);

/* ---- perturb.c ------------------------------------------------------------------- */

/* The architecture of the weight step: \a arch with a shift of its weights, if the
 * rates ask for one.  Collective with adversarial ones.
 * \return TD_FAILED as td_step_check_finite() */
td_status td_step_perturb(td_stepper *stepper, td_arch *arch,
                          const td_search_state *state, const td_step_batches *batches,
                          const td_step_rates *rates);

/* ---- statistics.c ---------------------------------------------------------------- */

/* Numbers that a pass and branch send: Σ n·mean, Σ n·variance, n. */
static inline size_t td_step_record_count(const td_stepper *stepper)
{
    return 2 * stepper->sizes.norm_count + 1;
}

/* Put the batch statistics of the last pass behind those of the step's former ones. */
void td_step_record_statistics(td_stepper *stepper, const td_step_pass *pass);

/* Apply the recorded statistics of all ranks, in pass order, branch by branch. */
void td_step_apply_statistics(const td_stepper *stepper, td_search_state *state);

/* ---- finite.c -------------------------------------------------------------------- */

/* Whether reduced sums and gradients are finite, and in the range of order-free sums;
 * says who spoilt them if not.  Collective only on failure.  \a what: "architecture" or
 * "weight" step. */
td_status td_step_check_finite(td_stepper *stepper, const td_step_batches *batches,
                               const td_reduction *reduction,
                               const td_loss_sums sums[TD_BRANCHES], const char *what);

/* ---- groups.c -------------------------------------------------------------------- */

/* Shards of a batch: one where it does not say. */
int td_step_shard_count(const td_batch *batch);
int td_step_shard_images(const td_batch *batch, int shard);

/* Images of the batch-norm groups of a pass, branch after branch, into
 * stepper->buffers.groups.  \return how many there are */
int td_step_find_groups(td_stepper *stepper, const td_batch *batch);

/* Through whom norms that all ranks share are summed in a pass, and what the time of
 * that belongs to. */
typedef struct {
    td_comm *comm; /* borrowed */
    td_section section;
} td_step_norms;

/* td_pass.sum_norms with such a context. */
void td_step_sum_norms(void *context, double *totals, size_t count);

/* Gradient of the architecture after one unrolled weight step, into
 * stepper->buffers.d_arch, already divided.  Collective. */
td_status td_step_second_order(td_stepper *stepper, const td_search_state *state,
                               const td_step_batches *batches,
                               const td_step_rates *rates, td_step_result *result);

/* x *= factor. */
void td_step_scale(td_real *x, size_t n, double factor);

#endif
