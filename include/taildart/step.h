/** Floor 5: one step of the bilevel search, over all ranks.
 *
 *  A step is an architecture step on a batch of the architecture half, then a weight
 *  step on a batch of the weight half (Liu et al. 2019, algorithm 1).  Sums
 *  over samples travel between ranks, with their divisors; the division comes after, so
 *  uneven and empty batches are exact.  Nothing is allocated inside a step.
 */
#ifndef TAILDART_STEP_H
#define TAILDART_STEP_H

#include "taildart/comm_reducer.h"
#include "taildart/objective.h"
#include "taildart/sampling_loader.h"
#include "taildart/step_state.h"

TD_PUBLIC_BEGIN

/** The two branches of a BBN network; a plain one has the first alone. */
enum { TD_CONVENTIONAL, TD_REBALANCING, TD_BRANCHES };

/** What one rank brings to a step. */
typedef struct {
    td_batch train[TD_BRANCHES]; /**< weight half; [1] read by two branches only     */
    td_batch valid[TD_BRANCHES]; /**< architecture half; read by architecture steps  */
    bool stop;                   /**< this rank was asked to stop                    */
    bool save;                   /**< rank 0 wants a checkpoint; ignored of others   */
    int64_t epoch, step;         /**< for messages and drop path                     */
    const int32_t *places;       /**< (train count) of the images in the whole batch:
                                      what drop path goes by; NULL without           */
    const int32_t *valid_places; /**< (valid count) the same of the architecture's:
                                      noise goes by both; NULL without           */
    uint64_t seed;               /**< of drop path, noise, relaxations with chance   */
} td_step_batches;

/** The numbers that rule a step; equal on every rank. */
typedef struct {
    bool random_cell;           /**< the weight step is one of a cell drawn for it   */
    bool arch_step;             /**< begin with an architecture step                */
    int order;                  /**< 1 or 2; at most what the stepper was made for  */
    double mixing;              /**< m of two branches, else ignored                */
    double lr, momentum, decay; /**< of the weights                                 */
    double clip;                /**< limit of the gradient's global norm            */
    double arch_lr, arch_decay;
    double arch_betas[2];
    double temperature, skip_bonus; /**< of the epoch: the caller sets the state's   */
    double penalties[TD_PENALTY_COUNT]; /**< weights: td_arch_penalise()             */
    int perturb;    /**< td_perturbation of weight steps                             */
    double epsilon; /**< its largest shift; 0: none                                  */
    double skip_dropout;     /**< share of skip connections' numbers; supernets      */
    double drop_path;        /**< probability; derived networks                  */
    double auxiliary_weight; /**< of the auxiliary head's loss; derived networks */
    double radius;           /**< r of second order: R = r/‖v‖; TD_STEP_RADIUS   */
} td_step_rates;

/** Passes that the adversary of arch.perturb makes in a weight step (Chen & Hsieh
 *  2020). */
enum { TD_STEP_ASCENTS = 7 };

/** r of the published finite difference (Liu et al. 2019, eq. 8, footnote). */
#define TD_STEP_RADIUS 0.01

/** Seconds that this rank spent in passes. */
typedef struct {
    double forward; /**< with the loss */
    double backward;
} td_pass_seconds;

/** What a step found; equal on every rank, times excepted. */
typedef struct {
    td_loss_sums train[TD_BRANCHES], valid[TD_BRANCHES]; /**< over all ranks         */
    double loss;               /**< m·L_c + (1−m)·L_r, each over its own divisor  */
    double arch_loss;          /**< the same of the architecture batch, without
                                    penalties; NaN if none                          */
    double arch_penalty;       /**< the weighted sum of penalties; NaN if none      */
    int arch_passes;           /**< passes of this step that ask for gradients by the
                                    weights of operations alone                     */
    double grad_norm;          /**< of the weights' gradient before clipping        */
    const td_real *arch_grads; /**< (2, edges, 8) before Adam and decay, then
                                       (2, edges) of the betas; borrowed
                                       until the next step            */
    double arch_seconds, weight_seconds;    /**< both halves of the step             */
    td_pass_seconds arch_pass, weight_pass; /**< the passes in them                  */
    double update_seconds; /**< neither passes nor reductions: optimisers and such */
    bool stop;             /**< some rank was asked to stop                     */
    bool save;             /**< rank 0 wants a checkpoint after this step       */
} td_step_result;

