/* Schedules against formulas written out again; SGD, Adam, norm and clipping against a
 * small implementation in double. */
#include <check.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "taildart/base_random.h"
#include "taildart/optim.h"

static void assert_near(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found - expected) <= tolerance, "%.17g, not %.17g", found,
                  expected);
}

/* ---- schedules ----------------------------------------------------------- */

enum { EPOCHS = 50 };

static td_schedule schedule_of(td_shape shape, double start, double end)
{
    return (td_schedule){ .shape = shape,
                          .start = start,
                          .end = end,
                          .gamma = 0.9,
                          .every = 15,
                          .frozen_from = TD_NEVER };
}

/* The shapes at e = 0, 10, 25, 40 and 50 of 50. */
static const struct {
    td_shape shape;
    double at[5];
} shapes[] = {
    { TD_SHAPE_CONSTANT, { 1, 1, 1, 1, 1 } },
    { TD_SHAPE_LINEAR, { 1, 0.8, 0.5, 0.2, 0 } },
    { TD_SHAPE_RISING_LINEAR, { 0, 0.2, 0.5, 0.8, 1 } },
    { TD_SHAPE_COSINE, { 1, 0.90450849718747373, 0.5, 0.095491502812526283, 0 } },
    { TD_SHAPE_QUARTER_COSINE,
      { 1, 0.95105651629515353, 0.70710678118654752, 0.30901699437494745, 0 } },
    { TD_SHAPE_PARABOLIC, { 1, 0.96, 0.75, 0.36, 0 } },
    { TD_SHAPE_RISING, { 0, 0.04, 0.25, 0.64, 1 } },
    { TD_SHAPE_TENT, { 0, 0.4, 1, 0.4, 0 } },
    { TD_SHAPE_SYMMETRIC, { 0, 0.64, 1, 0.64, 0 } },
};

START_TEST(test_shape_runs_from_start_to_end)
{
    const int epochs[5] = { 0, 10, 25, 40, 50 };
    td_schedule schedule = schedule_of(shapes[_i].shape, 0.7, 0.2);
    for (int k = 0; k < 5; k++)
        assert_near(td_schedule_value(&schedule, epochs[k], EPOCHS, 0.0),
                    0.2 + 0.5 * shapes[_i].at[k], 1e-15);
}
END_TEST

START_TEST(test_defaults_of_the_weights_rate)
{
    td_schedule schedule = schedule_of(TD_SHAPE_COSINE, 0.025, 0.001);
    for (int e = 0; e < EPOCHS; e++) {
        double expected = 0.001 + 0.024 / 2.0 * (1.0 + cos(M_PI * e / 50.0));
        assert_near(td_schedule_value(&schedule, e, EPOCHS, 0.0), expected, 1e-17);
    }
}
END_TEST

START_TEST(test_exponential_and_step_count_epochs)
{
    td_schedule decay = schedule_of(TD_SHAPE_EXPONENTIAL, 2.0, 1.0);
    td_schedule drops = schedule_of(TD_SHAPE_STEP, 2.0, 1.0);
    double power = 2.0;
    for (int e = 0; e < EPOCHS; e++, power *= 0.9)
        assert_near(td_schedule_value(&decay, e, EPOCHS, 0.0), power, 1e-14);
    const double expected[6] = { 2.0, 2.0, 1.8, 1.8, 1.62, 1.458 };
    const int epochs[6] = { 0, 14, 15, 29, 30, 49 };
    for (int k = 0; k < 6; k++)
        assert_near(td_schedule_value(&drops, epochs[k], EPOCHS, 0.0), expected[k],
                    1e-15);
}
END_TEST

START_TEST(test_coupled_follows_the_mixing_ratio)
{
    td_schedule coupled = schedule_of(TD_SHAPE_COUPLED, 3e-4, 1e-4);
    assert_near(td_schedule_value(&coupled, 7, EPOCHS, 0.25), 7.5e-5, 1e-19);
    assert_near(td_schedule_value(&coupled, 7, EPOCHS, 0.0), 0.0, 0.0);
}
END_TEST

/* BBN's two stages: 1 in the first 120 epochs, 0 afterwards. */
START_TEST(test_two_stages)
{
    td_schedule stages = schedule_of(TD_SHAPE_STEP, 1, 0);
    stages.gamma = 0;
    stages.every = 120;
    for (int e = 0; e <= 200; e++)
        ck_assert(td_schedule_value(&stages, e, 200, 1) == (e < 120 ? 1 : 0));
}
END_TEST

