/* Genotypes: derivation with its ties, the Python form there and back, its errors. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "same_genotype.h"
#include "some_arch.h"
#include "suite.h"
#include "taildart/arch.h"
#include "taildart/base_random.h"
#include "taildart/genotype.h"
#include "taildart/genotype_space.h"

enum { MAX_EDGES = TD_MAX_NODES * (TD_MAX_NODES + 3) / 2 };

/* The published second-order cell of DARTS, as its code base prints it. */
static const char darts_v2[] =
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), "
    "('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
    "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), "
    "('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))";

static td_real *row(td_real *alphas, int nodes, int cell, int edge)
{
    return alphas + (size_t) (cell * td_edge_count(nodes) + edge) * TD_NUM_OPS;
}

static void assert_gene(td_gene found, td_op op, int state)
{
    ck_assert_str_eq(td_op_name(found.op), td_op_name(op));
    ck_assert_int_eq(found.state, state);
}

/* ---- names and counts ---------------------------------------------------------------
 */

START_TEST(test_primitives_in_published_order)
{
    const char *const names[TD_NUM_OPS] = { "none",         "max_pool_3x3",
                                            "avg_pool_3x3", "skip_connect",
                                            "sep_conv_3x3", "sep_conv_5x5",
                                            "dil_conv_3x3", "dil_conv_5x5" };
    const char *const shorts[TD_NUM_OPS] = {
        "none", "max_3x3", "avg_3x3", "skip", "sep_3x3", "sep_5x5", "dil_3x3", "dil_5x5"
    };
    for (int k = 0; k < TD_NUM_OPS; k++) {
        ck_assert_str_eq(td_op_name((td_op) k), names[k]);
        ck_assert_str_eq(td_op_short_name((td_op) k), shorts[k]);
    }
}
END_TEST

START_TEST(test_edges_of_a_cell)
{
    int edges = 0;
    for (int nodes = 1; nodes <= TD_MAX_NODES; nodes++) {
        edges += nodes + 1;
        ck_assert_int_eq(td_edge_count(nodes), edges);
    }
    ck_assert_int_eq(td_edge_count(4), 14);
}
END_TEST

/* ---- softmax and entropy
 * -------------------------------------------------------------- */

START_TEST(test_softmax_of_a_row)
{
    const td_real alpha[TD_NUM_OPS] = { 1000, 1000, -1000, 999, 1000, 1000, 0, 5 };
    double p[TD_NUM_OPS], sum = 0.0;
    const td_arch_edge edge = { .present = TD_ALL_PRESENT, .temperature = 1.0 };
    td_relaxation_softmax.forward(p, alpha, &edge);
    for (int k = 0; k < TD_NUM_OPS; k++)
        sum += p[k];
    ck_assert(fabs(sum - 1.0) <= 1e-15);
    ck_assert(fabs(p[0] - 1.0 / (4.0 + exp(-1.0))) <= 1e-15);
    ck_assert(fabs(p[3] - p[0] * exp(-1.0)) <= 1e-15);
    ck_assert_double_eq(p[2], 0.0);
}
END_TEST

START_TEST(test_entropy_is_a_mean_over_edges)
{
    td_real alphas[6 * TD_NUM_OPS] = { 0 };
    td_arch arch = softmax_arch(alphas, 3);
    alphas[TD_NUM_OPS + 4] = 2000; /* certain: entropy 0 */
    for (int k = 2; k < TD_NUM_OPS; k++)
        alphas[2 * TD_NUM_OPS + k] = -2000; /* a coin: ln 2 */
    double expected = (log(8.0) + 0.0 + log(2.0)) / 3.0;
    ck_assert(fabs(td_arch_entropy(&arch, 0) - expected) <= 1e-15);
    ck_assert(fabs(td_arch_entropy(&arch, 1) - log(8.0)) <= 1e-15);
}
END_TEST

/* ---- derivation
 * ------------------------------------------------------------------------- */

START_TEST(test_all_equal_keeps_the_first_of_everything)
{
    for (int nodes = 1; nodes <= TD_MAX_NODES; nodes++) {
        td_real alphas[2 * MAX_EDGES * TD_NUM_OPS] = { 0 };
        td_genotype genotype = derive_softmax(alphas, nodes);
        ck_assert_int_eq(genotype.nodes, nodes);
        for (int i = 0; i < 2 * nodes; i++) {
            assert_gene(genotype.normal.gene[i], TD_OP_MAX_POOL_3X3, i % 2);
            assert_gene(genotype.reduce.gene[i], TD_OP_MAX_POOL_3X3, i % 2);
        }
    }
}
END_TEST

START_TEST(test_stronger_edge_comes_first)
{
    td_real alphas[2 * 14 * TD_NUM_OPS] = { 0 };
    row(alphas, 4, 0, 1)[TD_OP_DIL_CONV_5X5] = 1.0f;  /* node 0, input 1 */
    row(alphas, 4, 0, 12)[TD_OP_SEP_CONV_5X5] = 0.5f; /* node 3, input 3 */
    row(alphas, 4, 0, 13)[TD_OP_SKIP_CONNECT] = 0.7f; /* node 3, input 4 */
    row(alphas, 4, 1, 4)[TD_OP_AVG_POOL_3X3] = 2.0f;  /* reduction, node 1, input 2 */
    td_genotype genotype = derive_softmax(alphas, 4);
    assert_gene(genotype.normal.gene[0], TD_OP_DIL_CONV_5X5, 1);
    assert_gene(genotype.normal.gene[1], TD_OP_MAX_POOL_3X3, 0);
    assert_gene(genotype.normal.gene[6], TD_OP_SKIP_CONNECT, 4);
    assert_gene(genotype.normal.gene[7], TD_OP_SEP_CONV_5X5, 3);
    assert_gene(genotype.reduce.gene[2], TD_OP_AVG_POOL_3X3, 2);
    assert_gene(genotype.reduce.gene[3], TD_OP_MAX_POOL_3X3, 0);
}
END_TEST

