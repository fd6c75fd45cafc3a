/* Class weights and the weighted cross-entropy, against closed values. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "cross_entropy.h"
#include "suite.h"
#include "taildart/objective.h"
#include "taildart/objective_after.h"

static void assert_near(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found - expected) <= tolerance, "%.17g, not %.17g", found,
                  expected);
}

/* ---- class weights ------------------------------------------------------- */

/* CIFAR-10 at imbalance 100, weights to the printed digits. */
static const int64_t tail[10] = { 5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50 };

START_TEST(test_effective_weights_are_the_published_ones)
{
    const double expected[10] = { 0.0506, 0.0769, 0.1211, 0.1950, 0.3188,
                                  0.5246, 0.8683, 1.4426, 2.4092, 3.9927 };
    double weights[10];
    td_class_weights(TD_WEIGHTING_EFFECTIVE, tail, 10, weights);
    for (int c = 0; c < 10; c++)
        assert_near(weights[c], expected[c], 5.1e-5);
}
END_TEST

START_TEST(test_inverse_weights_go_by_the_counts)
{
    double inverse[10], root[10];
    td_class_weights(TD_WEIGHTING_INVERSE, tail, 10, inverse);
    td_class_weights(TD_WEIGHTING_INVERSE_SQRT, tail, 10, root);
    for (int c = 1; c < 10; c++) {
        double ratio = (double) tail[0] / (double) tail[c];
        assert_near(inverse[c] / inverse[0], ratio, 1e-12 * ratio);
        assert_near(root[c] / root[0], sqrt(ratio), 1e-12 * ratio);
    }
}
END_TEST

START_TEST(test_mean_is_one_over_present_classes)
{
    const int64_t counts[5] = { 400, 0, 20, 1, 0 };
    for (int kind = TD_WEIGHTING_NONE; kind <= TD_WEIGHTING_EFFECTIVE; kind++) {
        double weights[5];
        td_class_weights((td_weighting) kind, counts, 5, weights);
        assert_near(weights[0] + weights[2] + weights[3], 3.0, 1e-14);
        ck_assert_double_eq(weights[1], 0.0);
        ck_assert_double_eq(weights[4], 0.0);
    }
}
END_TEST

START_TEST(test_no_image_at_all_weighs_nothing)
{
    const int64_t counts[2] = { 0, 0 };
    double weights[2] = { 7.0, 7.0 };
    td_class_weights(TD_WEIGHTING_INVERSE, counts, 2, weights);
    ck_assert_double_eq(weights[0], 0.0);
    ck_assert_double_eq(weights[1], 0.0);
}
END_TEST

/* ---- cross-entropy ------------------------------------------------------- */

START_TEST(test_uniform_logits_cost_log_of_classes)
{
    const td_real logits[8] = { 3, 3, 3, 3, -1, -1, -1, -1 };
    const int32_t labels[2] = { 2, 0 };
    td_real d[8] = { 0 };
    td_loss_sums sums = { 0 };
    cross_entropy(&sums, d, logits, labels, NULL, 1.0, 2, 4);
    assert_near(sums.loss, 2.0 * log(4.0), 1e-14);
    ck_assert_double_eq(sums.divisor, 2.0);
    ck_assert_double_eq(sums.count, 2.0);
    ck_assert_double_eq(sums.correct, 1.0); /* a tie goes to class 0 */
    for (int c = 0; c < 4; c++) {
        assert_near(d[c], c == 2 ? -0.75 : 0.25, 1e-7);
        assert_near(d[4 + c], c == 0 ? -0.75 : 0.25, 1e-7);
    }
}
END_TEST

