/* Points that a study's `exclude` leaves out: never run, in no table, in no mean. */
#include <math.h>

#include "../../src/comparison/internal.h"
#include "some_study.h"
#include "suite.h"
#include "taildart/study_folder.h"

#define HEAD                                                                           \
    "out: runs/s\ndata: d.h5\nseeds: [1, 2]\nimbalance: [100]\n"                       \
    "axes:\n"                                                                          \
    "  data: [{name: cifar}, {name: fashion}]\n"                                       \
    "  operations: [{name: all}, {name: all-skip, search: {net: {operations: "         \
    "all-skip}}}]\n"                                                                   \
    "methods:\n"                                                                       \
    "  - {name: darts}\n"                                                              \
    "  - {name: pt, search: {search: {discretise: perturbation}}}\n"                   \
    "  - {name: given, genotype: DARTS_V2}\n"

static const char left_out[] =
    HEAD "exclude:\n"
         "  - {method: pt, operations: all-skip}\n"
         "  - {data: fashion, operations: [all-skip], method: [given, darts]}\n";

static void set_up(void)
{
    study_make(left_out);
}

/* ---- which points ---------------------------------------------------------------- */

/* Settings: cifar/all, cifar/all-skip, fashion/all, fashion/all-skip. */
static const bool is_left_out[4][3] = { { false, false, false },
                                        { false, true, false },
                                        { false, false, false },
                                        { true, true, true } };

START_TEST(test_points_that_all_names_of_an_item_fit)
{
    for (int setting = 0; setting < 4; setting++)
        for (int method = 0; method < 3; method++) {
            td_grid_point point = { .method = method, .setting = setting };
            ck_assert_msg(td_study_is_excluded(study, point) ==
                              is_left_out[setting][method],
                          "setting %d, method %d", setting, method);
        }
}
END_TEST

START_TEST(test_a_name_is_a_whole_one)
{
    ck_assert_int_eq(
        read_another_study(HEAD "exclude: [{operations: all}, {method: pt}]\n"), TD_OK);
    ck_assert(td_study_is_excluded(study, (td_grid_point){ .setting = 0 }));
    ck_assert(!td_study_is_excluded(study, (td_grid_point){ .setting = 1 }));
}
END_TEST

START_TEST(test_none_of_them_is_selected)
{
    int points[24], count, seen[24] = { 0 };
    for (int share = 1; share <= 2; share++) {
        td_study_selection half = { NULL, share, 2 };
        ck_assert_int_eq(td_study_select(study, &half, points, &count), TD_OK);
        ck_assert_int_eq(count, 8);
        for (int i = 0; i < count; i++)
            seen[points[i]]++;
    }
    for (int i = 0; i < 24; i++)
        ck_assert_int_eq(seen[i],
                         !td_study_is_excluded(study, td_grid_point_at(study, i)));
    td_study_selection only = { "pt", 1, 1 };
    ck_assert_int_eq(td_study_select(study, &only, points, &count), TD_OK);
    ck_assert_int_eq(count, 4);
}
END_TEST

/* Without the item the whole file is refused, and told how it would be accepted. */
START_TEST(test_a_combination_that_makes_no_sense_may_be_left_out)
{
    ck_assert_int_eq(read_another_study(HEAD), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "cifar/all-skip, pt, search: "));
    ck_assert_ptr_nonnull(
        strstr(td_error_hint_message(),
               "as exclude: [{method: pt, data: cifar, operations: all-skip}]"));
}
END_TEST

/* ---- results --------------------------------------------------------------------- */

/* What is in the folder of a point from before it was excluded does not count. */
START_TEST(test_their_folders_are_not_read)
{
    td_grid_point point = { .method = 1, .setting = 1 };
    td_free(study->out);
    study->out = td_strdup(in_folder("out"));
    char *path = td_study_path(study, point, "");
    char *words = td_format("mkdir -p %s; echo why >%s/failed.txt", path, path);
    ck_assert_int_eq(system(words), 0);
    td_study_result result = td_study_result_read(study, point);
    ck_assert_ptr_null(result.failure);
    ck_assert(!result.done[TD_STUDY_SEARCH] && !result.trainings);
    ck_assert(isnan(result.value[TD_STUDY_TEST_BALANCED]));
    td_study_result_clear(&result);
    int items = study->excluded_count;
    study->excluded_count = 0;
    result = td_study_result_read(study, point);
    ck_assert_str_eq(result.failure, "why");
    td_study_result_clear(&result);
    study->excluded_count = items;
    td_free(words);
    td_free(path);
}
END_TEST