/* A strong `none` is never chosen, but takes its share: the edge counts as weak. */
START_TEST(test_none_weakens_its_edge)
{
    td_real alphas[2 * 14 * TD_NUM_OPS] = { 0 };
    row(alphas, 4, 0, 0)[TD_OP_NONE] = 9.0f;
    row(alphas, 4, 0, 0)[TD_OP_SEP_CONV_3X3] = 3.0f;
    td_genotype genotype = derive_softmax(alphas, 4);
    assert_gene(genotype.normal.gene[0], TD_OP_MAX_POOL_3X3, 1);
    assert_gene(genotype.normal.gene[1], TD_OP_SEP_CONV_3X3, 0);
}
END_TEST

START_TEST(test_ties_of_equal_rows_and_operations)
{
    td_real alphas[2 * 14 * TD_NUM_OPS];
    const td_real pattern[TD_NUM_OPS] = { 0.1f, -3, 0.3f, 0.7f, 0.7f, 0.2f, 0.7f, 0 };
    for (int edge = 0; edge < 28; edge++)
        memcpy(row(alphas, 4, 0, edge), pattern, sizeof pattern);
    row(alphas, 4, 0, 2)[TD_OP_NONE] = 0.2f; /* node 1, input 0: a little weaker */
    td_genotype genotype = derive_softmax(alphas, 4);
    for (int i = 0; i < 8; i++)
        assert_gene(genotype.reduce.gene[i], TD_OP_SKIP_CONNECT, i % 2);
    assert_gene(genotype.normal.gene[2], TD_OP_SKIP_CONNECT, 1);
    assert_gene(genotype.normal.gene[3], TD_OP_SKIP_CONNECT, 2);
}
END_TEST

START_TEST(test_spoilt_alphas_still_give_a_valid_cell)
{
    td_real alphas[2 * 14 * TD_NUM_OPS] = { 0 };
    for (int edge = 0; edge < 28; edge += 3)
        row(alphas, 4, 0, edge)[edge % TD_NUM_OPS] = (td_real) NAN;
    td_genotype genotype = derive_softmax(alphas, 4);
    ck_assert(td_genotype_is_valid(&genotype));
}
END_TEST

START_TEST(test_validity)
{
    td_genotype good, bad;
    ck_assert_int_eq(td_genotype_parse(&good, darts_v2), TD_OK);
    ck_assert(td_genotype_is_valid(&good));
    bad = good, bad.nodes = 0;
    ck_assert(!td_genotype_is_valid(&bad));
    bad = good, bad.nodes = TD_MAX_NODES + 1;
    ck_assert(!td_genotype_is_valid(&bad));
    bad = good, bad.normal.gene[3].op = TD_OP_NONE;
    ck_assert(!td_genotype_is_valid(&bad));
    bad = good, bad.reduce.gene[0].op = TD_KNOWN_OPS;
    ck_assert(!td_genotype_is_valid(&bad));
    bad = good, bad.reduce.gene[1].state = bad.reduce.gene[0].state;
    ck_assert(!td_genotype_is_valid(&bad));
    bad = good, bad.normal.gene[7].state = 5; /* node 3 is state 5 itself */
    ck_assert(!td_genotype_is_valid(&bad));
    bad = good, bad.normal.gene[0].state = -1;
    ck_assert(!td_genotype_is_valid(&bad));
}
END_TEST

/* ---- the Python form
 * ------------------------------------------------------------------------ */

START_TEST(test_published_cell_comes_back)
{
    td_genotype genotype;
    ck_assert_int_eq(td_genotype_parse(&genotype, darts_v2), TD_OK);
    ck_assert_int_eq(genotype.nodes, 4);
    assert_gene(genotype.normal.gene[7], TD_OP_DIL_CONV_3X3, 2);
    assert_gene(genotype.reduce.gene[2], TD_OP_SKIP_CONNECT, 2);
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, darts_v2);
    td_free(text);
}
END_TEST

START_TEST(test_any_cell_comes_back)
{
    td_random key = { .seed = 3, .stream = TD_STREAM_SYNTHETIC, .pass = (uint32_t) _i };
    td_real alphas[2 * MAX_EDGES * TD_NUM_OPS];
    for (uint32_t i = 0; i < 2 * MAX_EDGES * TD_NUM_OPS; i++)
        alphas[i] = (td_real) td_random_normal(&key, i);
    td_genotype genotype = derive_softmax(alphas, 1 + _i % TD_MAX_NODES), again;
    char *text = td_genotype_python(&genotype);
    ck_assert_int_eq(td_genotype_parse(&again, text), TD_OK);
    char *text_again = td_genotype_python(&again);
    ck_assert_str_eq(text_again, text);
    td_free(text);
    td_free(text_again);
}
END_TEST

