/* Weight steps at disturbed weights of the operations, so that the loss is flat around
 * the mixture and a cell loses little when it is derived (Chen & Hsieh 2020,
 * SmoothDARTS): p + δ, |δ| <= ε, cut and scaled as td_arch_forward() says.
 *
 * Random: δ uniform.  Adversarial: from there, seven steps of 2ε/7 along the sign of
 * the training loss's gradient by p, on the step's own batch, back into |δ| <= ε after
 * each.  The gradient is summed over ranks before its sign is taken, so all ranks have
 * one δ.  The weights do not move meanwhile, nor do running statistics. */
#include "stepper.h"
#include "taildart/base_random.h"

/* Of the edge and operation, as td_arch_draw keys its numbers. */
static void draw_shift(td_stepper *stepper, double epsilon)
{
    const td_arch_draw *draw = &stepper->draw;
    for (size_t i = 0; i < stepper->sizes.alpha_count; i++) {
        td_random key = { .seed = draw->seed,
                          .stream = TD_STREAM_PERTURB,
                          .shard = (uint32_t) i,
                          .pass = (uint32_t) draw->epoch };
        double u = td_random_unit(&key, (uint32_t) draw->step);
        stepper->buffers.shift[i] = epsilon * (2.0 * u - 1.0);
    }
}

static double clamp(double x, double limit)
{
    return x > limit ? limit : x < -limit ? -limit : x;
}

/* One step up, with the gradient of all ranks. */
static void move_shift(td_stepper *stepper, double epsilon)
{
    const double *gradient = stepper->arch.receive;
    double *shift = stepper->buffers.shift;
    for (size_t i = 0; i < stepper->sizes.alpha_count; i++) {
        double sign = gradient[i] > 0.0 ? 1.0 : gradient[i] < 0.0 ? -1.0 : 0.0;
        shift[i] = clamp(shift[i] + 2.0 * epsilon / TD_STEP_ASCENTS * sign, epsilon);
    }
}

static td_status ascend(td_stepper *stepper, const td_arch *arch,
                        const td_search_state *state, const td_step_batches *batches,
                        const td_step_rates *rates)
{
    td_step_pass pass = {
        .batch = batches->train,
        .half = TD_HALF_WEIGHTS,
        .weights = state->weights,
        .arch = arch,
        .keeps_weights = true,
        .mixing = rates->mixing,
        .request = TD_GRAD_ALPHAS,
        .d_mixture = stepper->arch.send,
    };
    stepper->arch.gradients = stepper->sizes.alpha_count;
    td_step_pass_run(stepper, &pass);
    td_step_reduce_mixture(stepper, pass.sums);
    td_status status = td_step_check_finite(stepper, batches, &stepper->arch, pass.sums,
                                            "perturbation");
    if (status == TD_OK)
        move_shift(stepper, rates->epsilon);
    return status;
}

td_status td_step_perturb(td_stepper *stepper, td_arch *arch,
                          const td_search_state *state, const td_step_batches *batches,
                          const td_step_rates *rates)
{
    td_status status = TD_OK;
    if (rates->perturb == TD_PERTURB_NONE || !(rates->epsilon > 0.0))
        return TD_OK;
    draw_shift(stepper, rates->epsilon);
    arch->shift = stepper->buffers.shift;
    if (rates->perturb == TD_PERTURB_ADVERSARIAL)
        for (int i = 0; i < TD_STEP_ASCENTS && status == TD_OK; i++)
            status = ascend(stepper, arch, state, batches, rates);
    return status;
}
