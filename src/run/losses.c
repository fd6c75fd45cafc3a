/* The losses of an epoch, one a half. */
#include "run.h"

/* Weights of a loss go by the counts of the half that it draws from. */
static td_loss *new_loss(const td_search *s, td_half half, const td_loss_keys *keys,
                         td_weighting weighting)
{
    const int64_t *counts = s->selection->half_classes[half];
    double *weights = NULL;
    if (weighting != TD_WEIGHTING_NONE && s->selection->half_count[half] > 0) {
        weights = td_malloc((size_t) s->info.classes * sizeof *weights);
        td_class_weights(weighting, counts, s->info.classes, weights);
    }
    td_loss *loss = td_loss_new(&(td_loss_spec){
        .kind = (td_loss_kind) keys->kind,
        .classes = s->info.classes,
        .gamma = keys->gamma,
        .weights = weights,
        .counts = counts,
        .epoch = (int) s->progress.epoch,
    });
    td_free(weights);
    return loss;
}

void td_search_prepare_losses(td_search *s)
{
    const td_config *config = s->config;
    td_search_free_losses(s);
    s->loss[TD_HALF_WEIGHTS] = new_loss(s, TD_HALF_WEIGHTS, &config->weights.loss,
                                        (td_weighting) config->weights.class_weights);
    s->loss[TD_HALF_ARCH] = new_loss(s, TD_HALF_ARCH, &config->arch.loss,
                                     (td_weighting) config->arch.class_weights);
    for (int half = 0; half < 2; half++)
        td_stepper_set_loss(s->stepper, (td_half) half, s->loss[half]);
}

void td_search_free_losses(td_search *s)
{
    for (int half = 0; half < 2; half++) {
        td_loss_free(s->loss[half]);
        s->loss[half] = NULL;
    }
}
