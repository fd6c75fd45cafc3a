/* sums.json: sums that depend on no order, of float terms that are rounded first. */
#include <math.h>

#include "checker.h"
#include "taildart/base_exact.h"

/* A case of the file. */
typedef struct {
    int terms, count; /* rows, numbers of a row */
    bool fits;
    td_real *term; /* (terms, count) */
    double *units; /* (count) where the sums fit */
    double *sum;   /* (count) rounded to float32 */
} sum_case;

/* The numbers of a member, \a wanted of them. */
static double *numbers_of(golden_case *c, golden_json *json, yaml_node_t *node,
                          const char *name, size_t wanted)
{
    size_t count;
    double *x =
        golden_json_numbers(c, json, golden_json_get(c, json, node, name), &count);
    if (x && count != wanted)
        golden_fail(c, "%s has %zu numbers, not %zu", name, count, wanted);
    return x;
}

static bool read_case(golden_case *c, golden_json *json, yaml_node_t *node, sum_case *s)
{
    yaml_node_t *terms = golden_json_get(c, json, node, "terms");
    yaml_node_t *sum = golden_json_get(c, json, node, "sum");
    s->fits = golden_json_number(c, golden_json_get(c, json, node, "fits")) != 0;
    if (golden_has_failed(c))
        return false;
    s->terms = golden_json_count(terms);
    s->count = golden_json_count(sum);
    size_t n = (size_t) s->count, all = (size_t) s->terms * n;
    const double *given = numbers_of(c, json, node, "terms", all);
    s->sum = numbers_of(c, json, node, "sum", n);
    s->units = s->fits ? numbers_of(c, json, node, "units", n) : NULL;
    s->term = GOLDEN_TAKE(c, td_real, all);
    for (size_t i = 0; given && i < all; i++)
        s->term[i] = (td_real) given[i];
    return !golden_has_failed(c) && n > 0;
}

/* Row k of one of some orders: as they are, backwards, from the middle on. */
static int row_of(int order, int k, int rows)
{
    return order == 0 ? k : order == 1 ? rows - 1 - k : (k + rows / 2) % rows;
}

static void check_order(golden_case *c, const sum_case *s, int order)
{
    const td_kernels *k = c->run->kernels;
    size_t n = (size_t) s->count;
    double *sums = GOLDEN_TAKE(c, double, n), largest = 0.0;
    for (int row = 0; row < s->terms; row++) {
        size_t at = (size_t) row_of(order, row, s->terms) * n;
        double most = k->exact_add(sums, s->term + at, n);
        largest = most > largest ? most : largest;
    }
    golden_compare(c, "range", (largest > TD_EXACT_LIMIT) == s->fits, 0.0);
    for (size_t i = 0; s->fits && i < n; i++) {
        golden_compare(c, "units", fabs(sums[i] * 68719476736.0 - s->units[i]), 0.0);
        golden_compare(c, "sum", fabs((double) ((float) sums[i] - (float) s->sum[i])),
                       0.0);
    }
}

void golden_check_sums(golden_run *run, const char *path, const char *file)
{
    golden_case whole;
    golden_json json;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = root ? golden_json_get(&whole, &json, root, "cases") : NULL;
    int count = cases ? golden_json_count(cases) : 0;
    for (int i = 0; i < count; i++) {
        golden_case c;
        sum_case s = { 0 };
        yaml_node_t *node = golden_json_item(&json, cases, i);
        golden_begin(&c, run, file, golden_json_word(&json, node, "name"));
        if (read_case(&c, &json, node, &s))
            for (int order = 0; order < 3; order++)
                check_order(&c, &s, order);
        golden_end(&c);
    }
    golden_json_clear(&json);
    golden_end_file(&whole, count);
}
