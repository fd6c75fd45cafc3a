#include "stepper.h"

#include <string.h>

/* The images of a pass in one array: those of two branches are put side by side. */
static const td_real *gather_images(td_stepper *stepper, const td_batch *batch)
{
    if (stepper->sizes.branches == 1)
        return batch[TD_CONVENTIONAL].images;
    size_t numbers = (size_t) batch[TD_CONVENTIONAL].count * stepper->sizes.image_count;
    for (int b = 0; b < TD_BRANCHES; b++)
        memcpy(stepper->buffers.images + (size_t) b * numbers, batch[b].images,
               numbers * sizeof(td_real));
    return stepper->buffers.images;
}

static td_section section_of(const td_step_pass *pass)
{
    return pass->half == TD_HALF_ARCH ? TD_SECTION_ARCH_REDUCTION
                                      : TD_SECTION_WEIGHT_REDUCTION;
}

/* Whom the small sums of a pass travel through. */
static td_comm *comm_of(const td_stepper *stepper, const td_step_pass *pass)
{
    return pass->half == TD_HALF_ARCH ? stepper->arch_comm : stepper->weight_comm;
}

/* loss = m·S_c/Z_c + (1−m)·S_r/Z_r, and the gradient is divided by Z_c once it is
 * summed: branch b enters with share_b·Z_c/Z_b.  Without class weights both divisors
 * are the number of images and equal; with them this small sum must come first. */
static void branch_scales(td_stepper *stepper, const td_step_pass *pass,
                          double scale[TD_BRANCHES])
{
    const td_loss *loss = stepper->loss[pass->half];
    scale[TD_CONVENTIONAL] = scale[TD_REBALANCING] = 1.0;
    if (stepper->sizes.branches == 1)
        return;
    scale[TD_CONVENTIONAL] = pass->mixing;
    scale[TD_REBALANCING] = 1.0 - pass->mixing;
    if (!td_loss_is_weighted(loss))
        return;
    double divisor[TD_BRANCHES];
    for (int b = 0; b < TD_BRANCHES; b++)
        divisor[b] = td_loss_divisor(loss, td_batch_targets(&pass->batch[b]),
                                     pass->batch[b].count);
    td_section former = td_section_enter(section_of(pass));
    /* Stuck here?  Some rank came with other class weights or another mixing. */
    td_comm_sum_f64(comm_of(stepper, pass), divisor, TD_BRANCHES);
    td_section_enter(former);
    TD_ASSERT(divisor[TD_REBALANCING] > 0.0);
    scale[TD_REBALANCING] *= divisor[TD_CONVENTIONAL] / divisor[TD_REBALANCING];
}

/* The auxiliary head's loss of the same images, mixed in the same way.  Only its
 * gradient is kept: what is reported is the loss of the classifier that stays. */
static void auxiliary_loss(td_stepper *stepper, const td_step_pass *pass,
                           const double *scale, int rows)
{
    size_t branch = (size_t) rows * (size_t) stepper->sizes.classes;
    memset(stepper->buffers.d_auxiliary, 0,
           (size_t) stepper->sizes.branches * branch * sizeof(td_real));
    for (int b = 0; b < stepper->sizes.branches; b++) {
        td_loss_sums unused = { 0 };
        td_loss_add(stepper->loss[pass->half], &unused,
                    stepper->buffers.d_auxiliary + (size_t) b * branch,
                    stepper->buffers.auxiliary_logits + (size_t) b * branch,
                    td_batch_targets(&pass->batch[b]),
                    pass->auxiliary_weight * scale[b], rows);
    }
}

static void tell_reducer(void *reducer, size_t count)
{
    td_reducer_ready(reducer, count);
}

static void poke_reducer(void *reducer)
{
    td_reducer_poke(reducer);
}

/* What order-free sums of a pass go by.  \a rows: of a batch without shards. */
static td_exact_sums exact_sums(td_stepper *stepper, const td_step_pass *pass,
                                const int *rows)
{
    const td_batch *batch = &pass->batch[TD_CONVENTIONAL];
    return (td_exact_sums){
        .shards = batch->shards ? batch->shards : rows,
        .shard_count = td_step_shard_count(batch),
        .grads = pass->request & TD_GRAD_WEIGHTS ? stepper->weights.send : NULL,
        .counts_shared = td_comm_rank(stepper->weight_comm) == 0,
        .is_beyond = &stepper->is_beyond,
    };
}

/* Numbers of the images of a pass in the whole batch; those of the second branch are
 * negative. */
static const int32_t *gather_places(td_stepper *stepper, const td_step_pass *pass)
{
    const td_step_batches *batches = stepper->batches;
    const int32_t *from =
        pass->half == TD_HALF_ARCH ? batches->valid_places : batches->places;
    int count = pass->batch[TD_CONVENTIONAL].count;
    if (!from)
        return NULL;
    for (int b = 0; b < stepper->sizes.branches; b++)
        for (int i = 0; i < count; i++)
            stepper->buffers.places[b * count + i] = b == 0 ? from[i] : ~from[i];
    return stepper->buffers.places;
}

/* Both halves have noise of their own; all passes of a step over one see the same. */
static td_noise_key noise_of(td_stepper *stepper, const td_step_pass *pass)
{
    const td_step_batches *batches = stepper->batches;
    bool is_arch = pass->half == TD_HALF_ARCH;
    return (td_noise_key){
        .seed = batches->seed,
        .epoch = (uint32_t) batches->epoch,
        .step = 2 * (uint32_t) batches->step + (is_arch ? 1 : 0),
        .places = gather_places(stepper, pass),
    };
}

