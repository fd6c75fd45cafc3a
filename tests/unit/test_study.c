/* Studies: reading a file, the grid and its shares, commands, statistics, tables. */
#include <math.h>

#include "comma_locale.h"
#include "some_study.h"
#include "suite.h"
#include "taildart/comparison.h"

static const char grid[] =
    "out: runs/s\n"
    "data: some.h5\n"
    "seeds: [1, 2, 5]\n"
    "imbalance: [10, 100]\n"
    "launch: mpirun  -n 2\n"
    "search: {search: {epochs: 8}, net: {nodes: 2}}\n"
    "train: {train: {epochs: 3}}\n"
    "methods:\n"
    "  - {name: darts}\n"
    "  - name: bbn\n"
    "    search: {bbn: {enabled: true}, arch: {betas: [0.4, 0.9]},"
    " search.epochs: 9}\n"
    "  - {name: random, genotype: random}\n";

static void set_up(void)
{
    study_make(grid);
}

/* ---- the file and the grid ------------------------------------------------------- */

START_TEST(test_a_file_is_read)
{
    ck_assert_int_eq(study->seed_count, 3);
    ck_assert_int_eq(study->seeds[2], 5);
    ck_assert_double_eq(study->imbalances[1], 100);
    ck_assert_str_eq(study->methods[1].name, "bbn");
    td_grid_point darts = { .method = 0 }, bbn = { .method = 1 },
                  random = { .method = 2 };
    ck_assert_int_eq(td_study_lengths_of(study, darts)->epochs[TD_STUDY_SEARCH], 8);
    ck_assert_int_eq(td_study_lengths_of(study, bbn)->epochs[TD_STUDY_SEARCH], 9);
    ck_assert_int_eq(td_study_lengths_of(study, bbn)->epochs[TD_STUDY_TRAIN], 3);
    ck_assert_int_eq(td_study_lengths_of(study, random)->nodes, 2);
    ck_assert_int_eq(study->control, 0);
    ck_assert_int_eq(td_study_step_count(study), 3);
}
END_TEST

START_TEST(test_the_first_points_compare_all_methods_once)
{
    ck_assert_int_eq(td_grid_point_count(study), 18);
    for (int i = 0; i < 18; i++) {
        td_grid_point point = td_grid_point_at(study, i);
        ck_assert_int_eq(point.method, i % 3);
        ck_assert_int_eq(point.imbalance, i / 3 % 2);
        ck_assert_int_eq(point.seed, i / 6);
    }
    char *path = td_study_path(study, td_grid_point_at(study, 16), "test.csv");
    ck_assert_str_eq(path, "runs/s/imbalance-100/bbn/seed-5/test.csv");
    td_free(path);
}
END_TEST

/* Every point is in one share, and no share has two points more than another. */
START_TEST(test_shares_are_disjoint_and_complete)
{
    static const char *const only[] = { NULL, "bbn", "darts,random" };
    static const int wanted[] = { 18, 6, 12 };
    for (int o = 0; o < 3; o++)
        for (int shares = 1; shares <= 20; shares++) {
            int times[18] = { 0 }, sum = 0;
            for (int share = 1; share <= shares; share++) {
                td_study_selection part = { only[o], share, shares };
                int points[18], count = -1;
                ck_assert_int_eq(td_study_select(study, &part, points, &count), TD_OK);
                ck_assert_int_ge(count, wanted[o] / shares);
                ck_assert_int_le(count, (wanted[o] + shares - 1) / shares);
                for (int i = 0; i < count; i++)
                    ck_assert_int_eq(times[points[i]]++, 0);
                sum += count;
            }
            ck_assert_int_eq(sum, wanted[o]);
        }
}
END_TEST

START_TEST(test_a_task_is_one_of_several)
{
    static const char *const wrong[] = { "",     "3",    "0/4",
                                         "5/4",  "1/0",  "a/4",
                                         "1/4x", "-1/4", "1/99999999999999" };
    td_study_selection part = { NULL, 1, 1 };
    ck_assert_int_eq(td_study_selection_read(&part, "3/8"), TD_OK);
    ck_assert_int_eq(part.share, 3);
    ck_assert_int_eq(part.shares, 8);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(td_study_selection_read(&part, wrong[i]), TD_USAGE);
}
END_TEST

START_TEST(test_an_unknown_method_is_named)
{
    td_study_selection part = { "darts,bnn", 1, 1 };
    int points[18], count;
    ck_assert_int_eq(td_study_select(study, &part, points, &count), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "\"bnn\"; the nearest is bbn"));
    part.only = "foo";
    ck_assert_int_eq(td_study_select(study, &part, points, &count), TD_USAGE);
    ck_assert_ptr_nonnull(
        strstr(td_error_message(), "\"foo\"; accepted: darts, bbn, random"));
}
END_TEST

