/* Rates of the steps of an epoch. */
#include "plan.h"
#include "taildart/config_stages.h"
#include "taildart/optim.h"

static void set_penalties(td_step_rates *rates, const td_config *config, int epoch,
                          int epochs)
{
    for (int i = 0; i < TD_PENALTY_COUNT; i++)
        rates->penalties[i] =
            td_schedule_value(&config->arch.penalty[i], epoch, epochs, 1.0);
}

td_step_rates td_plan_rates(const td_run_kind *kind, const td_config *config,
                            int run_epoch)
{
    int epochs = td_stage_at(config, run_epoch).epochs;
    int epoch = td_stage_epoch(config, run_epoch);
    TD_ASSERT(run_epoch >= 0 && run_epoch < config->search.epochs);
    double mixing = config->bbn.enabled
                        ? td_schedule_value(&config->bbn.mixing, epoch, epochs, 1.0)
                        : 1.0;
    double scale = td_lr_scale_factor((td_lr_scale) config->weights.lr.scale,
                                      config->search.batch, kind->base_batch);
    bool is_random = config->search.method == TD_METHOD_RANDOM;
    bool frozen = is_random || td_schedule_is_frozen(&config->arch.lr, epoch);
    td_step_rates rates = {
        .random_cell = is_random,
        .order = config->search.order,
        .mixing = mixing,
        .lr = scale * td_schedule_value(&config->weights.lr, epoch, epochs, mixing),
        .momentum = config->weights.momentum,
        .decay = config->weights.decay,
        .clip = config->weights.clip,
        .arch_lr =
            frozen ? 0.0 : td_schedule_value(&config->arch.lr, epoch, epochs, mixing),
        .arch_decay = config->arch.decay,
        .arch_betas = { config->arch.betas[0], config->arch.betas[1] },
        .temperature =
            td_schedule_value(&config->arch.temperature, epoch, epochs, mixing),
        .skip_bonus =
            td_schedule_value(&config->arch.skip_bonus, epoch, epochs, mixing),
        .perturb = config->arch.perturb,
        .epsilon =
            config->arch.perturb == TD_PERTURB_NONE
                ? 0.0
                : td_schedule_value(&config->arch.epsilon, epoch, epochs, mixing),
        .drop_path = td_schedule_value(&config->train.drop_path, epoch, epochs, mixing),
        .auxiliary_weight = config->train.auxiliary_weight,
        .radius = TD_STEP_RADIUS,
    };
    set_penalties(&rates, config, epoch, epochs);
    return rates;
}

double td_plan_mixing(const td_config *config, const td_step_rates *rates, int epoch,
                      int64_t step)
{
    td_random key = { .seed = (uint64_t) config->seed,
                      .stream = TD_STREAM_MIXING,
                      .pass = (uint32_t) epoch };
    if (!config->bbn.enabled || config->bbn.mixing.shape != TD_SHAPE_BETA)
        return rates->mixing;
    return td_schedule_draw(&config->bbn.mixing, &key, (uint32_t) step);
}
