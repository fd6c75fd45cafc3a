/* Search spaces, and what of them is dropped during a search. */
#include <math.h>
#include <string.h>

#include "net_arrays.h"
#include "same_genotype.h"
#include "small_supernet.h"
#include "some_arch.h"
#include "suite.h"
#include "taildart/choice.h"
#include "taildart/genotype_space.h"

/* ---- sets ------------------------------------------------------------------------ */

static td_space found(const char *words, int nodes)
{
    td_space space;
    ck_assert_msg(td_space_find(&space, words, nodes) == TD_OK, "%s",
                  td_error_message());
    return space;
}

static const struct {
    const char *words;
    unsigned present;
    bool has_noise, adds_skips;
} everywhere[] = {
    { "all", 0xff, false, false },
    { "no-skip", 0xf7, false, false },
    { "all-skip", 0xff, false, true },
    { "s2", 0x18, false, false },
    { "s3", 0x19, false, false },
    { "s4", 1U << TD_OP_NOISE_PLACE | 0x10, true, false },
    { "sep_conv_3x3 , skip_connect", 0x18, false, false },
    { "dil_conv_5x5", 0x80, false, false },
};

START_TEST(test_sets_of_every_edge)
{
    td_space space = found(everywhere[_i].words, 3);
    ck_assert(space.has_noise == everywhere[_i].has_noise);
    ck_assert(space.adds_skips == everywhere[_i].adds_skips);
    for (int kind = 0; kind < 2; kind++)
        for (int e = 0; e < TD_MAX_EDGES; e++)
            ck_assert_uint_eq(space.present[kind][e], everywhere[_i].present);
}
END_TEST

/* Some edges of RobustDARTS's first space, by name. */
START_TEST(test_s1_has_two_operations_an_edge)
{
    static const struct {
        int kind, edge;
        td_op one, other;
    } some[] = {
        { 0, 0, TD_OP_SKIP_CONNECT, TD_OP_DIL_CONV_3X3 },
        { 0, 5, TD_OP_MAX_POOL_3X3, TD_OP_SKIP_CONNECT },
        { 0, 13, TD_OP_DIL_CONV_3X3, TD_OP_DIL_CONV_5X5 },
        { 1, 0, TD_OP_MAX_POOL_3X3, TD_OP_AVG_POOL_3X3 },
        { 1, 6, TD_OP_MAX_POOL_3X3, TD_OP_SEP_CONV_3X3 },
        { 1, 13, TD_OP_SKIP_CONNECT, TD_OP_DIL_CONV_5X5 },
    };
    td_space space = found("s1", 4), refused;
    for (int kind = 0; kind < 2; kind++)
        for (int e = 0; e < 14; e++)
            ck_assert_int_eq(__builtin_popcount(space.present[kind][e]), 2);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++)
        ck_assert_uint_eq(space.present[some[i].kind][some[i].edge],
                          1U << some[i].one | 1U << some[i].other);
    ck_assert_int_eq(td_space_find(&refused, "s1", 3), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "net.nodes"));
}
END_TEST

static const struct {
    const char *words, *says;
} refusals[] = {
    { "skip_conect", "the nearest is skip_connect" },
    { "s5", "found \"s5\"" },
    { "", "found \"\"" },
    { "none", "nothing to choose" },
    { "skip_connect,skip_connect", "twice" },
    { "skip_connect,", "found \"\"" },
    { "noise", "found \"noise\"" },
};

START_TEST(test_what_is_no_space_is_refused)
{
    td_space space;
    ck_assert_int_eq(td_space_find(&space, refusals[_i].words, 4), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), refusals[_i].says) != NULL, "%s",
                  td_error_message());
    ck_assert_ptr_nonnull(strstr(td_error_message(), "net.operations"));
}
END_TEST

/* ---- states ---------------------------------------------------------------------- */

static td_search_state *state_of(td_network **net, td_net_spec spec, const char *words)
{
    td_space space = found(words, spec.nodes);
    td_net_spec_take(&spec, &space);
    *net = net_new(spec);
    return td_search_state_new(*net, &td_relaxation_softmax, false, 1);
}

static td_search_state *state_new(td_network **net, const char *words)
{
    return state_of(net, small, words);
}

static void state_free(td_search_state *state, td_network *net)
{
    td_search_state_free(state);
    td_network_free(net);
}

