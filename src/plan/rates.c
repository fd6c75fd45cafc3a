/* Rates of the steps of an epoch. */
#include "plan.h"

#include <math.h>

#include "taildart/config_projection.h"
#include "taildart/config_stages.h"
#include "taildart/optim.h"

static void set_penalties(td_step_rates *rates, const td_config *config, int epoch,
                          int epochs)
{
    for (int i = 0; i < TD_PENALTY_COUNT; i++)
        rates->penalties[i] =
            td_schedule_value(&config->arch.penalty[i], epoch, epochs, 1.0);
}

/* It falls to 0 while weights learn alone, then from its beginning again with a factor
 * e^-0.2 per epoch (Chen et al. 2019, as their code has it). */
static double skip_dropout(const td_search_stage *stage, int epoch, int frozen_until)
{
    double left = 1.0 - (epoch + 1.0) / stage->epochs;
    return stage->skip_dropout *
           (epoch < frozen_until ? left : exp(-0.2 * (epoch - frozen_until)));
}

/* Of a search's epoch of alphas, or of a training's. */
static td_step_rates rates_of(const td_run_kind *kind, const td_config *config,
                              int run_epoch)
{
    td_search_stage stage = td_stage_at(config, run_epoch);
    int epoch = run_epoch - stage.first, epochs = stage.epochs;
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
        .skip_dropout = skip_dropout(&stage, epoch, config->arch.lr.frozen_until),
        .drop_path = td_schedule_value(&config->train.drop_path, epoch, epochs, mixing),
        .auxiliary_weight = config->train.auxiliary_weight,
        .radius = TD_STEP_RADIUS,
    };
    set_penalties(&rates, config, epoch, epochs);
    return rates;
}

/* A projection goes on with what its search had in the end, perturbations among it, and
 * without what teaches alphas; weights learn at a constant tenth of the rate that they
 * began with (Wang et al. 2021, and their code).  Both branches learn alike: decisions
 * are made at m = 0.5, where many courses of the mixing end with one branch alone. */
static td_step_rates tuning_rates(const td_run_kind *kind, const td_config *config)
{
    td_step_rates rates = rates_of(kind, config, config->search.epochs - 1);
    double scale = td_lr_scale_factor((td_lr_scale) config->weights.lr.scale,
                                      config->search.batch, kind->base_batch);
    rates.lr = scale * config->weights.lr.start / 10.0;
    rates.arch_lr = 0.0;
    rates.mixing = config->bbn.enabled ? 0.5 : 1.0;
    for (int i = 0; i < TD_PENALTY_COUNT; i++)
        rates.penalties[i] = 0.0;
    return rates;
}

td_step_rates td_plan_rates(const td_run_kind *kind, const td_config *config,
                            int run_epoch)
{
    TD_ASSERT(run_epoch >= 0 && run_epoch < td_config_epochs(config));
    return td_projection_tunes(config, run_epoch) ? tuning_rates(kind, config)
                                                  : rates_of(kind, config, run_epoch);
}

double td_plan_mixing(const td_config *config, const td_step_rates *rates, int epoch,
                      int64_t step)
{
    td_random key = { .seed = (uint64_t) config->seed,
                      .stream = TD_STREAM_MIXING,
                      .pass = (uint32_t) epoch };
    if (!config->bbn.enabled || config->bbn.mixing.shape != TD_SHAPE_BETA ||
        td_projection_tunes(config, epoch))
        return rates->mixing;
    return td_schedule_draw(&config->bbn.mixing, &key, (uint32_t) step);
}
