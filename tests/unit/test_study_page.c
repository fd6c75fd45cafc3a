/* The page of a study: what is known and what is not, and the file kept for it. */
#include <math.h>
#include <string.h>

#include "some_study.h"
#include "suite.h"
#include "taildart/comparison.h"

/* Eight methods, so that one picture of curves does not do. */
static const char grid[] = "out: runs/<s>\n"
                           "data: some.h5\n"
                           "seeds: [1, 2, 5]\n"
                           "imbalance: [10, 100]\n"
                           "control: m2\n"
                           "methods: [{name: m1}, {name: m2}, {name: m3}, {name: m4},\n"
                           "  {name: m5}, {name: m6}, {name: m7}, {name: m8}]\n"
                           "axes: {size: [{name: small}, {name: wide}]}\n"
                           "exclude: [{method: m8, size: wide}]\n";

enum { METHODS = 8, BLOCKS = 4, POINTS = METHODS * BLOCKS * 3 };

static td_study_result results[POINTS];
static double curves[POINTS][2];

static td_study_result *result_at(int method, int block, int seed)
{
    return &results[(seed * BLOCKS + block) * METHODS + method];
}

static void set_up(void)
{
    study_make(grid);
    ck_assert_int_eq(td_grid_point_count(study), POINTS);
    for (int i = 0; i < POINTS; i++) {
        results[i] = (td_study_result){ .failure = NULL };
        td_study_clear_values(results[i].value);
    }
}

/* A point is done, with these accuracies of test and search. */
static void finish(int method, int block, int seed, double tested, double first,
                   double last)
{
    td_study_result *r = result_at(method, block, seed);
    double *curve = curves[r - results];
    curve[0] = first;
    curve[1] = last;
    r->value[TD_STUDY_TEST_BALANCED] = tested;
    r->balanced = curve;
    r->epochs = 2;
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        r->done[stage] = true;
}

static int count_of(const char *text, const char *words)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
        count++;
    return count;
}

#define CHECK(page, words)                                                             \
    ck_assert_msg(strstr(page, words) != NULL, "\"%s\" is not in the page", words)

START_TEST(test_nothing_is_done)
{
    char *page = td_study_page(study, results);
    CHECK(page, "<h1>runs/&lt;s&gt;</h1>\n<p>A study: 0 of 90 points done; 8 methods, "
                "3 seeds, compared "
                "with m2.");
    CHECK(page, "No point has been tested yet.");
    CHECK(page, "Too few runs are done to tell what 3 seeds can show.");
    CHECK(page, "<li>imbalance-10/small/m1/seed-1: missing</li>");
    ck_assert_ptr_null(strstr(page, "m8/wide"));
    ck_assert_int_eq(count_of(page, "<svg"), 0);
    ck_assert_int_eq(count_of(page, "nan"), 0);
    ck_assert_int_eq(count_of(page, "<tr>"), 1 + 30);
    td_free(page);
}
END_TEST

START_TEST(test_spread_and_differences)
{
    finish(0, 0, 0, 0.5, 0.1, 0.2);
    finish(0, 0, 1, 0.7, 0.1, 0.4);
    finish(1, 0, 0, 0.4, 0.1, 0.2);
    finish(1, 0, 1, 0.5, 0.1, 0.2);
    result_at(1, 0, 2)->failure = (char *) "search: \"no\" & no";
    char *page = td_study_page(study, results);
    CHECK(page, "4 of 90 points done, <strong>1 failed</strong>;");
    CHECK(page, ">m2 <em>control</em></th>");
    CHECK(page, "<td>0.600 <em>±0.141</em></td>");
    CHECK(page, "<td>2 of 3 <strong>1 failed</strong></td>");
    CHECK(page, "<title>seed 2: 0.700</title>");
    CHECK(page, "<h2>Differences to m2</h2>");
    CHECK(page, "<p><span>m1</span><span>+0.150 <em>[+0.100, +0.200]</em></span></p>");
    CHECK(page, "<title>seed 2: +0.200</title>");
    CHECK(page, "2 seeds can show differences above");
    CHECK(page, "<li>imbalance-10/small/m2/seed-5: failed: search: &quot;no&quot; "
                "&amp; no</li>\n<li>imbalance-10/small/m3/seed-1: missing</li>");
    td_free(page);
}
END_TEST

START_TEST(test_curves_are_means_and_ranges)
{
    finish(0, 0, 0, NAN, 0.1, 0.2);
    finish(0, 0, 1, NAN, 0.1, 0.4);
    char *page = td_study_page(study, results);
    CHECK(page, "<title>m1, epoch 2: 0.300 (2 seeds: 0.200 to 0.400)</title>");
    ck_assert_int_eq(count_of(page, "fill-opacity=\"0.16\" d=\"M"), 1);
    td_free(page);
}
END_TEST

/* Six lines a picture are told apart; the control is in each. */
START_TEST(test_many_methods_are_several_pictures)
{
    for (int method = 0; method < METHODS; method++)
        finish(method, 0, 0, NAN, 0.1, 0.2);
    char *page = td_study_page(study, results);
    ck_assert_int_eq(count_of(page, "<ul class=\"legend\">"), 2);
    ck_assert_int_eq(count_of(page, "r=\"2.6\"/></svg>m2</li>"), 2);
    ck_assert_int_eq(count_of(page, "r=\"2.6\"/></svg>m1</li>"), 1);
    ck_assert_int_eq(count_of(page, "r=\"2.6\"/></svg>m8</li>"), 1);
    td_free(page);
}
END_TEST

/* A file without data, which --data named, is kept with them; one that was kept is kept
 * as it is. */
START_TEST(test_a_file_is_kept)
{
    static const char text[] = "out: runs/s\nseeds: [1]\nimbalance: [10]\n"
                               "methods: [{name: darts}]";
    const td_study_replacements data = { .data = "a \"b\"" }, nothing = { 0 };
    td_study_free(study);
    ck_assert_int_eq(td_study_parse(&study, "file.yaml", text, strlen(text), &data),
                     TD_OK);
    char *kept = td_study_kept(study, NULL);
    td_study_free(study);
    ck_assert_int_eq(td_study_parse(&study, "kept.yaml", kept, strlen(kept), &nothing),
                     TD_OK);
    ck_assert_str_eq(study->data, "a \"b\"");
    char *again = td_study_kept(study, NULL);
    ck_assert_str_eq(again, kept);
    td_free(again);
    td_free(kept);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("study page");
    TCase *cases = tcase_create("page");
    tcase_add_checked_fixture(cases, set_up, study_remove);
    tcase_add_test(cases, test_nothing_is_done);
    tcase_add_test(cases, test_spread_and_differences);
    tcase_add_test(cases, test_curves_are_means_and_ranges);
    tcase_add_test(cases, test_many_methods_are_several_pictures);
    tcase_add_test(cases, test_a_file_is_kept);
    suite_add_tcase(suite, cases);
    return suite;
}
