/* Relaxations: gradients by finite differences, strengths, masks, draws, names. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "some_arch.h"
#include "suite.h"

static const td_real some_alphas[TD_NUM_OPS] = {
    0.5f, -1.25f, 2, 0, -0.5f, 0.75f, 1, -3
};

static const td_relaxation *nth(int i)
{
    return td_relaxation_of((td_relaxation_kind) i);
}

/* Two nodes' tables with the same alphas on each edge. */
enum { EDGES = 5, TABLES = 2 * EDGES * TD_NUM_OPS };

static void fill(td_real *alphas)
{
    for (int i = 0; i < TABLES; i++)
        alphas[i] = some_alphas[(i + i / TD_NUM_OPS) % TD_NUM_OPS];
}

/* ---- gradients ------------------------------------------------------------------- */

/* Σ_k c_k·p_k(alpha), the loss of a network that is linear in its weights. */
static double linear_loss(const td_relaxation *relaxation, const td_real *alpha,
                          const double *c, const td_arch_edge *edge)
{
    double p[TD_NUM_OPS], sum = 0.0;
    relaxation->forward(p, alpha, edge);
    for (int k = 0; k < TD_NUM_OPS; k++)
        sum += c[k] * p[k];
    return sum;
}

/* Without a draw where one would move in another way than its numbers say, or not at
 * all. */
START_TEST(test_gradients_are_those_of_the_weights)
{
    const td_relaxation *relaxation = nth(_i);
    const double c[TD_NUM_OPS] = { 0.3, -2, 1, 0.5, 4, -1, 2, 0.25 };
    const td_arch_draw draw = { 7, 3, 11, NULL };
    const uint8_t masks[] = { TD_ALL_PRESENT, 0x6d, 0x10 };
    const td_real h = 1.0f / 64;
    if (relaxation == &td_relaxation_gdas || relaxation == &td_relaxation_reinmax)
        return; /* steps have no slope */
    for (int m = 0; m < 3; m++) {
        td_arch_edge edge = { .present = masks[m], .number = 5, .temperature = 0.75 };
        edge.draw = relaxation == &td_relaxation_dirichlet ? NULL : &draw;
        double p[TD_NUM_OPS], d_alpha[TD_NUM_OPS];
        relaxation->forward(p, some_alphas, &edge);
        relaxation->backward(d_alpha, c, p, some_alphas, &edge);
        for (int k = 0; k < TD_NUM_OPS; k++) {
            td_real above[TD_NUM_OPS], below[TD_NUM_OPS];
            memcpy(above, some_alphas, sizeof above);
            memcpy(below, some_alphas, sizeof below);
            above[k] += h;
            below[k] -= h;
            double slope = (linear_loss(relaxation, above, c, &edge) -
                            linear_loss(relaxation, below, c, &edge)) /
                           (2.0 * (double) h);
            ck_assert(fabs(d_alpha[k] - slope) <= 5e-4);
        }
    }
}
END_TEST

START_TEST(test_strengths_order_and_are_undecided_when_equal)
{
    const td_relaxation *relaxation = nth(_i);
    double s[TD_NUM_OPS], sum = 0.0;
    relaxation->strength(s, some_alphas, TD_ALL_PRESENT);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        ck_assert(s[k] > 0.0 && s[k] < 1.0);
        sum += s[k];
        for (int j = 0; j < TD_NUM_OPS; j++)
            ck_assert((some_alphas[j] > some_alphas[k]) == (s[j] > s[k]));
    }
    ck_assert(!relaxation->sums_to_one || fabs(sum - 1.0) <= 1e-15);

    td_real even[2 * TD_NUM_OPS] = { 0 };
    td_arch arch = arch_of(relaxation, even, 1);
    double undecided = td_arch_undecided(&arch);
    ck_assert(fabs(td_arch_mean_strongest(&arch) - undecided) <= 1e-15);
    ck_assert(fabs(td_arch_entropy(&arch, 1) - log(8.0)) <= 1e-15);
    memcpy(even, some_alphas, sizeof some_alphas);
    ck_assert(td_arch_entropy(&arch, 0) < log(8.0) - 0.1);
}
END_TEST

START_TEST(test_gradients_of_strengths)
{
    const td_relaxation *relaxation = nth(_i);
    const double c[TD_NUM_OPS] = { 0.3, -2, 1, 0.5, 4, -1, 2, 0.25 };
    const uint8_t present = 0x7d;
    double d_alpha[TD_NUM_OPS];
    relaxation->strength_backward(d_alpha, c, some_alphas, present);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double slope = 0.0;
        for (int side = -1; side <= 1; side += 2) {
            td_real moved[TD_NUM_OPS];
            double s[TD_NUM_OPS];
            memcpy(moved, some_alphas, sizeof moved);
            moved[k] += (td_real) side / 64;
            relaxation->strength(s, moved, present);
            for (int i = 0; i < TD_NUM_OPS; i++)
                slope += side * c[i] * s[i] * 32;
        }
        ck_assert(fabs(d_alpha[k] - slope) <= 5e-4);
    }
}
END_TEST

