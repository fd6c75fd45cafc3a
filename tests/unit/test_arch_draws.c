/* Draws of relaxations: frequencies and moments, gradients on average, keys. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "some_arch.h"
#include "suite.h"

enum { DRAWS = 20000 };

static const td_real some_alphas[TD_NUM_OPS] = {
    0.5f, -1.25f, 2, 0, -0.5f, 0.75f, 1, -3
};
static const uint8_t some_present = 0xdd; /* six of them */

/* ---- one of an edge's operations ------------------------------------------------- */

/* Σ (seen − expected)²/expected of the operation with the largest weight. */
static double chi_square(const td_relaxation *relaxation, uint8_t present)
{
    double expected[TD_NUM_OPS], seen[TD_NUM_OPS] = { 0 }, sum = 0.0;
    td_arch_draw draw = { .seed = 5, .epoch = 1 };
    td_arch_edge edge = { present, 3, 0.5, &draw };
    td_relaxation_softmax.strength(expected, some_alphas, present);
    for (draw.step = 0; draw.step < DRAWS; draw.step++) {
        double p[TD_NUM_OPS], largest = 0.0;
        relaxation->forward(p, some_alphas, &edge);
        for (int k = 0; k < TD_NUM_OPS; k++)
            largest = fmax(largest, p[k]);
        for (int k = 0; k < TD_NUM_OPS; k++)
            seen[k] += p[k] == largest;
    }
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (present >> k & 1)
            sum += pow(seen[k] - DRAWS * expected[k], 2) / (DRAWS * expected[k]);
        else
            ck_assert(seen[k] == 0.0);
    return sum;
}

/* 24.32 and 20.52: what 7 and 5 degrees of freedom exceed once in a thousand times. */
START_TEST(test_operations_are_drawn_by_softmax)
{
    static const td_relaxation *const drawn[] = { &td_relaxation_gumbel,
                                                  &td_relaxation_gdas,
                                                  &td_relaxation_reinmax };
    for (int i = 0; i < 3; i++) {
        ck_assert(chi_square(drawn[i], TD_ALL_PRESENT) < 24.32);
        ck_assert(chi_square(drawn[i], some_present) < 20.52);
    }
}
END_TEST

/* Edges, epochs, steps and seeds each have draws of their own, always the same. */
START_TEST(test_draws_have_keys)
{
    double p[6][TD_NUM_OPS];
    for (int i = 0; i < 6; i++) {
        td_arch_draw draw = { .seed = 5 + (i == 1),
                              .epoch = 1 + (i == 2),
                              .step = 7 + (i == 3) };
        td_arch_edge edge = { TD_ALL_PRESENT, 3 + (i == 4), 1.0, &draw };
        td_relaxation_of((td_relaxation_kind) _i)->forward(p[i], some_alphas, &edge);
    }
    for (int i = 1; i < 5; i++)
        ck_assert(memcmp(p[0], p[i], sizeof p[0]) != 0);
    ck_assert_mem_eq(p[0], p[5], sizeof p[0]);
}
END_TEST

/* gdas takes the operation of which gumbel's weight is largest. */
START_TEST(test_gdas_is_gumbel_made_hard)
{
    td_arch_draw draw = { .seed = 9 };
    td_arch_edge edge = { some_present, 2, 0.75, &draw };
    for (draw.step = 0; draw.step < 200; draw.step++) {
        double hard[TD_NUM_OPS], soft[TD_NUM_OPS], by_hard[TD_NUM_OPS],
            by_soft[TD_NUM_OPS], dp[TD_NUM_OPS];
        td_relaxation_gdas.forward(hard, some_alphas, &edge);
        td_relaxation_gumbel.forward(soft, some_alphas, &edge);
        for (int k = 0; k < TD_NUM_OPS; k++) {
            ck_assert(hard[k] == 0.0 || hard[k] == 1.0);
            for (int j = 0; j < TD_NUM_OPS; j++)
                ck_assert(hard[k] == 0.0 || soft[k] >= soft[j]);
            dp[k] = hard[k] * 3.0; /* of the others nothing is known */
        }
        td_relaxation_gdas.backward(by_hard, dp, hard, some_alphas, &edge);
        td_relaxation_gumbel.backward(by_soft, dp, soft, some_alphas, &edge);
        ck_assert_mem_eq(by_hard, by_soft, sizeof by_hard);
    }
}
END_TEST

