/* etf.json: fixed heads.  The file's matrix is one of many, so the library's own has to
 * have unit rows with the same cosines, and the file's is what passes are held to. */
#include <math.h>
#include <string.h>

#include "bare_head.h"
#include "checker.h"
#include "taildart/objective.h"

static const double FRAME_TOLERANCE = 1e-6, PASS_TOLERANCE = 1e-5;

typedef struct {
    int n, classes, dims;
    double cosine, scale;
    td_real *matrix;   /* (classes, dims) */
    td_real *features; /* (n, dims)       */
    int32_t *labels;   /* (n)             */
    td_real *logits;   /* (n, classes) that came out */
    double value;      /* and their mean loss        */
} frame;

/* ---- reading ------------------------------------------------------------- */

static double number_of(golden_case *c, golden_json *json, yaml_node_t *map,
                        const char *key)
{
    return golden_json_number(c, golden_json_get(c, json, map, key));
}

static double *numbers_of(golden_case *c, golden_json *json, yaml_node_t *map,
                          const char *key, int wanted)
{
    size_t count = 0;
    double *x =
        golden_json_numbers(c, json, golden_json_get(c, json, map, key), &count);
    if (count != (size_t) wanted)
        golden_fail(c, "%s has another shape", key);
    return golden_has_failed(c) ? NULL : x;
}

static td_real *reals_of(golden_case *c, golden_json *json, yaml_node_t *map,
                         const char *key, int count)
{
    double *x = numbers_of(c, json, map, key, count);
    td_real *reals = GOLDEN_TAKE(c, td_real, (size_t) count);
    for (int i = 0; x && i < count; i++)
        reals[i] = (td_real) (float) x[i];
    return reals;
}

static frame read_frame(golden_case *c, golden_json *json, yaml_node_t *item)
{
    frame f = { .classes = (int) number_of(c, json, item, "classes"),
                .dims = (int) number_of(c, json, item, "dims"),
                .cosine = number_of(c, json, item, "cosine"),
                .scale = number_of(c, json, item, "scale"),
                .n = golden_json_count(golden_json_get(c, json, item, "labels")) };
    if (f.classes < 2 || f.dims < 1 || f.n < 1)
        golden_fail(c, "has no classes, dimensions or images");
    f.matrix = reals_of(c, json, item, "matrix", f.classes * f.dims);
    f.features = reals_of(c, json, item, "features", f.n * f.dims);
    double *labels = numbers_of(c, json, item, "labels", f.n);
    f.labels = GOLDEN_TAKE(c, int32_t, (size_t) f.n);
    f.logits = GOLDEN_TAKE(c, td_real, (size_t) (f.n * f.classes));
    for (int i = 0; labels && i < f.n; i++) {
        f.labels[i] = (int32_t) labels[i];
        if (f.labels[i] < 0 || f.labels[i] >= f.classes)
            golden_fail(c, "a label is no class");
    }
    return f;
}

/* ---- a case -------------------------------------------------------------- */

/* Norms and cosines of all pairs of rows. */
static void check_frame(golden_case *c, const char *name, const frame *f,
                        const td_real *matrix)
{
    double worst = 0.0;
    for (int a = 0; a < f->classes; a++)
        for (int b = 0; b <= a; b++) {
            double sum = 0.0;
            for (int i = 0; i < f->dims; i++)
                sum +=
                    (double) matrix[a * f->dims + i] * (double) matrix[b * f->dims + i];
            double error = fabs(sum - (a == b ? 1.0 : f->cosine));
            worst = error <= worst ? worst : error;
        }
    golden_compare(c, name, worst, FRAME_TOLERANCE);
}

static void slope_of(void *context, td_real *d_logits, const td_real *logits)
{
    frame *f = context;
    size_t count = (size_t) (f->n * f->classes);
    td_loss_sums sums = { 0 };
    td_loss *loss = td_loss_new(&(td_loss_spec){ .classes = f->classes });
    memset(d_logits, 0, count * sizeof *d_logits);
    memcpy(f->logits, logits, count * sizeof *logits);
    td_loss_add(loss, &sums, d_logits, logits, (td_targets){ .labels = f->labels },
                1.0 / f->n, f->n);
    f->value = sums.loss / f->n;
    td_loss_free(loss);
}

