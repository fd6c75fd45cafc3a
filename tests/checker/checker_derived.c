/* derived.h5: a training pass without and one with drop path, then an evaluation. */
#include <string.h>

#include "checker.h"
#include "taildart/objective.h"

/* The reference's table of fair tolerances. */
static const double OUTPUTS = 5e-5, GRADIENTS = 2e-3;

/* A case while it runs; memory belongs to the case. */
typedef struct {
    td_network *net;
    td_net_spec spec;
    td_genotype genotype;
    const td_slots *weights, *norms;
    td_real *values, *images, *drop_path;
    int32_t *labels;
    td_real *mean, *var;
    double auxiliary_weight;
    size_t logit_count;
} derived_case;

static void read_spec(golden_case *c, hid_t group, derived_case *d)
{
    char *text = golden_attribute_text(c, group, "genotype");
    if (golden_has_failed(c))
        return;
    if (td_genotype_parse(&d->genotype, text) != TD_OK)
        golden_fail(c, "%s", td_error_message());
    d->spec = (td_net_spec){
        .channels = golden_attribute_int(c, group, "C"),
        .cells = golden_attribute_int(c, group, "layers"),
        .nodes = d->genotype.nodes,
        .classes = golden_attribute_int(c, group, "classes"),
        .image_channels = golden_attribute_int(c, group, "in_channels"),
        .height = golden_attribute_int(c, group, "H"),
        .width = golden_attribute_int(c, group, "W"),
        .batch = golden_attribute_int(c, group, "N"),
        .genotype = &d->genotype,
        .auxiliary = golden_attribute_int(c, group, "auxiliary") != 0,
    };
    d->auxiliary_weight = golden_attribute(c, group, "aux_weight");
}

/* Masks of 0 and 1 as factors. */
static void read_masks(golden_case *c, hid_t group, derived_case *d)
{
    double keep = 1.0 - golden_attribute(c, group, "drop_prob");
    golden_shape shape = { 0 };
    td_real *masks = golden_read(c, group, "masks", &shape);
    const int dims[4] = { d->spec.cells, 2 * d->spec.nodes, d->spec.batch };
    golden_expect_shape(c, "masks", &shape, dims);
    for (size_t i = 0; masks && i < shape.count; i++)
        masks[i] = (td_real) ((double) masks[i] / keep);
    d->drop_path = masks;
}

static void read_inputs(golden_case *c, hid_t group, derived_case *d)
{
    golden_tensors params = { td_network_weights(d->net), "", "params/" };
    d->weights = params.slots;
    d->norms = td_network_norms(d->net);
    d->values = GOLDEN_TAKE(c, td_real, d->weights->total);
    d->mean = GOLDEN_TAKE(c, td_real, d->norms->total);
    d->var = GOLDEN_TAKE(c, td_real, d->norms->total);
    golden_read_tensors(c, group, &params, d->values);
    d->images = golden_read_images(c, group, "x", &d->spec, 1);
    d->labels = golden_read_labels(c, group, "labels", &d->spec, 1);
    d->logit_count = (size_t) d->spec.batch * (size_t) d->spec.classes;
    read_masks(c, group, d);
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

/* Mean loss of one classifier; its gradient times \a weight. */
static double loss_of(const derived_case *d, const td_real *logits, td_real *d_logits,
                      double weight)
{
    td_loss_sums sums = { 0 };
    td_cross_entropy(&sums, d_logits, logits, d->labels, NULL, weight / d->spec.batch,
                     d->spec.batch, d->spec.classes);
    return weight * sums.loss / sums.divisor;
}

static void check_training(golden_case *c, hid_t group, derived_case *d,
                           const td_real *drop_path, const char *prefix)
{
    char name[64];
    td_real *logits = GOLDEN_TAKE(c, td_real, d->logit_count);
    td_real *d_logits = GOLDEN_TAKE(c, td_real, d->logit_count);
    td_real *auxiliary = GOLDEN_TAKE(c, td_real, d->logit_count);
    td_real *d_auxiliary = GOLDEN_TAKE(c, td_real, d->logit_count);
    td_real *grads = GOLDEN_TAKE(c, td_real, d->weights->total);
    td_pass pass = { .weights = d->values,
                     .images = d->images,
                     .groups = { d->spec.batch },
                     .group_count = 1,
                     .request = TD_GRAD_WEIGHTS,
                     .drop_path = drop_path,
                     .auxiliary = auxiliary,
                     .d_auxiliary = d_auxiliary };
    td_network_forward(d->net, &pass, logits);
    double loss = loss_of(d, logits, d_logits, 1.0) +
                  loss_of(d, auxiliary, d_auxiliary, d->auxiliary_weight);
    td_network_backward(d->net, &pass, d_logits, grads, NULL);
    snprintf(name, sizeof name, "%slogits", prefix);
    compare_outputs(c, group, name, logits, d->logit_count);
    snprintf(name, sizeof name, "%slogits_aux", prefix);
    compare_outputs(c, group, name, auxiliary, d->logit_count);
    snprintf(name, sizeof name, "%sloss", prefix);
    golden_compare_array_f64(c, name, &loss, golden_read_f64(c, group, name, NULL), 1,
                             OUTPUTS);
    snprintf(name, sizeof name, "%sgrads/", prefix);
    golden_tensors names = { d->weights, "", name };
    golden_compare_tensors(c, group, &names, grads, NULL, GRADIENTS);
}

/* The reference evaluates after its pass without drop path. */
static void check_evaluation(golden_case *c, hid_t group, derived_case *d)
{
    td_pass pass = { .weights = d->values,
                     .images = d->images,
                     .running_mean = d->mean,
                     .running_var = d->var,
                     .groups = { d->spec.batch },
                     .group_count = 1 };
    td_real *logits = GOLDEN_TAKE(c, td_real, d->logit_count);
    td_network_statistics(d->net, 0, d->mean, d->var);
    golden_update_statistics(d->mean, d->var, d->norms);
    td_network_forward(d->net, &pass, logits);
    compare_outputs(c, group, "logits_eval", logits, d->logit_count);
}

static void check_case(golden_case *c, hid_t group)
{
    derived_case d = { 0 };
    read_spec(c, group, &d);
    if (golden_has_failed(c))
        return;
    if (td_network_new(&d.net, &d.spec, c->run->kernels) != TD_OK) {
        golden_fail(c, "%s", td_error_message());
        return;
    }
    read_inputs(c, group, &d);
    if (!golden_has_failed(c)) {
        check_training(c, group, &d, NULL, "plain/");
        check_evaluation(c, group, &d);
        check_training(c, group, &d, d.drop_path, "dropped/");
    }
    td_network_free(d.net);
}

void golden_check_derived(golden_run *run, const char *path, const char *file)
{
    golden_visit(run, path, file, check_case);
}
