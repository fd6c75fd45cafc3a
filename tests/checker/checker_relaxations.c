/* relaxations.json: weights of operations, their gradients, penalties.
 *
 * A case is one table; it stands for the normal cells, and the edges of the reduction
 * cells have no operations. */
#include <string.h>

#include "checker.h"
#include "taildart/arch_penalty.h"

/* Double but for the tables of alphas and their gradients. */
static const double TOLERANCE = 1e-6;

enum { MOST = 2 * TD_MAX_EDGES * TD_NUM_OPS };

/* A case in the library's form: column skip of the file stands where skip_connect
 * does. */
typedef struct {
    int edges, operations, skip;
    td_real alphas[MOST], betas[2 * TD_MAX_EDGES];
    uint8_t present[2 * TD_MAX_EDGES];
    double uniforms[MOST], sample[MOST], dp[MOST], dq[TD_MAX_EDGES];
} table;

/* Where column k of the file stands. */
static int column_of(const table *t, int k)
{
    return k == t->skip ? TD_OP_SKIP_CONNECT : k == TD_OP_SKIP_CONNECT ? t->skip : k;
}

/* Numbers (edges, operations) of a member into (edges, 8). */
static void read_rows(golden_case *c, golden_json *json, yaml_node_t *item,
                      const char *name, const table *t, double *out)
{
    size_t count;
    double *numbers =
        golden_json_numbers(c, json, golden_json_get(c, json, item, name), &count);
    if (count != (size_t) (t->edges * t->operations))
        golden_fail(c, "%s has another shape", name);
    for (int i = 0; i < t->edges * t->operations && !golden_has_failed(c); i++)
        out[i / t->operations * TD_NUM_OPS + column_of(t, i % t->operations)] =
            numbers[i];
}

static void read_edges(golden_case *c, golden_json *json, yaml_node_t *item,
                       const char *name, const table *t, double *out)
{
    size_t count;
    double *numbers =
        golden_json_numbers(c, json, golden_json_get(c, json, item, name), &count);
    if (count != (size_t) t->edges)
        golden_fail(c, "%s has another shape", name);
    for (int e = 0; e < t->edges && !golden_has_failed(c); e++)
        out[e] = numbers[e];
}

/* Inputs are float. */
static void to_float(double *x, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = (double) (float) x[i];
}

static void read_table(golden_case *c, golden_json *json, yaml_node_t *item, table *t)
{
    double *rows = GOLDEN_TAKE(c, double, MOST);
    t->edges = (int) golden_json_integer(c, golden_json_get(c, json, item, "edges"));
    t->operations =
        (int) golden_json_integer(c, golden_json_get(c, json, item, "operations"));
    t->skip = (int) golden_json_integer(c, golden_json_get(c, json, item, "skip"));
    if (t->edges < 1 || t->edges > TD_MAX_EDGES ||
        t->operations <= TD_OP_SKIP_CONNECT || t->operations > TD_NUM_OPS ||
        t->skip < 0 || t->skip >= t->operations)
        golden_fail(c, "a table that does not fit");
    if (golden_has_failed(c))
        return;
    read_rows(c, json, item, "present", t, rows);
    for (int i = 0; i < t->edges * TD_NUM_OPS; i++)
        t->present[i / TD_NUM_OPS] |= (uint8_t) ((rows[i] != 0.0) << i % TD_NUM_OPS);
    read_rows(c, json, item, "alpha", t, rows);
    for (int i = 0; i < t->edges * TD_NUM_OPS; i++)
        t->alphas[i] = (td_real) (float) rows[i];
    read_edges(c, json, item, "beta", t, rows);
    for (int e = 0; e < t->edges; e++)
        t->betas[e] = (td_real) (float) rows[e];
    read_rows(c, json, item, "uniforms", t, t->uniforms);
    read_rows(c, json, item, "dp", t, t->dp);
    read_edges(c, json, item, "dq", t, t->dq);
    if (golden_json_find(json, item, "sample"))
        read_rows(c, json, item, "sample", t, t->sample);
    to_float(t->uniforms, MOST);
    to_float(t->sample, MOST);
    to_float(t->dp, MOST);
    to_float(t->dq, TD_MAX_EDGES);
}

