/* Sampler, class weights and loss of the steps of a half, from keys of two groups. */
#include "plan.h"

td_plan_half td_plan_half_of(const td_config *config, td_half half)
{
    const td_plan_half halves[] = {
        [TD_HALF_WEIGHTS] = { "weights", "data.sampler", config->data.sampler,
                              config->weights.class_weights,
                              config->weights.class_weights_from,
                              &config->weights.loss },
        [TD_HALF_ARCH] = { "arch", "arch.sampler", config->arch.sampler,
                           config->arch.class_weights, config->arch.class_weights_from,
                           &config->arch.loss },
    };
    return halves[half];
}

static bool are_equal(const int64_t *counts, int classes)
{
    for (int c = 1; c < classes; c++)
        if (counts[c] != counts[0])
            return false;
    return true;
}

td_status td_plan_check_losses(const td_run_kind *kind, const td_config *config,
                               const td_selection *selection)
{
    for (int h = 0; h < kind->halves; h++) {
        td_plan_half half = td_plan_half_of(config, (td_half) h);
        if (half.loss->kind == TD_LOSS_LABEL_AWARE &&
            are_equal(selection->half_classes[h], selection->classes))
            return td_error(TD_USAGE,
                            "%s.loss.kind: found \"%s\", but all classes have %lld "
                            "images, and it smooths by how many a class has: set "
                            "data.imbalance above 1, or another %s.loss.kind",
                            half.group, td_loss_word(TD_LOSS_LABEL_AWARE),
                            (long long) selection->half_classes[h][0], half.group);
    }
    return TD_OK;
}