/* Mixture weights of an edge sum to one over what is there. */
START_TEST(test_a_space_is_all_that_is_weighed)
{
    td_network *net;
    td_search_state *state = state_new(&net, "s2");
    uint8_t present[2 * TD_MAX_EDGES];
    double *p = td_search_state_mixture(state, present), even;
    for (int i = 0; i < 10 * TD_NUM_OPS; i++) {
        int k = i % TD_NUM_OPS;
        bool is_there = k == TD_OP_SKIP_CONNECT || k == TD_OP_SEP_CONV_3X3;
        ck_assert(is_there ? fabs(p[i] - 0.5) < 0.01 : p[i] == 0.0);
    }
    ck_assert(fabs(td_search_state_entropy(state, 1) - log(2.0)) < 1e-4);
    ck_assert(td_search_state_strongest(state, &even) >= 0.5 && even == 0.5);
    td_free(p);
    state_free(state, net);
}
END_TEST

/* Decay moves what is absent: nobody shall read that as learning. */
START_TEST(test_what_is_absent_has_not_moved)
{
    td_network *net;
    td_search_state *state = state_new(&net, "s2");
    ck_assert(td_search_state_change(state) == 0.0);
    state->alphas[3 * TD_NUM_OPS + TD_OP_MAX_POOL_3X3] += 5;
    ck_assert(td_search_state_change(state) == 0.0);
    state->alphas[3 * TD_NUM_OPS + TD_OP_SKIP_CONNECT] += 3;
    ck_assert(fabs(td_search_state_change(state) - 3.0) < 1e-5);
    state_free(state, net);
}
END_TEST

/* A single cell is a normal one: the reduction's table is nobody's. */
START_TEST(test_a_single_cell_has_one_table)
{
    td_net_spec single = small;
    td_network *net;
    double even;
    single.cells = 1;
    td_search_state *state = state_of(&net, single, "s2");
    state->alphas[7 * TD_NUM_OPS + TD_OP_SKIP_CONNECT] += 5;
    ck_assert(td_search_state_change(state) == 0.0);
    ck_assert(isnan(td_search_state_entropy(state, 1)));
    for (int e = 0; e < 5; e++)
        state->alphas[e * TD_NUM_OPS + TD_OP_SKIP_CONNECT] = 50;
    ck_assert(td_search_state_strongest(state, &even) > 0.999 && even == 0.5);
    ck_assert(td_search_state_entropy(state, 0) < 1e-6);
    state_free(state, net);
}
END_TEST

/* The place of noise has its name in the cell that is found; nothing is built for the
 * others. */
START_TEST(test_noise_may_be_found)
{
    td_network *net;
    td_genotype genotype;
    td_search_state *state = state_new(&net, "s4");
    for (int i = 0; i < 10; i++)
        state->alphas[i * TD_NUM_OPS + TD_OP_NOISE_PLACE] = i % 2 ? 5 : -5;
    td_search_state_derive(state, &genotype, 2, &two_strongest);
    ck_assert_int_eq(genotype.normal.gene[0].op, TD_OP_NOISE);
    ck_assert_int_eq(genotype.normal.gene[0].state, 1);
    ck_assert_int_eq(genotype.normal.gene[1].op, TD_OP_SEP_CONV_3X3);
    char *text = td_genotype_python(&genotype);
    td_genotype back;
    ck_assert_int_eq(td_genotype_parse(&back, text), TD_OK);
    ck_assert(is_same_genotype(&back, &genotype));
    td_free(text);
    const td_slots *weights = td_network_weights(net);
    for (int i = 0; i < weights->count; i++)
        ck_assert(!strstr(weights->slots[i].name, "_ops.0._ops.") ||
                  strstr(weights->slots[i].name, "_ops.0._ops.4."));
    state_free(state, net);
}
END_TEST

/* ---- dropping -------------------------------------------------------------------- */

static void set_edge(td_search_state *state, int edge, const td_real alpha[TD_NUM_OPS])
{
    memcpy(state->alphas + edge * TD_NUM_OPS, alpha, TD_NUM_OPS * sizeof *alpha);
}

static unsigned present_on(const td_search_state *state, int edge)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_search_state_masks(state, masks);
    return masks[edge];
}

START_TEST(test_the_weakest_are_dropped)
{
    td_network *net;
    td_search_state *state = state_new(&net, "all");
    set_edge(state, 0, (const td_real[]){ 8, 1, 2, 3, 4, 5, 6, 7 });
    set_edge(state, 1, (const td_real[]){ 0, 0, 0, 0, 0, 0, 0, 0 });
    set_edge(state, 2, (const td_real[]){ -1, 5, 4, 5, 4, 5, 4, 5 });
    ck_assert_int_eq(td_search_state_operations(state), 80);
    ck_assert_int_eq(td_search_state_prune(state, 3), 50);
    ck_assert_uint_eq(present_on(state, 0), 0xc1); /* none counts as one */
    ck_assert_uint_eq(present_on(state, 1), 0x07); /* the later on a tie */
    ck_assert_uint_eq(present_on(state, 2), 0x2a);
    ck_assert_int_eq(td_search_state_prune(state, 3), 0);
    ck_assert_int_eq(td_search_state_operations(state), 30);
    td_search_state_prune(state, 1);
    ck_assert_uint_eq(present_on(state, 0), 0x80); /* `none` does not stay alone */
    ck_assert_uint_eq(present_on(state, 1), 0x02);
    ck_assert_uint_eq(present_on(state, 2), 0x02);
    state_free(state, net);
}
END_TEST

