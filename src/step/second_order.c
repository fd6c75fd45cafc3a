/* The gradient of the architecture one unrolled weight step ahead.
 *
 *     w' = w − lr·(momentum·velocity + ∇w L_train(w) + decay·w)
 *     v  = ∇w' L_valid(w'),   R = r/‖v‖
 *     ∇α = ∇α L_valid(w') − lr·(∇α L_train(w + R·v) − ∇α L_train(w − R·v))/(2R)
 *
 * (Liu et al. 2019, eqs. 6 to 8.)  Every vector that a later line depends on is summed
 * over ranks before that line.  The running statistics see the three training passes;
 * those of w' belong to a network that is thrown away.  w itself is never written: the
 * other weights live in stepper->buffers.unrolled. */
#include <string.h>

#include "stepper.h"
#include "taildart/optim.h"

static td_step_pass pass_over(const td_stepper *stepper, const td_search_state *state,
                              const td_batch *batch, td_half half,
                              const td_step_rates *rates)
{
    return (td_step_pass){
        .batch = batch,
        .half = half,
        .weights = state->weights,
        .arch = &stepper->arch_view,
        .mixing = rates->mixing,
    };
}

/* unrolled = w', with the training gradient of all ranks.  \a divisor: of the batch. */
static td_status unroll(td_stepper *stepper, const td_search_state *state,
                        const td_step_batches *batches, const td_step_rates *rates,
                        double *divisor)
{
    td_reduction *r = &stepper->weights;
    td_step_pass pass =
        pass_over(stepper, state, batches->train, TD_HALF_WEIGHTS, rates);
    pass.request = TD_GRAD_WEIGHTS;
    pass.keep_statistics = true;
    td_step_begin_weights(stepper, 0);
    td_step_pass_run(stepper, &pass);
    td_step_reduce_weights(stepper, pass.sums, NULL);
    td_status status =
        td_step_check_finite(stepper, batches, r, pass.sums, "unrolled weight");
    *divisor = pass.sums[TD_CONVENTIONAL].divisor;
    td_real *gradient = stepper->buffers.gradient;
    td_step_scale(gradient, r->gradients, 1.0 / *divisor);
    td_sgd_unroll(stepper->buffers.unrolled, state->weights, state->momentum, gradient,
                  r->gradients, rates->lr, rates->momentum, rates->decay);
    memcpy(stepper->buffers.unrolled + r->gradients, state->weights + r->gradients,
           (stepper->sizes.weight_count - r->gradients) * sizeof(td_real));
    return status;
}

/* buffers.gradient = v, and arch.send = the gradient by the mixture weights, both at
 * w', as sums over samples. */
static td_status look_ahead(td_stepper *stepper, const td_search_state *state,
                            const td_step_batches *batches, const td_step_rates *rates,
                            td_step_result *result)
{
    td_reduction *r = &stepper->weights;
    td_step_pass pass = pass_over(stepper, state, batches->valid, TD_HALF_ARCH, rates);
    pass.weights = stepper->buffers.unrolled;
    pass.request = TD_GRAD_BOTH;
    pass.d_mixture = stepper->arch.send;
    td_step_begin_weights(stepper, 0);
    td_step_pass_run(stepper, &pass);
    memcpy(result->valid, pass.sums, sizeof pass.sums);
    td_step_reduce_weights(stepper, result->valid, NULL);
    return td_step_check_finite(stepper, batches, r, result->valid, "architecture");
}

/* The training loss's gradient by the mixture weights at w + offset·v. */
static void gradient_at_offset(td_stepper *stepper, const td_search_state *state,
                               const td_step_batches *batches,
                               const td_step_rates *rates, double offset,
                               double *d_mixture)
{
    td_offset(stepper->buffers.unrolled, state->weights, offset,
              stepper->buffers.gradient, stepper->weights.gradients);
    td_step_pass pass =
        pass_over(stepper, state, batches->train, TD_HALF_WEIGHTS, rates);
    pass.weights = stepper->buffers.unrolled;
    pass.request = TD_GRAD_ALPHAS;
    pass.d_mixture = d_mixture;
    pass.keep_statistics = true;
    td_step_pass_run(stepper, &pass);
}

/* Their difference on both sides of w, behind the gradient at w' in arch.send. */
static void difference_around(td_stepper *stepper, const td_search_state *state,
                              const td_step_batches *batches,
                              const td_step_rates *rates, double offset)
{
    size_t n = stepper->sizes.alpha_count;
    double *plus = (double *) stepper->arch.send + n;
    double *minus = stepper->buffers.d_minus;
    gradient_at_offset(stepper, state, batches, rates, offset, plus);
    gradient_at_offset(stepper, state, batches, rates, -offset, minus);
    for (size_t i = 0; i < n; i++)
        plus[i] -= minus[i];
}

td_status td_step_second_order(td_stepper *stepper, const td_search_state *state,
                               const td_step_batches *batches,
                               const td_step_rates *rates, td_step_result *result)
{
    size_t n = stepper->sizes.alpha_count;
    double train_divisor;
    TD_ASSERT(stepper->sizes.order == 2 && stepper->arch.gradients == 2 * n);
    TD_ASSERT(rates->radius > 0.0);
    td_status status = unroll(stepper, state, batches, rates, &train_divisor);
    if (status == TD_OK)
        status = look_ahead(stepper, state, batches, rates, result);
    if (status != TD_OK)
        return status;

    double valid_divisor = result->valid[TD_CONVENTIONAL].divisor;
    double norm = stepper->gradient_norm;
    /* R·v with v not yet divided; without a gradient the difference is 0, too */
    double offset = norm > 0.0 ? rates->radius / norm : 1.0;
    difference_around(stepper, state, batches, rates, offset);

    td_loss_sums none[TD_BRANCHES] = { { 0 } };
    td_step_reduce_arch(stepper, none);
    status =
        td_step_check_finite(stepper, batches, &stepper->arch, none, "architecture");
    double radius = offset * valid_divisor;
    size_t both = stepper->sizes.arch_count;
    td_real *ahead = stepper->buffers.d_arch, *difference = ahead + both;
    td_step_scale(ahead, both, 1.0 / valid_divisor);
    td_offset(ahead, ahead, -rates->lr / (2.0 * radius * train_divisor), difference,
              both);
    return status;
}
