/* losses.json: class weights and losses with them. */
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "taildart/objective.h"

/* Sums are double, gradients float. */
static const double WEIGHT_TOLERANCE = 1e-11, LOSS_TOLERANCE = 1e-6;

/* A loss that is built, with the class weights it uses. */
typedef struct {
    const char *name;
    td_loss_kind kind;
    td_weighting weighting;
    double gamma, tau, smoothing;
} built_loss;

static const built_loss built[] = {
    { "cross_entropy", TD_LOSS_CROSS_ENTROPY, TD_WEIGHTING_NONE, 0.0, 0.0, 0.0 },
    { "weighted_ce_inverse", TD_LOSS_CROSS_ENTROPY, TD_WEIGHTING_INVERSE, 0.0, 0.0,
      0.0 },
    { "weighted_ce_inverse_sqrt", TD_LOSS_CROSS_ENTROPY, TD_WEIGHTING_INVERSE_SQRT, 0.0,
      0.0, 0.0 },
    { "weighted_ce_effective", TD_LOSS_CROSS_ENTROPY, TD_WEIGHTING_EFFECTIVE, 0.0, 0.0,
      0.0 },
    { "focal_2", TD_LOSS_FOCAL, TD_WEIGHTING_NONE, 2.0, 0.0, 0.0 },
    { "focal_2_effective", TD_LOSS_FOCAL, TD_WEIGHTING_EFFECTIVE, 2.0, 0.0, 0.0 },
    { "balanced_softmax", TD_LOSS_BALANCED_SOFTMAX, TD_WEIGHTING_NONE, 0.0, 0.0, 0.0 },
    { "logit_adjustment_1", TD_LOSS_LOGIT_ADJUSTMENT, TD_WEIGHTING_NONE, 0.0, 1.0,
      0.0 },
    { "logit_adjustment_1.5", TD_LOSS_LOGIT_ADJUSTMENT, TD_WEIGHTING_NONE, 0.0, 1.5,
      0.0 },
    /* the same for every class: as label-aware smoothing between equal ends */
    { "label_smoothing_0.1", TD_LOSS_LABEL_AWARE, TD_WEIGHTING_NONE, 0.0, 0.0, 0.1 },
    { "ldam", TD_LOSS_LDAM, TD_WEIGHTING_NONE, 0.0, 0.0, 0.0 },
    { "ldam_drw", TD_LOSS_LDAM, TD_WEIGHTING_EFFECTIVE, 0.0, 0.0, 0.0 },
};

/* The logits of ldam are taken for cosines: the library's are times the scale. */
static const double LDAM_MARGIN = 0.5, LDAM_SCALE = 30.0;

static double scale_of(const built_loss *form)
{
    return form->kind == TD_LOSS_LDAM ? LDAM_SCALE : 1.0;
}

/* A batch of the file, in the library's types. */
typedef struct {
    int n, classes;
    int64_t *counts; /* (classes)    */
    int32_t *labels; /* (n)          */
    td_real *logits; /* (n, classes) */
} loss_batch;

static void convert(golden_case *c, loss_batch *b, const double *counts,
                    const double *labels, const double *logits)
{
    size_t n = (size_t) b->n, classes = (size_t) b->classes;
    b->counts = GOLDEN_TAKE(c, int64_t, classes);
    b->labels = GOLDEN_TAKE(c, int32_t, n);
    b->logits = GOLDEN_TAKE(c, td_real, n * classes);
    for (size_t k = 0; k < classes; k++) {
        b->counts[k] = (int64_t) counts[k];
        if (b->counts[k] < 1)
            golden_fail(c, "a class has no image");
    }
    for (size_t i = 0; i < n; i++) {
        b->labels[i] = (int32_t) labels[i];
        if (b->labels[i] < 0 || b->labels[i] >= b->classes)
            golden_fail(c, "a label is no class");
    }
    for (size_t i = 0; i < n * classes; i++)
        b->logits[i] = (td_real) (float) logits[i];
}

static loss_batch read_batch(golden_case *c, golden_json *json, yaml_node_t *item)
{
    size_t classes, n, logit_count;
    double *counts = golden_json_numbers(
        c, json, golden_json_get(c, json, item, "counts"), &classes);
    double *labels =
        golden_json_numbers(c, json, golden_json_get(c, json, item, "labels"), &n);
    double *logits = golden_json_numbers(
        c, json, golden_json_get(c, json, item, "logits"), &logit_count);
    loss_batch b = { (int) n, (int) classes, NULL, NULL, NULL };
    if (n == 0 || classes == 0 || logit_count != n * classes)
        golden_fail(c, "counts, labels and logits do not fit each other");
    if (!golden_has_failed(c))
        convert(c, &b, counts, labels, logits);
    return b;
}

/* ---- class weights ------------------------------------------------------- */

