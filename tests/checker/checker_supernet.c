/* supernet.h5: one training pass with all gradients, then an evaluation. */
#include <string.h>

#include "checker.h"
#include "taildart/objective.h"

/* The reference's table of fair tolerances. */
static const double OUTPUTS = 1e-5, THE_REST = 5e-4;

/* A case while it runs; memory belongs to the case. */
typedef struct {
    td_network *net;
    td_net_spec spec;
    const td_slots *weights, *norms;
    td_real *values, *alphas, *images;
    int32_t *labels;
    td_real *mean, *var;
    size_t alpha_count, logit_count;
} supernet_case;

static void read_inputs(golden_case *c, hid_t group, supernet_case *s)
{
    golden_tensors params = { td_network_weights(s->net), "", "params/" };
    s->weights = params.slots;
    s->norms = td_network_norms(s->net);
    s->values = GOLDEN_TAKE(c, td_real, s->weights->total);
    s->mean = GOLDEN_TAKE(c, td_real, s->norms->total);
    s->var = GOLDEN_TAKE(c, td_real, s->norms->total);
    golden_read_tensors(c, group, &params, s->values);
    s->alphas = golden_read_alphas(c, group, &s->spec);
    s->images = golden_read_images(c, group, "x", &s->spec, 1);
    s->labels = golden_read_labels(c, group, "labels", &s->spec, 1);
    s->alpha_count = (size_t) (td_edge_count(s->spec.nodes) * TD_NUM_OPS);
    s->logit_count = (size_t) s->spec.batch * (size_t) s->spec.classes;
}

static void compare_outputs(golden_case *c, hid_t group, const char *name,
                            const td_real *logits, size_t count)
{
    golden_shape shape = { 0 };
    double *expected = golden_read_f64(c, group, name, &shape);
    if (expected && shape.count != count)
        golden_fail(c, "%s has another shape", name);
    golden_compare_array(c, name, logits, expected, count, OUTPUTS);
}

static void compare_alpha_grads(golden_case *c, hid_t group, const td_real *d_alphas,
                                size_t count)
{
    static const char *const names[2] = { "grad_alphas_normal", "grad_alphas_reduce" };
    for (size_t k = 0; k < 2; k++) {
        golden_shape shape = { 0 };
        double *expected = golden_read_f64(c, group, names[k], &shape);
        if (expected && shape.count != count)
            golden_fail(c, "%s has another shape", names[k]);
        golden_compare_array(c, names[k], d_alphas + k * count, expected, count,
                             THE_REST);
    }
}

static void check_training(golden_case *c, hid_t group, supernet_case *s)
{
    td_pass pass = { .weights = s->values,
                     .alphas = s->alphas,
                     .images = s->images,
                     .groups = { s->spec.batch },
                     .group_count = 1,
                     .request = TD_GRAD_BOTH };
    td_real *logits = GOLDEN_TAKE(c, td_real, s->logit_count);
    td_real *d_logits = GOLDEN_TAKE(c, td_real, s->logit_count);
    td_real *grads = GOLDEN_TAKE(c, td_real, s->weights->total);
    td_real *d_alphas = GOLDEN_TAKE(c, td_real, 2 * s->alpha_count);
    golden_tensors names = { s->weights, "", "grads/" };
    double *loss = golden_read_f64(c, group, "loss", NULL);
    td_loss_sums sums = { 0 };
    td_network_forward(s->net, &pass, logits);
    td_cross_entropy(&sums, d_logits, logits, s->labels, NULL, 1.0 / s->spec.batch,
                     s->spec.batch, s->spec.classes);
    td_network_backward(s->net, &pass, d_logits, grads, d_alphas);
    double mean_loss = sums.loss / sums.divisor;
    compare_outputs(c, group, "logits", logits, s->logit_count);
    golden_compare_array_f64(c, "loss", &mean_loss, loss, 1, OUTPUTS);
    golden_compare_tensors(c, group, &names, grads, NULL, THE_REST);
    compare_alpha_grads(c, group, d_alphas, s->alpha_count);
    td_network_statistics(s->net, 0, s->mean, s->var);
    golden_update_statistics(s->mean, s->var, s->norms);
    golden_compare_buffers(c, group, s->norms, s->mean, s->var, THE_REST);
}

static void check_evaluation(golden_case *c, hid_t group, supernet_case *s)
{
    td_pass pass = { .weights = s->values,
                     .alphas = s->alphas,
                     .images = s->images,
                     .running_mean = s->mean,
                     .running_var = s->var,
                     .groups = { s->spec.batch },
                     .group_count = 1 };
    td_real *logits = GOLDEN_TAKE(c, td_real, s->logit_count);
    td_network_forward(s->net, &pass, logits);
    compare_outputs(c, group, "logits_eval", logits, s->logit_count);
}

static void check_case(golden_case *c, hid_t group)
{
    supernet_case s = { .spec = golden_net_spec(c, group, false) };
    if (golden_has_failed(c))
        return;
    if (td_network_new(&s.net, &s.spec, c->run->kernels) != TD_OK) {
        golden_fail(c, "%s", td_error_message());
        return;
    }
    read_inputs(c, group, &s);
    if (!golden_has_failed(c)) {
        check_training(c, group, &s);
        check_evaluation(c, group, &s);
    }
    td_network_free(s.net);
}

void golden_check_supernet(golden_run *run, const char *path, const char *file)
{
    golden_visit(run, path, file, check_case);
}