/* ---- masks ----------------------------------------------------------------------- */

/* Whatever stands at an absent place, in alphas and gradients. */
START_TEST(test_absent_operations_are_unknown_to_the_others)
{
    const td_relaxation *relaxation = nth(_i);
    td_real alphas[TABLES], other[TABLES], d_alphas[2][TABLES] = { 0 };
    double p[2][TABLES], dp[TABLES], s[TD_NUM_OPS];
    uint8_t present[2 * EDGES];
    const td_arch_draw draw = { 7, 3, 11, NULL };
    fill(alphas);
    fill(other);
    for (int e = 0; e < 2 * EDGES; e++)
        present[e] = (uint8_t) (0x31 + 8 * e);
    for (int i = 0; i < TABLES; i++) {
        dp[i] = i % 7 - 3;
        if (!(present[i / TD_NUM_OPS] >> i % TD_NUM_OPS & 1))
            other[i] = 50;
    }
    td_arch arch = arch_of(relaxation, alphas, EDGES);
    arch.present = present;
    for (int chance = 0; chance < 2; chance++) {
        arch.draw = chance ? &draw : NULL;
        for (int t = 0; t < 2; t++) {
            arch.alphas = t == 0 ? alphas : other;
            memset(d_alphas[t], 0, sizeof d_alphas[t]);
            td_arch_forward(&arch, p[t]);
            td_arch_backward(&arch, d_alphas[t], NULL, dp);
        }
        ck_assert_mem_eq(p[0], p[1], sizeof p[0]);
        ck_assert_mem_eq(d_alphas[0], d_alphas[1], sizeof d_alphas[0]);
        for (int i = 0; i < TABLES; i++)
            if (!(present[i / TD_NUM_OPS] >> i % TD_NUM_OPS & 1))
                ck_assert(p[0][i] == 0.0 && d_alphas[0][i] == 0);
    }
    td_arch_strength(&arch, 3, s);
    for (int k = 0; k < TD_NUM_OPS; k++)
        ck_assert(present[3] >> k & 1 ? s[k] > 0.0 : s[k] == 0.0);
}
END_TEST

START_TEST(test_an_operation_alone)
{
    const td_relaxation *relaxation = nth(_i);
    const td_arch_draw draw = { 7, 3, 11, NULL };
    td_arch_edge edge = { .present = 1 << 4, .temperature = 2.0, .draw = &draw };
    const double dp[TD_NUM_OPS] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    double p[TD_NUM_OPS], d_alpha[TD_NUM_OPS];
    if (!relaxation->sums_to_one)
        return;
    relaxation->forward(p, some_alphas, &edge);
    relaxation->backward(d_alpha, dp, p, some_alphas, &edge);
    for (int k = 0; k < TD_NUM_OPS; k++)
        ck_assert(p[k] == (k == 4) && d_alpha[k] == 0.0);
}
END_TEST

/* An edge of `none` and what is absent comes behind one with an operation. */
START_TEST(test_a_cell_takes_what_is_present)
{
    td_real alphas[TABLES] = { 0 };
    uint8_t present[2 * EDGES];
    memset(present, 0x09, sizeof present); /* none, skip_connect */
    present[2] = present[EDGES + 3] = 0x01;
    for (int e = 0; e < 2 * EDGES; e++)
        alphas[e * TD_NUM_OPS + TD_OP_SEP_CONV_3X3] = 9;
    td_arch arch = softmax_arch(alphas, EDGES);
    td_genotype g;
    arch.present = present;
    td_arch_derive(&arch, &g, 2, &two_strongest);
    for (int i = 0; i < 4; i++)
        ck_assert(g.normal.gene[i].op == TD_OP_SKIP_CONNECT &&
                  g.reduce.gene[i].op == TD_OP_SKIP_CONNECT);
    ck_assert(g.normal.gene[2].state == 1 && g.normal.gene[3].state == 2);
    ck_assert(g.reduce.gene[2].state == 0 && g.reduce.gene[3].state == 2);
}
END_TEST

/* ---- as published ---------------------------------------------------------------- */