START_TEST(test_weights_and_scale)
{
    const td_real logits[4] = { 0, 0, 0, 0 };
    const int32_t labels[2] = { 0, 1 };
    const double weights[2] = { 0.25, 1.75 };
    td_real d[4] = { 1, 1, 1, 1 }; /* gradients are added */
    td_loss_sums sums = { .loss = 10.0, .divisor = 20.0, .correct = 30, .count = 40 };
    cross_entropy(&sums, d, logits, labels, weights, 0.5, 2, 2);
    assert_near(sums.loss, 10.0 + 2.0 * log(2.0), 1e-14); /* not scaled */
    assert_near(sums.divisor, 22.0, 1e-14);
    ck_assert_double_eq(sums.correct, 31.0);
    ck_assert_double_eq(sums.count, 42.0);
    assert_near(d[0], 1.0 - 0.5 * 0.25 * 0.5, 1e-7);
    assert_near(d[1], 1.0 + 0.5 * 0.25 * 0.5, 1e-7);
    assert_near(d[2], 1.0 + 0.5 * 1.75 * 0.5, 1e-7);
    assert_near(d[3], 1.0 - 0.5 * 1.75 * 0.5, 1e-7);
}
END_TEST

START_TEST(test_extreme_logits_stay_finite)
{
    const td_real logits[6] = { 3e38f, -3e38f, 0, -1e4f, 1e4f, 0 };
    const int32_t labels[2] = { 1, 1 };
    td_real d[6] = { 0 };
    td_loss_sums sums = { 0 };
    cross_entropy(&sums, d, logits, labels, NULL, 1.0, 2, 3);
    double expected = (double) logits[0] - (double) logits[1];
    assert_near(sums.loss, expected, 1e-15 * expected);
    ck_assert_double_eq(sums.correct, 1.0);
    const td_real gradient[6] = { 1, -1, 0, 0, 0, 0 };
    for (int i = 0; i < 6; i++)
        assert_near(d[i], gradient[i], 0.0);
}
END_TEST

START_TEST(test_small_loss_keeps_its_digits)
{
    const td_real logits[2] = { 30, 0 };
    const int32_t label = 0;
    td_loss_sums sums = { 0 };
    cross_entropy(&sums, NULL, logits, &label, NULL, 1.0, 1, 2);
    assert_near(sums.loss, log1p(exp(-30.0)), 1e-16);
}
END_TEST

START_TEST(test_bad_logits_make_the_loss_bad)
{
    const td_real bad[3] = { (td_real) NAN, (td_real) INFINITY, (td_real) -INFINITY };
    for (int i = 0; i < 2; i++) {
        const td_real logits[3] = { 0, bad[i], 1 };
        const int32_t label = 0;
        td_loss_sums sums = { 0 };
        cross_entropy(&sums, NULL, logits, &label, NULL, 1.0, 1, 3);
        ck_assert(!isfinite(sums.loss));
        ck_assert_double_eq(sums.correct, 0.0);
    }
}
END_TEST

START_TEST(test_empty_batch_adds_nothing)
{
    td_loss_sums sums = { 0 };
    cross_entropy(&sums, NULL, NULL, NULL, NULL, 1.0, 0, 10);
    ck_assert_double_eq(sums.loss + sums.divisor + sums.correct + sums.count, 0.0);
}
END_TEST

/* Shares 1 and 0 are the label alone and the other alone, to the bit. */
START_TEST(test_mixed_images_lie_between_their_labels)
{
    const td_real logits[3] = { 0.5f, -1, 2 };
    const double weights[3] = { 0.5, 1, 3 };
    const int64_t counts[3] = { 70, 4, 9 };
    const int32_t label = 0, other = 2;
    for (int kind = 0; kind < TD_LOSS_COUNT; kind++) {
        td_loss *loss = td_loss_new(&(td_loss_spec){ .kind = (td_loss_kind) kind,
                                                     .classes = 3,
                                                     .gamma = 1.5,
                                                     .tau = 0.7,
                                                     .head = 0.3,
                                                     .weights = weights,
                                                     .counts = counts });
        td_loss_sums alone[2] = { { 0 } }, mixed[3] = { { 0 } };
        const double shares[3] = { 1.0, 0.25, 0.0 };
        td_loss_add(loss, &alone[0], NULL, logits, (td_targets){ &label, NULL, NULL },
                    1.0, 1);
        td_loss_add(loss, &alone[1], NULL, logits, (td_targets){ &other, NULL, NULL },
                    1.0, 1);
        for (int i = 0; i < 3; i++)
            td_loss_add(loss, &mixed[i], NULL, logits,
                        (td_targets){ &label, &other, &shares[i] }, 1.0, 1);
        ck_assert_double_eq(mixed[0].loss, alone[0].loss);
        ck_assert_double_eq(mixed[2].loss, alone[1].loss);
        assert_near(mixed[1].loss, 0.25 * alone[0].loss + 0.75 * alone[1].loss, 1e-14);
        assert_near(mixed[1].divisor, 0.25 * 0.5 + 0.75 * 3, 1e-15);
        ck_assert_double_eq(mixed[1].correct + alone[0].correct, 0.0);
        ck_assert_double_eq(alone[1].correct, 1.0);
        td_loss_free(loss);
    }
}
END_TEST