START_TEST(test_white_space_is_free)
{
    const char *text =
        "\n Genotype (normal = [ ( 'skip_connect',1 ) ,\n\t('sep_conv_3x3'"
        ",0)],normal_concat=range ( 2,3 ), reduce=[('max_pool_3x3', 0),"
        "('none'";
    char whole[512];
    td_genotype genotype;
    snprintf(whole, sizeof whole,
             "%.*s('dil_conv_5x5', 1)], reduce_concat=range(2,3))\n",
             (int) (strlen(text) - strlen("('none'")), text);
    ck_assert_msg(td_genotype_parse(&genotype, whole) == TD_OK, "%s",
                  td_error_message());
    ck_assert_int_eq(genotype.nodes, 1);
    assert_gene(genotype.normal.gene[0], TD_OP_SKIP_CONNECT, 1);
    assert_gene(genotype.reduce.gene[1], TD_OP_DIL_CONV_5X5, 1);
}
END_TEST

/* A line of a script, with a comment before it and the other kind of quotes. */
START_TEST(test_a_line_of_a_script_is_read)
{
    char line[1024] = "# found on the cluster\n\nMINE_2 = ";
    td_genotype genotype;
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, "%s", darts_v2);
    for (char *c = line; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    ck_assert_msg(td_genotype_parse(&genotype, line) == TD_OK, "%s",
                  td_error_message());
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, darts_v2);
    td_free(text);
    ck_assert_int_eq(td_genotype_parse(&genotype, "MINE_2 = "), TD_USAGE);
}
END_TEST

static const char *const names[] = { "DARTS_V1", "DARTS_V2", "PCDARTS", "PDARTS" };

START_TEST(test_names_are_known_in_any_case)
{
    td_genotype named;
    ck_assert(td_genotype_named(&named, "darts_v2"));
    char *text = td_genotype_python(&named);
    ck_assert_str_eq(text, darts_v2);
    td_free(text);
}
END_TEST

START_TEST(test_named_cell_comes_back)
{
    td_genotype named, again;
    ck_assert(td_genotype_named(&named, names[_i]));
    ck_assert(td_genotype_is_valid(&named) && named.nodes == 4);
    char *text = td_genotype_python(&named);
    ck_assert_int_eq(td_genotype_parse(&again, text), TD_OK);
    ck_assert_mem_eq(&again.normal, &named.normal, sizeof named.normal);
    ck_assert_mem_eq(&again.reduce, &named.reduce, sizeof named.reduce);
    ck_assert_int_eq(again.nodes, named.nodes);
    if (strcmp(names[_i], "DARTS_V2") == 0)
        ck_assert_str_eq(text, darts_v2);
    for (int other = 0; other < _i; other++) {
        ck_assert(td_genotype_named(&again, names[other]));
        ck_assert_msg(memcmp(&again, &named, sizeof named) != 0, "%s is %s", names[_i],
                      names[other]);
    }
    td_free(text);
}
END_TEST

START_TEST(test_unknown_names_have_no_cell)
{
    static const char *const unknown[] = { "",        "DARTS",     "DARTS_V3",
                                           "DARTSV2", "DARTS_V2 ", "PDARTSX" };
    td_genotype genotype = { .nodes = 77 };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        ck_assert_msg(!td_genotype_named(&genotype, unknown[i]), "%s", unknown[i]);
    ck_assert_int_eq(genotype.nodes, 77); /* untouched */
}
END_TEST

/* ---- cells without two inputs per node ---------------------------------------- */

static const char sparse[] =
    "Genotype(normal=[('sep_conv_3x3', 3, 1), ('max_pool_3x3', 4, 3), "
    "('skip_connect', 4, 2), ('dil_conv_5x5', 5, 0), ('skip_connect', 5, 3), "
    "('sep_conv_5x5', 5, 4)], normal_concat=range(2, 6), reduce=[('skip_connect', 2, "
    "0), ('avg_pool_3x3', 2, 1), ('dil_conv_3x3', 4, 3)], reduce_concat=range(2, 6))";

START_TEST(test_triples_come_back)
{
    td_genotype genotype, again;
    ck_assert_msg(td_genotype_parse(&genotype, sparse) == TD_OK, "%s",
                  td_error_message());
    ck_assert(td_genotype_is_valid(&genotype) && !td_genotype_is_paired(&genotype));
    ck_assert_int_eq(genotype.normal.count, 6);
    ck_assert_int_eq(genotype.normal.gene[2].node, 4);
    assert_gene(genotype.normal.gene[2], TD_OP_SKIP_CONNECT, 2);
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, sparse);
    td_free(text);
    ck_assert_int_eq(td_genotype_parse(&again, sparse), TD_OK);
    ck_assert(is_same_genotype(&again, &genotype));
}
END_TEST

/* Pairs or triples: the same cell, which is written as pairs. */
START_TEST(test_triples_of_two_inputs_are_pairs)
{
    td_genotype genotype;
    ck_assert_int_eq(
        td_genotype_parse(&genotype,
                          "Genotype(normal=[('skip_connect', 2, 1), ('sep_conv_3x3', "
                          "2, 0)], normal_concat=[2], reduce=[('noise', 1), "
                          "('noise', 0)], reduce_concat=range(2, 3))"),
        TD_OK);
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text,
                     "Genotype(normal=[('skip_connect', 1), ('sep_conv_3x3', 0)], "
                     "normal_concat=range(2, 3), reduce=[('noise', 1), "
                     "('noise', 0)], reduce_concat=range(2, 3))");
    td_free(text);
}
END_TEST

