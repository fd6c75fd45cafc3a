/* losses2.json: losses against the tail, what is done to logits afterwards, class
 * weights that begin late. */
#include <stdio.h>
#include <string.h>

#include "bare_head.h"
#include "checker.h"
#include "taildart/objective.h"
#include "taildart/objective_after.h"

/* Sums are double, gradients and logits float. */
static const double WEIGHT_TOLERANCE = 1e-11, LOSS_TOLERANCE = 1e-6;
static const double HEAD_TOLERANCE = 1e-5;

/* A batch of the file, in the library's types. */
typedef struct {
    int n, classes, dims;
    int64_t *counts;            /* (classes)       */
    int32_t *labels, *partners; /* (n)             */
    double *shares;             /* (n)             */
    td_real *logits;            /* (n, classes)    */
    td_real *features;          /* (n, dims)       */
    td_real *head;              /* (classes, dims) */
} cure_batch;

/* ---- reading ------------------------------------------------------------- */

/* A member of a map that has so many numbers; NULL in a case that has failed. */
static double *numbers_of(golden_case *c, golden_json *json, yaml_node_t *map,
                          const char *key, size_t wanted)
{
    size_t count = 0;
    double *x =
        golden_json_numbers(c, json, golden_json_get(c, json, map, key), &count);
    if (count != wanted)
        golden_fail(c, "%s has %zu numbers instead of %zu", key, count, wanted);
    return golden_has_failed(c) ? NULL : x;
}

static td_real *reals_of(golden_case *c, golden_json *json, yaml_node_t *map,
                         const char *key, size_t count)
{
    double *x = numbers_of(c, json, map, key, count);
    td_real *reals = GOLDEN_TAKE(c, td_real, count);
    for (size_t i = 0; x && i < count; i++)
        reals[i] = (td_real) (float) x[i];
    return reals;
}

static int32_t *labels_of(golden_case *c, golden_json *json, yaml_node_t *map,
                          const char *key, const cure_batch *b)
{
    double *x = numbers_of(c, json, map, key, (size_t) b->n);
    int32_t *labels = GOLDEN_TAKE(c, int32_t, (size_t) b->n);
    for (int i = 0; x && i < b->n; i++) {
        labels[i] = (int32_t) x[i];
        if (labels[i] < 0 || labels[i] >= b->classes)
            golden_fail(c, "%s: %d is no class", key, labels[i]);
    }
    return labels;
}

static int64_t *counts_of(golden_case *c, golden_json *json, yaml_node_t *map,
                          int *classes)
{
    yaml_node_t *list = golden_json_get(c, json, map, "counts");
    *classes = golden_json_count(list);
    double *x = numbers_of(c, json, map, "counts", (size_t) *classes);
    int64_t *counts = GOLDEN_TAKE(c, int64_t, (size_t) *classes);
    for (int k = 0; x && k < *classes; k++) {
        counts[k] = (int64_t) x[k];
        if (counts[k] < 1)
            golden_fail(c, "a class has no image");
    }
    return counts;
}

static cure_batch read_batch(golden_case *c, golden_json *json, yaml_node_t *item)
{
    cure_batch b = { 0 };
    yaml_node_t *features = golden_json_get(c, json, item, "features");
    b.counts = counts_of(c, json, item, &b.classes);
    b.n = golden_json_count(golden_json_get(c, json, item, "labels"));
    if (b.n > 0 && golden_json_count(features) == b.n)
        b.dims = golden_json_count(golden_json_item(json, features, 0));
    if (b.classes == 0 || b.dims == 0)
        golden_fail(c, "has no images, classes or features");
    b.labels = labels_of(c, json, item, "labels", &b);
    b.partners = labels_of(c, json, item, "partners", &b);
    b.shares = numbers_of(c, json, item, "shares", (size_t) b.n);
    b.logits = reals_of(c, json, item, "logits", (size_t) (b.n * b.classes));
    b.features = reals_of(c, json, item, "features", (size_t) (b.n * b.dims));
    b.head = reals_of(c, json, item, "head", (size_t) (b.classes * b.dims));
    return b;
}

/* ---- losses -------------------------------------------------------------- */

