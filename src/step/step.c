#include "taildart/step.h"

#include <math.h>
#include <string.h>

#include "stepper.h"
#include "taildart/arch_penalty.h"
#include "taildart/optim.h"

/* ---- making and freeing ----------------------------------------------------- */

static void take_reduction(td_reduction *r, td_arena *arena, size_t count)
{
    size_t bytes = td_number_bytes(r->type);
    r->send = td_arena_take(arena, count, bytes);
    r->receive = td_arena_take(arena, count, bytes);
}

/* Edge weights are few: there is always room for them. */
static td_state_sizes state_sizes(const td_stepper *s, const td_net_spec *spec)
{
    return (td_state_sizes){ s->sizes.weight_count, s->sizes.norm_count,
                             td_network_edges(spec), true };
}

/* All buffers, in one list; with arena memory it hands them out. */
static void take_buffers(td_stepper *s, const td_net_spec *spec)
{
    td_arena *arena = &s->memory;
    int passes = s->sizes.order == 2 ? TD_STEP_PASSES : 2;
    TD_ASSERT(s->sizes.branches > 0 && spec->batch > 0);
    size_t records =
        (size_t) (passes * s->sizes.branches) * (2 * s->sizes.norm_count + 1);
    size_t weights = s->weights.gradients + td_reduction_sums(&s->weights) + records;
    size_t alphas = (size_t) s->sizes.order * s->sizes.alpha_count;
    size_t rows = (size_t) spec->batch * (size_t) spec->classes;
    size_t images =
        s->sizes.branches > 1 ? (size_t) (2 * spec->batch) * s->sizes.image_count : 0;
    take_reduction(&s->weights, arena, weights);
    take_reduction(&s->arch, arena, alphas + td_reduction_sums(&s->arch));
    s->buffers.gradient = s->sizes.is_exact
                              ? TD_TAKE(arena, td_real, s->weights.gradients)
                              : s->weights.receive;
    s->buffers.d_arch =
        TD_TAKE(arena, td_real, (size_t) s->sizes.order * s->sizes.arch_count);
    s->buffers.statistics = TD_TAKE(arena, td_real, 2 * s->sizes.norm_count);
    s->buffers.groups =
        TD_TAKE(arena, int, (size_t) (s->sizes.branches * s->sizes.groups));
    s->buffers.places =
        TD_TAKE(arena, int32_t, (size_t) (s->sizes.branches * spec->batch));
    s->buffers.present =
        TD_TAKE(arena, uint8_t, TD_STEP_PASSES * s->sizes.alpha_count / TD_NUM_OPS);
    s->buffers.single = TD_TAKE(arena, uint8_t, s->sizes.alpha_count / TD_NUM_OPS);
    s->buffers.unrolled =
        TD_TAKE(arena, td_real, s->sizes.order == 2 ? s->sizes.weight_count : 0);
    s->buffers.logits = TD_TAKE(arena, td_real, rows);
    s->buffers.d_logits = TD_TAKE(arena, td_real, rows);
    size_t heads = s->sizes.auxiliary ? (size_t) s->sizes.branches * rows : 0;
    s->buffers.auxiliary_logits = TD_TAKE(arena, td_real, heads);
    s->buffers.d_auxiliary = TD_TAKE(arena, td_real, heads);
    s->buffers.drop_path =
        TD_TAKE(arena, td_real,
                (size_t) (s->sizes.path_rows * s->sizes.branches * spec->batch));
    s->buffers.images = TD_TAKE(arena, td_real, images);
    s->buffers.arch_backup =
        TD_TAKE(arena, td_real, td_state_arch_numbers(state_sizes(s, spec)));
    s->buffers.cell = TD_TAKE(arena, td_real, s->sizes.alpha_count);
    s->buffers.cell_present =
        TD_TAKE(arena, uint8_t, s->sizes.alpha_count / TD_NUM_OPS);
    s->buffers.mixture = TD_TAKE(arena, double, s->sizes.alpha_count);
    s->buffers.masks = TD_TAKE(arena, uint8_t, s->sizes.alpha_count / TD_NUM_OPS);
    s->buffers.costs = TD_TAKE(arena, double, s->sizes.alpha_count);
    s->buffers.shift = TD_TAKE(arena, double, s->sizes.alpha_count);
    s->buffers.d_minus =
        TD_TAKE(arena, double, s->sizes.order == 2 ? s->sizes.alpha_count : 0);
}