/* ---- reinmax --------------------------------------------------------------------- */

/* ½·(D − centre)ᵀ·A·(D − centre) with a symmetric A, and its gradient. */
static double quadratic(double *gradient, const double *d)
{
    double sum = 0.0;
    for (int i = 0; i < TD_NUM_OPS; i++) {
        gradient[i] = 0.0;
        for (int j = 0; j < TD_NUM_OPS; j++)
            gradient[i] += cos(i * j + 1.0) * (d[j] - 0.1 * j);
        sum += 0.5 * gradient[i] * (d[i] - 0.1 * i);
    }
    return sum;
}

/* Σ_D softmax_D·f(D) over the operations. */
static double expected_value(const td_real *alpha)
{
    double p[TD_NUM_OPS], sum = 0.0;
    td_relaxation_softmax.strength(p, alpha, TD_ALL_PRESENT);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double d[TD_NUM_OPS] = { 0 }, unused[TD_NUM_OPS];
        d[k] = 1.0;
        sum += p[k] * quadratic(unused, d);
    }
    return sum;
}

/* Its estimate is exact, on average, for what is quadratic. */
START_TEST(test_reinmax_is_right_to_second_order)
{
    double p[TD_NUM_OPS], mean[TD_NUM_OPS] = { 0 };
    td_relaxation_softmax.strength(p, some_alphas, TD_ALL_PRESENT);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double d[TD_NUM_OPS] = { 0 }, dp[TD_NUM_OPS], d_alpha[TD_NUM_OPS];
        td_arch_edge edge = { .present = TD_ALL_PRESENT, .temperature = 1.0 };
        d[k] = 1.0;
        quadratic(dp, d);
        td_relaxation_reinmax.backward(d_alpha, dp, d, some_alphas, &edge);
        for (int i = 0; i < TD_NUM_OPS; i++)
            mean[i] += p[k] * d_alpha[i];
    }
    for (int i = 0; i < TD_NUM_OPS; i++) {
        td_real moved[TD_NUM_OPS];
        double slope = 0.0;
        memcpy(moved, some_alphas, sizeof moved);
        for (int side = -1; side <= 1; side += 2) {
            moved[i] = some_alphas[i] + (td_real) side / 64;
            slope += side * 32 * expected_value(moved);
        }
        ck_assert(fabs(mean[i] - slope) <= 1e-4);
    }
}
END_TEST

/* ---- dirichlet ------------------------------------------------------------------- */

static const td_real wide_alphas[TD_NUM_OPS] = { 0.5f, -1.25f, 2, 0, -0.5f, 6, 1, -3 };

typedef struct {
    double mean[TD_NUM_OPS], square[TD_NUM_OPS], slope[TD_NUM_OPS];
} moments;

