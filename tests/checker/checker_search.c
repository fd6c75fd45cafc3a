/* search_first.h5, search_second.h5, search_bbn.h5: trajectories of a few bilevel
 * steps, made by the step of the search itself on one rank.  In search_groups.h5 a
 * batch has several batch-norm groups: as many ranks hold one each. */
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "taildart/step.h"

/* The reference's table of fair tolerances; gradients cover the running statistics. */
typedef struct {
    double outputs, alphas, gradients, final;
} tolerances;

static const tolerances plain = { 1e-5, 1e-5, 5e-4, 2e-3 };
static const tolerances two_branch = { 5e-5, 1e-5, 5e-4, 5e-3 };

/* One branch of one half. */
typedef struct {
    td_real *images; /* (steps, groups, N, H, W, C) */
    int32_t *labels; /* (steps, groups, N)          */
} batches;

/* Results of a trajectory, step by step. */
typedef struct {
    double *arch_loss, *weight_loss, *grad_norm; /* (steps)                 */
    td_real *arch_grads[2], *alphas[2];          /* (steps, edges, 8) each  */
} record;

typedef struct {
    const tolerances *tolerances;
    td_net_spec spec;
    int steps, groups, rank;
    td_step_rates rates;
    double *mixing, *factor; /* (steps); NULL in plain networks */
    batches train[TD_BRANCHES], valid[TD_BRANCHES];
    td_real *start; /* initial weights */
    td_stepper *stepper;
    td_search_state *state;
    record record;
    size_t table; /* numbers of one table of alphas */
} search_case;

/* ---- inputs -------------------------------------------------------------- */

static td_step_rates read_rates(golden_case *c, hid_t group)
{
    td_step_rates rates = {
        .arch_step = true,
        .order = golden_attribute_int(c, group, "second_order") ? 2 : 1,
        .mixing = 1.0,
        .lr = golden_attribute(c, group, "lr"),
        .momentum = golden_attribute(c, group, "momentum"),
        .decay = golden_attribute(c, group, "weight_decay"),
        .clip = golden_attribute(c, group, "clip"),
        .arch_lr = golden_attribute(c, group, "arch_lr"),
        .arch_decay = golden_attribute(c, group, "arch_weight_decay"),
        .arch_betas = { golden_attribute(c, group, "arch_beta1"),
                        golden_attribute(c, group, "arch_beta2") },
    };
    if (rates.order == 2)
        rates.radius = golden_attribute(c, group, "hvp_r");
    if (!golden_has_failed(c) && golden_attribute(c, group, "arch_eps") != 1e-8)
        golden_fail(c, "arch_eps is not 1e-8: not built");
    return rates;
}

static batches read_batches(golden_case *c, hid_t group, const search_case *s,
                            const char *half, const char *branch)
{
    char images[32], labels[32];
    snprintf(images, sizeof images, "%s_x%s", half, branch);
    snprintf(labels, sizeof labels, "%s_y%s", half, branch);
    int lead = s->steps * s->groups;
    return (batches){ golden_read_images(c, group, images, &s->spec, lead),
                      golden_read_labels(c, group, labels, &s->spec, lead) };
}

static double *read_per_step(golden_case *c, hid_t group, const char *name, int steps)
{
    golden_shape shape = { 0 };
    double *values = golden_read_f64(c, group, name, &shape);
    if (values && shape.count != (size_t) steps)
        golden_fail(c, "%s has another shape", name);
    return values;
}

static void read_case(golden_case *c, hid_t group, search_case *s)
{
    static const char *const suffixes[TD_BRANCHES] = { "c", "r" };
    bool is_grouped = H5Aexists(group, "groups") > 0;
    s->steps = golden_attribute_int(c, group, "search_steps");
    s->groups = is_grouped ? golden_attribute_int(c, group, "groups") : 1;
    s->rank = td_comm_rank(c->run->world);
    if (s->groups != td_comm_size(c->run->world) || s->steps < 1)
        golden_fail(c, "needs mpirun -n %d", s->groups);
    s->rates = read_rates(c, group);
    for (int b = 0; b < (s->spec.two_branch ? TD_BRANCHES : 1); b++) {
        const char *suffix = s->spec.two_branch ? suffixes[b] : "";
        s->train[b] = read_batches(c, group, s, "train", suffix);
        s->valid[b] = read_batches(c, group, s, "valid", suffix);
    }
    if (s->spec.two_branch) {
        s->mixing = read_per_step(c, group, "m", s->steps);
        s->factor = read_per_step(c, group, "arch_factor", s->steps);
    }
}