/* ---- commands ------------------------------------------------------------------- */

static void check_command(int point, td_study_stage stage, const char *expected)
{
    const td_study_step step = { stage, 0 };
    td_study_command command =
        td_study_command_of(study, td_grid_point_at(study, point), step, "it's");
    char *text = td_study_command_text(&command);
    ck_assert_ptr_null(command.word[command.count]);
    ck_assert_str_eq(text, expected);
    td_free(text);
    td_study_command_clear(&command);
}

START_TEST(test_commands)
{
    check_command(
        1, TD_STUDY_SEARCH,
        "mpirun -n 2 'it'\\''s' search --data some.h5 --imbalance 10 --seed 1 "
        "--set search.epochs=8 --set net.nodes=2 --set bbn.enabled=true --set "
        "'arch.betas=[0.4, 0.9]' --set search.epochs=9 --out "
        "runs/s/imbalance-10/bbn/seed-1/search");
    check_command(1, TD_STUDY_TRAIN,
                  "mpirun -n 2 'it'\\''s' train --genotype "
                  "runs/s/imbalance-10/bbn/seed-1/search/genotype.txt --data some.h5 "
                  "--imbalance 10 --seed 1 --set train.epochs=3 --out "
                  "runs/s/imbalance-10/bbn/seed-1/train");
    check_command(2, TD_STUDY_SEARCH,
                  "'it'\\''s' genotype --random 1 --nodes 2 --output "
                  "runs/s/imbalance-10/random/seed-1/search/genotype.txt");
    check_command(
        0, TD_STUDY_EVAL,
        "'it'\\''s' eval runs/s/imbalance-10/darts/seed-1/train/checkpoint.h5 "
        "--data some.h5 --csv runs/s/imbalance-10/darts/seed-1/test.csv");
}
END_TEST

START_TEST(test_commands_have_a_decimal_point)
{
    comma_locale_set();
    ck_assert_int_eq(read_another_study("out: o\ndata: d\nseeds: [1]\n"
                                        "imbalance: [2.5]\nmethods: [{name: a}]\n"),
                     TD_OK);
    ck_assert_double_eq(study->imbalances[0], 2.5);
    check_command(0, TD_STUDY_SEARCH,
                  "'it'\\''s' search --data d --imbalance 2.5 --seed 1 --out "
                  "o/imbalance-2.5/a/seed-1/search");
}
END_TEST

/* ---- refusals ------------------------------------------------------------------- */

#define HEAD "out: o\ndata: d\nseeds: [1]\nimbalance: [10]\n"
#define METHODS "methods: [{name: a}]\n"

static const struct {
    const char *text, *message;
} refusals[] = {
    { "out: o\ndata: d\nimbalance: [1]\n" METHODS, "no seeds" },
    { "out: o\ndata: d\nseeds: []\nimbalance: [1]\n" METHODS, "no seeds" },
    { "out: o\ndata: d\nseeds: [1]\n" METHODS, "no imbalance" },
    { "data: d\nseeds: [1]\nimbalance: [1]\n" METHODS, "no out" },
    { "out: o\nseeds: [1]\nimbalance: [1]\n" METHODS, "no data" },
    { HEAD, "no methods" },
    { HEAD "methods: [{name: a}, {name: a}]\n", ":5: a: two methods have this name" },
    { HEAD "methods: [{search: {}}]\n", "a method without a name" },
    { HEAD "methods: [{name: a/b}]\n", "a name of a method is at most 64" },
    { HEAD "methods: [{name: \"`cmd`\"}]\n", "`cmd`: a name of a method" },
    { HEAD "methods: [{name: a'b}]\n", "a name of a method" },
    { HEAD "methods: [{name: @a}]\n", "not valid YAML" },
    { HEAD "methods: [{name: \"a@b\"}]\n", "a name of a method" },
    { HEAD "methods: [{name: a$b}]\n", "a name of a method" },
    { HEAD "methods: [{name: -a}]\n", "a name of a method" },
    { HEAD "methods: [{name: ..}]\n", "a name of a method" },
    { HEAD "methods: [{name: \"\"}]\n", "a name of a method" },
    { HEAD "methods: [{name: \"a\\0b\"}]\n", "a byte of value 0" },
    { "&a [*a]\n", ":1: *a repeats a map or a list" },
    { "seeds: &a [*a]\n", ":1: *a repeats a map or a list" },
    { HEAD METHODS "---\nout: p\n", ":6: a second document begins" },
    { HEAD METHODS "out: p\n", ":6: out: given twice, first in line 1" },
    { HEAD "search: {net: {cells: 4}, net.cells: 5}\n" METHODS,
      ":5: net.cells: given twice" },
    { "out: o\ndata: d\nimbalance: [100, 100.0000001]\nseeds: [1]\n" METHODS,
      "there twice" },
    { HEAD "methods: [{name: a, serach: {}}]\n", "serach: unknown key; the nearest is "
                                                 "search" },
    { HEAD "sedes: 1\n" METHODS, "sedes: unknown key; the nearest is seeds" },
    { HEAD "search: {bbn: {enabeld: true}}\n" METHODS,
      ":5: unknown key bbn.enabeld; the nearest is bbn.enabled" },
    { HEAD "methods: [{name: a, search: {arch: {lr: {shape: round}}}}]\n",
      ":5: arch.lr.shape: found \"round\"" },
    { HEAD "train: {arch: {interval: 2}}\n" METHODS,
      ":5: arch.interval: train does not read it" },
    { HEAD "search: {data: {imbalance: 3}}\n" METHODS,
      ":5: data.imbalance: the study sets it itself" },
    { HEAD "methods: [{name: a, search: {bbn: {sampler: instance}}}]\n",
      ":5: a, search: bbn.sampler" },
    { "out: o\ndata: d\nimbalance: [10]\nseeds: [1, 1]\n" METHODS, "there twice" },
    { "out: o\ndata: d\nimbalance: [10]\nseeds: [x]\n" METHODS, "whole numbers" },
    { "out: o\ndata: d\nimbalance: [0.5]\nseeds: [1]\n" METHODS, "numbers from 1" },
    { "out: [\n", "not valid YAML" },
    { "", "an empty file" },
    { "words\n", "it takes keys" },
};