static void set_sizes(td_stepper *s, const td_net_spec *spec, int order)
{
    TD_ASSERT(order == 1 || order == 2);
    s->sizes.branches = spec->two_branch ? TD_BRANCHES : 1;
    s->sizes.classes = spec->classes;
    s->sizes.order = order;
    s->sizes.image_count =
        (size_t) spec->height * (size_t) spec->width * (size_t) spec->image_channels;
    s->sizes.groups = spec->groups > 0 ? spec->groups : 1;
    s->sizes.is_exact = spec->exact;
    s->weights.is_exact = s->arch.is_exact = spec->exact;
    s->weights.type = spec->exact ? TD_NUMBER_F64 : TD_NUMBER_REAL;
    s->arch.type = TD_NUMBER_F64;
    s->sizes.auxiliary = spec->auxiliary;
    s->sizes.path_rows = td_network_path_rows(spec);
    s->sizes.alpha_count = (size_t) (2 * td_network_edges(spec) * TD_NUM_OPS);
    s->sizes.arch_count = (size_t) (2 * td_network_edges(spec) * (TD_NUM_OPS + 1));
}

td_status td_stepper_new(td_stepper **stepper, td_comm *world, const td_net_spec *spec,
                         const td_kernels *kernels, int order)
{
    td_network *net = NULL;
    *stepper = NULL;
    td_status status = td_comm_verdict(world, td_network_new(&net, spec, kernels));
    if (status != TD_OK) {
        if (net)
            td_network_free(net);
        return status;
    }
    td_stepper *s = td_malloc(sizeof *s);
    s->net = net;
    s->weight_comm = td_comm_duplicate(world);
    s->arch_comm = td_comm_duplicate(world);
    s->weights.section = TD_SECTION_WEIGHT_REDUCTION;
    s->arch.section = TD_SECTION_ARCH_REDUCTION;
    td_stepper_set_reducer(s, td_reducer_of(TD_REDUCER_BLOCKING), TD_REDUCER_BUCKET);
    s->plain_loss =
        td_loss_new(&(td_loss_spec){ .classes = spec->classes, .exact = spec->exact });
    s->loss[TD_HALF_WEIGHTS] = s->loss[TD_HALF_ARCH] = s->plain_loss;
    set_sizes(s, spec, order);
    s->sizes.weight_count = td_network_weights(net)->total;
    s->weights.gradients = td_network_weights(net)->learned;
    s->sizes.norm_count = td_network_norms(net)->total;
    td_arena_init(&s->memory);
    take_buffers(s, spec);
    td_arena_begin(&s->memory);
    take_buffers(s, spec);
    td_network_costs(net, s->buffers.costs);
    *stepper = s;
    return TD_OK;
}

void td_stepper_free(td_stepper *stepper)
{
    if (!stepper)
        return;
    td_network_free(stepper->net);
    td_reducer_clear(&stepper->weights.reducer);
    td_reducer_clear(&stepper->arch.reducer);
    td_comm_free(stepper->weight_comm);
    td_comm_free(stepper->arch_comm);
    td_loss_free(stepper->plain_loss);
    td_arena_clear(&stepper->memory);
    td_free(stepper);
}

td_network *td_stepper_net(td_stepper *stepper)
{
    return stepper->net;
}

void td_stepper_set_loss(td_stepper *stepper, td_half half, const td_loss *loss)
{
    TD_ASSERT(loss && (half == TD_HALF_WEIGHTS || half == TD_HALF_ARCH));
    stepper->loss[half] = loss;
}