/* The mean, and draws with the moments of Beta(0.2, 0.2), most of them at its ends. */
START_TEST(test_beta_is_drawn)
{
    enum { DRAWS = 20000 };
    td_schedule beta = schedule_of(TD_SHAPE_BETA, 0.9, 0.1);
    td_random key = { .seed = 4, .stream = TD_STREAM_MIXING, .pass = 3 };
    double sum = 0.0, squares = 0.0, ends = 0.0;
    ck_assert(fabs(td_schedule_value(&beta, 7, 50, 1) - 0.5) <= 1e-15);
    for (uint32_t i = 0; i < DRAWS; i++) {
        double m = td_schedule_draw(&beta, &key, i), x = (m - 0.1) / 0.8;
        ck_assert(m >= 0.1 && m <= 0.9);
        sum += x / DRAWS;
        squares += (x - 0.5) * (x - 0.5) / DRAWS;
        ends += (x < 0.1 || x > 0.9) / (double) DRAWS;
    }
    ck_assert(fabs(sum - 0.5) <= 4 * sqrt(0.178571 / DRAWS));
    ck_assert(fabs(squares - 0.178571) <= 0.004);
    ck_assert(ends > 0.6);
    ck_assert(td_schedule_draw(&beta, &key, 5) == td_schedule_draw(&beta, &key, 5));
    key.pass++;
    ck_assert(td_schedule_draw(&beta, &key, 5) !=
              td_schedule_draw(&beta, &(td_random){ 4, TD_STREAM_MIXING, 0, 3, 0 }, 5));
}
END_TEST

START_TEST(test_warmup_multiplies_the_first_epochs)
{
    td_schedule schedule = schedule_of(TD_SHAPE_LINEAR, 1.0, 0.5);
    schedule.warmup = 4;
    for (int e = 0; e < 6; e++) {
        double factor = e < 4 ? (e + 1) / 4.0 : 1.0;
        assert_near(td_schedule_value(&schedule, e, 10, 0.0), factor * (1.0 - 0.05 * e),
                    1e-15);
    }
}
END_TEST

START_TEST(test_frozen_outside_its_epochs)
{
    td_schedule schedule = schedule_of(TD_SHAPE_CONSTANT, 1.0, 0.0);
    ck_assert(!td_schedule_is_frozen(&schedule, 0));
    ck_assert(!td_schedule_is_frozen(&schedule, INT_MAX - 1));
    schedule.frozen_until = 3;
    schedule.frozen_from = 5;
    for (int e = 0; e < 8; e++)
        ck_assert_int_eq(td_schedule_is_frozen(&schedule, e), e < 3 || e >= 5);
}
END_TEST

START_TEST(test_scale_with_the_batch)
{
    ck_assert_double_eq(td_lr_scale_factor(TD_SCALE_NONE, 256, 64), 1.0);
    ck_assert_double_eq(td_lr_scale_factor(TD_SCALE_LINEAR, 256, 64), 4.0);
    ck_assert_double_eq(td_lr_scale_factor(TD_SCALE_SQRT, 256, 64), 2.0);
    ck_assert_double_eq(td_lr_scale_factor(TD_SCALE_LINEAR, 48, 96), 0.5);
}
END_TEST

/* ---- norm and clipping ------------------------------------------------------------
 */

static td_real *random_numbers(size_t n, uint32_t pass)
{
    td_random key = { .seed = 11, .stream = TD_STREAM_SYNTHETIC, .pass = pass };
    td_real *x = td_malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (td_real) td_random_normal(&key, (uint32_t) i);
    return x;
}

static const size_t lengths[] = { 0, 1, 2, 255, 256, 257, 511, 16383, 16384, 100003 };
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

START_TEST(test_norm_is_the_root_of_the_squares)
{
    size_t n = lengths[_i];
    td_real *x = random_numbers(n, 0);
    long double sum = 0.0L;
    for (size_t i = 0; i < n; i++)
        sum += (long double) x[i] * x[i];
    double expected = (double) sqrtl(sum);
    assert_near(td_l2_norm(x, n), expected, 1e-13 * expected);
    td_free(x);
}
END_TEST

