/* Inside of the stepper, shared by step.c, second_order.c, pass.c and reduce.c. */
#ifndef TD_STEP_STEPPER_H
#define TD_STEP_STEPPER_H

#include "taildart/arch.h"
#include "taildart/comm_reducer.h"
#include "taildart/step.h"
#include "taildart/step_rows.h"
#include "taildart/timing.h"

/* One reduction over ranks: its buffers, and how numbers lie in them:
 *
 *     gradients | sums of both branches, requests | statistics, pass by pass
 *
 * so that any prefix is one call without packing. */
typedef struct {
    td_real *send, *receive;
    size_t gradients;   /* numbers of the first part */
    td_section section; /* that its time belongs to  */
    td_reducer reducer;
} td_reduction;

enum {
    TD_STEP_SUMS = 4 * TD_BRANCHES + 1, /* td_loss_sums of both branches, requests */
    TD_STEP_PASSES = 4                  /* that update running statistics, at most  */
};

/* Requests that travel beside the sums. */
typedef struct {
    bool stop; /* of any rank */
    bool save; /* of rank 0   */
} td_step_requests;

/* What a stepper was made for. */
typedef struct {
    int branches, classes, order;
    int path_rows;      /* genes of all cells; 0: not a derived network */
    bool auxiliary;     /* whether the network has the head */
    size_t image_count; /* numbers of one image */
    size_t weight_count, norm_count, alpha_count;
} td_step_sizes;

typedef struct {
    td_real *unrolled;          /* (weight_count) second order's other weights */
    td_real *logits, *d_logits; /* (batch, classes) */
    td_real *auxiliary_logits, *d_auxiliary; /* (branches·batch, classes) */
    td_real *drop_path;                      /* (path_rows, branches·batch) factors */
    td_real *images;      /* both branches side by side, if there are two */
    td_real *arch_backup; /* the architecture's arrays before the step */
    int64_t count_backup[TD_STATE_COUNTS];
    double *mixture, *d_mixture; /* (alpha_count) of the pass under way */
} td_step_buffers;

struct td_stepper {
    td_network *net;                  /* owned */
    td_comm *weight_comm, *arch_comm; /* owned */
    const td_loss *loss[2];           /* by td_half; borrowed, or the plain one */
    td_loss *plain_loss;              /* owned */
    td_step_sizes sizes;
    td_arena memory;      /* owned: all that follows */
    td_reduction weights; /* gradients of the weights */
    td_reduction arch;    /* gradients of the alphas; twice as many for second order */
    td_step_buffers buffers;
    td_arch_draw draw;               /* of the step under way */
    const td_relaxation *relaxation; /* of the state at hand */
    int statistics;                  /* passes recorded in this step */
};

/* One pass over the batches of a half, at any weights. */
typedef struct {
    const td_batch *batch; /* (branches) */
    td_half half;
    const td_real *weights, *alphas;
    double mixing;
    td_request request;
    td_real *grads;      /* (weight_count) or NULL: cleared, then filled */
    td_reducer *reducer; /* told what of grads is final; NULL: nobody is */
    td_real *d_alphas;   /* (alpha_count) or NULL: cleared, then filled  */
    bool keep_statistics;
    const td_real *drop_path; /* (path_rows, images of the pass) or NULL */
    double auxiliary_weight;
    td_loss_sums sums[TD_BRANCHES]; /* result: this rank's own */
} td_step_pass;

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

/* Sum the gradients and \a sums, in place of which the global ones return, and the
 * records.  Collective on the weights' communicator.
 * \param [in,out] requests  of this rank, then of all; NULL is none */
void td_step_reduce_weights(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES],
                            td_step_requests *requests);

/* The same on the architecture's communicator, from begin to end. */
void td_step_reduce_arch(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES]);

/* Put the batch statistics of the last pass behind those of the step's former ones. */
void td_step_record_statistics(td_stepper *stepper, const td_batch *batch);

/* Apply the recorded statistics of all ranks, in pass order, branch by branch. */
void td_step_apply_statistics(const td_stepper *stepper, td_search_state *state);

/* Whether reduced sums and gradients are finite; says who spoilt them if not.
 * Collective only on failure.  \a what: "architecture" or "weight" step. */
td_status td_step_check_finite(td_stepper *stepper, const td_step_batches *batches,
                               const td_reduction *reduction,
                               const td_loss_sums sums[TD_BRANCHES], const char *what);

/* Gradient of the architecture after one unrolled weight step, into
 * stepper->arch.receive, already divided.  Collective. */
td_status td_step_second_order(td_stepper *stepper, const td_search_state *state,
                               const td_step_batches *batches,
                               const td_step_rates *rates, td_step_result *result);

/* x *= factor. */
void td_step_scale(td_real *x, size_t n, double factor);

#endif