void td_stepper_set_reducer(td_stepper *stepper, const td_reducer_form *form,
                            size_t bucket)
{
    td_reducer_clear(&stepper->weights.reducer);
    td_reducer_clear(&stepper->arch.reducer);
    td_reducer_init(&stepper->weights.reducer, form, stepper->weight_comm, bucket);
    td_reducer_init(&stepper->arch.reducer, form, stepper->arch_comm, bucket);
}

size_t td_stepper_sum_bytes(const td_net_plan *plan, const td_net_spec *spec, int order)
{
    size_t branches = spec->two_branch ? TD_BRANCHES : 1;
    size_t passes = spec->head_only ? 0 : 1; /* statistics of a trunk stay */
    if (!spec->genotype)
        passes += order == 2 ? 3 : (size_t) order;
    td_reduction r = { .is_exact = spec->exact };
    return (plan->learned + td_reduction_sums(&r) +
            passes * branches * (2 * plan->statistics + 1)) *
           (spec->exact ? sizeof(double) : sizeof(td_real));
}

td_reducer_times td_stepper_take_times(td_stepper *stepper, td_half half)
{
    TD_ASSERT(half == TD_HALF_WEIGHTS || half == TD_HALF_ARCH);
    return td_reducer_take_times(half == TD_HALF_ARCH ? &stepper->arch.reducer
                                                      : &stepper->weights.reducer);
}

void td_stepper_share_norms(td_stepper *stepper, bool are_shared)
{
    TD_ASSERT(!are_shared || stepper->sizes.groups == 1);
    stepper->are_norms_shared = are_shared;
}

double td_stepper_comm_seconds(const td_stepper *stepper)
{
    return td_comm_seconds(stepper->weight_comm) + td_comm_seconds(stepper->arch_comm);
}

/* The program with MPI, OpenBLAS and HDF5, as Debian 12 has them. */
enum { PROGRAM_BYTES = 26000000 };

td_status td_stepper_plan(td_net_plan *plan, const td_net_spec *spec, int threads,
                          int order)
{
    td_status status = td_network_plan(plan, spec, threads);
    if (status != TD_OK)
        return status;
    td_stepper s = { .sizes = { .weight_count = plan->weights,
                                .norm_count = plan->statistics },
                     .weights = { .gradients = plan->learned } };
    set_sizes(&s, spec, order);
    td_arena_init(&s.memory);
    take_buffers(&s, spec);
    size_t state = td_state_all_numbers(state_sizes(&s, spec));
    size_t batches =
        2 * (size_t) s.sizes.branches * (size_t) spec->batch * s.sizes.image_count;
    plan->bytes += s.memory.peak + (state + batches) * sizeof(td_real) + PROGRAM_BYTES;
    return TD_OK;
}

/* ---- one step --------------------------------------------------------------- */

/* Gradient of the validation loss at the present weights into buffers.d_arch. */
static td_status first_order(td_stepper *s, const td_search_state *state,
                             const td_step_batches *batches, const td_step_rates *rates,
                             td_step_result *result)
{
    td_step_pass pass = {
        .batch = batches->valid,
        .half = TD_HALF_ARCH,
        .weights = state->weights,
        .arch = &s->arch_view,
        .keeps_weights = true,
        .mixing = rates->mixing,
        .request = TD_GRAD_ALPHAS,
        .d_mixture = s->arch.send,
        .keep_statistics = true,
    };
    TD_ASSERT(s->arch.gradients == s->sizes.alpha_count);
    td_step_pass_run(s, &pass);
    memcpy(result->valid, pass.sums, sizeof pass.sums);
    td_step_reduce_arch(s, result->valid);
    td_step_scale(s->buffers.d_arch, s->sizes.arch_count,
                  1.0 / result->valid[TD_CONVENTIONAL].divisor);
    return td_step_check_finite(s, batches, &s->arch, result->valid, "architecture");
}