/* Node 0 has no input; node 2 of the reduction cell has one, from node 1, which has
 * none. */
START_TEST(test_nodes_that_are_reached)
{
    td_genotype genotype;
    ck_assert_int_eq(td_genotype_parse(&genotype, sparse), TD_OK);
    ck_assert_uint_eq(td_genes_reached(&genotype.normal), 0x3b);
    ck_assert_uint_eq(td_genes_reached(&genotype.reduce), 0x07);
    ck_assert_int_eq(td_genes_reached_nodes(&genotype.normal), 3);
    ck_assert_int_eq(td_genes_reached_nodes(&genotype.reduce), 1);
    ck_assert_int_eq(td_genotype_check(&genotype), TD_OK);
}
END_TEST

START_TEST(test_a_cell_with_nothing_in_it)
{
    static const char *const empty[] = {
        "Genotype(normal=[], normal_concat=range(2, 4), reduce=[('noise', 2, 0)], "
        "reduce_concat=range(2, 4))",
        "Genotype(normal=[('noise', 2, 0)], normal_concat=range(2, 4), "
        "reduce=[('noise', 3, 2)], reduce_concat=range(2, 4))",
    };
    td_genotype genotype;
    ck_assert_msg(td_genotype_parse(&genotype, empty[_i]) == TD_OK, "%s",
                  td_error_message());
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, empty[_i]);
    td_free(text);
    ck_assert_int_eq(td_genotype_check(&genotype), TD_USAGE);
    ck_assert_ptr_nonnull(
        strstr(td_error_message(), _i ? "the reduction cell" : "the normal cell"));
}
END_TEST

/* A member behind the others, which cells without it do not have. */
START_TEST(test_skip_connections_beside_are_told)
{
    char text[1024];
    td_genotype genotype;
    snprintf(text, sizeof text, "%.*s, auxiliary_skip=True)", (int) strlen(sparse) - 1,
             sparse);
    ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_OK);
    ck_assert(genotype.adds_skips);
    char *again = td_genotype_python(&genotype);
    ck_assert_str_eq(again, text);
    td_free(again);
    strcpy(strstr(text, "True"), "False)");
    ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_OK);
    ck_assert(!genotype.adds_skips);
    strcpy(strstr(text, "False"), "Maybe)");
    ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "expected False"));
}
END_TEST

/* What is wrong in that text after one replacement. */
static const struct {
    const char *from, *to, *said;
} wrong_triples[] = {
    { "4, 2)", "4, 4)", "an earlier state" },
    { "4, 2)", "4, 3)", "an input that the node does not have yet" },
    { "4, 2)", "3, 2)", "none before those" },
    { "4, 2)", "4)", "expected ," },
    { "5, 4)], normal", "6, 4)], normal", "as many nodes as the cell's genes name" },
    { "5, 4)], normal", "10, 4)], normal", "a node of the cell" },
    { "3, 1)", "1, 0)", "a node of the cell" },
    { "range(2, 6), reduce", "range(2, 7), reduce", "as many nodes in both cells" },
    { "range(2, 6), reduce", "range(2, 2), reduce", "the number of states" },
    { "range(2, 6), reduce", "range(2, 11), reduce", "the number of states" },
    { "range(2, 6), reduce", "[2, 3, 5], reduce", "all nodes of the cell" },
};

START_TEST(test_errors_in_triples)
{
    char text[1024];
    td_genotype genotype = { .nodes = 77 };
    const char *at = strstr(sparse, wrong_triples[_i].from);
    snprintf(text, sizeof text, "%.*s%s%s", (int) (at - sparse), sparse,
             wrong_triples[_i].to, at + strlen(wrong_triples[_i].from));
    ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), wrong_triples[_i].said) != NULL,
                  "\"%s\" in \"%s\"", wrong_triples[_i].said, td_error_message());
    ck_assert_int_eq(genotype.nodes, 77); /* untouched */
}
END_TEST

/* The most that there can be: text and checkpoint hold it. */
START_TEST(test_all_inputs_of_eight_nodes_come_back)
{
    td_genotype genotype = { .nodes = TD_MAX_NODES }, again;
    for (int node = 2; node < TD_MAX_NODES + 2; node++)
        for (int state = 0; state < node; state++)
            genotype.normal.gene[genotype.normal.count++] =
                (td_gene){ TD_OP_DIL_CONV_3X3, state, node };
    genotype.reduce = genotype.normal;
    ck_assert(td_genotype_is_valid(&genotype));
    char *text = td_genotype_python(&genotype);
    ck_assert_int_lt((int) strlen(text), TD_TEXT_BYTES);
    ck_assert_int_eq(td_genotype_parse(&again, text), TD_OK);
    ck_assert(is_same_genotype(&again, &genotype));
    td_free(text);
}
END_TEST

/* ---- the threshold ----------------------------------------------------------- */

