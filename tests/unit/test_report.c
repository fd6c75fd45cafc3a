/* What the report writes is read back: JSON by a parser, the graph by its edges, the
 * picture through Graphviz where it is installed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yaml.h>

#include "some_arch.h"
#include "suite.h"
#include "taildart/arch.h"
#include "taildart/base_random.h"
#include "taildart/report.h"

/* A random valid genotype. */
static td_genotype draw(int nodes, uint32_t pass)
{
    enum { MAX_EDGES = TD_MAX_NODES * (TD_MAX_NODES + 3) / 2 };
    td_random key = { .seed = 5, .stream = TD_STREAM_SYNTHETIC, .pass = pass };
    td_real alphas[2 * MAX_EDGES * TD_NUM_OPS];
    for (uint32_t i = 0; i < 2 * MAX_EDGES * TD_NUM_OPS; i++)
        alphas[i] = (td_real) td_random_normal(&key, i);
    return derive_softmax(alphas, nodes);
}

static td_op op_of(const char *name)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (strcmp(td_op_name((td_op) k), name) == 0)
            return (td_op) k;
    ck_abort_msg("no operation is called %s", name);
    return TD_OP_NONE;
}

static void assert_equal_cells(const td_genes *found, const td_genes *expected)
{
    ck_assert_int_eq(found->count, expected->count);
    ck_assert_mem_eq(found->gene, expected->gene,
                     (size_t) expected->count * sizeof(td_gene));
}

/* ---- JSON ---------------------------------------------------------------- */

/* The value of a key; JSON is YAML, so libyaml reads it. */
static yaml_node_t *value_of(yaml_document_t *document, yaml_node_t *map,
                             const char *key)
{
    ck_assert_int_eq(map->type, YAML_MAPPING_NODE);
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start;
         pair < map->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = yaml_document_get_node(document, pair->key);
        if (strcmp((char *) name->data.scalar.value, key) == 0)
            return yaml_document_get_node(document, pair->value);
    }
    ck_abort_msg("no key %s", key);
    return NULL;
}

static const char *text_of(yaml_node_t *scalar)
{
    ck_assert_int_eq(scalar->type, YAML_SCALAR_NODE);
    return (const char *) scalar->data.scalar.value;
}

static int number_of(yaml_node_t *scalar)
{
    return (int) strtol(text_of(scalar), NULL, 10);
}

static yaml_node_t *item_of(yaml_document_t *document, yaml_node_t *list, int i)
{
    ck_assert_int_eq(list->type, YAML_SEQUENCE_NODE);
    ck_assert(list->data.sequence.items.start + i < list->data.sequence.items.top);
    return yaml_document_get_node(document, list->data.sequence.items.start[i]);
}

static int count_of(yaml_node_t *list)
{
    return (int) (list->data.sequence.items.top - list->data.sequence.items.start);
}

static void read_cell(td_genes *genes, yaml_document_t *document, yaml_node_t *list)
{
    genes->count = count_of(list);
    ck_assert_int_le(genes->count, TD_MAX_EDGES);
    for (int i = 0; i < genes->count; i++) {
        yaml_node_t *pair = item_of(document, list, i);
        genes->gene[i] = (td_gene){ op_of(text_of(value_of(document, pair, "op"))),
                                    number_of(value_of(document, pair, "input")),
                                    number_of(value_of(document, pair, "node")) };
    }
}

START_TEST(test_json_reads_back)
{
    int nodes = 1 + _i % TD_MAX_NODES;
    td_genotype genotype = draw(nodes, (uint32_t) _i), found = { 0 };
    char *json = td_report_json(&genotype);
    yaml_parser_t parser;
    yaml_document_t document;
    ck_assert(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (unsigned char *) json, strlen(json));
    ck_assert(yaml_parser_load(&parser, &document));
    yaml_node_t *root = yaml_document_get_root_node(&document);
    ck_assert_int_eq(number_of(value_of(&document, root, "nodes")), nodes);
    yaml_node_t *concat = value_of(&document, root, "concat");
    ck_assert_int_eq(count_of(concat), nodes);
    for (int i = 0; i < nodes; i++)
        ck_assert_int_eq(number_of(item_of(&document, concat, i)), 2 + i);
    read_cell(&found.normal, &document, value_of(&document, root, "normal"));
    read_cell(&found.reduce, &document, value_of(&document, root, "reduce"));
    assert_equal_cells(&found.normal, &genotype.normal);
    assert_equal_cells(&found.reduce, &genotype.reduce);
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
    td_free(json);
}
END_TEST

/* By its own reader; some with skip connections beside their operations. */
START_TEST(test_json_is_read_by_the_program)
{
    td_genotype genotype = draw(1 + _i % TD_MAX_NODES, (uint32_t) _i), found = { 0 };
    genotype.adds_skips = _i % 2;
    genotype.reduce.count -= _i % 3;
    char *json = td_report_json(&genotype);
    ck_assert_msg(td_genotype_parse_json(&found, json) == TD_OK, "%s in %s",
                  td_error_message(), json);
    ck_assert_int_eq(found.nodes, genotype.nodes);
    ck_assert(found.adds_skips == genotype.adds_skips);
    assert_equal_cells(&found.normal, &genotype.normal);
    assert_equal_cells(&found.reduce, &genotype.reduce);
    td_free(json);
}
END_TEST