static void check_passes(golden_case *c, golden_json *json, yaml_node_t *item, frame *f,
                         td_network *net)
{
    double *logits = numbers_of(c, json, item, "logits", f->n * f->classes);
    double *d_features = numbers_of(c, json, item, "d_features", f->n * f->dims);
    double value = number_of(c, json, item, "value");
    if (golden_has_failed(c))
        return;
    const td_real *found =
        bare_head_pass(net, f->matrix, f->features, f->n, slope_of, f, NULL);
    golden_compare_array_f64(c, "value", &f->value, &value, 1, PASS_TOLERANCE);
    golden_compare_array(c, "logits", f->logits, logits, (size_t) (f->n * f->classes),
                         PASS_TOLERANCE);
    golden_compare_array(c, "d_features", found, d_features, (size_t) (f->n * f->dims),
                         PASS_TOLERANCE);
}

static void check_case(golden_case *c, golden_json *json, yaml_node_t *item)
{
    frame f = read_frame(c, json, item);
    if (golden_has_failed(c))
        return;
    td_network *net =
        bare_head_new(c->run->kernels, TD_HEAD_ETF, f.scale, f.dims, f.classes, f.n);
    const td_slots *weights = td_network_weights(net);
    td_real *own = GOLDEN_TAKE(c, td_real, weights->total);
    td_network_init(net, 7, own);
    if (weights->learned != 0 || weights->total != (size_t) (f.classes * f.dims))
        golden_fail(c, "the head has learned numbers");
    golden_compare(c, "cosine", fabs(f.cosine + 1.0 / (f.classes - 1)), 1e-11);
    check_frame(c, "matrix", &f, f.matrix);
    check_frame(c, "own matrix", &f, own);
    check_passes(c, json, item, &f, net);
    td_network_free(net);
}

/* ---- the file ------------------------------------------------------------ */

/* Networks of a single cell with one node: as many features as channels. */
static void check_impossible(golden_case *c, golden_json *json, yaml_node_t *pairs)
{
    for (int i = 0; i < golden_json_count(pairs) && !golden_has_failed(c); i++) {
        yaml_node_t *pair = golden_json_item(json, pairs, i);
        int classes = (int) golden_json_integer(c, golden_json_item(json, pair, 0));
        int dims = (int) golden_json_integer(c, golden_json_item(json, pair, 1));
        td_net_spec spec = { .channels = dims,
                             .cells = 1,
                             .nodes = 1,
                             .batch = 1,
                             .classes = classes,
                             .image_channels = 1,
                             .height = 4,
                             .width = 4,
                             .head = TD_HEAD_ETF,
                             .head_scale = 1.0 };
        td_net_plan plan;
        if (td_network_plan(&plan, &spec, 1) != TD_USAGE)
            golden_fail(c, "%d classes in %d dimensions are not refused", classes,
                        dims);
        spec.classes = dims + 1;
        if (td_network_plan(&plan, &spec, 1) != TD_OK)
            golden_fail(c, "%d classes are refused: %s", spec.classes,
                        td_error_message());
        golden_compare(c, "refusals", 0.0, 1.0);
    }
}

void golden_check_frames(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole, refused;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = golden_json_get(&whole, &json, root, "cases");
    for (int i = 0; i < golden_json_count(cases); i++) {
        golden_case c;
        yaml_node_t *item = golden_json_item(&json, cases, i);
        golden_begin(&c, run, file, golden_json_word(&json, item, "name"));
        check_case(&c, &json, item);
        golden_end(&c);
    }
    golden_begin(&refused, run, file, "impossible");
    check_impossible(&refused, &json,
                     golden_json_get(&refused, &json, root, "impossible"));
    golden_end(&refused);
    golden_end_file(&whole, golden_json_count(cases));
    golden_json_clear(&json);
}