START_TEST(test_norm_does_not_see_threads)
{
    td_real *x = random_numbers(100003, 1);
    omp_set_num_threads(1);
    double alone = td_l2_norm(x, 100003);
    for (int threads = 2; threads <= 5; threads++) {
        omp_set_num_threads(threads);
        ck_assert(td_l2_norm(x, 100003) == alone);
    }
    td_free(x);
}
END_TEST

START_TEST(test_norm_of_huge_and_bad_numbers)
{
    const td_real huge[2] = { 3e38f, 3e38f };
    const td_real bad[3] = { 1, (td_real) NAN, 2 };
    assert_near(td_l2_norm(huge, 2), sqrt(2.0) * (double) huge[0], 1e25);
    ck_assert(isnan(td_l2_norm(bad, 3)));
}
END_TEST

START_TEST(test_clip_only_above_the_limit)
{
    ck_assert_double_eq(td_clip_factor(0.0, 5.0), 1.0);
    ck_assert_double_eq(td_clip_factor(4.999, 5.0), 1.0);
    assert_near(td_clip_factor(5.0, 5.0), 5.0 / 5.000001, 1e-16);
    assert_near(td_clip_factor(20.0, 5.0), 5.0 / 20.000001, 1e-16);
    ck_assert(isnan(td_clip_factor(NAN, 5.0)));
    ck_assert_double_eq(td_clip_factor(INFINITY, 5.0), 0.0);
}
END_TEST

/* ---- SGD
 * ----------------------------------------------------------------------------- */

START_TEST(test_sgd_follows_the_formula)
{
    size_t n = lengths[_i];
    td_real *w = random_numbers(n, 2), *v = random_numbers(n, 3);
    td_real *g = random_numbers(n, 4), *before = random_numbers(n, 2);
    td_real *v_before = random_numbers(n, 3);
    td_sgd_step(w, v, g, n, 0.5, 0.1, 0.9, 0.01);
    for (size_t i = 0; i < n; i++) {
        double velocity = 0.9 * v_before[i] + 0.5 * g[i] + 0.01 * before[i];
        assert_near(v[i], velocity, 1e-6);
        assert_near(w[i], before[i] - 0.1 * velocity, 1e-6);
    }
    td_free(w), td_free(v), td_free(g), td_free(before), td_free(v_before);
}
END_TEST

START_TEST(test_unroll_is_one_step_that_changes_nothing)
{
    size_t n = lengths[_i];
    td_real *w = random_numbers(n, 5), *v = random_numbers(n, 6);
    td_real *g = random_numbers(n, 7), *out = td_malloc(n * sizeof *out);
    td_real *w_kept = random_numbers(n, 5), *v_kept = random_numbers(n, 6);
    td_sgd_unroll(out, w, v, g, n, 0.05, 0.9, 0.1);
    ck_assert(memcmp(w, w_kept, n * sizeof *w) == 0);
    ck_assert(memcmp(v, v_kept, n * sizeof *v) == 0);
    td_sgd_step(w, v, g, n, 1.0, 0.05, 0.9, 0.1);
    for (size_t i = 0; i < n; i++)
        assert_near(out[i], w[i], 1e-6);
    td_free(w), td_free(v), td_free(g), td_free(out), td_free(w_kept), td_free(v_kept);
}
END_TEST

START_TEST(test_offset_adds_a_multiple)
{
    const td_real d[3] = { 1, -2, 4 };
    td_real w[3] = { 10, 20, 30 }, out[3];
    td_offset(out, w, 0.5, d, 3);
    td_offset(w, w, -0.25, d, 3);
    const td_real apart[3] = { 10.5, 19, 32 }, in_place[3] = { 9.75, 20.5, 29 };
    for (int i = 0; i < 3; i++) {
        assert_near(out[i], apart[i], 0.0);
        assert_near(w[i], in_place[i], 0.0);
    }
}
END_TEST

/* ---- Adam
 * ---------------------------------------------------------------------------- */

/* Ten steps in double, moments and all; gradients of the size of architecture
 * gradients. */