/* Of draws, and of the gradient of Σ k·x_k by the alphas. */
static moments moments_of(uint8_t present)
{
    const double dp[TD_NUM_OPS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    moments m = { .mean = { 0 } };
    td_arch_draw draw = { .seed = 5, .epoch = 1 };
    td_arch_edge edge = { present, 3, 1.0, &draw };
    for (draw.step = 0; draw.step < DRAWS; draw.step++) {
        double x[TD_NUM_OPS], d_alpha[TD_NUM_OPS], sum = 0.0;
        td_relaxation_dirichlet.forward(x, wide_alphas, &edge);
        td_relaxation_dirichlet.backward(d_alpha, dp, x, wide_alphas, &edge);
        for (int k = 0; k < TD_NUM_OPS; k++) {
            sum += x[k];
            m.mean[k] += x[k] / DRAWS;
            m.square[k] += x[k] * x[k] / DRAWS;
            m.slope[k] += d_alpha[k] / DRAWS;
        }
        ck_assert(fabs(sum - 1.0) <= 1e-12);
    }
    return m;
}

static double concentration(int k)
{
    double alpha = (double) wide_alphas[k];
    return alpha > 0 ? alpha + 1 : exp(alpha);
}

/* E x = c/s, E x² = c(c+1)/(s(s+1)): within five standard errors. */
START_TEST(test_moments_of_a_dirichlet)
{
    const uint8_t masks[] = { TD_ALL_PRESENT, some_present };
    for (int i = 0; i < 2; i++) {
        moments m = moments_of(masks[i]);
        double sum = 0.0;
        for (int k = 0; k < TD_NUM_OPS; k++)
            sum += masks[i] >> k & 1 ? concentration(k) : 0.0;
        for (int k = 0; k < TD_NUM_OPS; k++) {
            double c = masks[i] >> k & 1 ? concentration(k) : 0.0;
            double mean = c / sum, square = mean * (c + 1) / (sum + 1);
            double error = sqrt((square - mean * mean) / DRAWS);
            ck_assert(fabs(m.mean[k] - mean) <= 5.0 * error);
            ck_assert(fabs(m.square[k] - square) <= 10.0 * error);
        }
    }
}
END_TEST

/* The gradient of an expectation is the expectation of the implicit gradient. */
START_TEST(test_gradient_of_a_dirichlet_on_average)
{
    const double ds[TD_NUM_OPS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    moments m = moments_of(TD_ALL_PRESENT);
    double expected[TD_NUM_OPS];
    td_relaxation_dirichlet.strength_backward(expected, ds, wide_alphas,
                                              TD_ALL_PRESENT);
    for (int k = 0; k < TD_NUM_OPS; k++)
        ck_assert(fabs(m.slope[k] - expected[k]) <= 0.02);
}
END_TEST

/* Alphas far below 0 give draws with a single operation, and no number that is none. */
START_TEST(test_concentrations_near_0)
{
    const td_real low[TD_NUM_OPS] = { -9, -12, -15, -20, -30, -40, -60, -80 };
    const double dp[TD_NUM_OPS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    td_arch_draw draw = { .seed = 5 };
    td_arch_edge edge = { TD_ALL_PRESENT, 0, 1.0, &draw };
    for (draw.step = 0; draw.step < 100; draw.step++) {
        double x[TD_NUM_OPS], d_alpha[TD_NUM_OPS], sum = 0.0;
        td_relaxation_dirichlet.forward(x, low, &edge);
        td_relaxation_dirichlet.backward(d_alpha, dp, x, low, &edge);
        for (int k = 0; k < TD_NUM_OPS; k++) {
            sum += x[k];
            ck_assert(isfinite(d_alpha[k]));
        }
        ck_assert(fabs(sum - 1.0) <= 1e-12);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("arch_draws");
    TCase *tests = tcase_create("draws");
    tcase_add_test(tests, test_operations_are_drawn_by_softmax);
    tcase_add_loop_test(tests, test_draws_have_keys, TD_RELAXATION_GUMBEL,
                        TD_RELAXATION_GUMBEL + 1);
    tcase_add_loop_test(tests, test_draws_have_keys, TD_RELAXATION_DIRICHLET,
                        TD_RELAXATION_DIRICHLET + 1);
    tcase_add_test(tests, test_gdas_is_gumbel_made_hard);
    tcase_add_test(tests, test_reinmax_is_right_to_second_order);
    tcase_add_test(tests, test_moments_of_a_dirichlet);
    tcase_add_test(tests, test_gradient_of_a_dirichlet_on_average);
    tcase_add_test(tests, test_concentrations_near_0);
    suite_add_tcase(suite, tests);
    return suite;
}