/** Network, buffers and communicators of a step. */
typedef struct td_stepper td_stepper;

/** Build the network of \a spec and all buffers.
 *  Collective.  \param [in] spec  batch: most images of one branch on this rank
 *  \param [in] order  highest order that will be asked for: 2 needs one more copy
 *  \return TD_USAGE naming the key that does not fit, the same on every rank */
td_status td_stepper_new(td_stepper **stepper, td_comm *world, const td_net_spec *spec,
                         const td_kernels *kernels, int order);

/** Which loss the steps of a half go down from now on; before the first call it is
 *  cross-entropy.  \a loss is borrowed.  Not collective, but the same on every rank. */
void td_stepper_set_loss(td_stepper *stepper, td_half half, const td_loss *loss);

/** How gradients are summed over ranks from now on; blocking before the first call.
 *  The same on every rank.  Between steps.  Not collective.  \a bucket: bytes */
void td_stepper_set_reducer(td_stepper *stepper, const td_reducer_form *form,
                            size_t bucket);

/** Bytes that the sum of the weights' gradients has in a step, with what travels beside
 *  them.  \a plan: of \a spec.  Not collective.
 *  \param [in] order  of architecture steps; 0: there are none */
size_t td_stepper_sum_bytes(const td_net_plan *plan, const td_net_spec *spec,
                            int order);

/** What the reductions took since the last call: of the weights' gradients, with what
 *  travels beside them, or of the architecture's.  Between steps.  Collective. */
td_reducer_times td_stepper_take_times(td_stepper *stepper, td_half half);

/** Whether the batch norms of a branch are those of the images of all ranks from now on
 *  (dist.batchnorm: sync); not before the first call.  Then the spec has one group.
 *  The same on every rank.  Not collective. */
void td_stepper_share_norms(td_stepper *stepper, bool are_shared);

/** Free network, buffers and communicators.  Collective. */
void td_stepper_free(td_stepper *stepper);

/** The network; owned by the stepper.  Not collective. */
td_network *td_stepper_net(td_stepper *stepper);

/** Seconds spent in the reductions of both communicators so far.  Not collective. */
double td_stepper_comm_seconds(const td_stepper *stepper);

/** What a process with a stepper of this size will take: its network's plan, with the
 *  bytes of all buffers, of a state, of a step's batches and of the program added.  Not
 *  collective.  \return as td_network_plan() */
td_status td_stepper_plan(td_net_plan *plan, const td_net_spec *spec, int threads,
                          int order);

/** One step: architecture, if asked for, then weights.  Collective; ranks with an empty
 *  batch join.
 *  \return TD_FAILED naming epoch, step, rank and tensor when a loss or a gradient is
 *  not finite, the same on every rank; \a state is then as it was */
td_status td_search_step(td_stepper *stepper, td_search_state *state,
                         const td_step_batches *batches, const td_step_rates *rates,
                         td_step_result *result);

/** The gradient of the architecture batch's loss by the alphas, at \a alphas and the
 *  state's weights, before decay, without chance; the state and its statistics stay as
 *  they are.
 *  Collective.  \param [in] batches  valid  \param [in] rates  mixing
 *  \param [in] alphas (2, edges, 8)  \param [out] gradient (2, edges, 8)
 *  \return TD_FAILED as td_search_step() */
td_status td_step_arch_gradient(td_stepper *stepper, const td_search_state *state,
                                const td_step_batches *batches,
                                const td_step_rates *rates, const td_real *alphas,
                                double *gradient);

/** The penalties on a state's tables, weighed by \a rates; NaN where all weights are 0.
 *  Not collective.  \param [in,out] d_arch (2, edges, 8), and behind them (2, edges) of
 *  the edge weights where there are any: their gradients are added */
double td_step_penalise(const td_stepper *stepper, const td_search_state *state,
                        const td_step_rates *rates, td_real *d_arch);

/** m·a + (1−m)·b of two branches, a of one: how losses and accuracies are mixed.
 *  Not collective. */
double td_step_mix(int branches, double mixing, double a, double b);

TD_PUBLIC_END

#endif
