/* discretise.json: cells out of alphas, some with a limit on skip connections, some
 * with a threshold. */
#include <stdio.h>
#include <string.h>

#include "../same_genotype.h"
#include "checker.h"

static const char *const kinds[2] = { "normal", "reduce" };

/* Rows of one table, one after the other. */
static double *table_of(golden_case *c, golden_json *json, yaml_node_t *node,
                        const char *name, int kind, size_t numbers)
{
    char key[64];
    snprintf(key, sizeof key, "%s_%s", name, kinds[kind]);
    yaml_node_t *list = golden_json_get(c, json, node, key);
    double *all = GOLDEN_TAKE(c, double, numbers);
    int rows = list ? golden_json_count(list) : 0;
    for (int r = 0; r < rows && (size_t) (r + 1) * TD_NUM_OPS <= numbers; r++) {
        size_t count = 0;
        const double *row =
            golden_json_numbers(c, json, golden_json_item(json, list, r), &count);
        if (row && count == TD_NUM_OPS)
            memcpy(all + (size_t) r * TD_NUM_OPS, row, count * sizeof *row);
    }
    return all;
}

/* Edge weights' parameters, which few cases have. */
static td_real *betas_of(golden_case *c, golden_json *json, yaml_node_t *node,
                         int edges)
{
    td_real *betas = GOLDEN_TAKE(c, td_real, 2 * (size_t) edges);
    for (int kind = 0; kind < 2; kind++) {
        char key[64];
        size_t count = 0;
        snprintf(key, sizeof key, "betas_%s", kinds[kind]);
        yaml_node_t *list = golden_json_find(json, node, key);
        const double *beta = list ? golden_json_numbers(c, json, list, &count) : NULL;
        if (!beta || count != (size_t) edges)
            return NULL;
        for (int e = 0; e < edges; e++)
            betas[kind * edges + e] = (td_real) beta[e];
    }
    return betas;
}

static td_arch arch_in(golden_case *c, golden_json *json, yaml_node_t *node, int nodes,
                       const td_relaxation *relaxation)
{
    int edges = td_edge_count(nodes);
    size_t table = (size_t) edges * TD_NUM_OPS;
    td_real *alphas = GOLDEN_TAKE(c, td_real, 2 * table);
    uint8_t *masks = GOLDEN_TAKE(c, uint8_t, 2 * (size_t) edges);
    for (int kind = 0; kind < 2; kind++) {
        const double *alpha = table_of(c, json, node, "alphas", kind, table);
        const double *present = table_of(c, json, node, "present", kind, table);
        for (size_t i = 0; i < table; i++) {
            alphas[(size_t) kind * table + i] = (td_real) alpha[i];
            if (present[i] != 0.0)
                masks[kind * edges + (int) (i / TD_NUM_OPS)] |=
                    (uint8_t) (1U << i % TD_NUM_OPS);
        }
    }
    return (td_arch){ .relaxation = relaxation,
                      .edges = edges,
                      .alphas = alphas,
                      .betas = betas_of(c, json, node, edges),
                      .present = masks,
                      .temperature = 1.0 };
}

/* The same cells; where a node has not two inputs also the same text, for the
 * reference prints the others as triples, too. */
static bool is_same(const td_genotype *genotype, const char *found, const char *wanted)
{
    td_genotype other;
    if (strcmp(found, wanted) == 0)
        return true;
    return td_genotype_is_paired(genotype) &&
           td_genotype_parse(&other, wanted) == TD_OK &&
           is_same_genotype(&other, genotype);
}

static void check_cells(golden_case *c, golden_json *json, yaml_node_t *node)
{
    int nodes = (int) golden_json_number(c, golden_json_get(c, json, node, "steps"));
    bool has_threshold = strcmp(golden_json_word(json, node, "kind"), "threshold") == 0;
    yaml_node_t *skips = golden_json_find(json, node, "max_skips");
    const char *wanted = golden_json_word(json, node, "genotype");
    td_arch_rule rule = { .max_skips = TD_NEVER };
    td_genotype genotype;
    if (skips)
        rule.max_skips = (int) golden_json_number(c, skips);
    if (has_threshold)
        rule.threshold =
            golden_json_number(c, golden_json_get(c, json, node, "threshold"));
    if (golden_has_failed(c) || !wanted || nodes < 1 || nodes > TD_MAX_NODES)
        return;
    td_arch arch =
        arch_in(c, json, node, nodes,
                has_threshold ? &td_relaxation_sigmoid : &td_relaxation_softmax);
    td_arch_derive(&arch, &genotype, nodes, &rule);
    char *found = td_genotype_python(&genotype);
    bool same = is_same(&genotype, found, wanted);
    golden_compare(c, "genotype", same ? 0.0 : 1.0, 0.0);
    if (!same)
        golden_fail(c, "found %s", found);
    td_free(found);
}

void golden_check_discretise(golden_run *run, const char *path, const char *file)
{
    golden_case whole;
    golden_json json;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *cases = root ? golden_json_get(&whole, &json, root, "cases") : NULL;
    int count = cases ? golden_json_count(cases) : 0;
    for (int i = 0; i < count; i++) {
        golden_case c;
        yaml_node_t *node = golden_json_item(&json, cases, i);
        const char *name = golden_json_word(&json, node, "name");
        golden_begin(&c, run, file, name);
        check_cells(&c, &json, node);
        golden_end(&c);
    }
    golden_json_clear(&json);
    golden_end_file(&whole, count);
}