/* Against a member (edges, operations). */
static void compare_rows(golden_case *c, golden_json *json, yaml_node_t *item,
                         const char *title, const char *name, const table *t,
                         const double *found)
{
    char *both = td_format("%s %s", title, name);
    double *expected = GOLDEN_TAKE(c, double, MOST);
    read_rows(c, json, item, name, t, expected);
    if (!golden_has_failed(c))
        golden_compare_array_f64(c, both, found, expected,
                                 (size_t) (t->edges * TD_NUM_OPS), TOLERANCE);
    td_free(both);
}

/* ---- relaxations ----------------------------------------------------------------- */

static const struct {
    const char *kind;
    const td_relaxation *relaxation;
    bool has_uniforms;
} built[] = {
    { "softmax", &td_relaxation_softmax, false },
    { "sigmoid", &td_relaxation_sigmoid, false },
    { "gumbel_soft", &td_relaxation_gumbel, true },
    { "gumbel_hard", &td_relaxation_gdas, true },
    { "reinmax", &td_relaxation_reinmax, true },
    { "dirichlet", &td_relaxation_dirichlet, false },
    { "edge_softmax", &td_relaxation_softmax, false },
    { "skip_bonus", &td_relaxation_softmax, false },
    { "perturbed", &td_relaxation_softmax, false },
};

static double optional(golden_case *c, golden_json *json, yaml_node_t *item,
                       const char *name, double standard)
{
    yaml_node_t *node = golden_json_find(json, item, name);
    return node ? golden_json_number(c, node) : standard;
}

/* Both gradients of an edge in one: a number added to all dp of an edge is one to dq,
 * and none to the alphas, whose weights sum to 1. */
static void add_edge_gradients(const table *t, double *dp)
{
    for (int i = 0; i < t->edges * TD_NUM_OPS; i++)
        dp[i] += t->dq[i / TD_NUM_OPS];
}

static void compare_betas(golden_case *c, golden_json *json, yaml_node_t *item,
                          const char *title, const table *t, const td_real *d_betas)
{
    double expected[TD_MAX_EDGES], found[TD_MAX_EDGES];
    read_edges(c, json, item, "d_beta", t, expected);
    for (int e = 0; e < t->edges; e++)
        found[e] = (double) d_betas[e];
    if (!golden_has_failed(c))
        golden_compare_array_f64(c, title, found, expected, (size_t) t->edges,
                                 TOLERANCE);
}

static void run_relaxation(golden_case *c, golden_json *json, yaml_node_t *item,
                           const char *title, const table *t, td_arch *arch)
{
    double *p = GOLDEN_TAKE(c, double, MOST), *dp = GOLDEN_TAKE(c, double, MOST);
    td_real *d_alphas = GOLDEN_TAKE(c, td_real, MOST);
    td_real *d_betas = GOLDEN_TAKE(c, td_real, 2 * TD_MAX_EDGES);
    td_arch_forward(arch, p);
    if (arch->relaxation != &td_relaxation_dirichlet) /* p is the sample that it got */
        compare_rows(c, json, item, title, "p", t, p);
    if (arch->shift)
        return;
    memcpy(dp, t->dp, sizeof t->dp);
    if (arch->betas)
        add_edge_gradients(t, dp);
    td_arch_backward(arch, d_alphas, d_betas, dp);
    for (int i = 0; i < MOST; i++)
        p[i] = (double) d_alphas[i];
    compare_rows(c, json, item, title, "d_alpha", t, p);
    if (arch->betas)
        compare_betas(c, json, item, title, t, d_betas);
}

