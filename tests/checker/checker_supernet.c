/* supernet.h5: one training pass with all gradients, then an evaluation. */
#include "../cross_entropy.h"
#include "checker.h"
#include "taildart/objective.h"

/* The reference's table of fair tolerances. */
static const double OUTPUTS = 1e-5, THE_REST = 5e-4;

static void compare_alpha_grads(golden_case *c, hid_t group, const td_real *d_alphas,
                                size_t count)
{
    golden_compare_dataset(c, group, "grad_alphas_normal", d_alphas, count, THE_REST);
    golden_compare_dataset(c, group, "grad_alphas_reduce", d_alphas + count, count,
                           THE_REST);
}

static void check_training(golden_case *c, hid_t group, golden_network *n,
                           const td_real *alphas)
{
    size_t alpha_count = (size_t) (td_edge_count(n->spec.nodes) * TD_NUM_OPS);
    double *mixture = golden_mixture(c, alphas, n->spec.nodes);
    double *d_mixture = GOLDEN_TAKE(c, double, 2 * alpha_count);
    td_pass pass = { .weights = n->values,
                     .mixture = mixture,
                     .images = n->images,
                     .groups = &n->spec.batch,
                     .group_count = 1,
                     .request = TD_GRAD_BOTH };
    td_real *logits = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_real *d_logits = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_real *grads = GOLDEN_TAKE(c, td_real, n->weights->total);
    td_real *d_alphas = GOLDEN_TAKE(c, td_real, 2 * alpha_count);
    golden_tensors names = { n->weights, "", "grads/" };
    double *loss = golden_read_f64(c, group, "loss", NULL);
    td_loss_sums sums = { 0 };
    td_network_forward(n->net, &pass, logits);
    cross_entropy(&sums, d_logits, logits, n->labels, NULL, 1.0 / n->spec.batch,
                  n->spec.batch, n->spec.classes);
    td_network_backward(n->net, &pass, d_logits, grads, d_mixture);
    td_arch arch = softmax_arch(alphas, td_edge_count(n->spec.nodes));
    td_arch_backward(&arch, d_alphas, NULL, d_mixture);
    double mean_loss = sums.loss / sums.divisor;
    golden_compare_dataset(c, group, "logits", logits, n->logit_count, OUTPUTS);
    golden_compare_array_f64(c, "loss", &mean_loss, loss, 1, OUTPUTS);
    golden_compare_tensors(c, group, &names, grads, NULL, THE_REST);
    compare_alpha_grads(c, group, d_alphas, alpha_count);
    golden_network_statistics(n);
    golden_compare_buffers(c, group, n->norms, n->mean, n->var, THE_REST);
}

static void check_case(golden_case *c, hid_t group)
{
    golden_network n = { .spec = golden_net_spec(c, group, false) };
    golden_network_begin(c, group, &n);
    td_real *alphas =
        golden_has_failed(c) ? NULL : golden_read_alphas(c, group, &n.spec);
    if (!golden_has_failed(c)) {
        check_training(c, group, &n, alphas);
        golden_network_evaluate(c, group, &n, alphas, OUTPUTS);
    }
    golden_network_end(&n);
}

void golden_check_supernet(golden_run *run, const char *path, const char *file)
{
    golden_visit(run, path, file, check_case);
}
