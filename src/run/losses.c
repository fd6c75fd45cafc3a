/* The losses of an epoch, one a half. */
#include "run.h"
#include "taildart/config_stages.h"

/* Weights of a loss go by the counts of the half that it draws from. */
static td_loss *new_loss(const td_job_data *data, td_half half,
                         const td_loss_keys *keys, td_weighting weighting,
                         const td_config *config, int64_t epoch)
{
    td_loss_keys settled = td_loss_settled(keys);
    const int64_t *counts = data->selection->half_classes[half];
    int classes = data->info.classes;
    double *weights = NULL;
    if (weighting != TD_WEIGHTING_NONE && data->selection->half_count[half] > 0) {
        weights = td_malloc((size_t) classes * sizeof *weights);
        td_class_weights(weighting, counts, classes, weights);
    }
    td_loss *loss = td_loss_new(&(td_loss_spec){
        .kind = (td_loss_kind) keys->kind,
        .classes = classes,
        .gamma = settled.gamma,
        .tau = settled.tau,
        .head = settled.head,
        .tail = settled.tail,
        .margin = settled.margin,
        .scale = td_head_scale(config),
        .weights = weights,
        .counts = counts,
        .epoch = (int) epoch,
        .exact = config->dist.reproducible,
    });
    td_free(weights);
    return loss;
}

void td_job_prepare_losses(td_job_loop *loop, const td_job_data *data,
                           const td_config *config)
{
    int64_t epoch = td_stage_epoch(config, loop->progress.epoch);
    td_weighting weights =
        td_weighting_of_epoch((td_weighting) config->weights.class_weights,
                              config->weights.class_weights_from, epoch);
    td_weighting arch = td_weighting_of_epoch((td_weighting) config->arch.class_weights,
                                              config->arch.class_weights_from, epoch);
    td_job_free_losses(loop);
    loop->loss[TD_HALF_WEIGHTS] =
        new_loss(data, TD_HALF_WEIGHTS, &config->weights.loss, weights, config, epoch);
    loop->loss[TD_HALF_ARCH] =
        new_loss(data, TD_HALF_ARCH, &config->arch.loss, arch, config, epoch);
    for (int half = 0; half < 2; half++)
        td_stepper_set_loss(loop->stepper, (td_half) half, loop->loss[half]);
}

void td_job_free_losses(td_job_loop *loop)
{
    for (int half = 0; half < 2; half++) {
        td_loss_free(loop->loss[half]);
        loop->loss[half] = NULL;
    }
}
