/* Measures of a classifier: worked out by hand, and against a count in plain loops. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "suite.h"
#include "taildart/objective.h"
#include "taildart/objective_measures.h"

static void assert_near(double found, double expected, double tolerance)
{
    ck_assert_msg(fabs(found - expected) <= tolerance, "%.17g, not %.17g", found,
                  expected);
}

/* ---- accuracies ---------------------------------------------------------------- */

enum { N = 5, CLASSES = 4 };

/* Class 0: two of two right; class 1: none of one; class 2: one of two; class 3:
 * empty. */
static const td_real example[N][CLASSES] = {
    { 9, 0, 0, 0 }, { 9, 1, 0, 0 }, { 5, 1, 0, 0 }, { 0, 0, 7, 1 }, { 0, 3, 1, 0 }
};
static const int32_t example_labels[N] = { 0, 0, 1, 2, 2 };

START_TEST(test_accuracies_by_hand)
{
    td_measures *m = td_measures_new(CLASSES, false);
    td_measures_add(m, example[0], example_labels, N);
    ck_assert_ptr_null(m->confusion);
    assert_near(td_measures_top1(m), 3.0 / 5.0, 1e-15);
    assert_near(td_measures_balanced(m), (1.0 + 0.0 + 0.5) / 3.0, 1e-15);
    assert_near(td_measures_class(m, 2), 0.5, 0.0);
    ck_assert(isnan(td_measures_class(m, 3)));
    td_measures_clear(m);
    ck_assert(isnan(td_measures_top1(m)) && isnan(td_measures_balanced(m)));
    ck_assert(isnan(td_measures_calibration(m)));
    td_measures_free(m);
}
END_TEST

START_TEST(test_groups_go_by_training_counts)
{
    const int64_t counts[] = { 500, 101, 100, 19 };
    td_group groups[CLASSES];
    td_measures *m = td_measures_new(CLASSES, false);
    td_measures_add(m, example[0], example_labels, N);
    td_groups_by_count(counts, CLASSES, groups);
    assert_near(td_measures_group(m, groups, TD_GROUP_MANY), 0.5, 0.0);
    assert_near(td_measures_group(m, groups, TD_GROUP_MEDIUM), 0.5, 0.0);
    ck_assert(isnan(td_measures_group(m, groups, TD_GROUP_FEW)));
    td_measures_free(m);
}
END_TEST

START_TEST(test_bounds_of_the_counts)
{
    const int64_t counts[] = { 0, 19, 20, 100, 101 };
    const td_group expected[] = { TD_GROUP_FEW, TD_GROUP_FEW, TD_GROUP_MEDIUM,
                                  TD_GROUP_MEDIUM, TD_GROUP_MANY };
    td_group groups[5];
    td_groups_by_count(counts, 5, groups);
    for (int c = 0; c < 5; c++)
        ck_assert_int_eq(groups[c], expected[c]);
}
END_TEST

/* Classes, first of medium, first of few. */
static const int ranges[][3] = { { 1, 0, 1 }, { 2, 1, 1 },     { 3, 1, 2 },
                                 { 4, 1, 3 }, { 10, 3, 7 },    { 99, 33, 66 },
                                 { 8, 3, 5 }, { 101, 34, 67 }, { 100, 36, 71 } };

START_TEST(test_ranges_are_thirds)
{
    td_group groups[101];
    int64_t counts[101] = { 0 };
    const int *r = ranges[_i];
    for (int c = 0; c < r[0]; c++)
        counts[c] = 1000 - c;
    td_groups_by_range(counts, r[0], groups);
    for (int c = 0; c < r[0]; c++)
        ck_assert_int_eq(groups[c], c < r[1]   ? TD_GROUP_MANY
                                    : c < r[2] ? TD_GROUP_MEDIUM
                                               : TD_GROUP_FEW);
}
END_TEST

/* An alphabetical folder whose rarest class comes first, and ties. */
START_TEST(test_ranges_follow_counts)
{
    const int64_t counts[] = { 2, 50, 7, 50, 50, 900 };
    const td_group expected[] = { TD_GROUP_FEW,    TD_GROUP_MANY,   TD_GROUP_FEW,
                                  TD_GROUP_MEDIUM, TD_GROUP_MEDIUM, TD_GROUP_MANY };
    td_group groups[6];
    td_groups_by_range(counts, 6, groups);
    for (int c = 0; c < 6; c++)
        ck_assert_int_eq(groups[c], expected[c]);
}
END_TEST