static td_study_result results[24];

/* A method is better than the one before by 0.01 in cifar/all, by 0.03 in
 * cifar/all-skip and by 0.05 in fashion/all. */
static void set_results(void)
{
    static const double by[4] = { 0.01, 0.03, 0.05, 0.0 };
    for (int i = 0; i < 24; i++) {
        td_grid_point point = td_grid_point_at(study, i);
        results[i] = (td_study_result){ .failure = NULL };
        td_study_clear_values(results[i].value);
        if (td_study_is_excluded(study, point))
            continue;
        results[i].value[TD_STUDY_TEST_BALANCED] =
            0.5 + by[point.setting] * point.method;
        for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
            results[i].done[stage] = true;
    }
}

static double mean_difference(int method)
{
    td_study_pair pair = { method, TD_STUDY_ALL, TD_STUDY_TEST_BALANCED };
    td_study_difference d = td_study_difference_of(study, results, pair);
    ck_assert_int_eq(d.of.n, 2);
    return d.of.mean;
}

START_TEST(test_means_are_over_what_both_have)
{
    set_results();
    ck_assert(fabs(mean_difference(1) - (0.01 + 0.05) / 2) < 1e-12);
    ck_assert(fabs(mean_difference(2) - 2 * (0.01 + 0.03 + 0.05) / 3) < 1e-12);
    study->control = 1;
    ck_assert(fabs(mean_difference(2) - (0.01 + 0.05) / 2) < 1e-12);
}
END_TEST

static int count_lines(char *text, const char *with)
{
    int count = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        count += strstr(line, with) != NULL;
    td_free(text);
    return count;
}

START_TEST(test_they_are_in_no_table)
{
    set_results();
    ck_assert_int_eq(count_lines(td_study_rows(study, results), "fashion/all-skip"), 0);
    ck_assert_int_eq(count_lines(td_study_rows(study, results), "cifar/all-skip"), 4);
    ck_assert_int_eq(count_lines(td_study_table(study, results), "all-skip"), 2);
    /* cifar/all-skip: two means, one difference */
    ck_assert_int_eq(count_lines(td_study_markdown(study, results), "all-skip |"), 3);
    ck_assert_int_eq(
        count_lines(td_study_differences(study, results), "all-skip,test_balanced"), 1);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------- */

static const struct {
    const char *text, *message;
} refusals[] = {
    { HEAD "exclude: pt\n", ":12: exclude: it takes a list" },
    { HEAD "exclude: [pt]\n", ":12: exclude: an item is {method: NAMES" },
    { HEAD "exclude: [{}]\n", ":12: exclude: an item is {method: NAMES" },
    { HEAD "exclude: [{method: po}]\n",
      ":12: exclude: no method is called \"po\"; the nearest is pt" },
    { HEAD "exclude:\n  - {method: pt}\n  - {operations: [all, all-skp]}\n",
      ":14: exclude: no choice is called \"all-skp\"; the nearest is all-skip" },
    { HEAD "exclude: [{operation: all}]\n",
      ":12: exclude: no axis is called \"operation\"; the nearest is operations" },
    { HEAD "exclude: [{method: pt, method: darts}]\n", "method: given twice" },
    { HEAD "exclude: [{data: [cifar, fashion]}]\n", "it leaves no point of the study" },
    { "axes: {method: [{name: a}]}\n", ":1: method: methods are no axis" },
};

START_TEST(test_refusals)
{
    ck_assert_int_eq(read_another_study(refusals[_i].text), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), refusals[_i].message) != NULL,
                  "\"%s\" lacks \"%s\"", td_error_message(), refusals[_i].message);
}
END_TEST

Suite *test_suite(void)
{
    TCase *cases = tcase_create("exclude");
    tcase_add_checked_fixture(cases, set_up, study_remove);
    tcase_add_test(cases, test_points_that_all_names_of_an_item_fit);
    tcase_add_test(cases, test_a_name_is_a_whole_one);
    tcase_add_test(cases, test_none_of_them_is_selected);
    tcase_add_test(cases, test_a_combination_that_makes_no_sense_may_be_left_out);
    tcase_add_test(cases, test_their_folders_are_not_read);
    tcase_add_test(cases, test_means_are_over_what_both_have);
    tcase_add_test(cases, test_they_are_in_no_table);
    tcase_add_loop_test(cases, test_refusals, 0, sizeof refusals / sizeof *refusals);
    Suite *suite = suite_create("study_exclude");
    suite_add_tcase(suite, cases);
    return suite;
}