START_TEST(test_refusals)
{
    ck_assert_int_eq(read_another_study(refusals[_i].text), TD_USAGE);
    ck_assert_ptr_null(study);
    ck_assert_msg(strstr(td_error_message(), refusals[_i].message) != NULL,
                  "\"%s\" lacks \"%s\"", td_error_message(), refusals[_i].message);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "study.yaml"));
}
END_TEST

START_TEST(test_no_such_file)
{
    const td_study_replacements nothing = { NULL, NULL, NULL };
    td_study_free(study);
    ck_assert_int_eq(td_study_read(&study, in_folder("none"), &nothing), TD_USAGE);
    ck_assert_ptr_nonnull(
        strstr(td_error_message(), "none: cannot be read: No such file"));
}
END_TEST

/* ---- statistics ----------------------------------------------------------------- */

START_TEST(test_means_and_deviations)
{
    const double values[] = { 2, NAN, 4, 4, 4, 5, 5, 7, 9 };
    td_study_statistics s = td_study_summarise(values, 9);
    ck_assert_int_eq(s.n, 8);
    ck_assert(fabs(s.mean - 5.0) <= 1e-15);
    ck_assert(fabs(s.sd - sqrt(32.0 / 7.0)) <= 1e-15); /* of a sample: n − 1 */
    ck_assert(s.low == 2 && s.high == 9);
    s = td_study_summarise(values, 2);
    ck_assert_int_eq(s.n, 1);
    ck_assert_double_eq(s.mean, 2.0);
    ck_assert(isnan(s.sd));
    s = td_study_summarise(values + 1, 1);
    ck_assert_int_eq(s.n, 0);
    ck_assert(isnan(s.mean) && isnan(s.sd) && isnan(s.low) && isnan(s.high));
}
END_TEST

/* ---- tables --------------------------------------------------------------------- */

static td_study_result results[18];

/* darts at 10 is done twice, has failed once; bbn at 10 is done once; nothing else. */
static void set_up_results(void)
{
    set_up();
    for (int i = 0; i < 18; i++) {
        results[i] = (td_study_result){ .failure = NULL };
        for (int m = 0; m < TD_STUDY_MEASURES; m++)
            results[i].value[m] = NAN;
    }
    results[0].value[TD_STUDY_TEST_TOP1] = 0.5;
    results[6].value[TD_STUDY_TEST_TOP1] = 0.75;
    results[1].value[TD_STUDY_TEST_TOP1] = 0.25;
    results[12].value[TD_STUDY_SKIPS] = 2;
    results[0].done[TD_STUDY_EVAL] = results[6].done[TD_STUDY_EVAL] =
        results[1].done[TD_STUDY_EVAL] = true;
    results[12].failure = (char *) "train: \"no\"";
}

/* The line of a text that begins like this. */
static void check_line(const char *text, const char *beginning, const char *expected)
{
    char *key = td_format("\n%s", beginning);
    const char *line = strstr(text, key);
    ck_assert_msg(line != NULL, "no line begins with %s", beginning);
    char *found = td_format("%.*s", (int) strcspn(line + 1, "\n"), line + 1);
    ck_assert_str_eq(found, expected);
    td_free(found);
    td_free(key);
}