static void check_relaxation(golden_case *c, golden_json *json, yaml_node_t *item,
                             const char *title, const table *t)
{
    const char *kind = golden_json_word(json, item, "kind");
    size_t k = 0;
    while (k < sizeof built / sizeof *built && strcmp(built[k].kind, kind) != 0)
        k++;
    if (k == sizeof built / sizeof *built) {
        golden_fail(c, "%s: no relaxation of this kind", title);
        return;
    }
    double *shift = GOLDEN_TAKE(c, double, MOST);
    double epsilon = optional(c, json, item, "epsilon", 0.0);
    for (int i = 0; i < MOST; i++)
        shift[i] = epsilon * (2.0 * t->uniforms[i] - 1.0);
    bool is_drawn = built[k].has_uniforms || strcmp(kind, "dirichlet") == 0;
    td_arch_draw draw = { .given = built[k].has_uniforms ? t->uniforms : t->sample };
    td_arch arch = { .relaxation = built[k].relaxation,
                     .edges = t->edges,
                     .alphas = t->alphas,
                     .betas = strcmp(kind, "edge_softmax") == 0 ? t->betas : NULL,
                     .present = t->present,
                     .temperature = optional(c, json, item, "temperature", 1.0),
                     .skip_bonus = optional(c, json, item, "bonus", 0.0),
                     .shift = epsilon > 0.0 ? shift : NULL,
                     .draw = is_drawn ? &draw : NULL };
    run_relaxation(c, json, item, title, t, &arch);
}

/* ---- penalties ------------------------------------------------------------------- */

static void check_penalty(golden_case *c, golden_json *json, yaml_node_t *item,
                          const char *title, const table *t)
{
#define ROW(NAME, function, what) #function,
    static const char *const names[] = { TD_PENALTIES(ROW) };
#undef ROW
    td_arch_penalties penalties = { .costs = NULL };
    td_arch arch = { .relaxation = &td_relaxation_softmax,
                     .edges = t->edges,
                     .alphas = t->alphas,
                     .present = t->present,
                     .temperature = 1.0 };
    td_real *d_alphas = GOLDEN_TAKE(c, td_real, MOST);
    double *found = GOLDEN_TAKE(c, double, MOST);
    int kind = 0;
    while (kind < TD_PENALTY_COUNT && strcmp(names[kind], title) != 0)
        kind++;
    double weight = golden_json_number(c, golden_json_get(c, json, item, "weight"));
    double expected = golden_json_number(c, golden_json_get(c, json, item, "value"));
    if (kind == TD_PENALTY_COUNT)
        golden_fail(c, "no penalty %s", title);
    if (golden_has_failed(c))
        return;
    penalties.weights[kind] = weight;
    double value = td_arch_penalise(&arch, &penalties, d_alphas, NULL);
    golden_compare_array_f64(c, title, &value, &expected, 1, TOLERANCE);
    for (int i = 0; i < MOST; i++)
        found[i] = (double) d_alphas[i];
    compare_rows(c, json, item, title, "d_alpha", t, found);
}

/* ---- the file -------------------------------------------------------------------- */

static void check_map(golden_case *c, golden_json *json, yaml_node_t *item,
                      const char *name, const table *t,
                      void (*check)(golden_case *c, golden_json *json,
                                    yaml_node_t *item, const char *title,
                                    const table *t))
{
    yaml_node_t *map = golden_json_get(c, json, item, name);
    if (golden_json_count(map) == 0)
        golden_fail(c, "%s is empty", name);
    for (int i = 0; i < golden_json_count(map) && !golden_has_failed(c); i++)
        check(c, json, golden_json_item(json, map, i), golden_json_key(json, map, i),
              t);
}

void golden_check_relaxations(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = golden_json_get(&whole, &json, root, "cases");
    for (int i = 0; i < golden_json_count(cases); i++) {
        yaml_node_t *item = golden_json_item(&json, cases, i);
        golden_case c;
        golden_begin(&c, run, file, golden_json_word(&json, item, "name"));
        table *t = GOLDEN_TAKE(&c, table, 1);
        read_table(&c, &json, item, t);
        if (!golden_has_failed(&c))
            check_map(&c, &json, item, "relaxations", t, check_relaxation);
        if (!golden_has_failed(&c))
            check_map(&c, &json, item, "penalties", t, check_penalty);
        golden_end(&c);
    }
    golden_end_file(&whole, golden_json_count(cases));
    golden_json_clear(&json);
}
