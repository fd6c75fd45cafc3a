/* genotypes.json: alphas and the cell that follows from them, to the letter. */
#include <math.h>
#include <string.h>

#include "checker.h"

static void expect_primitives(golden_case *c, golden_json *json, yaml_node_t *list)
{
    bool is_equal = golden_json_count(list) == TD_NUM_OPS;
    for (int k = 0; k < TD_NUM_OPS && is_equal; k++) {
        yaml_node_t *name = golden_json_item(json, list, k);
        is_equal = strcmp(golden_json_text(c, name), td_op_name((td_op) k)) == 0;
    }
    if (!is_equal)
        golden_fail(c, "other primitives, or in another order");
}

static void read_alphas(golden_case *c, golden_json *json, yaml_node_t *item,
                        const char *name, td_real *out, size_t expected)
{
    size_t count;
    double *numbers =
        golden_json_numbers(c, json, golden_json_get(c, json, item, name), &count);
    if (numbers && count != expected)
        golden_fail(c, "%s has another shape", name);
    for (size_t i = 0; i < count && !golden_has_failed(c); i++) {
        out[i] = (td_real) (float) numbers[i];
        if (!isfinite(out[i]))
            golden_fail(c, "%s is not finite", name);
    }
}

/* Derived cells must read as the reference printed them, and come back from there. */
static void compare_genotypes(golden_case *c, const td_real *alphas, int nodes,
                              const char *expected)
{
    td_genotype derived = derive_softmax(alphas, nodes), parsed;
    char *text = td_genotype_python(&derived);
    golden_compare(c, "genotype", strcmp(text, expected) != 0, 0.0);
    if (td_genotype_parse(&parsed, expected) != TD_OK)
        golden_fail(c, "%s", td_error_message());
    else
        golden_compare(c, "genotype read back",
                       memcmp(&parsed, &derived, sizeof parsed) != 0, 0.0);
    td_free(text);
}

static void check_genotype(golden_case *c, golden_json *json, yaml_node_t *item,
                           int nodes)
{
    size_t table = (size_t) (td_edge_count(nodes) * TD_NUM_OPS);
    td_real *alphas = GOLDEN_TAKE(c, td_real, 2 * table);
    read_alphas(c, json, item, "alphas_normal", alphas, table);
    read_alphas(c, json, item, "alphas_reduce", alphas + table, table);
    const char *text = golden_json_text(c, golden_json_get(c, json, item, "genotype"));
    if (!golden_has_failed(c))
        compare_genotypes(c, alphas, nodes, text);
}

/* Number of nodes, 0 and a failed case for what is not built. */
static int nodes_of(golden_case *c, golden_json *json, yaml_node_t *root)
{
    int64_t nodes = golden_json_integer(c, golden_json_get(c, json, root, "steps"));
    int64_t concat =
        golden_json_integer(c, golden_json_get(c, json, root, "multiplier"));
    if (nodes < 1 || nodes > TD_MAX_NODES || concat != nodes)
        golden_fail(c, "steps and multiplier are not built so");
    return golden_has_failed(c) ? 0 : (int) nodes;
}

static void check_cases(golden_run *run, const char *file, golden_json *json,
                        yaml_node_t *cases, int nodes)
{
    for (int i = 0; i < golden_json_count(cases); i++) {
        yaml_node_t *item = golden_json_item(json, cases, i);
        golden_case c;
        golden_begin(&c, run, file, golden_json_word(json, item, "name"));
        check_genotype(&c, json, item, nodes);
        golden_end(&c);
    }
}

void golden_check_genotypes(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = golden_json_get(&whole, &json, root, "cases");
    int nodes = nodes_of(&whole, &json, root);
    expect_primitives(&whole, &json,
                      golden_json_get(&whole, &json, root, "primitives"));
    if (!golden_has_failed(&whole))
        check_cases(run, file, &json, cases, nodes);
    golden_end_file(&whole, golden_json_count(cases));
    golden_json_clear(&json);
}