/* (1 − p)^2·(−log p) at p = 1/4, and no weight at all where p is 1. */
START_TEST(test_focal)
{
    const td_real even[4] = { 0, 0, 0, 0 }, sure[4] = { 1e4f, 0, 0, 0 };
    const int32_t label = 0;
    td_targets targets = { &label, NULL, NULL };
    td_loss_sums sums = { 0 }, sure_sums = { 0 };
    td_real d[4] = { 0 };
    td_loss *loss = td_loss_new(
        &(td_loss_spec){ .kind = TD_LOSS_FOCAL, .classes = 4, .gamma = 2.0 });
    td_loss_add(loss, &sums, NULL, even, targets, 1.0, 1);
    assert_near(sums.loss, 0.5625 * log(4.0), 1e-15);
    ck_assert(!td_loss_is_weighted(loss));
    td_loss_free(loss);
    loss = td_loss_new(
        &(td_loss_spec){ .kind = TD_LOSS_FOCAL, .classes = 4, .gamma = 0.5 });
    td_loss_add(loss, &sure_sums, d, sure, targets, 1.0, 1);
    ck_assert_double_eq(sure_sums.loss, 0.0);
    for (int c = 0; c < 4; c++)
        ck_assert(d[c] == 0);
    td_loss_free(loss);
}
END_TEST

/* The value and the first two slopes of a loss at label 1. */
static void assert_loss(td_loss_spec spec, const td_real *logits, double value,
                        double first, double second)
{
    const int32_t label = 1;
    td_real d[2] = { 0 };
    td_loss_sums sums = { 0 };
    td_loss *loss = td_loss_new(&spec);
    td_loss_add(loss, &sums, d, logits, (td_targets){ .labels = &label }, 1.0, 1);
    td_loss_free(loss);
    assert_near(sums.loss, value, 1e-7);
    assert_near(d[0], first, 1e-7);
    assert_near(d[1], second, 1e-7);
}

/* Two classes of 8 and 2 images.  Balanced softmax: even logits answer 4 to 1.  CDT
 * with gamma ½ halves the second logit, and its slope. */
START_TEST(test_vector_scaling)
{
    const int64_t counts[2] = { 8, 2 };
    const td_real even[2] = { 0, 0 }, far[2] = { 0, (td_real) (2.0 * log(3.0)) };
    td_loss_spec spec = { .classes = 2, .counts = counts };
    spec.kind = TD_LOSS_BALANCED_SOFTMAX;
    assert_loss(spec, even, log(5.0), 0.8, -0.8);
    spec.kind = TD_LOSS_LOGIT_ADJUSTMENT;
    spec.tau = 0.5;
    assert_loss(spec, even, log(3.0), 2.0 / 3, -2.0 / 3);
    spec.kind = TD_LOSS_CDT;
    spec.gamma = 0.5;
    assert_loss(spec, far, log(4.0 / 3), 0.25, -0.125);
    spec.kind = TD_LOSS_VS;
    assert_loss(spec, far, log(5.0 / 3), 0.4, -0.2);
    spec.gamma = spec.tau = 0.0;
    assert_loss(spec, even, log(2.0), 0.5, -0.5);
    spec.kind = TD_LOSS_LDAM; /* the smallest class has to win by 4·½·log 3 */
    spec.scale = 4.0 * log(3.0);
    spec.margin = 0.5;
    assert_loss(spec, even, log(10.0), 0.9, -0.9);
    assert_loss(spec, far, log(2.0), 0.5, -0.5);
}
END_TEST

