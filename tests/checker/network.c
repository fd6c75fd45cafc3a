/* A network as a case has it: weights, statistics and one batch, and its evaluation. */
#include "checker.h"

static void read_batch(golden_case *c, hid_t group, golden_network *n)
{
    golden_tensors params = { td_network_weights(n->net), "", "params/" };
    n->weights = params.slots;
    n->norms = td_network_norms(n->net);
    n->values = GOLDEN_TAKE(c, td_real, n->weights->total);
    n->mean = GOLDEN_TAKE(c, td_real, n->norms->total);
    n->var = GOLDEN_TAKE(c, td_real, n->norms->total);
    golden_read_tensors(c, group, &params, n->values);
    n->images = golden_read_images(c, group, "x", &n->spec, 1);
    n->labels = golden_read_labels(c, group, "labels", &n->spec, 1);
    n->logit_count = (size_t) n->spec.batch * (size_t) n->spec.classes;
}

void golden_network_begin(golden_case *c, hid_t group, golden_network *n)
{
    if (golden_has_failed(c))
        return;
    if (td_network_new(&n->net, &n->spec, c->run->kernels) != TD_OK)
        golden_fail(c, "%s", td_error_message());
    else
        read_batch(c, group, n);
}

void golden_network_end(golden_network *n)
{
    if (n->net)
        td_network_free(n->net);
}

void golden_network_statistics(golden_network *n)
{
    td_network_statistics(n->net, 0, 0, n->mean, n->var);
    golden_update_statistics(n->mean, n->var, n->norms);
}

double *golden_mixture(golden_case *c, const td_real *alphas, int nodes)
{
    int edges = td_edge_count(nodes);
    double *p = GOLDEN_TAKE(c, double, (size_t) (2 * edges * TD_NUM_OPS));
    td_arch arch = softmax_arch(alphas, edges);
    if (alphas)
        td_arch_forward(&arch, p);
    return alphas ? p : NULL;
}

void golden_network_evaluate(golden_case *c, hid_t group, golden_network *n,
                             const td_real *alphas, double tolerance)
{
    td_pass pass = { .weights = n->values,
                     .mixture = golden_mixture(c, alphas, n->spec.nodes),
                     .images = n->images,
                     .running_mean = n->mean,
                     .running_var = n->var,
                     .groups = &n->spec.batch,
                     .group_count = 1 };
    td_real *logits = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_network_forward(n->net, &pass, logits);
    golden_compare_dataset(c, group, "logits_eval", logits, n->logit_count, tolerance);
}