START_TEST(test_confusion_by_hand)
{
    const int64_t expected[CLASSES * CLASSES] = { 2, 0, 0, 0, 1, 0, 0, 0,
                                                  0, 1, 1, 0, 0, 0, 0, 0 };
    td_measures *m = td_measures_new(CLASSES, true);
    td_measures_add(m, example[0], example_labels, N);
    for (int i = 0; i < CLASSES * CLASSES; i++)
        ck_assert_int_eq(m->confusion[i], expected[i]);
    td_measures_free(m);
}
END_TEST

/* Class 0: 2 right of 2 images and 3 answers; 1: none; 2: 1 of 2 and 1; 3: no image. */
START_TEST(test_macro_f1_by_hand)
{
    td_measures *m = td_measures_new(CLASSES, false);
    ck_assert(isnan(td_measures_macro_f1(m)));
    td_measures_add(m, example[0], example_labels, N);
    assert_near(td_measures_macro_f1(m), (4.0 / 5.0 + 0.0 + 2.0 / 3.0) / 3.0, 1e-15);
    td_measures_free(m);
}
END_TEST

/* Of equal logits the lower class comes first; what is no number has no place. */
START_TEST(test_in_top_by_hand)
{
    const td_real logits[5][3] = {
        { 3, 2, 1 }, { 2, 2, 1 }, { 1, 2, 2 }, { 1, 2, 2 }, { (td_real) NAN, 9, 1 }
    };
    const int32_t labels[5] = { 0, 1, 2, 0, 1 };
    const double expected[4] = { 0, 1.0 / 5.0, 3.0 / 5.0, 4.0 / 5.0 };
    for (int top = 1; top <= 3; top++) {
        td_measures *m = td_measures_new(3, false);
        m->top = top;
        td_measures_add(m, logits[0], labels, 5);
        assert_near(td_measures_in_top(m), expected[top], 1e-15);
        td_measures_free(m);
    }
}
END_TEST

/* ---- calibration --------------------------------------------------------------- */

/* Confidence 3/4 three times, twice right, and 1/2 once, wrong: both bins are off. */
START_TEST(test_calibration_by_hand)
{
    const td_real up = (td_real) log(3.0);
    const td_real logits[4][2] = { { up, 0 }, { 0, up }, { up, 0 }, { 0, 0 } };
    const int32_t labels[4] = { 0, 1, 1, 1 };
    td_measures *m = td_measures_new(2, false);
    td_measures_add(m, logits[0], labels, 4);
    ck_assert_int_eq(m->bin_count[11], 3); /* (11/15, 12/15] */
    ck_assert_int_eq(m->bin_count[7], 1);  /* (7/15, 8/15]   */
    assert_near(td_measures_calibration(m),
                (3.0 * fabs(2.0 / 3.0 - 0.75) + 1.0 * 0.5) / 4.0, 1e-7);
    td_measures_free(m);
}
END_TEST

START_TEST(test_a_bin_holds_its_upper_end)
{
    const td_real even[3] = { 4, 4, 4 };
    const td_real sure[3] = { 0, 1000, 0 };
    const int32_t label = 1;
    td_measures *m = td_measures_new(3, false);
    td_measures_add(m, even, &label, 1);
    td_measures_add(m, sure, &label, 1);
    ck_assert_int_eq(m->bin_count[4], 1); /* 1/3 = 5/15 */
    ck_assert_int_eq(m->bin_count[14], 1);
    assert_near(td_measures_calibration(m), (1.0 / 3.0) / 2.0, 1e-9);
    td_measures_free(m);
}
END_TEST

START_TEST(test_bad_logits_are_never_right)
{
    const td_real bad[2][2] = { { 0, (td_real) NAN }, { (td_real) INFINITY, 0 } };
    const int32_t label = 0;
    td_measures *m = td_measures_new(2, true);
    td_measures_add(m, bad[0], &label, 1);
    ck_assert(isnan(td_confidence(bad[0], 2)) && isnan(td_confidence(bad[1], 2)));
    ck_assert(isnan(td_measures_calibration(m)));
    ck_assert_int_eq(m->count[0], 1);
    assert_near(td_measures_top1(m), 0.0, 0.0);
    ck_assert_int_eq(m->confusion[0] + m->confusion[1], 0);
    td_measures_free(m);
}
END_TEST

