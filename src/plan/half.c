/* Sampler, class weights and loss of the steps of a half, from keys of two groups. */
#include "plan.h"
#include "taildart/config_stages.h"

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

/* Weights of a loss go by the counts of the half that it draws from. */
td_loss *td_plan_loss(const td_config *config, const td_selection *selection,
                      td_half half, int64_t run_epoch)
{
    td_plan_half keys = td_plan_half_of(config, half);
    td_loss_keys settled = td_loss_settled(keys.loss);
    int epoch = td_stage_epoch(config, run_epoch), classes = selection->classes;
    const int64_t *counts = selection->half_classes[half];
    td_weighting weighting =
        td_weighting_of_epoch((td_weighting) keys.weighting, keys.weighted_from, epoch);
    double *weights = NULL;
    if (weighting != TD_WEIGHTING_NONE && selection->half_count[half] > 0) {
        weights = td_malloc((size_t) classes * sizeof *weights);
        td_class_weights(weighting, counts, classes, weights);
    }
    td_loss *loss = td_loss_new(&(td_loss_spec){
        .kind = (td_loss_kind) keys.loss->kind,
        .classes = classes,
        .gamma = settled.gamma,
        .tau = settled.tau,
        .head = settled.head,
        .tail = settled.tail,
        .margin = settled.margin,
        .scale = td_head_scale(config),
        .weights = weights,
        .counts = counts,
        .epoch = epoch,
        .exact = config->dist.reproducible,
    });
    td_free(weights);
    return loss;
}

td_mix_keys td_plan_mix(const td_config *config, td_half half, int64_t run_epoch)
{
    td_mix_keys keys = half == TD_HALF_ARCH ? config->arch.mix : config->data.mix;
    int later = (int) (run_epoch - td_stage_epoch(config, run_epoch));
    keys.from += later;
    keys.until += keys.until == TD_NEVER ? 0 : later;
    return keys;
}