/* The state a trajectory starts from: the file's weights and alphas. */
static void read_state(golden_case *c, hid_t group, search_case *s)
{
    const td_network *net = td_stepper_net(s->stepper);
    golden_tensors params = { td_network_weights(net), "", "params/" };
    td_real *alphas = golden_read_alphas(c, group, &s->spec);
    s->state = td_search_state_new(net, &td_relaxation_softmax, false, 1);
    s->start = GOLDEN_TAKE(c, td_real, params.slots->total);
    golden_read_tensors(c, group, &params, s->start);
    memcpy(s->state->weights, s->start, params.slots->total * sizeof(td_real));
    memcpy(s->state->alphas, alphas, 2 * s->table * sizeof(td_real));
}

/* ---- the steps ----------------------------------------------------------- */

static td_batch batch_of(const search_case *s, const batches *b, int step, int part)
{
    size_t image = (size_t) s->spec.height * (size_t) s->spec.width *
                   (size_t) s->spec.image_channels;
    size_t first = (size_t) (step * s->groups + part) * (size_t) s->spec.batch;
    if (!b->images)
        return (td_batch){ 0 };
    return (td_batch){ .count = s->spec.batch,
                       .images = b->images + first * image,
                       .labels = b->labels + first };
}

static void write_record(search_case *s, int step, const td_step_result *result)
{
    record *r = &s->record;
    size_t at = (size_t) step * s->table, bytes = s->table * sizeof(td_real);
    r->arch_loss[step] = result->arch_loss;
    r->weight_loss[step] = result->loss;
    r->grad_norm[step] = result->grad_norm;
    for (size_t k = 0; k < 2; k++) {
        memcpy(r->arch_grads[k] + at, result->arch_grads + k * s->table, bytes);
        memcpy(r->alphas[k] + at, s->state->alphas + k * s->table, bytes);
    }
}

static void take_record(golden_case *c, search_case *s)
{
    size_t steps = (size_t) s->steps;
    s->record = (record){ .arch_loss = GOLDEN_TAKE(c, double, steps),
                          .weight_loss = GOLDEN_TAKE(c, double, steps),
                          .grad_norm = GOLDEN_TAKE(c, double, steps) };
    for (int k = 0; k < 2; k++) {
        s->record.arch_grads[k] = GOLDEN_TAKE(c, td_real, steps * s->table);
        s->record.alphas[k] = GOLDEN_TAKE(c, td_real, steps * s->table);
    }
}

static void run_steps(golden_case *c, search_case *s)
{
    for (int t = 0; t < s->steps && !golden_has_failed(c); t++) {
        td_step_batches given = { .step = t };
        td_step_rates rates = s->rates;
        td_step_result result;
        for (int b = 0; b < TD_BRANCHES; b++) {
            given.train[b] = batch_of(s, &s->train[b], t, s->rank);
            given.valid[b] = batch_of(s, &s->valid[b], t, s->rank);
        }
        if (s->spec.two_branch) {
            rates.mixing = s->mixing[t];
            rates.arch_lr *= s->factor[t];
        }
        if (td_search_step(s->stepper, s->state, &given, &rates, &result) != TD_OK)
            golden_fail(c, "%s", td_error_message());
        else
            write_record(s, t, &result);
    }
}

/* ---- comparisons --------------------------------------------------------- */

static void compare_numbers(golden_case *c, hid_t group, const char *name,
                            const double *found, int steps, double tolerance)
{
    double *expected = read_per_step(c, group, name, steps);
    golden_compare_array_f64(c, name, found, expected, (size_t) steps, tolerance);
}