START_TEST(test_rows_say_when)
{
    td_network *net;
    td_search_state *state = state_new(&net, "all");
    static td_config config;
    config.search.prune = (td_rows){ .count = 2, .value = { { 3, 5 }, { 7, 2 } } };
    ck_assert_int_eq(td_choice_prune(state, &config, 0), 0);
    ck_assert_int_eq(td_choice_prune(state, &config, 3), 30);
    ck_assert_int_eq(td_choice_prune(state, &config, 3), 0);
    ck_assert_int_eq(td_choice_prune(state, &config, 6), 0);
    ck_assert_int_eq(td_choice_prune(state, &config, 7), 30);
    state_free(state, net);
}
END_TEST

/* ---- cells that are drawn -------------------------------------------------------- */

/* What is drawn is in the space, is written as alphas, and is derived from them. */
START_TEST(test_drawn_cells_are_fixed_and_found)
{
    static const char *const spaces[] = { "all", "s2", "s4" };
    td_network *net;
    td_search_state *state = state_new(&net, spaces[_i]);
    uint8_t masks[10], present[10];
    td_search_state_admit_none(state);
    td_search_state_masks(state, masks);
    for (uint32_t i = 0; i < 50; i++) {
        td_genotype drawn, again, derived;
        td_search_state_draw(state, &drawn, 3, 1, i);
        td_search_state_draw(state, &again, 3, 1, i);
        ck_assert(is_same_genotype(&drawn, &again));
        td_search_state_fix(state, &drawn, state->alphas, present);
        td_search_state_derive(state, &derived, 2, &two_strongest);
        ck_assert(is_same_genotype(&drawn, &derived));
        uint8_t computed[10];
        double *p = td_search_state_mixture(state, computed), sum = 0.0;
        for (int k = 0; k < 80; k++) {
            bool is_drawn = present[k / 8] >> k % 8 & 1;
            ck_assert(!is_drawn || masks[k / 8] >> k % 8 & 1);
            ck_assert(is_drawn ? p[k] > 1 - 1e-12 : k % 8 == 0 || p[k] < 1e-12);
            sum += is_drawn;
        }
        ck_assert(sum == 8.0);
        td_free(p);
    }
    state_free(state, net);
}
END_TEST

/* Of the second node's first gene: three pairs of inputs, seven operations, all alike.
 * Chi-square with 20 degrees of freedom is above 45.3 once in a thousand times. */
START_TEST(test_cells_are_drawn_evenly)
{
    enum { DRAWS = 4200 };
    td_network *net;
    td_search_state *state = state_new(&net, "all");
    int counts[21] = { 0 };
    double square = 0.0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        td_genotype cell;
        td_search_state_draw(state, &cell, 11, 0, i);
        int a = cell.normal.gene[2].state, b = cell.normal.gene[3].state;
        counts[(a + b - 1) * 7 + (int) cell.normal.gene[2].op - 1]++;
    }
    for (int i = 0; i < 21; i++)
        square += pow(counts[i] - DRAWS / 21.0, 2) / (DRAWS / 21.0);
    ck_assert_msg(square < 45.3, "%g", square);
    state_free(state, net);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("search spaces");
    TCase *tests = tcase_create("space");
    tcase_add_loop_test(tests, test_sets_of_every_edge, 0,
                        sizeof everywhere / sizeof *everywhere);
    tcase_add_test(tests, test_s1_has_two_operations_an_edge);
    tcase_add_loop_test(tests, test_what_is_no_space_is_refused, 0,
                        sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, test_a_space_is_all_that_is_weighed);
    tcase_add_test(tests, test_what_is_absent_has_not_moved);
    tcase_add_test(tests, test_a_single_cell_has_one_table);
    tcase_add_test(tests, test_noise_may_be_found);
    tcase_add_test(tests, test_the_weakest_are_dropped);
    tcase_add_test(tests, test_rows_say_when);
    tcase_add_loop_test(tests, test_drawn_cells_are_fixed_and_found, 0, 3);
    tcase_add_test(tests, test_cells_are_drawn_evenly);
    suite_add_tcase(suite, tests);
    return suite;
}