static double parameter(golden_case *c, golden_json *json, yaml_node_t *map,
                        const char *key)
{
    yaml_node_t *value = golden_json_find(json, map, key);
    return value ? golden_json_number(c, value) : 0.0;
}

/* How the file calls the kinds; soft labels are cross-entropy of mixed images. */
static td_loss_kind kind_of(golden_case *c, const char *word)
{
    static const struct {
        const char *word;
        td_loss_kind kind;
    } kinds[] = {
        { "vector_scaling", TD_LOSS_VS },
        { "vector_scaling_soft", TD_LOSS_VS },
        { "soft_labels", TD_LOSS_CROSS_ENTROPY },
        { "focal", TD_LOSS_FOCAL },
        { "label_aware_smoothing", TD_LOSS_LABEL_AWARE },
        { "ldam_head", TD_LOSS_LDAM },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(word, kinds[i].word) == 0)
            return kinds[i].kind;
    golden_fail(c, "no loss is called so");
    return TD_LOSS_CROSS_ENTROPY;
}

static td_weighting weighting_of(golden_case *c, const char *word)
{
    if (strcmp(word, "effective") == 0)
        return TD_WEIGHTING_EFFECTIVE;
    if (strcmp(word, "none") != 0)
        golden_fail(c, "no class weights are called %s", word);
    return TD_WEIGHTING_NONE;
}

/* The loss of a set of parameters.  \return for td_loss_free */
static td_loss *new_loss(golden_case *c, golden_json *json, const cure_batch *b,
                         yaml_node_t *parameters)
{
    td_loss_spec spec = {
        .kind = kind_of(c, golden_json_word(json, parameters, "kind")),
        .classes = b->classes,
        .gamma = parameter(c, json, parameters, "gamma"),
        .tau = parameter(c, json, parameters, "tau"),
        .margin = parameter(c, json, parameters, "max_m"),
        .scale = parameter(c, json, parameters, "scale"),
        .head = parameter(c, json, parameters, "head"),
        .tail = parameter(c, json, parameters, "tail"),
        .counts = b->counts,
    };
    double *weights = GOLDEN_TAKE(c, double, (size_t) b->classes);
    td_class_weights(
        weighting_of(c, golden_json_word(json, parameters, "class_weights")), b->counts,
        b->classes, weights);
    spec.weights = weights;
    return td_loss_new(&spec);
}

static bool is_soft(golden_json *json, yaml_node_t *parameters)
{
    const char *kind = golden_json_word(json, parameters, "kind");
    return strcmp(kind, "soft_labels") == 0 || strcmp(kind, "vector_scaling_soft") == 0;
}

static td_targets targets_of(const cure_batch *b, bool soft)
{
    return (td_targets){ b->labels, soft ? b->partners : NULL,
                         soft ? b->shares : NULL };
}

/* One reduction: `mean` divides by the images, `weighted_mean` by their weights. */
static double divisor_of(golden_case *c, const td_loss_sums *sums,
                         const char *reduction)
{
    if (strcmp(reduction, "weighted_mean") == 0)
        return sums->divisor;
    if (strcmp(reduction, "mean") != 0)
        golden_fail(c, "no reduction is called %s", reduction);
    return sums->count;
}

static void check_reduction(golden_case *c, golden_json *json, const cure_batch *b,
                            yaml_node_t *parameters, const char *reduction,
                            yaml_node_t *values)
{
    size_t count = (size_t) (b->n * b->classes);
    double expected = golden_json_number(c, golden_json_get(c, json, values, "value"));
    double *expected_grad = numbers_of(c, json, values, "grad", count);
    if (golden_has_failed(c))
        return;
    td_loss *loss = new_loss(c, json, b, parameters);
    td_targets targets = targets_of(b, is_soft(json, parameters));
    td_real *grad = GOLDEN_TAKE(c, td_real, count);
    td_loss_sums sums = { 0 };
    td_loss_add(loss, &sums, NULL, b->logits, targets, 1.0, b->n);
    double divisor = divisor_of(c, &sums, reduction), value = sums.loss / divisor;
    td_loss_add(loss, &sums, grad, b->logits, targets, 1.0 / divisor, b->n);
    td_loss_free(loss);
    golden_compare_array_f64(c, "value", &value, &expected, 1, LOSS_TOLERANCE);
    golden_compare_array(c, "grad", grad, expected_grad, count, LOSS_TOLERANCE);
}