/* ---- against plain loops ------------------------------------------------------- */

enum { MANY = 500, KINDS = 7 };

static td_real logits[MANY][KINDS];
static int32_t labels[MANY];

static void fill(void)
{
    uint32_t state = 12345;
    for (int i = 0; i < MANY; i++) {
        for (int c = 0; c < KINDS; c++) {
            state = state * 1664525u + 1013904223u;
            logits[i][c] = (td_real) (state >> 8) / (td_real) (1 << 22) - 2;
        }
        labels[i] = (int32_t) ((state >> 4) % KINDS);
        logits[i][labels[i]] += 1;
    }
}

static double plain_calibration(void)
{
    double error = 0.0;
    for (int b = 0; b < 15; b++) {
        double right = 0.0, sure = 0.0;
        for (int i = 0; i < MANY; i++) {
            double sum = 0.0;
            int best = td_argmax(logits[i], KINDS);
            for (int c = 0; c < KINDS; c++)
                sum += exp((double) logits[i][c]);
            double p = exp((double) logits[i][best]) / sum;
            if (p > b / 15.0 && p <= (b + 1) / 15.0) {
                right += best == labels[i];
                sure += p;
            }
        }
        error += fabs(right - sure) / MANY;
    }
    return error;
}

START_TEST(test_many_images_against_plain_loops)
{
    td_measures *m = td_measures_new(KINDS, true);
    fill();
    td_measures_add(m, logits[0], labels, MANY);
    double balanced = 0.0;
    int right = 0;
    for (int a = 0; a < KINDS; a++) {
        int row = 0, hit = 0;
        for (int b = 0; b < KINDS; b++) {
            int cell = 0;
            for (int i = 0; i < MANY; i++)
                cell += labels[i] == a && td_argmax(logits[i], KINDS) == b;
            ck_assert_int_eq(m->confusion[a * KINDS + b], cell);
            row += cell;
            hit += a == b ? cell : 0;
        }
        balanced += (double) hit / row / KINDS;
        right += hit;
    }
    assert_near(td_measures_top1(m), (double) right / MANY, 1e-15);
    assert_near(td_measures_balanced(m), balanced, 1e-14);
    assert_near(td_measures_calibration(m), plain_calibration(), 1e-9);
    td_measures_free(m);
}
END_TEST

/* Shares of pretended ranks, backwards: the same sums to the bit. */
START_TEST(test_no_order_and_no_share_shows)
{
    td_measures *whole = td_measures_new(KINDS, true);
    td_measures *sum = td_measures_new(KINDS, true);
    fill();
    td_measures_add(whole, logits[0], labels, MANY);
    for (int rank = 2; rank >= 0; rank--) {
        td_measures *part = td_measures_new(KINDS, true);
        for (int i = MANY - 1; i >= 0; i--)
            if (i % 3 == rank)
                td_measures_add(part, logits[i], &labels[i], 1);
        for (size_t i = 0; i < sum->sum_count; i++)
            sum->sums[i] += part->sums[i];
        td_measures_free(part);
    }
    ck_assert_mem_eq(sum->sums, whole->sums, sum->sum_count * sizeof *sum->sums);
    ck_assert(td_measures_calibration(sum) == td_measures_calibration(whole));
    td_measures_free(sum);
    td_measures_free(whole);
}
END_TEST

/* ---- main ---------------------------------------------------------------------- */

Suite *test_suite(void)
{
    Suite *suite = suite_create("measures");
    TCase *all = tcase_create("measures");
    tcase_add_test(all, test_accuracies_by_hand);
    tcase_add_test(all, test_groups_go_by_training_counts);
    tcase_add_test(all, test_bounds_of_the_counts);
    tcase_add_test(all, test_ranges_follow_counts);
    tcase_add_loop_test(all, test_ranges_are_thirds, 0,
                        (int) (sizeof ranges / sizeof *ranges));
    tcase_add_test(all, test_confusion_by_hand);
    tcase_add_test(all, test_macro_f1_by_hand);
    tcase_add_test(all, test_in_top_by_hand);
    tcase_add_test(all, test_calibration_by_hand);
    tcase_add_test(all, test_a_bin_holds_its_upper_end);
    tcase_add_test(all, test_bad_logits_are_never_right);
    tcase_add_test(all, test_many_images_against_plain_loops);
    tcase_add_test(all, test_no_order_and_no_share_shows);
    suite_add_tcase(suite, all);
    return suite;
}