START_TEST(test_adam_follows_the_formula)
{
    enum { N = 40 };
    const double betas[2] = { 0.5, 0.999 };
    td_real *w = random_numbers(N, 8), first[N] = { 0 }, second[N] = { 0 };
    double expected[N], m[N] = { 0 }, v[N] = { 0 };
    for (int i = 0; i < N; i++)
        expected[i] = w[i];
    for (int step = 1; step <= 10; step++) {
        td_real *g = random_numbers(N, (uint32_t) (100 + step));
        for (int i = 0; i < N; i++) {
            g[i] *= (td_real) pow(10.0, -(i % 9));
            double l2 = g[i] + 1e-3 * expected[i];
            m[i] = 0.5 * m[i] + 0.5 * l2;
            v[i] = 0.999 * v[i] + 0.001 * l2 * l2;
            double root = sqrt(v[i] / (1.0 - pow(0.999, step)));
            expected[i] -= 0.01 * (m[i] / (1.0 - pow(0.5, step))) / (root + 1e-8);
        }
        td_adam_step(w, first, second, g, N, step, 0.01, betas, 1e-3);
        td_free(g);
        for (int i = 0; i < N; i++)
            assert_near(w[i], expected[i], 2e-6);
    }
    td_free(w);
}
END_TEST

/* The first step moves by lr whatever the size of the gradient, down to that of eps. */
START_TEST(test_first_adam_step_has_the_size_of_the_rate)
{
    const double betas[2] = { 0.5, 0.999 };
    const td_real g[4] = { 1e-6f, -30, 1e-8f, 0 };
    td_real w[4] = { 0 }, first[4] = { 0 }, second[4] = { 0 };
    td_adam_step(w, first, second, g, 4, 1, 3e-4, betas, 0.0);
    assert_near(w[0], -3e-4 / 1.01, 1e-9);
    assert_near(w[1], 3e-4, 1e-9);
    assert_near(w[2], -1.5e-4, 1e-9);
    assert_near(w[3], 0.0, 0.0);
}
END_TEST

START_TEST(test_steps_do_not_see_threads)
{
    enum { N = 50001 };
    td_real *w[2], *v[2], *g = random_numbers(N, 9);
    for (int k = 0; k < 2; k++) {
        w[k] = random_numbers(N, 10);
        v[k] = random_numbers(N, 11);
        omp_set_num_threads(1 + 2 * k);
        td_sgd_step(w[k], v[k], g, N, 0.3, 0.1, 0.9, 3e-4);
        td_sgd_unroll(v[k], w[k], v[k], g, N, 0.1, 0.9, 3e-4);
    }
    ck_assert(memcmp(w[0], w[1], N * sizeof *g) == 0);
    ck_assert(memcmp(v[0], v[1], N * sizeof *g) == 0);
    for (int k = 0; k < 2; k++)
        td_free(w[k]), td_free(v[k]);
    td_free(g);
}
END_TEST

/* ---- suite
 * ----------------------------------------------------------------------------- */

static TCase *schedule_cases(void)
{
    TCase *cases = tcase_create("schedules");
    tcase_add_loop_test(cases, test_shape_runs_from_start_to_end, 0,
                        sizeof shapes / sizeof shapes[0]);
    tcase_add_test(cases, test_defaults_of_the_weights_rate);
    tcase_add_test(cases, test_exponential_and_step_count_epochs);
    tcase_add_test(cases, test_coupled_follows_the_mixing_ratio);
    tcase_add_test(cases, test_two_stages);
    tcase_add_test(cases, test_beta_is_drawn);
    tcase_add_test(cases, test_warmup_multiplies_the_first_epochs);
    tcase_add_test(cases, test_frozen_outside_its_epochs);
    tcase_add_test(cases, test_scale_with_the_batch);
    return cases;
}

static TCase *step_cases(void)
{
    TCase *cases = tcase_create("steps");
    tcase_add_loop_test(cases, test_norm_is_the_root_of_the_squares, 0, LENGTHS);
    tcase_add_test(cases, test_norm_does_not_see_threads);
    tcase_add_test(cases, test_norm_of_huge_and_bad_numbers);
    tcase_add_test(cases, test_clip_only_above_the_limit);
    tcase_add_loop_test(cases, test_sgd_follows_the_formula, 0, LENGTHS);
    tcase_add_loop_test(cases, test_unroll_is_one_step_that_changes_nothing, 0,
                        LENGTHS);
    tcase_add_test(cases, test_offset_adds_a_multiple);
    tcase_add_test(cases, test_adam_follows_the_formula);
    tcase_add_test(cases, test_first_adam_step_has_the_size_of_the_rate);
    tcase_add_test(cases, test_steps_do_not_see_threads);
    return cases;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("optim");
    suite_add_tcase(suite, schedule_cases());
    suite_add_tcase(suite, step_cases());
    return suite;
}