/* ---- ldam, with its head ------------------------------------------------- */

/* What the head's logits mean: a loss, divided. */
typedef struct {
    const cure_batch *batch;
    const td_loss *loss;
    td_loss_sums sums;
    double divisor; /* 0: the first pass only adds up */
} head_loss;

static void slope_of(void *context, td_real *d_logits, const td_real *logits)
{
    head_loss *l = context;
    double scale = l->divisor > 0.0 ? 1.0 / l->divisor : 1.0;
    memset(d_logits, 0, (size_t) (l->batch->n * l->batch->classes) * sizeof *d_logits);
    td_loss_add(l->loss, &l->sums, d_logits, logits, targets_of(l->batch, false), scale,
                l->batch->n);
}

static void check_head(golden_case *c, golden_json *json, const cure_batch *b,
                       yaml_node_t *parameters, const char *reduction,
                       yaml_node_t *values)
{
    size_t features = (size_t) (b->n * b->dims), head = (size_t) (b->classes * b->dims);
    double expected = golden_json_number(c, golden_json_get(c, json, values, "value"));
    double *d_features = numbers_of(c, json, values, "d_features", features);
    double *d_head = numbers_of(c, json, values, "d_head", head);
    double scale = parameter(c, json, parameters, "scale");
    if (golden_has_failed(c))
        return;
    td_network *net = bare_head_new(c->run->kernels, TD_HEAD_NORMALISED, scale, b->dims,
                                    b->classes, b->n);
    td_loss *loss = new_loss(c, json, b, parameters);
    td_real *grads = GOLDEN_TAKE(c, td_real, head);
    head_loss l = { .batch = b, .loss = loss };
    bare_head_pass(net, b->head, b->features, b->n, slope_of, &l, NULL);
    l.divisor = divisor_of(c, &l.sums, reduction);
    double value = l.sums.loss / l.divisor;
    const td_real *found =
        bare_head_pass(net, b->head, b->features, b->n, slope_of, &l, grads);
    golden_compare_array_f64(c, "value", &value, &expected, 1, LOSS_TOLERANCE);
    golden_compare_array(c, "d_features", found, d_features, features, HEAD_TOLERANCE);
    golden_compare_array(c, "d_head", grads, d_head, head, HEAD_TOLERANCE);
    td_loss_free(loss);
    td_network_free(net);
}

/* ---- every loss ---------------------------------------------------------- */

typedef void reduction_check(golden_case *c, golden_json *json, const cure_batch *b,
                             yaml_node_t *parameters, const char *reduction,
                             yaml_node_t *values);

static void check_loss(golden_case *c, golden_json *json, yaml_node_t *item,
                       yaml_node_t *parameters, yaml_node_t *reductions)
{
    cure_batch b = read_batch(c, json, item);
    bool has_head =
        strcmp(golden_json_word(json, parameters, "kind"), "ldam_head") == 0;
    reduction_check *check = has_head ? check_head : check_reduction;
    for (int r = 0; r < golden_json_count(reductions) && !golden_has_failed(c); r++)
        check(c, json, &b, parameters, golden_json_key(json, reductions, r),
              golden_json_item(json, reductions, r));
}

static void check_losses(golden_case *batch, golden_json *json, yaml_node_t *root,
                         yaml_node_t *item)
{
    yaml_node_t *all = golden_json_get(batch, json, root, "parameters");
    yaml_node_t *losses = golden_json_get(batch, json, item, "losses");
    for (int i = 0; i < golden_json_count(losses); i++) {
        const char *name = golden_json_key(json, losses, i);
        yaml_node_t *parameters = golden_json_get(batch, json, all, name);
        char title[sizeof batch->title];
        golden_case c;
        snprintf(title, sizeof title, "%.100s/%.100s", batch->title, name);
        golden_begin(&c, batch->run, title, "");
        check_loss(&c, json, item, parameters, golden_json_item(json, losses, i));
        golden_end(&c);
    }
}