/* Of two nodes: what reaches 0.8 among the two strongest edges. */
START_TEST(test_threshold_keeps_what_reaches_it)
{
    td_real alphas[2 * 5 * TD_NUM_OPS];
    for (int i = 0; i < 2 * 5 * TD_NUM_OPS; i++)
        alphas[i] = -1;
    row(alphas, 2, 0, 1)[TD_OP_SKIP_CONNECT] = 2;
    row(alphas, 2, 0, 2)[TD_OP_SEP_CONV_3X3] = 3;
    row(alphas, 2, 0, 3)[TD_OP_DIL_CONV_3X3] = 5; /* the three of node 3 reach it, */
    row(alphas, 2, 0, 4)[TD_OP_DIL_CONV_5X5] = 4; /* and two of them are taken */
    td_arch arch = arch_of(&td_relaxation_sigmoid, alphas, 5);
    td_arch_rule rule = { .max_skips = TD_NEVER, .threshold = 0.8 };
    td_genotype genotype;
    td_arch_derive(&arch, &genotype, 2, &rule);
    ck_assert_int_eq(genotype.normal.count, 3);
    ck_assert_int_eq(genotype.reduce.count, 0);
    assert_gene(genotype.normal.gene[0], TD_OP_SKIP_CONNECT, 1);
    assert_gene(genotype.normal.gene[1], TD_OP_DIL_CONV_3X3, 1);
    assert_gene(genotype.normal.gene[2], TD_OP_DIL_CONV_5X5, 2);
    rule.max_skips = 0; /* nothing else of that edge reaches it */
    td_arch_derive(&arch, &genotype, 2, &rule);
    ck_assert_int_eq(genotype.normal.count, 2);
    ck_assert_int_eq(genotype.normal.gene[0].node, 3);
    rule.threshold = 0.995; /* 1/(1+e^-5) is less, and an edge weight is none of it */
    td_arch_derive(&arch, &genotype, 2, &rule);
    ck_assert_int_eq(genotype.normal.count, 0);
}
END_TEST

/* Where striking skip connections would leave no cell, they stay. */
START_TEST(test_threshold_and_a_cell_of_skips)
{
    td_real alphas[2 * 2 * TD_NUM_OPS] = { 0 };
    alphas[TD_OP_SKIP_CONNECT] = alphas[TD_NUM_OPS + TD_OP_SKIP_CONNECT] = 4;
    td_arch arch = arch_of(&td_relaxation_sigmoid, alphas, 2);
    td_arch_rule rule = { .max_skips = 0, .threshold = 0.8 };
    td_genotype genotype;
    td_arch_derive(&arch, &genotype, 1, &rule);
    ck_assert_int_eq(genotype.normal.count, 1);
    assert_gene(genotype.normal.gene[0], TD_OP_SKIP_CONNECT, 1);
}
END_TEST

/* What is wrong in the published cell after one replacement, and what the line must
 * say. */
static const struct {
    const char *from, *to, *said;
} wrong[] = {
    { "Genotype(", "Genotyp(", "line 1, column 1: found \"Genotyp(" },
    { "dil_conv_3x3", "none", "column 167: found \"none\", expected" },
    { "dil_conv_3x3", "dil_conv_3x33",
      "one of 'max_pool_3x3', 'avg_pool_3x3', 'skip_connect', 'sep_conv_3x3', "
      "'sep_conv_5x5', 'dil_conv_3x3', 'dil_conv_5x5' or 'noise'" },
    { "'sep_conv_3x3', 0), ('sep", "'sep_conv_3x3', 3), ('sep", "an earlier state" },
    { "dil_conv_3x3', 2", "dil_conv_3x3', 0", "that the node does not have yet" },
    { "dil_conv_3x3', 2", "dil_conv_3x3', -2", "a small number" },
    { "dil_conv_3x3', 2", "dil_conv_3x3', 4294967298", "a small number" },
    { ", ('dil_conv_3x3', 2)", "", "the second input of a node" },
    { "('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6)",
      "('skip_connect', 0)], normal_concat=range(2, 6)", "the second input of a node" },
    { "normal_concat=range(2, 6)", "normal_concat=range(2, 5)", "number of states" },
    { "normal_concat=range(2, 6)", "normal_concat=[2, 3, 4]", "expected ," },
    { "normal_concat=range(2, 6)", "normal_concat=[2, 3, 4, 5, 6]", "expected ]" },
    { "normal_concat=range(2, 6)", "normal_concat=[2, 4, 3, 5]",
      "all nodes of the cell in their order" },
    { "normal_concat=range(2, 6)", "normal_concat=[1, 2, 3, 4]",
      "found \"1, 2, 3, 4]" },
    { "normal_concat=range(2, 6)", "normal_concat=[]", "a small number" },
    { "normal_concat", "normal _concat", "expected normal_concat" },
    { "reduce=[", "reduce=[],[", "expected reduce_concat" },
    { "], reduce_concat=range(2, 6)",
      ", ('skip_connect', 0), ('skip_connect', 1)], reduce_concat=range(2, 7)",
      "as many nodes in both cells" },
    { "reduce_concat=range(2, 6))", "reduce_concat=range(2, 6)", "ends here" },
    { "reduce_concat=range(2, 6))", "reduce_concat=range(2, 6)) + 1",
      "expected the end" },
    { " reduce=[", "\n reduce=(", "line 2, column 9" },
};

/* The published cell with the last \a from replaced. */
static void replaced(char *out, size_t bytes, const char *from, const char *to)
{
    const char *at = NULL;
    for (const char *next = darts_v2; (next = strstr(next, from)); next++)
        at = next;
    ck_assert_ptr_nonnull(at);
    snprintf(out, bytes, "%.*s%s%s", (int) (at - darts_v2), darts_v2, to,
             at + strlen(from));
}