static void check_weights(golden_case *c, golden_json *json, yaml_node_t *item,
                          const char *name, yaml_node_t *values)
{
    static const char *const names[] = { [TD_WEIGHTING_INVERSE] = "inverse",
                                         [TD_WEIGHTING_INVERSE_SQRT] = "inverse_sqrt",
                                         [TD_WEIGHTING_EFFECTIVE] =
                                             "effective_0.9999" };
    int kind = TD_WEIGHTING_INVERSE, kinds = (int) (sizeof names / sizeof names[0]);
    size_t count;
    loss_batch b = read_batch(c, json, item);
    double *expected = golden_json_numbers(c, json, values, &count);
    while (kind < kinds && strcmp(name, names[kind]) != 0)
        kind++;
    if (kind == kinds)
        golden_fail(c, "no class weights are called so");
    if (count != (size_t) b.classes)
        golden_fail(c, "not one weight per class");
    if (golden_has_failed(c))
        return;
    double *found = GOLDEN_TAKE(c, double, count);
    td_class_weights((td_weighting) kind, b.counts, b.classes, found);
    golden_compare_array_f64(c, name, found, expected, count, WEIGHT_TOLERANCE);
}

/* ---- losses -------------------------------------------------------------- */

/* One reduction: `mean` divides by the images, `weighted_mean` by their weights. */
static void check_loss(golden_case *c, golden_json *json, const loss_batch *b,
                       const built_loss *form, const char *reduction,
                       yaml_node_t *values)
{
    size_t count;
    double expected = golden_json_number(c, golden_json_get(c, json, values, "value"));
    double *expected_grad =
        golden_json_numbers(c, json, golden_json_get(c, json, values, "grad"), &count);
    bool is_weighted = strcmp(reduction, "weighted_mean") == 0;
    if (!is_weighted && strcmp(reduction, "mean") != 0)
        golden_fail(c, "no reduction is called %s", reduction);
    if (count != (size_t) b->n * (size_t) b->classes)
        golden_fail(c, "grad has another shape");
    if (golden_has_failed(c))
        return;
    double *weights = GOLDEN_TAKE(c, double, (size_t) b->classes);
    td_real *grad = GOLDEN_TAKE(c, td_real, count);
    td_loss_sums sums = { 0 };
    td_class_weights(form->weighting, b->counts, b->classes, weights);
    td_loss *loss = td_loss_new(&(td_loss_spec){ .kind = form->kind,
                                                 .classes = b->classes,
                                                 .gamma = form->gamma,
                                                 .tau = form->tau,
                                                 .margin = LDAM_MARGIN,
                                                 .scale = LDAM_SCALE,
                                                 .head = form->smoothing,
                                                 .tail = form->smoothing,
                                                 .weights = weights,
                                                 .counts = b->counts });
    td_targets targets = { .labels = b->labels };
    td_real *logits = GOLDEN_TAKE(c, td_real, count);
    for (size_t i = 0; i < count; i++)
        logits[i] = (td_real) (scale_of(form) * (double) b->logits[i]);
    td_loss_add(loss, &sums, NULL, logits, targets, 1.0, b->n);
    double divisor = is_weighted ? sums.divisor : sums.count;
    double value = sums.loss / divisor;
    td_loss_add(loss, &sums, grad, logits, targets, scale_of(form) / divisor, b->n);
    td_loss_free(loss);
    golden_compare_array_f64(c, "value", &value, &expected, 1, LOSS_TOLERANCE);
    golden_compare_array(c, "grad", grad, expected_grad, count, LOSS_TOLERANCE);
}

static const built_loss *find_loss(const char *name)
{
    for (size_t i = 0; i < sizeof built / sizeof built[0]; i++)
        if (strcmp(built[i].name, name) == 0)
            return &built[i];
    return NULL;
}

/* A loss of one batch with all its reductions. */
static void check_reductions(golden_case *c, golden_json *json, yaml_node_t *item,
                             const char *loss, yaml_node_t *reductions)
{
    const built_loss *form = find_loss(loss);
    loss_batch b = read_batch(c, json, item);
    if (!form)
        golden_fail(c, "no loss is called so");
    for (int i = 0; i < golden_json_count(reductions) && !golden_has_failed(c); i++)
        check_loss(c, json, &b, form, golden_json_key(json, reductions, i),
                   golden_json_item(json, reductions, i));
}

/* ---- the file ------------------------------------------------------------ */

/* Members of a batch: class weights or losses, each a case of its own. */
typedef void member_check(golden_case *c, golden_json *json, yaml_node_t *item,
                          const char *name, yaml_node_t *values);

static void check_members(golden_case *batch, golden_json *json, yaml_node_t *item,
                          const char *section, member_check *check)
{
    yaml_node_t *map = golden_json_get(batch, json, item, section);
    for (int i = 0; i < golden_json_count(map); i++) {
        const char *name = golden_json_key(json, map, i);
        char title[sizeof batch->title];
        golden_case c;
        snprintf(title, sizeof title, "%.100s/%.100s", batch->title, name);
        golden_begin(&c, batch->run, title, "");
        check(&c, json, item, name, golden_json_item(json, map, i));
        golden_end(&c);
    }
}

static void check_batch(golden_run *run, const char *file, golden_json *json,
                        yaml_node_t *item)
{
    golden_case batch;
    golden_begin(&batch, run, file, golden_json_word(json, item, "name"));
    check_members(&batch, json, item, "class_weights", check_weights);
    check_members(&batch, json, item, "losses", check_reductions);
    golden_end_file(&batch, 1);
}

void golden_check_losses(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = golden_json_get(&whole, &json, root, "cases");
    for (int i = 0; i < golden_json_count(cases); i++)
        check_batch(run, file, &json, golden_json_item(&json, cases, i));
    golden_end_file(&whole, golden_json_count(cases));
    golden_json_clear(&json);
}