/* ---- weights and smoothing ----------------------------------------------- */

static void check_weights(golden_case *c, golden_json *json, yaml_node_t *item)
{
    int classes;
    int64_t *counts = counts_of(c, json, item, &classes);
    yaml_node_t *map = golden_json_get(c, json, item, "class_weights");
    for (int i = 0; i < golden_json_count(map) && !golden_has_failed(c); i++) {
        const char *name = golden_json_key(json, map, i);
        double *expected = numbers_of(c, json, map, name, (size_t) classes);
        double *found = GOLDEN_TAKE(c, double, (size_t) classes);
        td_class_weights(weighting_of(c, name), counts, classes, found);
        if (expected)
            golden_compare_array_f64(c, name, found, expected, (size_t) classes,
                                     WEIGHT_TOLERANCE);
    }
}

/* The e of label k: at even logits its gradient is 1/K − (1 − e + e/K). */
static double smoothing_of(const cure_batch *b, const td_loss *loss, int32_t k,
                           td_real *grad)
{
    td_real *even = grad + b->classes;
    td_loss_sums sums = { 0 };
    memset(grad, 0, (size_t) (2 * b->classes) * sizeof *grad);
    td_loss_add(loss, &sums, grad, even, (td_targets){ .labels = &k }, 1.0, 1);
    double share = 1.0 / b->classes;
    return 1.0 + (double) grad[k] / (1.0 - share);
}

static void check_smoothing(golden_case *c, golden_json *json, yaml_node_t *item)
{
    cure_batch b = read_batch(c, json, item);
    yaml_node_t *map = golden_json_get(c, json, item, "smoothing");
    for (int i = 0; i < golden_json_count(map) && !golden_has_failed(c); i++) {
        const char *name = golden_json_key(json, map, i);
        double *expected = numbers_of(c, json, map, name, (size_t) b.classes);
        double *found = GOLDEN_TAKE(c, double, (size_t) b.classes);
        td_real *work = GOLDEN_TAKE(c, td_real, (size_t) (2 * b.classes));
        td_loss_spec spec = { .kind = TD_LOSS_LABEL_AWARE,
                              .classes = b.classes,
                              .counts = b.counts };
        if (sscanf(name, "%lf_%lf", &spec.head, &spec.tail) != 2)
            golden_fail(c, "smoothing %s is not head_tail", name);
        td_loss *loss = td_loss_new(&spec);
        for (int k = 0; k < b.classes; k++)
            found[k] = smoothing_of(&b, loss, k, work);
        td_loss_free(loss);
        if (expected)
            golden_compare_array_f64(c, name, found, expected, (size_t) b.classes,
                                     LOSS_TOLERANCE);
    }
}

/* ---- after the training -------------------------------------------------- */

/* Logits by a head without bias, added up in double. */
static td_real *logits_by(golden_case *c, const cure_batch *b, const td_real *head)
{
    td_real *logits = GOLDEN_TAKE(c, td_real, (size_t) (b->n * b->classes));
    for (int i = 0; i < b->n; i++)
        for (int k = 0; k < b->classes; k++) {
            double sum = 0.0;
            for (int f = 0; f < b->dims; f++)
                sum += (double) b->features[i * b->dims + f] *
                       (double) head[k * b->dims + f];
            logits[i * b->classes + k] = (td_real) sum;
        }
    return logits;
}

static td_real *after(golden_case *c, const cure_batch *b, const char *cure, double tau)
{
    size_t logits = (size_t) (b->n * b->classes),
           head = (size_t) (b->classes * b->dims);
    td_real *copy = GOLDEN_TAKE(c, td_real, logits > head ? logits : head);
    if (strcmp(cure, "logit_adjustment") == 0) {
        memcpy(copy, b->logits, logits * sizeof *copy);
        td_adjust_logits(copy, b->counts, b->classes, tau, b->n);
        return copy;
    }
    if (strcmp(cure, "tau_normalisation") != 0)
        golden_fail(c, "no cure is called %s", cure);
    memcpy(copy, b->head, head * sizeof *copy);
    td_tau_normalise(copy, b->classes, b->dims, tau);
    return logits_by(c, b, copy);
}