START_TEST(test_rows_of_runs)
{
    char *text = td_study_rows(study, results);
    check_line(text, "darts,10,1,", "darts,10,1,done,,,0.5,,,,,,,,,,,,,,,");
    check_line(text, "darts,10,5,",
               "darts,10,5,failed,,,,,,,,,,,,2,,,,,,\"train: \"\"no\"\"\"");
    check_line(text, "bbn,100,2,", "bbn,100,2,missing,,,,,,,,,,,,,,,,,,");
    td_free(text);
}
END_TEST

START_TEST(test_table_of_methods)
{
    char *text = td_study_table(study, results);
    check_line(text, "darts,10,",
               "darts,10,2,1,,,0,,,0,0.625,0.176776695,2,,,0,,,0,,,0,,,0,,,0,,,0,,,0,,,"
               "0,2,,1,,,0,,,"
               "0,,,0,,,0,,,0,,0");
    check_line(text, "bbn,10,",
               "bbn,10,1,0,,,0,,,0,0.25,,1,,,0,,,0,,,0,,,0,,,0,,,0,,,0,,,0,,,0,,,0,,,0,"
               ",,0,,,0,,,0,,0");
    td_free(text);
}
END_TEST

/* Files of a study are the same for a host program with a decimal comma. */
START_TEST(test_tables_have_a_decimal_point)
{
    static char *(*const write[])(const td_study *, const td_study_result *) = {
        td_study_rows, td_study_table, td_study_differences, td_study_markdown,
        td_study_plot
    };
    enum { TABLES = sizeof write / sizeof *write };
    char *plain[TABLES];
    results[0].value[TD_STUDY_TEST_BALANCED] = 0.5;
    results[6].value[TD_STUDY_TEST_BALANCED] = 0.75;
    results[1].value[TD_STUDY_TEST_BALANCED] = 0.25;
    results[7].value[TD_STUDY_TEST_BALANCED] = 0.625;
    for (int i = 0; i < TABLES; i++)
        plain[i] = write[i](study, results);
    comma_locale_set();
    for (int i = 0; i < TABLES; i++) {
        char *text = write[i](study, results);
        ck_assert_ptr_nonnull(strstr(text, "0."));
        ck_assert_str_eq(text, plain[i]);
        td_free(text);
        td_free(plain[i]);
    }
}
END_TEST

START_TEST(test_markdown)
{
    char *text = td_study_markdown(study, results);
    check_line(
        text, "| darts | 10 |",
        "| darts | 10 | 2 | n/a | n/a | n/a | 0.625 ± 0.177 | n/a | n/a | n/a | n/a | "
        "n/a | n/a | n/a | n/a | 2.0 (n=1) | n/a | n/a | n/a | n/a | n/a | 1 |");
    check_line(
        text, "| bbn | 10 |",
        "| bbn | 10 | 1 | n/a | n/a | n/a | 0.250 | n/a | n/a | n/a | n/a | n/a | n/a "
        "| n/a | n/a | n/a | "
        "n/a | n/a | n/a | n/a | n/a | 0 |");
    ck_assert_ptr_null(strstr(text, "nan"));
    td_free(text);
}
END_TEST

/* ---- the suite ------------------------------------------------------------------ */

static TCase *grid_cases(void)
{
    TCase *cases = tcase_create("grid");
    tcase_add_checked_fixture(cases, set_up, study_remove);
    tcase_add_test(cases, test_a_file_is_read);
    tcase_add_test(cases, test_the_first_points_compare_all_methods_once);
    tcase_add_test(cases, test_shares_are_disjoint_and_complete);
    tcase_add_test(cases, test_a_task_is_one_of_several);
    tcase_add_test(cases, test_an_unknown_method_is_named);
    tcase_add_test(cases, test_commands);
    tcase_add_test(cases, test_commands_have_a_decimal_point);
    tcase_add_loop_test(cases, test_refusals, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(cases, test_no_such_file);
    return cases;
}

static TCase *table_cases(void)
{
    TCase *cases = tcase_create("tables");
    tcase_add_checked_fixture(cases, set_up_results, study_remove);
    tcase_add_test(cases, test_means_and_deviations);
    tcase_add_test(cases, test_rows_of_runs);
    tcase_add_test(cases, test_table_of_methods);
    tcase_add_test(cases, test_markdown);
    tcase_add_test(cases, test_tables_have_a_decimal_point);
    return cases;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("study");
    suite_add_tcase(suite, grid_cases());
    suite_add_tcase(suite, table_cases());
    return suite;
}
