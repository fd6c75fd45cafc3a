/* derived.h5: a training pass without and one with drop path, then an evaluation. */
#include <stdio.h>

#include "../cross_entropy.h"
#include "checker.h"
#include "taildart/objective.h"

/* The reference's table of fair tolerances. */
static const double OUTPUTS = 5e-5, GRADIENTS = 2e-3;

/* A case while it runs; memory belongs to the case. */
typedef struct {
    golden_network network;
    td_genotype genotype;
    td_real *drop_path;
    double auxiliary_weight;
} derived_case;

static void read_spec(golden_case *c, hid_t group, derived_case *d)
{
    char *text = golden_attribute_text(c, group, "genotype");
    if (golden_has_failed(c))
        return;
    if (td_genotype_parse(&d->genotype, text) != TD_OK)
        golden_fail(c, "%s", td_error_message());
    d->network.spec = (td_net_spec){
        .channels = golden_attribute_int(c, group, "C"),
        .cells = golden_attribute_int(c, group, "layers"),
        .nodes = d->genotype.nodes,
        .classes = golden_attribute_int(c, group, "classes"),
        .image_channels = golden_attribute_int(c, group, "in_channels"),
        .height = golden_attribute_int(c, group, "H"),
        .width = golden_attribute_int(c, group, "W"),
        .batch = golden_attribute_int(c, group, "N"),
        .stem = golden_stem(golden_attribute_int(c, group, "stem_multiplier")),
        .genotype = &d->genotype,
        .auxiliary = golden_attribute_int(c, group, "auxiliary") != 0,
    };
    d->auxiliary_weight = golden_attribute(c, group, "aux_weight");
}

/* Masks of 0 and 1 as factors. */
static void read_masks(golden_case *c, hid_t group, derived_case *d)
{
    const td_net_spec *spec = &d->network.spec;
    double keep = 1.0 - golden_attribute(c, group, "drop_prob");
    golden_shape shape = { 0 };
    td_real *masks = golden_read(c, group, "masks", &shape);
    const int dims[4] = { spec->cells, 2 * spec->nodes, spec->batch };
    golden_expect_shape(c, "masks", &shape, dims);
    for (size_t i = 0; masks && i < shape.count; i++)
        masks[i] = (td_real) ((double) masks[i] / keep);
    d->drop_path = masks;
}

/* Mean loss of one classifier; its gradient times \a weight. */
static double loss_of(const golden_network *n, const td_real *logits, td_real *d_logits,
                      double weight)
{
    td_loss_sums sums = { 0 };
    cross_entropy(&sums, d_logits, logits, n->labels, NULL, weight / n->spec.batch,
                  n->spec.batch, n->spec.classes);
    return weight * sums.loss / sums.divisor;
}

static void check_training(golden_case *c, hid_t group, derived_case *d,
                           const td_real *drop_path, const char *prefix)
{
    golden_network *n = &d->network;
    char name[64];
    td_real *logits = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_real *d_logits = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_real *auxiliary = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_real *d_auxiliary = GOLDEN_TAKE(c, td_real, n->logit_count);
    td_real *grads = GOLDEN_TAKE(c, td_real, n->weights->total);
    td_pass pass = { .weights = n->values,
                     .images = n->images,
                     .groups = &n->spec.batch,
                     .group_count = 1,
                     .request = TD_GRAD_WEIGHTS,
                     .drop_path = drop_path,
                     .auxiliary = auxiliary,
                     .d_auxiliary = d_auxiliary };
    td_network_forward(n->net, &pass, logits);
    double loss = loss_of(n, logits, d_logits, 1.0) +
                  loss_of(n, auxiliary, d_auxiliary, d->auxiliary_weight);
    td_network_backward(n->net, &pass, d_logits, grads, NULL);
    snprintf(name, sizeof name, "%slogits", prefix);
    golden_compare_dataset(c, group, name, logits, n->logit_count, OUTPUTS);
    snprintf(name, sizeof name, "%slogits_aux", prefix);
    golden_compare_dataset(c, group, name, auxiliary, n->logit_count, OUTPUTS);
    snprintf(name, sizeof name, "%sloss", prefix);
    golden_compare_array_f64(c, name, &loss, golden_read_f64(c, group, name, NULL), 1,
                             OUTPUTS);
    snprintf(name, sizeof name, "%sgrads/", prefix);
    golden_tensors names = { n->weights, "", name };
    golden_compare_tensors(c, group, &names, grads, NULL, GRADIENTS);
}

/* The reference evaluates after its pass without drop path. */
static void check_case(golden_case *c, hid_t group)
{
    derived_case d = { 0 };
    read_spec(c, group, &d);
    golden_network_begin(c, group, &d.network);
    if (!golden_has_failed(c))
        read_masks(c, group, &d);
    if (!golden_has_failed(c)) {
        check_training(c, group, &d, NULL, "plain/");
        golden_network_statistics(&d.network);
        golden_network_evaluate(c, group, &d.network, NULL, OUTPUTS);
        check_training(c, group, &d, d.drop_path, "dropped/");
    }
    golden_network_end(&d.network);
}

void golden_check_derived(golden_run *run, const char *path, const char *file)
{
    golden_visit(run, path, file, check_case);
}