/* Scripts print the output's nodes as a list, too. */
START_TEST(test_output_may_be_a_list)
{
    char one[1024], both[1024];
    td_genotype genotype;
    replaced(one, sizeof one, "normal_concat=range(2, 6)",
             "normal_concat=[2, 3, 4, 5]");
    ck_assert_msg(td_genotype_parse(&genotype, one) == TD_OK, "%s", td_error_message());
    snprintf(both, sizeof both, "%.*s%s", (int) (strstr(one, "reduce_concat") - one),
             one, "reduce_concat=[ 2,3 , 4,5 ])");
    ck_assert_msg(td_genotype_parse(&genotype, both) == TD_OK, "%s",
                  td_error_message());
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, darts_v2);
    td_free(text);
}
END_TEST

START_TEST(test_error_says_where_and_what)
{
    char text[1024];
    td_genotype genotype = { .nodes = 77 };
    replaced(text, sizeof text, wrong[_i].from, wrong[_i].to);
    ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), wrong[_i].said) != NULL,
                  "\"%s\" in \"%s\"", wrong[_i].said, td_error_message());
    ck_assert_int_eq(genotype.nodes, 77); /* untouched */
}
END_TEST

/* No cut of a right text is right, and none is read past its end. */
START_TEST(test_every_shorter_text_is_refused)
{
    for (size_t length = 0; length < strlen(darts_v2); length++) {
        char *text = td_strdup(darts_v2);
        text[length] = '\0';
        td_genotype genotype;
        ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_USAGE);
        td_free(text);
    }
}
END_TEST

START_TEST(test_too_many_nodes_are_refused)
{
    char text[4096] = "Genotype(normal=[";
    for (int i = 0; i < 2 * TD_MAX_NODES + 2; i++) {
        size_t end = strlen(text);
        snprintf(text + end, sizeof text - end, "('skip_connect', %d), ", i % 2);
    }
    td_genotype genotype;
    ck_assert_int_eq(td_genotype_parse(&genotype, text), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "no cell has more nodes"));
}
END_TEST

/* ---- forms of other programs ------------------------------------------------- */

#define NORMAL_PAIRS                                                                   \
    "['sep_conv_3x3', 0], ['sep_conv_3x3', 1], ['sep_conv_3x3', 0], "                  \
    "['sep_conv_3x3', 1], ['sep_conv_3x3', 1], ['skip_connect', 0], "                  \
    "['skip_connect', 0], ['dil_conv_3x3', 2]"
#define REDUCE_PAIRS                                                                   \
    "['max_pool_3x3', 0], ['max_pool_3x3', 1], ['skip_connect', 2], "                  \
    "['max_pool_3x3', 1], ['max_pool_3x3', 0], ['skip_connect', 2], "                  \
    "['skip_connect', 2], ['max_pool_3x3', 1]"
#define NORMAL_GROUPS                                                                  \
    "[('SEP_CONV_3X3', 0), ('sep_conv_3x3', 1)], [('sep_conv_3x3', 0), "               \
    "('Sep_Conv_3x3', 1)], [('sep_conv_3x3', 1), ('skip_connect', 0)], "               \
    "[('skip_connect', 0,), ('dil_conv_3x3', 2)]"
#define REDUCE_GROUPS                                                                  \
    "[('max_pool_3x3', 0), ('max_pool_3x3', 1)], [('skip_connect', 2), "               \
    "('max_pool_3x3', 1),], [('max_pool_3x3', 0), ('skip_connect', 2)], "              \
    "[('skip_connect', 2), ('max_pool_3x3', 1)]"

/* The published cell, as other programs and people write it. */
static const char *const forms[] = {
    "Genotype(normal=[" NORMAL_GROUPS ",], normal_concat=range(2, 6), "
    "reduce=[" REDUCE_GROUPS "], reduce_concat=range(2, 6),),\n",
    "[[" NORMAL_PAIRS "], [" REDUCE_PAIRS "]]",
    "[[" NORMAL_PAIRS ",], [2, 3, 4, 5], [" REDUCE_PAIRS "], [2, 3, 4, 5],]\n",
    "[[" NORMAL_GROUPS "], [" REDUCE_GROUPS "]],",
    "[[" NORMAL_GROUPS "], range(2, 6), [" REDUCE_GROUPS "], range(2, 6)]",
    "{'normal': [" NORMAL_PAIRS "], \"normal_concat\": [2, 3, 4, 5], "
    "'reduce': [" REDUCE_PAIRS "], 'reduce_concat': [2, 3, 4, 5]}",
    "{\"normal\": [" NORMAL_GROUPS "],\n 'reduce': [" REDUCE_PAIRS "],\n}\n",
};

START_TEST(test_forms_of_other_programs)
{
    td_genotype genotype;
    ck_assert_msg(td_genotype_parse(&genotype, forms[_i]) == TD_OK, "%s: %s", forms[_i],
                  td_error_message());
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, darts_v2);
    td_free(text);
}
END_TEST

