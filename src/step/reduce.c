/* Sums over ranks in a step: of gradients, losses and statistics. */
#include <string.h>

#include "stepper.h"
#include "taildart/optim.h"

void td_step_scale(td_real *x, size_t n, double factor)
{
    td_real f = (td_real) factor;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        x[i] *= f;
}

/* ---- loss sums beside the gradients ----------------------------------------- */

/* Requests share one number, so that the sums over gradients are cut into pieces
 * that do not move: every rank's stop adds 1, rank 0's save adds
 * more than all ranks can; both are whole numbers that a float holds exactly. */
enum { SAVE = 1 << 20 };

static void write_sums(const td_reduction *r, const td_loss_sums sums[TD_BRANCHES],
                       const td_step_requests *requests)
{
    size_t at = r->gradients;
    for (int b = 0; b < TD_BRANCHES; b++) {
        td_reduction_put(r, at++, sums[b].loss);
        td_reduction_put(r, at++, sums[b].divisor);
        td_reduction_put(r, at++, sums[b].correct);
        td_reduction_put(r, at++, sums[b].count);
    }
    td_reduction_put(r, at, (requests->stop ? 1 : 0) + (requests->save ? SAVE : 0));
}

static td_step_requests read_sums(td_loss_sums sums[TD_BRANCHES], const td_reduction *r)
{
    size_t at = r->gradients;
    for (int b = 0; b < TD_BRANCHES; b++) {
        sums[b].loss = td_reduction_got(r, at++);
        sums[b].divisor = td_reduction_got(r, at++);
        sums[b].correct = td_reduction_got(r, at++);
        sums[b].count = td_reduction_got(r, at++);
    }
    double all = td_reduction_got(r, at);
    bool save = all >= SAVE;
    return (td_step_requests){ .stop = all - (save ? SAVE : 0) > 0, .save = save };
}

/* ---- the range of order-free sums --------------------------------------------- */

static double largest_of(const double *x, size_t n)
{
    double most = 0.0;
#pragma omp parallel for simd schedule(static) reduction(max : most)
    for (size_t i = 0; i < n; i++) {
        double size = x[i] < 0.0 ? -x[i] : x[i];
        most = size > most ? size : most;
    }
    return most;
}

/* The largest number that this rank sends, requests left out; or the mark of a sum
 * within a pass. */
static void write_range(const td_reduction *r, bool is_beyond)
{
    const double *x = r->send;
    size_t range = r->gradients + TD_STEP_SUMS;
    double gradients = largest_of(x, range - 1);
    double statistics = largest_of(x + range + 1, r->used - range - 1);
    double largest = gradients > statistics ? gradients : statistics;
    td_reduction_put(r, range, is_beyond ? TD_EXACT_BEYOND : largest);
}

/* ---- the two reductions ----------------------------------------------------- */

static void begin_reduction(td_reduction *r, size_t extra)
{
    TD_ASSERT(r->gradients > 0);
    r->used = r->gradients + td_reduction_sums(r) + extra;
    td_reducer_begin(&r->reducer, r->receive, r->send, r->used, r->type);
}

static td_step_requests finish_reduction(const td_stepper *stepper, td_reduction *r,
                                         td_loss_sums *sums, td_step_requests mine)
{
    td_comm *comm = r->reducer.comm;
    TD_ASSERT(td_comm_size(comm) < SAVE);
    mine.save = mine.save && td_comm_rank(comm) == 0;
    write_sums(r, sums, &mine);
    if (r->is_exact)
        write_range(r, stepper->is_beyond);
    td_section former = td_section_enter(r->section);
    td_reducer_finish(&r->reducer);
    td_section_enter(former);
    return read_sums(sums, r);
}

void td_step_begin_weights(td_stepper *stepper, int records)
{
    TD_ASSERT(records >= 0 && records <= TD_STEP_PASSES);
    begin_reduction(&stepper->weights, (size_t) (records * stepper->sizes.branches) *
                                           td_step_record_count(stepper));
}

/* Order-free sums are rounded once, here. */
static void round_gradient(td_stepper *stepper)
{
    const double *sums = stepper->weights.receive;
    td_real *gradient = stepper->buffers.gradient;
    size_t n = stepper->weights.gradients;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        gradient[i] = (td_real) sums[i];
}

void td_step_reduce_weights(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES],
                            td_step_requests *requests)
{
    td_step_requests none = { false, false };
    /* Stuck here?  Some rank counts other steps, or skipped an empty batch. */
    td_step_requests all =
        finish_reduction(stepper, &stepper->weights, sums, requests ? *requests : none);
    if (requests)
        *requests = all;
    if (stepper->sizes.is_exact)
        round_gradient(stepper);
    stepper->gradient_norm =
        td_l2_norm(stepper->buffers.gradient, stepper->weights.gradients);
}

void td_step_reduce_mixture(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES])
{
    /* Stuck here?  Some rank takes this step for one without architecture step. */
    begin_reduction(&stepper->arch, 0);
    finish_reduction(stepper, &stepper->arch, sums, (td_step_requests){ false, false });
}

/* The gradients by alphas and betas are linear in those by the mixture weights, so they
 * can be made of the sums. */
void td_step_reduce_arch(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES])
{
    size_t n = stepper->sizes.alpha_count, stride = stepper->sizes.arch_count;
    const double *d_mixture = stepper->arch.receive;
    td_step_reduce_mixture(stepper, sums);
    for (size_t i = 0; i < stepper->arch.gradients / n; i++) {
        td_real *d_alphas = stepper->buffers.d_arch + i * stride;
        memset(d_alphas, 0, stride * sizeof *d_alphas);
        td_arch_backward(&stepper->arch_view, d_alphas, d_alphas + n,
                         d_mixture + i * n);
    }
}