START_TEST(test_sigmoid_as_published)
{
    const td_real alpha[TD_NUM_OPS] = { 0, 1, -1, 100, -100, 2, 0.5f, -0.5f };
    const double expected[TD_NUM_OPS] = { 0.5,
                                          0.73105857863000488,
                                          0.26894142136999512,
                                          1.0,
                                          3.7200759760208361e-44,
                                          0.88079707797788244,
                                          0.62245933120185457,
                                          0.37754066879814543 };
    const td_arch_edge edge = { .present = TD_ALL_PRESENT };
    double p[TD_NUM_OPS];
    td_relaxation_sigmoid.forward(p, alpha, &edge);
    for (int k = 0; k < TD_NUM_OPS; k++)
        ck_assert(fabs(p[k] - expected[k]) <= 1e-15 * expected[k]);
    td_arch sigmoid = arch_of(&td_relaxation_sigmoid, NULL, 1);
    td_arch softmax = arch_of(&td_relaxation_softmax, NULL, 1);
    ck_assert(td_arch_undecided(&sigmoid) == 0.5);
    ck_assert(td_arch_undecided(&softmax) == 0.125);
}
END_TEST

/* Softmax takes what outweighs its own edge, sigmoid the larger alpha. */
START_TEST(test_cells_follow_the_relaxation)
{
    td_real alphas[TABLES];
    for (int e = 0; e < 2 * EDGES; e++)
        for (int k = 0; k < TD_NUM_OPS; k++) /* edge 4: higher all over */
            alphas[e * TD_NUM_OPS + k] =
                (td_real) ((e % EDGES == 4 ? 3 : 0) + (k == TD_OP_SKIP_CONNECT));
    for (int t = 0; t < 2; t++) /* edge 2: level, its lead is larger */
        alphas[(t * EDGES + 2) * TD_NUM_OPS + TD_OP_SKIP_CONNECT] = 2;
    td_arch arch = arch_of(&td_relaxation_sigmoid, alphas, EDGES);
    td_genotype softmax = derive_softmax(alphas, 2), sigmoid;
    td_arch_derive(&arch, &sigmoid, 2, &two_strongest);
    ck_assert_int_eq(softmax.normal.gene[2].state, 0);
    ck_assert_int_eq(sigmoid.normal.gene[2].state, 2);
}
END_TEST

/* Records its key in the weights: what a relaxation with chance would draw by. */
static void note_key(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        p[k] = edge->draw ? (double) edge->draw->seed * 1000 + edge->number
                          : (double) alpha[k];
}

START_TEST(test_each_edge_draws_by_its_own_key)
{
    const td_relaxation noting = { .forward = note_key };
    const td_arch_draw draw = { .seed = 4, .epoch = 1, .step = 2 };
    td_real alphas[TABLES] = { 0 };
    double p[TABLES];
    td_arch arch = arch_of(&noting, alphas, EDGES);
    arch.draw = &draw;
    td_arch_forward(&arch, p);
    for (int e = 0; e < 2 * EDGES; e++)
        ck_assert(p[e * TD_NUM_OPS] == 4000 + e);
    arch.draw = NULL;
    td_arch_forward(&arch, p);
    ck_assert(p[0] == 0.0 && p[9 * TD_NUM_OPS] == 0.0);
}
END_TEST

START_TEST(test_names)
{
    for (int i = 0; i < TD_RELAXATION_COUNT; i++) {
        td_relaxation_kind kind = (td_relaxation_kind) i;
        ck_assert_int_eq(td_relaxation_find(td_relaxation_name(kind)), i);
        ck_assert_int_eq(td_relaxation_kind_of(nth(i)), i);
    }
    ck_assert_int_eq(td_relaxation_find("softmin"), -1);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("arch");
    TCase *tests = tcase_create("relaxations");
    tcase_add_loop_test(tests, test_gradients_are_those_of_the_weights, 0,
                        TD_RELAXATION_COUNT);
    tcase_add_loop_test(tests, test_strengths_order_and_are_undecided_when_equal, 0,
                        TD_RELAXATION_COUNT);
    tcase_add_loop_test(tests, test_gradients_of_strengths, 0, TD_RELAXATION_COUNT);
    tcase_add_loop_test(tests, test_absent_operations_are_unknown_to_the_others, 0,
                        TD_RELAXATION_COUNT);
    tcase_add_loop_test(tests, test_an_operation_alone, 0, TD_RELAXATION_COUNT);
    tcase_add_test(tests, test_a_cell_takes_what_is_present);
    tcase_add_test(tests, test_sigmoid_as_published);
    tcase_add_test(tests, test_cells_follow_the_relaxation);
    tcase_add_test(tests, test_each_edge_draws_by_its_own_key);
    tcase_add_test(tests, test_names);
    suite_add_tcase(suite, tests);
    return suite;
}
