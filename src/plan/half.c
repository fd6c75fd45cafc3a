/* Sampler, class weights and loss of the steps of a half, from keys of two groups. */
#include "plan.h"

td_plan_half td_plan_half_of(const td_config *config, td_half half)
{
    const td_plan_half halves[] = {
        [TD_HALF_WEIGHTS] = { "weights", "data.sampler", config->data.sampler,
                              config->weights.class_weights, &config->weights.loss },
        [TD_HALF_ARCH] = { "arch", "arch.sampler", config->arch.sampler,
                           config->arch.class_weights, &config->arch.loss },
    };
    return halves[half];
}
