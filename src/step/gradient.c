/* The gradient of the architecture at other alphas than the state's. */
#include "stepper.h"

/* Nothing is recorded and nothing is left to chance. */
td_status td_step_arch_gradient(td_stepper *stepper, const td_search_state *state,
                                const td_step_batches *batches,
                                const td_step_rates *rates, const td_real *alphas,
                                double *gradient)
{
    size_t n = stepper->sizes.alpha_count;
    td_section former = td_section_enter(TD_SECTION_UPDATE);
    td_step_pass pass = {
        .batch = batches->valid,
        .half = TD_HALF_ARCH,
        .weights = state->weights,
        .arch = &stepper->arch_view,
        .mixing = rates->mixing,
        .request = TD_GRAD_ALPHAS,
        .d_mixture = stepper->arch.send,
    };
    TD_ASSERT(n > 0 && n == td_search_state_alpha_count(state));
    td_step_begin(stepper, state, batches);
    stepper->arch_view.alphas = alphas;
    stepper->arch_view.draw = NULL;
    stepper->arch.gradients = n;
    td_step_pass_run(stepper, &pass);
    td_step_reduce_arch(stepper, pass.sums);
    double divisor = pass.sums[TD_CONVENTIONAL].divisor;
    for (size_t i = 0; i < n; i++)
        gradient[i] = (double) stepper->buffers.d_arch[i] / divisor;
    td_section_enter(former);
    return td_step_check_finite(stepper, batches, &stepper->arch, pass.sums,
                                "curvature");
}