static void compare_record(golden_case *c, hid_t group, const search_case *s)
{
    static const char *const grads[2] = { "arch_grads_normal", "arch_grads_reduce" };
    static const char *const alphas[2] = { "alphas_normal_after",
                                           "alphas_reduce_after" };
    const record *r = &s->record;
    const tolerances *t = s->tolerances;
    size_t count = (size_t) s->steps * s->table;
    compare_numbers(c, group, "arch_loss", r->arch_loss, s->steps, t->outputs);
    compare_numbers(c, group, "weight_loss", r->weight_loss, s->steps, t->outputs);
    compare_numbers(c, group, "grad_norm", r->grad_norm, s->steps, t->gradients);
    for (int k = 0; k < 2; k++) {
        golden_compare_dataset(c, group, grads[k], r->arch_grads[k], count,
                               t->gradients);
        golden_compare_dataset(c, group, alphas[k], r->alphas[k], count, t->alphas);
    }
}

/* The last validation batch (conventional of two) through the final network. */
static void compare_evaluation(golden_case *c, hid_t group, const search_case *s)
{
    const td_search_state *state = s->state;
    size_t count = (size_t) s->spec.batch * (size_t) s->spec.classes;
    size_t groups = (size_t) s->groups;
    td_real *logits = GOLDEN_TAKE(c, td_real, groups * count);
    double *mixture = golden_mixture(c, state->alphas, s->spec.nodes);
    for (int g = 0; g < s->groups; g++) {
        td_batch batch = batch_of(s, &s->valid[TD_CONVENTIONAL], s->steps - 1, g);
        td_pass pass = { .weights = state->weights,
                         .mixture = mixture,
                         .running_mean = state->running_mean,
                         .running_var = state->running_var,
                         .images = batch.images,
                         .groups = &batch.count,
                         .group_count = 1,
                         .mixing = 0.5 };
        td_network_forward(td_stepper_net(s->stepper), &pass,
                           logits + (size_t) g * count);
    }
    golden_compare_dataset(c, group, "logits_eval", logits, groups * count,
                           s->tolerances->outputs);
}

static void compare_final(golden_case *c, hid_t group, const search_case *s)
{
    const td_network *net = td_stepper_net(s->stepper);
    golden_tensors final = { td_network_weights(net), "", "final/" };
    golden_compare_tensors(c, group, &final, s->state->weights, s->start,
                           s->tolerances->final);
    golden_compare_buffers(c, group, td_network_norms(net), s->state->running_mean,
                           s->state->running_var, s->tolerances->gradients);
}

/* ---- cases --------------------------------------------------------------- */

static void run_case(golden_case *c, hid_t group, search_case *s)
{
    take_record(c, s);
    read_state(c, group, s);
    if (!golden_has_failed(c))
        run_steps(c, s);
    if (!golden_has_failed(c)) {
        compare_record(c, group, s);
        compare_final(c, group, s);
        compare_evaluation(c, group, s);
    }
    td_search_state_free(s->state);
}

static void check_case(golden_case *c, hid_t group)
{
    bool has_branches = H5Lexists(group, "train_xc", H5P_DEFAULT) > 0;
    search_case s = { .tolerances = has_branches ? &two_branch : &plain,
                      .spec = golden_net_spec(c, group, has_branches) };
    if (golden_has_failed(c))
        return;
    read_case(c, group, &s);
    if (golden_has_failed(c))
        return;
    s.table = (size_t) (td_edge_count(s.spec.nodes) * TD_NUM_OPS);
    if (td_stepper_new(&s.stepper, c->run->world, &s.spec, c->run->kernels,
                       s.rates.order) != TD_OK) {
        golden_fail(c, "%s", td_error_message());
        return;
    }
    run_case(c, group, &s);
    td_stepper_free(s.stepper);
}

void golden_check_search(golden_run *run, const char *path, const char *file)
{
    static char name[] = "golden", *arguments[] = { name, NULL };
    int argc = 1;
    char **argv = arguments;
    if (!run->world) /* started alone: MPI begins with the first trajectory */
        run->world = td_comm_begin(&argc, &argv);
    golden_visit(run, path, file, check_case);
}