/* Three classes: the largest is smoothed by head, the smallest by tail, one in the
 * middle of their counts by sin 45° between. */
START_TEST(test_label_aware_smoothing)
{
    const int64_t counts[3] = { 5, 1, 9 };
    const double smoothing[3] = { 0.1 + 0.3 * sqrt(0.5), 0.1, 0.4 };
    const td_real even[3] = { 0, 0, 0 };
    td_loss *loss = td_loss_new(&(td_loss_spec){ .kind = TD_LOSS_LABEL_AWARE,
                                                 .classes = 3,
                                                 .head = 0.4,
                                                 .tail = 0.1,
                                                 .counts = counts });
    for (int32_t label = 0; label < 3; label++) {
        td_real d[3] = { 0 };
        td_loss_sums sums = { 0 };
        td_loss_add(loss, &sums, d, even, (td_targets){ .labels = &label }, 1.0, 1);
        assert_near(sums.loss, log(3.0), 1e-14);
        assert_near(d[label], -2.0 / 3 * (1.0 - smoothing[label]), 1e-7);
        assert_near(d[(label + 1) % 3], (1.0 - smoothing[label]) / 3, 1e-7);
    }
    td_loss_free(loss);
}
END_TEST

/* Far logits: the largest float beside the smallest. */
START_TEST(test_every_loss_stays_finite)
{
    const int64_t counts[3] = { 100000, 30, 1 };
    const td_real logits[3][3] = { { 3e38f, -3e38f, 0 },
                                   { 40, 0, 0 },
                                   { -1e4f, 0, 0 } };
    for (int kind = 0; kind < TD_LOSS_COUNT; kind++) {
        td_loss *loss = td_loss_new(&(td_loss_spec){ .kind = (td_loss_kind) kind,
                                                     .classes = 3,
                                                     .gamma = 0.5,
                                                     .tau = 1.2,
                                                     .head = 0.3,
                                                     .counts = counts });
        for (int i = 0; i < 9; i++) {
            const int32_t label = i % 3;
            td_real d[3] = { 0 };
            td_loss_sums sums = { 0 };
            td_loss_add(loss, &sums, d, logits[i / 3], (td_targets){ .labels = &label },
                        1.0, 1);
            ck_assert(isfinite(sums.loss));
            for (int c = 0; c < 3; c++)
                ck_assert(isfinite(d[c]) && fabs((double) d[c]) <= 2.0);
        }
        td_loss_free(loss);
    }
}
END_TEST

START_TEST(test_weights_begin_late)
{
    ck_assert_int_eq(td_weighting_of_epoch(TD_WEIGHTING_INVERSE, 3, 2),
                     TD_WEIGHTING_NONE);
    ck_assert_int_eq(td_weighting_of_epoch(TD_WEIGHTING_INVERSE, 3, 3),
                     TD_WEIGHTING_INVERSE);
    ck_assert_int_eq(td_weighting_of_epoch(TD_WEIGHTING_EFFECTIVE, 0, 0),
                     TD_WEIGHTING_EFFECTIVE);
}
END_TEST

/* ---- after the training -------------------------------------------------- */

START_TEST(test_adjusted_logits)
{
    const int64_t counts[2] = { 9, 1 };
    td_real logits[4] = { 1, 0, 0, 0 };
    td_adjust_logits(logits, counts, 2, 2.0, 2);
    const double less[2] = { 2.0 * log(0.9), 2.0 * log(0.1) };
    assert_near(logits[0], 1.0 - less[0], 1e-6);
    assert_near(logits[1], -less[1], 1e-6);
    assert_near(logits[2], -less[0], 1e-6);
    ck_assert_int_eq(td_argmax(logits, 2), 1);
}
END_TEST

START_TEST(test_rows_of_more_equal_norms)
{
    td_real rows[6] = { 3, 4, 0, 0, (td_real) 0.06, (td_real) -0.08 };
    td_tau_normalise(rows, 3, 2, 0.5);
    assert_near(rows[0], 3.0 / sqrt(5.0), 1e-6);
    ck_assert(rows[2] == 0 && rows[3] == 0);
    td_tau_normalise(rows, 3, 2, 1.0);
    assert_near(rows[1], 0.8, 1e-6);
    assert_near(rows[5], -0.8, 1e-6);
}
END_TEST

