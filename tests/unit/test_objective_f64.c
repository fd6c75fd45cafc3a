/* The gradient of the weighted cross-entropy against central differences of its value.
 *
 * With f three times differentiable and eps the rounding of a loss near L, the error of
 * (f(x+h)-f(x-h))/2h is about h²·|f'''|/6 + eps·L/h; |f'''| is below 1 for a softmax of
 * weight 1.  h = 1e-5 leaves 2e-11 + 1e-16·10/1e-5 = 1e-10 for weights up to 4. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "suite.h"
#include "taildart/base_random.h"
#include "taildart/objective.h"

enum { IMAGES = 7, CLASSES = 5 };

static const double STEP = 1e-5, TOLERANCE = 1e-9;
static const double class_weights[CLASSES] = { 0.1, 0.4, 0.5, 0.0, 4.0 };

static double loss_of(const td_real *logits, const int32_t *labels,
                      const double *weights)
{
    td_loss_sums sums = { 0 };
    td_cross_entropy(&sums, NULL, logits, labels, weights, 1.0, IMAGES, CLASSES);
    return sums.loss;
}

/* Logits of spread 2 and every class as a label. */
static void draw(td_real *logits, int32_t *labels, uint64_t seed)
{
    td_random key = { .seed = seed, .stream = TD_STREAM_SYNTHETIC };
    for (int i = 0; i < IMAGES * CLASSES; i++)
        logits[i] = 2.0 * td_random_normal(&key, (uint32_t) i);
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i % CLASSES;
}

static void check_gradient(const double *weights, double scale, uint64_t seed)
{
    td_real logits[IMAGES * CLASSES], d[IMAGES * CLASSES] = { 0 };
    int32_t labels[IMAGES];
    td_loss_sums sums = { 0 };
    draw(logits, labels, seed);
    td_cross_entropy(&sums, d, logits, labels, weights, scale, IMAGES, CLASSES);
    for (int i = 0; i < IMAGES * CLASSES; i++) {
        td_real kept = logits[i];
        logits[i] = kept + STEP;
        double above = loss_of(logits, labels, weights);
        logits[i] = kept - STEP;
        double below = loss_of(logits, labels, weights);
        logits[i] = kept;
        double expected = scale * (above - below) / (2.0 * STEP);
        ck_assert_msg(fabs(d[i] - expected) <= TOLERANCE, "logit %d: %.12g, not %.12g",
                      i, d[i], expected);
    }
}

START_TEST(test_gradient_is_the_slope)
{
    check_gradient(NULL, 1.0, (uint64_t) _i);
}
END_TEST

START_TEST(test_weighted_gradient_is_the_slope)
{
    check_gradient(class_weights, 0.3, (uint64_t) _i);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("objective, finite differences");
    TCase *cases = tcase_create("gradient");
    tcase_add_loop_test(cases, test_gradient_is_the_slope, 1, 4);
    tcase_add_loop_test(cases, test_weighted_gradient_is_the_slope, 1, 4);
    suite_add_tcase(suite, cases);
    return suite;
}