/* A log has one each epoch, other lines, and a time before each. */
START_TEST(test_the_last_line_of_a_log_counts)
{
    td_genotype genotype, other;
    ck_assert(td_genotype_named(&other, "PDARTS"));
    char *first = td_genotype_python(&other);
    char *log = td_format("05/02 11:37:21 PM gpu device = 0\n"
                          "05/02 11:37:21 PM genotype = %s\n"
                          "05/02 11:40:00 PM valid_acc 62.1\r\n"
                          "05/02 11:59:59 PM genotype = %s\r\n"
                          "05/02 11:59:59 PM done\n"
                          "# 05/02 genotype = %s\n"
                          "05/03 00:00:01 AM 'Genotype' is [done]\n",
                          first, darts_v2, first);
    ck_assert_msg(td_genotype_parse(&genotype, log) == TD_OK, "%s", td_error_message());
    char *text = td_genotype_python(&genotype);
    ck_assert_str_eq(text, darts_v2);
    td_free(text);
    *strstr(strstr(log, "11:59:59"), "dil_conv") = 'x'; /* where, in the whole text */
    ck_assert_int_eq(td_genotype_parse(&genotype, log), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "line 4, column 196: found "
                                                     "\"xil_conv_3x3"));
    ck_assert_ptr_nonnull(
        strstr(td_error_message(), "or 'noise'; the nearest is 'dil_conv_3x3'"));
    td_free(log);
    td_free(first);
}
END_TEST

static const struct {
    const char *text, *said;
} wrong_forms[] = {
    { "[[" NORMAL_PAIRS "]]", "and the reduction cell" },
    { "[" NORMAL_GROUPS "]", "a list has two cells" },
    { "[[" NORMAL_PAIRS "], [" REDUCE_PAIRS "]] 1", "expected the end" },
    { "[[" NORMAL_PAIRS "], [2, 3, 4], [" REDUCE_PAIRS "], [2, 3, 4]]", "expected ," },
    { "[[" NORMAL_GROUPS "], [[['noise', 0], ['noise', 0]]]]", "does not have yet" },
    { "[[" NORMAL_GROUPS "], [[['noise', 0], ['noise', 2]]]]", "an earlier state" },
    { "[[" NORMAL_GROUPS "], [[['noise', 0], ['noise', 1]]]]",
      "as many nodes in both" },
    { "[[[],[],[],[],[],[],[],[],[]]]", "no cell has more nodes" },
    { "{'normal': [" NORMAL_PAIRS "]}", "expected ," },
    { "{'normal': [[" NORMAL_PAIRS "]}", "does not have yet" },
    { "{'normal' [", "expected :" },
    { "[", "ends here" },
    { "{", "ends here" },
};

START_TEST(test_errors_in_other_forms)
{
    td_genotype genotype = { .nodes = 77 };
    ck_assert_int_eq(td_genotype_parse(&genotype, wrong_forms[_i].text), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), wrong_forms[_i].said) != NULL,
                  "\"%s\" in \"%s\"", wrong_forms[_i].said, td_error_message());
    ck_assert_int_eq(genotype.nodes, 77); /* untouched */
}
END_TEST

static TCase *form_cases(void)
{
    TCase *cases = tcase_create("forms of other programs");
    tcase_add_loop_test(cases, test_forms_of_other_programs, 0,
                        sizeof forms / sizeof *forms);
    tcase_add_test(cases, test_the_last_line_of_a_log_counts);
    tcase_add_loop_test(cases, test_errors_in_other_forms, 0,
                        sizeof wrong_forms / sizeof *wrong_forms);
    return cases;
}

static TCase *sparse_cases(void)
{
    TCase *cases = tcase_create("cells without two inputs per node");
    tcase_add_test(cases, test_triples_come_back);
    tcase_add_test(cases, test_triples_of_two_inputs_are_pairs);
    tcase_add_test(cases, test_nodes_that_are_reached);
    tcase_add_test(cases, test_skip_connections_beside_are_told);
    tcase_add_loop_test(cases, test_a_cell_with_nothing_in_it, 0, 2);
    tcase_add_loop_test(cases, test_errors_in_triples, 0,
                        sizeof wrong_triples / sizeof *wrong_triples);
    tcase_add_test(cases, test_all_inputs_of_eight_nodes_come_back);
    tcase_add_test(cases, test_threshold_keeps_what_reaches_it);
    tcase_add_test(cases, test_threshold_and_a_cell_of_skips);
    return cases;
}

/* ---- suite
 * ------------------------------------------------------------------------------------
 */

static TCase *derivation_cases(void)
{
    TCase *cases = tcase_create("derivation");
    tcase_add_test(cases, test_primitives_in_published_order);
    tcase_add_test(cases, test_edges_of_a_cell);
    tcase_add_test(cases, test_softmax_of_a_row);
    tcase_add_test(cases, test_entropy_is_a_mean_over_edges);
    tcase_add_test(cases, test_all_equal_keeps_the_first_of_everything);
    tcase_add_test(cases, test_stronger_edge_comes_first);
    tcase_add_test(cases, test_none_weakens_its_edge);
    tcase_add_test(cases, test_ties_of_equal_rows_and_operations);
    tcase_add_test(cases, test_spoilt_alphas_still_give_a_valid_cell);
    tcase_add_test(cases, test_validity);
    return cases;
}

/* ---- at random ------------------------------------------------------------------ */

/* Pearson's statistic against equal shares. */
static double chi_square(const int *count, int kinds)
{
    double sum = 0.0, expected, total = 0.0;
    for (int i = 0; i < kinds; i++)
        total += count[i];
    expected = total / kinds;
    for (int i = 0; i < kinds; i++)
        sum += (count[i] - expected) * (count[i] - expected) / expected;
    return sum;
}

enum { LOTS = 7000, INPUTS = TD_MAX_NODES + 1 };