static void check_after(golden_case *c, golden_json *json, const cure_batch *b,
                        const char *cure, yaml_node_t *taus)
{
    size_t count = (size_t) (b->n * b->classes);
    for (int i = 0; i < golden_json_count(taus) && !golden_has_failed(c); i++) {
        const char *word = golden_json_key(json, taus, i);
        yaml_node_t *values = golden_json_item(json, taus, i);
        double tau = 0.0;
        if (sscanf(word, "%lf", &tau) != 1)
            golden_fail(c, "%s is no tau", word);
        double *expected = numbers_of(c, json, values, "logits", count);
        double *answers = numbers_of(c, json, values, "predictions", (size_t) b->n);
        td_real *found = after(c, b, cure, tau);
        if (golden_has_failed(c))
            return;
        golden_compare_array(c, "logits", found, expected, count, LOSS_TOLERANCE);
        for (int k = 0; k < b->n; k++)
            if (td_argmax(found + k * b->classes, b->classes) != (int) answers[k])
                golden_fail(c, "%s %s: image %d is taken for another", cure, word, k);
    }
}

static void check_afters(golden_case *c, golden_json *json, yaml_node_t *item)
{
    yaml_node_t *map = golden_json_get(c, json, item, "after");
    cure_batch b = read_batch(c, json, item);
    for (int i = 0; i < golden_json_count(map) && !golden_has_failed(c); i++)
        check_after(c, json, &b, golden_json_key(json, map, i),
                    golden_json_item(json, map, i));
}

/* ---- late weights -------------------------------------------------------- */

static void check_deferred(golden_case *c, golden_json *json, yaml_node_t *map)
{
    int classes;
    size_t rows;
    int64_t *counts = counts_of(c, json, map, &classes);
    double *epochs =
        golden_json_numbers(c, json, golden_json_get(c, json, map, "epochs"), &rows);
    size_t all = rows * (size_t) classes;
    double *expected = numbers_of(c, json, map, "class_weights", all);
    int from = (int) parameter(c, json, map, "start");
    if (parameter(c, json, map, "beta") != 0.9999)
        golden_fail(c, "beta is not 0.9999");
    double *found = GOLDEN_TAKE(c, double, all);
    for (size_t i = 0; i < rows && !golden_has_failed(c); i++)
        td_class_weights(
            td_weighting_of_epoch(TD_WEIGHTING_EFFECTIVE, from, (int64_t) epochs[i]),
            counts, classes, found + i * (size_t) classes);
    if (!golden_has_failed(c))
        golden_compare_array_f64(c, "class_weights", found, expected, all,
                                 WEIGHT_TOLERANCE);
}

/* ---- the file ------------------------------------------------------------ */

/* What each batch has beside losses: a case each. */
typedef void batch_check(golden_case *c, golden_json *json, yaml_node_t *item);

static void check_batch(golden_run *run, const char *file, golden_json *json,
                        yaml_node_t *root, yaml_node_t *item)
{
    static const struct {
        const char *name;
        batch_check *check;
    } parts[] = { { "class_weights", check_weights },
                  { "smoothing", check_smoothing },
                  { "after", check_afters } };
    golden_case batch;
    golden_begin(&batch, run, file, golden_json_word(json, item, "name"));
    check_losses(&batch, json, root, item);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        golden_case c;
        golden_begin(&c, run, batch.title, parts[i].name);
        parts[i].check(&c, json, item);
        golden_end(&c);
    }
    golden_end_file(&batch, 1);
}

void golden_check_cures(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole, deferred;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = golden_json_get(&whole, &json, root, "cases");
    for (int i = 0; i < golden_json_count(cases); i++)
        check_batch(run, file, &json, root, golden_json_item(&json, cases, i));
    golden_begin(&deferred, run, file, "deferred");
    check_deferred(&deferred, &json,
                   golden_json_get(&deferred, &json, root, "deferred"));
    golden_end(&deferred);
    golden_end_file(&whole, golden_json_count(cases));
    golden_json_clear(&json);
}