static void compute(td_stepper *stepper, td_step_pass *pass, const double *scale)
{
    const td_batch *batch = pass->batch;
    td_section former = td_section_enter(TD_SECTION_FORWARD);
    int rows = batch[TD_CONVENTIONAL].count;
    td_exact_sums exact = exact_sums(stepper, pass, &rows);
    td_step_norms norms = { comm_of(stepper, pass), section_of(pass) };
    bool has_weights = pass->request & TD_GRAD_WEIGHTS;
    TD_ASSERT(rows <= td_network_spec(stepper->net)->batch);
    TD_ASSERT(stepper->sizes.branches >= 1 && stepper->sizes.branches <= TD_BRANCHES);
    td_pass request = {
        .weights = pass->weights,
        .has_weights_of_last = stepper->packed == pass->weights,
        .mixture = stepper->sizes.alpha_count > 0 ? stepper->buffers.mixture : NULL,
        .present = pass->present,
        .noise = noise_of(stepper, pass),
        .skip_dropout = stepper->skip_dropout,
        .running_mean = pass->running_mean,
        .running_var = pass->running_var,
        .images = gather_images(stepper, batch),
        .groups = stepper->buffers.groups,
        .group_count = td_step_find_groups(stepper, batch),
        .exact = stepper->sizes.is_exact ? &exact : NULL,
        .mixing = pass->mixing,
        .request = pass->request,
        .drop_path = pass->drop_path,
        .auxiliary =
            stepper->sizes.auxiliary ? stepper->buffers.auxiliary_logits : NULL,
        .d_auxiliary = stepper->sizes.auxiliary ? stepper->buffers.d_auxiliary : NULL,
        .ready = has_weights ? tell_reducer : NULL,
        .between = has_weights ? poke_reducer : NULL,
        .ready_context = &stepper->weights.reducer,
        .sum_norms = stepper->are_norms_shared ? td_step_sum_norms : NULL,
        .norms_context = &norms,
    };
    td_network_forward(stepper->net, &request, stepper->buffers.logits);
    stepper->packed = pass->keeps_weights ? pass->weights : NULL;
    memset(stepper->buffers.d_logits, 0,
           (size_t) rows * (size_t) stepper->sizes.classes * sizeof(td_real));
    for (int b = 0; b < stepper->sizes.branches; b++)
        td_loss_add(stepper->loss[pass->half], &pass->sums[b],
                    stepper->buffers.d_logits, stepper->buffers.logits,
                    td_batch_targets(&batch[b]), scale[b], rows);
    if (stepper->sizes.auxiliary)
        auxiliary_loss(stepper, pass, scale, rows);
    td_section_enter(TD_SECTION_BACKWARD);
    td_network_backward(stepper->net, &request, stepper->buffers.d_logits,
                        has_weights && !request.exact ? stepper->weights.send : NULL,
                        pass->d_mixture);
    td_section_enter(former);
}

void td_step_pass_run(td_stepper *stepper, td_step_pass *pass)
{
    double scale[TD_BRANCHES];
    const td_reduction *weights = &stepper->weights;
    TD_ASSERT(!(pass->request & TD_GRAD_ALPHAS) == !pass->d_mixture);
    TD_ASSERT(pass->mixing >= 0.0 && pass->mixing <= 1.0);
    TD_ASSERT(stepper->sizes.branches == 1 ||
              pass->batch[TD_CONVENTIONAL].count == pass->batch[TD_REBALANCING].count);
    branch_scales(stepper, pass, scale);
    TD_ASSERT(2 * (size_t) pass->arch->edges * TD_NUM_OPS ==
              stepper->sizes.alpha_count);
    /* with an empty batch, too: the way back to the alphas takes the sums of all */
    td_arch_forward(pass->arch, stepper->buffers.mixture);
    pass->present =
        td_arch_computed(pass->arch, stepper->buffers.single, stepper->buffers.mixture);
    memset(pass->sums, 0, sizeof pass->sums);
    stepper->arch_passes += pass->request == TD_GRAD_ALPHAS;
    if (pass->request & TD_GRAD_WEIGHTS)
        memset(weights->send, 0, weights->gradients * td_number_bytes(weights->type));
    if (pass->d_mixture)
        memset(pass->d_mixture, 0, stepper->sizes.alpha_count * sizeof(double));
    /* with an empty batch a rank joins those sums that are made within a pass */
    if (pass->batch[TD_CONVENTIONAL].count > 0 || stepper->are_norms_shared)
        compute(stepper, pass, scale);
    if (pass->keep_statistics)
        td_step_record_statistics(stepper, pass);
}

double td_step_mix(int branches, double mixing, double a, double b)
{
    return branches == 1 ? a : mixing * a + (1.0 - mixing) * b;
}

double td_step_loss(const td_stepper *stepper, const td_loss_sums sums[TD_BRANCHES],
                    double mixing)
{
    const td_loss_sums *c = &sums[TD_CONVENTIONAL], *r = &sums[TD_REBALANCING];
    return td_step_mix(stepper->sizes.branches, mixing, c->loss / c->divisor,
                       r->loss / r->divisor);
}
