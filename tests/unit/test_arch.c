/* Every relaxation of the table: gradients by finite differences, strengths, names. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "suite.h"
#include "taildart/arch.h"

static const td_real some_alphas[TD_NUM_OPS] = {
    0.5f, -1.25f, 2, 0, -0.5f, 0.75f, 1, -3
};

/* Σ_k c_k·p_k(alpha), the loss of a network that is linear in its weights. */
static double linear_loss(const td_relaxation *relaxation, const td_real *alpha,
                          const double *c, const td_arch_draw *draw)
{
    double p[TD_NUM_OPS], sum = 0.0;
    relaxation->forward(p, alpha, draw);
    for (int k = 0; k < TD_NUM_OPS; k++)
        sum += c[k] * p[k];
    return sum;
}

START_TEST(test_gradients_are_those_of_the_weights)
{
    const td_relaxation *relaxation = td_relaxation_of((td_relaxation_kind) _i);
    const double c[TD_NUM_OPS] = { 0.3, -2, 1, 0.5, 4, -1, 2, 0.25 };
    const td_arch_draw draw = { 7, 3, 11, 5 };
    const td_real h = 1.0f / 64;
    td_real d_alpha[TD_NUM_OPS] = { 0 };
    double p[TD_NUM_OPS];
    relaxation->forward(p, some_alphas, &draw);
    relaxation->backward(d_alpha, c, p, some_alphas, &draw);
    relaxation->backward(d_alpha, c, p, some_alphas, &draw); /* it adds */
    for (int k = 0; k < TD_NUM_OPS; k++) {
        td_real above[TD_NUM_OPS], below[TD_NUM_OPS];
        memcpy(above, some_alphas, sizeof above);
        memcpy(below, some_alphas, sizeof below);
        above[k] += h;
        below[k] -= h;
        double slope = (linear_loss(relaxation, above, c, &draw) -
                        linear_loss(relaxation, below, c, &draw)) /
                       (2.0 * (double) h);
        ck_assert(fabs((double) d_alpha[k] - 2.0 * slope) <= 5e-4);
    }
}
END_TEST

START_TEST(test_strengths_order_and_are_undecided_when_equal)
{
    const td_relaxation *relaxation = td_relaxation_of((td_relaxation_kind) _i);
    double s[TD_NUM_OPS], sum = 0.0;
    relaxation->strength(s, some_alphas);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        ck_assert(s[k] > 0.0 && s[k] < 1.0);
        sum += s[k];
        for (int j = 0; j < TD_NUM_OPS; j++)
            ck_assert((some_alphas[j] > some_alphas[k]) == (s[j] > s[k]));
    }
    ck_assert(!relaxation->sums_to_one || fabs(sum - 1.0) <= 1e-15);

    td_real even[2 * TD_NUM_OPS] = { 0 };
    double undecided = td_arch_undecided(relaxation);
    ck_assert(fabs(td_arch_mean_strongest(relaxation, even, 2) - undecided) <= 1e-15);
    ck_assert(fabs(td_arch_entropy(relaxation, even, 2) - log(8.0)) <= 1e-15);
    ck_assert(td_arch_entropy(relaxation, some_alphas, 1) < log(8.0) - 0.1);
}
END_TEST

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
    double p[TD_NUM_OPS];
    td_relaxation_sigmoid.forward(p, alpha, NULL);
    for (int k = 0; k < TD_NUM_OPS; k++)
        ck_assert(fabs(p[k] - expected[k]) <= 1e-15 * expected[k]);
    ck_assert(td_arch_undecided(&td_relaxation_sigmoid) == 0.5);
    ck_assert(td_arch_undecided(&td_relaxation_softmax) == 0.125);
}
END_TEST

/* Softmax takes what outweighs its own edge, sigmoid the larger alpha. */
START_TEST(test_cells_follow_the_relaxation)
{
    enum { EDGES = 5 }; /* two nodes */
    td_real alphas[2 * EDGES * TD_NUM_OPS];
    for (int e = 0; e < 2 * EDGES; e++)
        for (int k = 0; k < TD_NUM_OPS; k++) /* edge 4: higher all over */
            alphas[e * TD_NUM_OPS + k] =
                (td_real) ((e % EDGES == 4 ? 3 : 0) + (k == TD_OP_SKIP_CONNECT));
    for (int t = 0; t < 2; t++) /* edge 2: level, its lead is larger */
        alphas[(t * EDGES + 2) * TD_NUM_OPS + TD_OP_SKIP_CONNECT] = 2;
    td_genotype softmax, sigmoid;
    td_arch_derive(&td_relaxation_softmax, &softmax, alphas, 2);
    td_arch_derive(&td_relaxation_sigmoid, &sigmoid, alphas, 2);
    ck_assert_int_eq(softmax.normal[2].state, 0);
    ck_assert_int_eq(sigmoid.normal[2].state, 2);
}
END_TEST

/* Records its key in the weights: what a relaxation with chance would draw by. */
static void note_key(double *p, const td_real *alpha, const td_arch_draw *draw)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        p[k] = draw ? (double) draw->seed * 1000 + draw->edge : (double) alpha[k];
}

START_TEST(test_each_edge_draws_by_its_own_key)
{
    const td_relaxation noting = { .forward = note_key };
    const td_arch_draw draw = { .seed = 4, .epoch = 1, .step = 2 };
    td_real alphas[6 * TD_NUM_OPS] = { 0 };
    double p[6 * TD_NUM_OPS];
    td_arch_forward(&noting, p, alphas, 3, &draw);
    for (int e = 0; e < 6; e++)
        ck_assert(p[e * TD_NUM_OPS] == 4000 + e);
    td_arch_forward(&noting, p, alphas, 3, NULL);
    ck_assert(p[0] == 0.0 && p[5 * TD_NUM_OPS] == 0.0);
}
END_TEST

START_TEST(test_names)
{
    for (int i = 0; i < TD_RELAXATION_COUNT; i++) {
        td_relaxation_kind kind = (td_relaxation_kind) i;
        ck_assert_int_eq(td_relaxation_find(td_relaxation_name(kind)), i);
        ck_assert_int_eq(td_relaxation_kind_of(td_relaxation_of(kind)), i);
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
    tcase_add_test(tests, test_sigmoid_as_published);
    tcase_add_test(tests, test_cells_follow_the_relaxation);
    tcase_add_test(tests, test_each_edge_draws_by_its_own_key);
    tcase_add_test(tests, test_names);
    suite_add_tcase(suite, tests);
    return suite;
}
