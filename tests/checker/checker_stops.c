/* stops.json: rules that end a search early, and the eigenvalue that one needs. */
#include <math.h>
#include <stdio.h>

#include "checker.h"
#include "taildart/choice.h"

/* Cases have numbers, no names. */
typedef struct {
    golden_json *json;
    yaml_node_t *node;
    golden_case c;
} stop_case;

static double number_of(stop_case *s, const char *name)
{
    return golden_json_number(&s->c, golden_json_get(&s->c, s->json, s->node, name));
}

static double *numbers_of(stop_case *s, const char *name, size_t *count)
{
    return golden_json_numbers(&s->c, s->json,
                               golden_json_get(&s->c, s->json, s->node, name), count);
}

static void compare_epoch(stop_case *s, const char *name, int found)
{
    double wanted = number_of(s, name);
    golden_compare(&s->c, name, found > wanted ? found - wanted : wanted - found, 0.0);
}

/* ---- rules ------------------------------------------------------------------ */

static void check_skips(stop_case *s)
{
    size_t count = 0;
    td_stop_keys keys = { .kind = TD_STOP_SKIPS,
                          .limit = (int) number_of(s, "limit"),
                          .start = (int) number_of(s, "start") };
    const double *counts = numbers_of(s, "counts", &count);
    if (golden_has_failed(&s->c))
        return;
    td_choice_end end = td_stop_by_skips(&keys, counts, (int) count);
    compare_epoch(s, "stop_epoch", end.is_there ? end.epoch : -1);
    golden_compare(&s->c, "genotype", end.genotype_epoch == end.epoch ? 0.0 : 1.0, 0.0);
}

/* By the rows of a run: epochs without an evaluation have none. */
static void check_early_stop(stop_case *s)
{
    static td_config config;
    size_t count = 0;
    config.search.epochs = (int) number_of(s, "epochs");
    config.search.stop = TD_STOP_EIGENVALUE;
    config.search.stop_every = (int) number_of(s, "every");
    config.search.stop_window = (int) number_of(s, "window");
    config.search.stop_delta = (int) number_of(s, "delta");
    config.search.stop_start = (int) number_of(s, "start");
    config.search.stop_factor = number_of(s, "factor");
    const double *values = numbers_of(s, "eigenvalues", &count);
    if (golden_has_failed(&s->c))
        return;
    td_metrics *rows = GOLDEN_TAKE(&s->c, td_metrics, config.search.epochs);
    size_t used = 0;
    for (int e = 0; e < config.search.epochs; e++) {
        rows[e].epoch = e;
        rows[e].hessian_eigenvalue = NAN;
        if (td_stop_evaluates(&config, e) && used < count)
            rows[e].hessian_eigenvalue = values[used++];
    }
    golden_compare(&s->c, "evaluations", used == count ? 0.0 : 1.0, 0.0);
    td_choice_end end = td_choice_stop(&config, rows, config.search.epochs);
    compare_epoch(s, "stop_epoch", end.is_there ? end.epoch : -1);
    compare_epoch(s, "genotype_epoch",
                  end.is_there ? end.genotype_epoch : config.search.epochs - 1);
}

/* ---- the eigenvalue ----------------------------------------------------------- */

/* f(x) = ½ x·A·x + ¼ Σ c (b·x)⁴ */
typedef struct {
    size_t n, terms;
    const double *a, *b, *c;
} quartic;

static td_status quartic_gradient(void *context, const td_real *x, double *gradient)
{
    const quartic *f = context;
    for (size_t i = 0; i < f->n; i++) {
        gradient[i] = 0.0;
        for (size_t j = 0; j < f->n; j++)
            gradient[i] += f->a[i * f->n + j] * (double) x[j];
    }
    for (size_t k = 0; k < f->terms; k++) {
        const double *b = f->b + k * f->n;
        double along = 0.0;
        for (size_t j = 0; j < f->n; j++)
            along += b[j] * (double) x[j];
        for (size_t i = 0; i < f->n; i++)
            gradient[i] += f->c[k] * along * along * along * b[i];
    }
    return TD_OK;
}

static double *rows_of(stop_case *s, const char *name, size_t n)
{
    yaml_node_t *list = golden_json_get(&s->c, s->json, s->node, name);
    int rows = list ? golden_json_count(list) : 0;
    double *all = GOLDEN_TAKE(&s->c, double, (size_t) rows *n);
    for (int i = 0; i < rows; i++) {
        size_t count = 0;
        const double *row = golden_json_numbers(
            &s->c, s->json, golden_json_item(s->json, list, i), &count);
        for (size_t j = 0; row && j < n && j < count; j++)
            all[(size_t) i * n + j] = row[j];
    }
    return all;
}

static void check_curvature(stop_case *s)
{
    quartic f = { 0 };
    size_t count = 0;
    const double *alpha = numbers_of(s, "alpha", &f.n);
    const double *gradient = numbers_of(s, "gradient", &count);
    f.c = numbers_of(s, "c", &f.terms);
    f.a = rows_of(s, "a", f.n);
    f.b = rows_of(s, "b", f.n);
    if (golden_has_failed(&s->c))
        return;
    td_real *at = GOLDEN_TAKE(&s->c, td_real, f.n);
    double *found = GOLDEN_TAKE(&s->c, double, f.n), value;
    for (size_t i = 0; i < f.n; i++)
        at[i] = (td_real) alpha[i];
    quartic_gradient(&f, at, found);
    golden_compare_array_f64(&s->c, "gradient", found, gradient, f.n, 1e-5);
    td_curvature curvature = { .gradient = quartic_gradient,
                               .context = &f,
                               .n = f.n,
                               .at = at,
                               .decay = number_of(s, "weight_decay"),
                               .step = 1e-2,
                               .tolerance = 1e-6,
                               .seed = 3 };
    double wanted = number_of(s, "dominant");
    td_dominant_eigenvalue(&value, &curvature);
    golden_compare_array_f64(&s->c, "dominant", &value, &wanted, 1, 1e-3);
}

/* ---- the file ----------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*check)(stop_case *s);
} groups[] = {
    { "skips", check_skips },
    { "curvature", check_curvature },
    { "early_stop", check_early_stop },
};

static int check_group(golden_case *whole, golden_json *json, yaml_node_t *root, int g)
{
    yaml_node_t *cases = golden_json_get(whole, json, root, groups[g].name);
    int count = cases ? golden_json_count(cases) : 0;
    for (int i = 0; i < count; i++) {
        char name[64];
        stop_case s = { .json = json, .node = golden_json_item(json, cases, i) };
        snprintf(name, sizeof name, "%s_%d", groups[g].name, i);
        golden_begin(&s.c, whole->run, "stops.json", name);
        groups[g].check(&s);
        golden_end(&s.c);
    }
    return count;
}

void golden_check_stops(golden_run *run, const char *path, const char *file)
{
    golden_case whole;
    golden_json json;
    int count = 0;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    for (int g = 0; root && g < (int) (sizeof groups / sizeof *groups); g++)
        count += check_group(&whole, &json, root, g);
    golden_json_clear(&json);
    golden_end_file(&whole, count);
}