/* The number of a pair of inputs, lower one first. */
static int pair_of(const td_gene *genes)
{
    int low = genes[0].state, high = genes[1].state;
    ck_assert_int_lt(low, high);
    return high * (high - 1) / 2 + low;
}

/* Of the published eight. */
static void draw_random(td_genotype *genotype, int64_t seed, int nodes)
{
    td_space all;
    ck_assert_int_eq(td_space_find(&all, "all", nodes), TD_OK);
    td_genotype_random(genotype, seed, nodes, &all);
}

/* The bounds are exceeded once in 10⁵ by chance; the seeds are fixed. */
START_TEST(test_random_genotypes_are_uniform)
{
    int operations[TD_NUM_OPS] = { 0 };
    int pairs[3][INPUTS * INPUTS] = { { 0 } };
    for (int seed = 0; seed < LOTS; seed++) {
        td_genotype genotype;
        draw_random(&genotype, seed, 4);
        ck_assert(td_genotype_is_valid(&genotype));
        for (int i = 0; i < 8; i++)
            operations[genotype.normal.gene[i].op]++,
                operations[genotype.reduce.gene[i].op]++;
        for (int node = 0; node < 3; node++)
            pairs[node][pair_of(&genotype.normal.gene[2 * node])]++;
    }
    ck_assert_int_eq(operations[TD_OP_NONE], 0);
    ck_assert(chi_square(operations + 1, TD_NUM_OPS - 1) <=
              33.1);                            /* 6 degrees of freedom */
    ck_assert_int_eq(pairs[0][0], LOTS);        /* the first node has no choice */
    ck_assert(chi_square(pairs[1], 3) <= 23.1); /* 2 degrees */
    ck_assert(chi_square(pairs[2], 6) <= 30.9); /* 5 degrees */
}
END_TEST

/* Both operations of a node, and those of both cells, are drawn apart. */
START_TEST(test_random_operations_are_independent)
{
    enum { KINDS = TD_NUM_OPS - 1 };
    int in_node[KINDS * KINDS] = { 0 }, in_cells[KINDS * KINDS] = { 0 };
    for (int seed = 0; seed < LOTS; seed++) {
        td_genotype genotype;
        draw_random(&genotype, seed, 4);
        const td_gene *genes = genotype.normal.gene;
        in_node[(genes[2].op - 1) * KINDS + genes[3].op - 1]++;
        in_cells[(genes[2].op - 1) * KINDS + genotype.reduce.gene[2].op - 1]++;
    }
    ck_assert(chi_square(in_node, KINDS * KINDS) <= 101.0); /* 48 degrees */
    ck_assert(chi_square(in_cells, KINDS * KINDS) <= 101.0);
}
END_TEST

START_TEST(test_random_genotypes_are_of_the_space)
{
    td_space space;
    ck_assert_int_eq(td_space_find(&space, "skip_connect, sep_conv_5x5", 3), TD_OK);
    for (int seed = 0; seed < 100; seed++) {
        td_genotype genotype;
        td_genotype_random(&genotype, seed, 3, &space);
        for (int i = 0; i < 6; i++)
            ck_assert(genotype.reduce.gene[i].op == TD_OP_SKIP_CONNECT ||
                      genotype.reduce.gene[i].op == TD_OP_SEP_CONV_5X5);
    }
}
END_TEST

START_TEST(test_random_genotype_is_a_function_of_the_seed)
{
    td_genotype one, same, other, small;
    draw_random(&one, 1, 4);
    draw_random(&same, 1, 4);
    draw_random(&other, 2, 4);
    draw_random(&small, 1, 2);
    ck_assert(is_same_genotype(&one, &same));
    ck_assert(!is_same_genotype(&one, &other));
    ck_assert_int_eq(memcmp(one.normal.gene, small.normal.gene, 4 * sizeof(td_gene)),
                     0);
}
END_TEST

static TCase *random_cases(void)
{
    TCase *cases = tcase_create("at random");
    tcase_add_test(cases, test_random_genotypes_are_uniform);
    tcase_add_test(cases, test_random_operations_are_independent);
    tcase_add_test(cases, test_random_genotypes_are_of_the_space);
    tcase_add_test(cases, test_random_genotype_is_a_function_of_the_seed);
    return cases;
}

static TCase *text_cases(void)
{
    TCase *cases = tcase_create("Python form");
    tcase_add_test(cases, test_published_cell_comes_back);
    tcase_add_loop_test(cases, test_any_cell_comes_back, 0, 64);
    tcase_add_test(cases, test_white_space_is_free);
    tcase_add_test(cases, test_a_line_of_a_script_is_read);
    tcase_add_loop_test(cases, test_named_cell_comes_back, 0,
                        sizeof names / sizeof names[0]);
    tcase_add_test(cases, test_names_are_known_in_any_case);
    tcase_add_test(cases, test_unknown_names_have_no_cell);
    tcase_add_test(cases, test_output_may_be_a_list);
    tcase_add_loop_test(cases, test_error_says_where_and_what, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_test(cases, test_every_shorter_text_is_refused);
    tcase_add_test(cases, test_too_many_nodes_are_refused);
    return cases;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("genotype");
    suite_add_tcase(suite, sparse_cases());
    suite_add_tcase(suite, form_cases());
    suite_add_tcase(suite, derivation_cases());
    suite_add_tcase(suite, text_cases());
    suite_add_tcase(suite, random_cases());
    return suite;
}