/* A weight step that fails must leave the architecture alone, too. */
static void back_up_arch(td_stepper *s, const td_search_state *state, bool restore)
{
    td_real *backup = s->buffers.arch_backup;
    for (const td_state_row *row = td_state_rows; row->name; row++) {
        if (!(row->traits & TD_STATE_ARCH))
            continue;
        td_real *live = *td_state_array(state, row);
        size_t n = td_state_array_numbers(state, row);
        memcpy(restore ? live : backup, restore ? backup : live, n * sizeof *live);
        backup += n;
    }
    for (int i = 0; i < TD_STATE_COUNTS; i++) {
        int64_t *live = td_state_count_at(state, &td_state_counts[i]);
        *(restore ? live : &s->buffers.count_backup[i]) =
            restore ? s->buffers.count_backup[i] : *live;
    }
}

/* Alphas and betas are one vector to Adam, which knows numbers only one by one. */
static void step_adam(td_stepper *s, td_search_state *state, const td_step_rates *rates)
{
    const td_real *gradient = s->buffers.d_arch;
    state->adam_count++;
    td_adam_step(state->alphas, state->adam_first, state->adam_second, gradient,
                 s->sizes.alpha_count, state->adam_count, rates->arch_lr,
                 rates->arch_betas, rates->arch_decay);
    td_adam_step(state->betas, state->betas_first, state->betas_second,
                 gradient + s->sizes.alpha_count, td_search_state_beta_count(state),
                 state->adam_count, rates->arch_lr, rates->arch_betas,
                 rates->arch_decay);
}

double td_step_penalise(const td_stepper *stepper, const td_search_state *state,
                        const td_step_rates *rates, td_real *d_arch)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_own_arch(state, masks);
    td_arch_penalties penalties = { .costs = stepper->buffers.costs };
    memcpy(penalties.weights, rates->penalties, sizeof penalties.weights);
    return td_arch_has_penalty(&penalties)
               ? td_arch_penalise(&arch, &penalties, d_arch,
                                  d_arch + stepper->sizes.alpha_count)
               : NAN;
}

static td_status arch_step(td_stepper *s, td_search_state *state,
                           const td_step_batches *batches, const td_step_rates *rates,
                           td_step_result *result)
{
    s->arch.gradients = (size_t) rates->order * s->sizes.alpha_count;
    td_status status = rates->order == 2
                           ? td_step_second_order(s, state, batches, rates, result)
                           : first_order(s, state, batches, rates, result);
    if (status != TD_OK)
        return status;
    result->arch_loss = td_step_loss(s, result->valid, rates->mixing);
    result->arch_grads = s->buffers.d_arch;
    /* Added to the gradient of all ranks, which all have. */
    result->arch_penalty = td_step_penalise(s, state, rates, s->buffers.d_arch);
    TD_ASSERT(s->statistics == (rates->order == 2 ? 3 : 1));
    step_adam(s, state, rates);
    return TD_OK;
}

/* All but the head is as it was trained: statistics, too. */
static void keep_trunk(td_step_pass *pass, const td_search_state *state)
{
    pass->running_mean = state->running_mean;
    pass->running_var = state->running_var;
    pass->keep_statistics = false;
    TD_ASSERT(!pass->drop_path);
}

/* search.method random: the weights of one cell learn (Li & Talwalkar 2019). */
static void take_random_cell(td_stepper *s, const td_step_batches *batches,
                             td_arch *arch)
{
    td_genotype cell;
    td_search_state_draw(s->state, &cell, batches->seed, batches->epoch,
                         (uint32_t) batches->step);
    td_search_state_fix(s->state, &cell, s->buffers.cell, s->buffers.cell_present);
    arch->alphas = s->buffers.cell;
    arch->present = s->buffers.cell_present;
}