START_TEST(test_argmax)
{
    const td_real tied[4] = { -2, 5, 5, 1 };
    const td_real first_is_nan[2] = { (td_real) NAN, 1 };
    const td_real last_is_nan[2] = { 1, (td_real) NAN };
    ck_assert_int_eq(td_argmax(tied, 4), 1);
    ck_assert_int_eq(td_argmax(first_is_nan, 2), -1);
    ck_assert_int_eq(td_argmax(last_is_nan, 2), -1);
}
END_TEST

/* The sums of images first … end−1, one by one, the last one first. */
static td_loss_sums sums_backwards(const td_loss *loss, const td_real *logits,
                                   const int32_t *labels, int first, int end)
{
    td_loss_sums sums = { 0 };
    for (int i = end - 1; i >= first; i--) {
        td_loss_sums one = { 0 };
        td_loss_add(loss, &one, NULL, logits + (size_t) i * 3,
                    (td_targets){ .labels = labels + i }, 1.0, 1);
        sums.loss += one.loss;
        sums.divisor += one.divisor;
    }
    return sums;
}

/* Whoever adds what, and in whatever order. */
START_TEST(test_order_free_sums_of_losses)
{
    enum { IMAGES = 60, FIRST = 23 };
    const double weights[3] = { 0.1, 1.7, 1.2 };
    td_real logits[IMAGES * 3];
    int32_t labels[IMAGES];
    for (int i = 0; i < IMAGES * 3; i++)
        logits[i] = (td_real) (4.0 * sin(1.7 * i));
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i * i % 3;
    td_loss *loss =
        td_loss_new(&(td_loss_spec){ .classes = 3, .weights = weights, .exact = true });
    td_loss_sums whole = { 0 };
    td_loss_add(loss, &whole, NULL, logits, (td_targets){ .labels = labels }, 1.0,
                IMAGES);
    td_loss_sums a = sums_backwards(loss, logits, labels, 0, FIRST);
    td_loss_sums b = sums_backwards(loss, logits, labels, FIRST, IMAGES);
    ck_assert(b.loss + a.loss == whole.loss);
    ck_assert(b.divisor + a.divisor == whole.divisor);
    ck_assert(whole.divisor ==
              td_loss_divisor(loss, (td_targets){ .labels = labels }, IMAGES));
    ck_assert(ldexp(whole.loss, 36) == rint(ldexp(whole.loss, 36)));
    td_loss_free(loss);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("objective");
    TCase *weights = tcase_create("class weights");
    tcase_add_test(weights, test_effective_weights_are_the_published_ones);
    tcase_add_test(weights, test_inverse_weights_go_by_the_counts);
    tcase_add_test(weights, test_mean_is_one_over_present_classes);
    tcase_add_test(weights, test_no_image_at_all_weighs_nothing);
    tcase_add_test(weights, test_weights_begin_late);
    suite_add_tcase(suite, weights);
    TCase *after = tcase_create("after the training");
    tcase_add_test(after, test_adjusted_logits);
    tcase_add_test(after, test_rows_of_more_equal_norms);
    suite_add_tcase(suite, after);
    TCase *losses = tcase_create("cross-entropy");
    tcase_add_test(losses, test_uniform_logits_cost_log_of_classes);
    tcase_add_test(losses, test_weights_and_scale);
    tcase_add_test(losses, test_extreme_logits_stay_finite);
    tcase_add_test(losses, test_small_loss_keeps_its_digits);
    tcase_add_test(losses, test_bad_logits_make_the_loss_bad);
    tcase_add_test(losses, test_empty_batch_adds_nothing);
    tcase_add_test(losses, test_mixed_images_lie_between_their_labels);
    tcase_add_test(losses, test_focal);
    tcase_add_test(losses, test_vector_scaling);
    tcase_add_test(losses, test_label_aware_smoothing);
    tcase_add_test(losses, test_every_loss_stays_finite);
    tcase_add_test(losses, test_argmax);
    tcase_add_test(losses, test_order_free_sums_of_losses);
    suite_add_tcase(suite, losses);
    return suite;
}