/* ---- the graph ----------------------------------------------------------- */

/* Edges of the cell drawn with \a letter: labelled ones are genes, the others lead to
 * the output.  \return how many of the latter */
static int read_edges(td_genes *genes, const char *dot, char letter)
{
    int outputs = 0;
    genes->count = 0;
    for (const char *line = dot; line; line = strchr(line, '\n')) {
        char from, to, name[32] = "";
        int source, target, fields;
        line += *line == '\n';
        fields = sscanf(line, " %c%d -> %c%d [label=\" %31[a-z0-9_]", &from, &source,
                        &to, &target, name);
        if (fields == 5 && from == letter && to == letter) {
            ck_assert_int_lt(genes->count, TD_MAX_EDGES);
            genes->gene[genes->count++] = (td_gene){ op_of(name), source, target };
        }
        outputs += fields == 3 && from == letter && to == letter;
    }
    return outputs;
}

START_TEST(test_graph_has_the_edges_of_both_cells)
{
    int nodes = 1 + _i % TD_MAX_NODES;
    td_genotype genotype = draw(nodes, (uint32_t) _i);
    td_genes found;
    char *dot = td_report_dot(&genotype);
    ck_assert_int_eq(read_edges(&found, dot, 'n'), nodes);
    assert_equal_cells(&found, &genotype.normal);
    ck_assert_int_eq(read_edges(&found, dot, 'r'), nodes);
    assert_equal_cells(&found, &genotype.reduce);
    ck_assert_ptr_nonnull(strstr(dot, "c_{k-2}"));
    ck_assert_ptr_nonnull(strstr(dot, "c_{k-1}"));
    ck_assert_ptr_nonnull(strstr(dot, "\"c_{k}\""));
    td_free(dot);
}
END_TEST

/* ---- the picture --------------------------------------------------------- */

/* A folder with a program `dot` that runs \a script; PATH is that folder first. */
static void pretend_dot(const char *script)
{
    char folder[] = "/tmp/taildart-dot-XXXXXX", path[64], search[4096];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/dot", folder);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "#!/bin/sh\nrm -r %s\n%s\n", folder, script);
    fclose(file);
    ck_assert_int_eq(chmod(path, 0700), 0);
    snprintf(search, sizeof search, "%s:%s", folder, getenv("PATH"));
    setenv("PATH", search, 1);
}

START_TEST(test_missing_dot_is_told_with_a_hint)
{
    char *svg = NULL;
    setenv("PATH", "/nonexistent", 1);
    ck_assert_int_eq(td_report_svg(&svg, "digraph g { a -> b }"), TD_FAILED);
    ck_assert_ptr_null(svg);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "dot"));
    ck_assert_ptr_nonnull(strstr(td_error_hint_message(), "raphviz"));
}
END_TEST

START_TEST(test_failing_dot_is_told)
{
    char *svg = NULL;
    pretend_dot("echo half a picture; exit 3");
    ck_assert_int_eq(td_report_svg(&svg, "digraph g { a -> b }"), TD_FAILED);
    ck_assert_ptr_null(svg);
}
END_TEST

/* A dot that answers while it still reads: four megabytes come back whole. */
START_TEST(test_large_pictures_come_through)
{
    enum { BYTES = 4000000 };
    char *svg = NULL, *graph = td_malloc(BYTES + 1);
    memset(graph, 'x', BYTES);
    pretend_dot("test \"$1\" = -Tsvg && exec cat");
    ck_assert_int_eq(td_report_svg(&svg, graph), TD_OK);
    ck_assert(strcmp(svg, graph) == 0);
    td_free(svg);
    td_free(graph);
}
END_TEST

START_TEST(test_graphviz_draws_both_cells)
{
    td_genotype genotype = draw(4, 1);
    char *svg = NULL, *dot = td_report_dot(&genotype);
    ck_assert_msg(td_report_svg(&svg, dot) == TD_OK, "%s", td_error_message());
    ck_assert_ptr_nonnull(strstr(svg, "<svg"));
    ck_assert_ptr_nonnull(strstr(svg, "normal cell"));
    ck_assert_ptr_nonnull(strstr(svg, "reduction cell"));
    ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
    td_free(svg);
    td_free(dot);
}
END_TEST

/* ---- suite --------------------------------------------------------------- */

static bool has_graphviz(void)
{
    char *svg = NULL;
    bool found = td_report_svg(&svg, "digraph g { a -> b }") == TD_OK;
    td_free(svg);
    return found;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *cases = tcase_create("report");
    tcase_add_loop_test(cases, test_json_reads_back, 0, 2 * TD_MAX_NODES);
    tcase_add_loop_test(cases, test_json_is_read_by_the_program, 0, 2 * TD_MAX_NODES);
    tcase_add_loop_test(cases, test_graph_has_the_edges_of_both_cells, 0,
                        2 * TD_MAX_NODES);
    tcase_add_test(cases, test_missing_dot_is_told_with_a_hint);
    tcase_add_test(cases, test_failing_dot_is_told);
    tcase_add_test(cases, test_large_pictures_come_through);
    if (has_graphviz())
        tcase_add_test(cases, test_graphviz_draws_both_cells);
    else
        printf("# skipped: drawing the cells, Graphviz's dot is not installed\n");
    suite_add_tcase(suite, cases);
    return suite;
}