static td_status weight_step(td_stepper *s, td_search_state *state,
                             const td_step_batches *batches, const td_step_rates *rates,
                             td_step_result *result)
{
    td_reduction *r = &s->weights;
    td_arch arch = s->arch_view;
    td_status status = td_step_perturb(s, &arch, state, batches, rates);
    if (status != TD_OK)
        return status;
    td_step_pass pass = {
        .batch = batches->train,
        .half = TD_HALF_WEIGHTS,
        .weights = state->weights,
        .arch = &arch,
        .mixing = rates->mixing,
        .request = TD_GRAD_WEIGHTS,
        .keep_statistics = true,
        .drop_path = td_step_draw_paths(s, batches, rates->drop_path),
        .auxiliary_weight = rates->auxiliary_weight,
    };
    TD_ASSERT(r->gradients <= s->sizes.weight_count);
    if (rates->random_cell)
        take_random_cell(s, batches, &arch);
    if (td_network_spec(s->net)->head_only)
        keep_trunk(&pass, state);
    td_step_begin_weights(s, s->statistics + pass.keep_statistics);
    td_step_pass_run(s, &pass);
    memcpy(result->train, pass.sums, sizeof pass.sums);
    td_step_requests requests = { batches->stop, batches->save };
    td_step_reduce_weights(s, result->train, &requests);
    result->stop = requests.stop;
    result->save = requests.save;
    status = td_step_check_finite(s, batches, r, result->train, "weight");
    if (status != TD_OK)
        return status;
    double divisor = result->train[TD_CONVENTIONAL].divisor;
    result->loss = td_step_loss(s, result->train, rates->mixing);
    const td_real *gradient = s->buffers.gradient;
    result->grad_norm = s->gradient_norm / divisor;
    if (pass.keep_statistics)
        td_step_apply_statistics(s, state);
    td_sgd_step(state->weights, state->momentum, gradient, r->gradients,
                td_clip_factor(result->grad_norm, rates->clip) / divisor, rates->lr,
                rates->momentum, rates->decay);
    return TD_OK;
}

/* Note the seconds since \a before, and make that the present moment. */
static void note_seconds(td_times *before, double *all, td_pass_seconds *pass,
                         double *update)
{
    td_times now, spent;
    td_times_read(&now);
    spent = now;
    td_times_since(&spent, before);
    *all = td_times_wall(&spent);
    *pass = (td_pass_seconds){ spent.seconds[TD_SECTION_FORWARD],
                               spent.seconds[TD_SECTION_BACKWARD] };
    *update += spent.seconds[TD_SECTION_UPDATE];
    *before = now;
}

void td_step_begin(td_stepper *stepper, const td_search_state *state,
                   const td_step_batches *batches)
{
    stepper->statistics = 0;
    stepper->packed = NULL;
    stepper->is_beyond = false;
    stepper->skip_dropout = 0.0;
    stepper->state = state;
    stepper->batches = batches;
    stepper->draw =
        (td_arch_draw){ batches->seed, batches->epoch, batches->step, NULL };
    stepper->arch_view = td_search_state_arch(state, stepper->buffers.masks);
    stepper->arch_view.draw = &stepper->draw;
}

td_status td_search_step(td_stepper *stepper, td_search_state *state,
                         const td_step_batches *batches, const td_step_rates *rates,
                         td_step_result *result)
{
    td_section former = td_section_enter(TD_SECTION_UPDATE);
    td_times before;
    td_status status = TD_OK;
    TD_ASSERT(rates->order >= 1 && rates->order <= stepper->sizes.order);
    TD_ASSERT(state->weight_slots->total == stepper->sizes.weight_count);
    TD_ASSERT(state->norm_slots->total == stepper->sizes.norm_count);
    TD_ASSERT(td_search_state_alpha_count(state) == stepper->sizes.alpha_count);
    *result = (td_step_result){ .arch_loss = NAN, .arch_penalty = NAN };
    stepper->arch_passes = 0;
    td_step_begin(stepper, state, batches);
    stepper->skip_dropout = rates->skip_dropout;
    td_times_read(&before);
    if (rates->arch_step) {
        back_up_arch(stepper, state, false);
        status = arch_step(stepper, state, batches, rates, result);
        note_seconds(&before, &result->arch_seconds, &result->arch_pass,
                     &result->update_seconds);
    }
    if (status == TD_OK)
        status = weight_step(stepper, state, batches, rates, result);
    result->arch_passes = stepper->arch_passes;
    if (status != TD_OK && rates->arch_step)
        back_up_arch(stepper, state, true);
    note_seconds(&before, &result->weight_seconds, &result->weight_pass,
                 &result->update_seconds);
    td_section_enter(former);
    return status;
}
