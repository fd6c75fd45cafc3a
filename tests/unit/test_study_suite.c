/* Studies of several settings and trainings, and what is computed over seeds. */
#include <math.h>

#include "../../src/comparison/internal.h"
#include "../../src/study/internal.h"
#include "some_study.h"
#include "suite.h"

static const char suite_file[] =
    "out: runs/s\n"
    "seeds: [1, 2, 5]\n"
    "imbalance: [10, 100]\n"
    "search: {search: {epochs: 8}, net: {cells: 5, nodes: 2}}\n"
    "train:\n"
    "  repeats: 2\n"
    "  grid: {weights: {lr: {start: [0.1, 0.025]}, decay: [1e-4, 3e-4, 1e-3]}}\n"
    "  train: {epochs: 3}\n"
    "axes:\n"
    "  data: [{name: cifar, data: c.h5}, {name: fashion, data: f.h5}]\n"
    "  supernet:\n"
    "    - {name: wide, search: {net: {channels: 18, cells: 4}}}\n"
    "    - {name: deep, search: {net: {channels: 7, cells: 18}, search.epochs: 9}}\n"
    "    - {name: small, search: {net: {nodes: 3}}, train: {net: {channels: 8}}}\n"
    "methods:\n"
    "  - {name: darts}\n"
    "  - {name: bbn, search: {net: {cells: 6}}}\n"
    "  - {name: random, genotype: random}\n"
    "control: bbn\n";

static void set_up(void)
{
    study_make(suite_file);
}

static void check_text(char *text, const char *expected)
{
    ck_assert_str_eq(text, expected);
    td_free(text);
}

/* ---- settings ------------------------------------------------------------------- */

START_TEST(test_settings_are_choices_of_all_axes)
{
    ck_assert_int_eq(td_study_setting_count(study), 6);
    ck_assert_int_eq(td_grid_point_count(study), 3 * 2 * 6 * 3);
    check_text(td_study_setting_name(study, 0), "cifar/wide");
    check_text(td_study_setting_name(study, 4), "fashion/deep");
    ck_assert_str_eq(td_study_data_of(study, 2), "c.h5");
    ck_assert_str_eq(td_study_data_of(study, 3), "f.h5");
    for (int i = 0; i < td_grid_point_count(study); i++) {
        td_grid_point point = td_grid_point_at(study, i);
        ck_assert_int_eq(point.method, i % 3);
        ck_assert_int_eq(point.setting, i / 3 % 6);
        ck_assert_int_eq(point.imbalance, i / 18 % 2);
        ck_assert_int_eq(point.seed, i / 36);
    }
    check_text(td_grid_point_name(study, td_grid_point_at(study, 36 + 18 + 13)),
               "imbalance-100/fashion/deep/bbn/seed-2");
}
END_TEST

START_TEST(test_each_setting_has_its_lengths)
{
    td_grid_point point = { .setting = 1 };
    ck_assert_int_eq(td_study_lengths_of(study, point)->epochs[TD_STUDY_SEARCH], 9);
    point.setting = 2;
    ck_assert_int_eq(td_study_lengths_of(study, point)->epochs[TD_STUDY_SEARCH], 8);
    ck_assert_int_eq(td_study_lengths_of(study, point)->epochs[TD_STUDY_TRAIN], 3);
    ck_assert_int_eq(td_study_lengths_of(study, point)->nodes, 3);
}
END_TEST

/* ---- steps ---------------------------------------------------------------------- */

START_TEST(test_steps_are_the_search_and_each_training_with_its_test)
{
    ck_assert_int_eq(td_study_training_count(study), 12);
    ck_assert_int_eq(td_study_step_count(study), 25);
    check_text(td_study_step_name(study, td_study_step_at(study, 0)), "search");
    check_text(td_study_step_name(study, td_study_step_at(study, 1)),
               "train-weights.lr.start=0.1-weights.decay=0.0001");
    check_text(td_study_step_name(study, td_study_step_at(study, 2)),
               "eval-weights.lr.start=0.1-weights.decay=0.0001");
    check_text(td_study_step_name(study, td_study_step_at(study, 24)),
               "eval-weights.lr.start=0.025-weights.decay=0.001-repeat-2");
    check_text(td_study_set_name(study, td_study_set_of(study, 7)),
               "weights.lr.start=0.025 weights.decay=0.0001");
    check_text(td_study_test_path(study, td_grid_point_at(study, 0), 3),
               "runs/s/imbalance-10/cifar/wide/darts/seed-1/"
               "test-weights.lr.start=0.1-weights.decay=0.0003-repeat-2.csv");
}
END_TEST

static void check_command(td_grid_point point, td_study_step step, const char *expected)
{
    td_study_command command = td_study_command_of(study, point, step, "taildart");
    check_text(td_study_command_text(&command), expected);
    td_study_command_clear(&command);
}

/* What is more special comes later, and wins. */
START_TEST(test_commands)
{
    td_grid_point point = { .method = 1, .setting = 5, .imbalance = 0, .seed = 2 };
    const td_study_step search = { TD_STUDY_SEARCH, 0 }, train = { TD_STUDY_TRAIN, 3 },
                        eval = { TD_STUDY_EVAL, 3 };
    check_command(point, search,
                  "taildart search --data f.h5 --imbalance 10 --seed 5 "
                  "--set search.epochs=8 --set net.cells=5 --set net.nodes=2 "
                  "--set net.nodes=3 --set net.cells=6 "
                  "--out runs/s/imbalance-10/fashion/small/bbn/seed-5/search");
    check_command(
        point, train,
        "taildart train --genotype "
        "runs/s/imbalance-10/fashion/small/bbn/seed-5/search/genotype.txt "
        "--data f.h5 --imbalance 10 --seed 1005 --set train.epochs=3 --set "
        "net.channels=8 --set weights.lr.start=0.1 --set weights.decay=0.0003 "
        "--out runs/s/imbalance-10/fashion/small/bbn/seed-5/"
        "train-weights.lr.start=0.1-weights.decay=0.0003-repeat-2");
    check_command(point, eval,
                  "taildart eval runs/s/imbalance-10/fashion/small/bbn/seed-5/"
                  "train-weights.lr.start=0.1-weights.decay=0.0003-repeat-2/"
                  "checkpoint.h5 --data f.h5 --csv "
                  "runs/s/imbalance-10/fashion/small/bbn/seed-5/"
                  "test-weights.lr.start=0.1-weights.decay=0.0003-repeat-2.csv");
}
END_TEST

/* Lists are written as --set takes them: of rows, of words, of numbers. */
START_TEST(test_lists_in_overrides)
{
    ck_assert_msg(
        read_another_study(
            "out: o\ndata: d\nseeds: [1]\nimbalance: [10]\n"
            "methods:\n"
            "  - name: a\n"
            "    search: {search: {prune: [{epoch: 3, keep: 5}, {epoch: 6, keep: 2}]},"
            " net: {operations: [none, skip_connect]}, arch: {betas: [0.5, 0.9]}}\n") ==
            TD_OK,
        "%s", td_error_message());
    check_command((td_grid_point){ .method = 0 }, (td_study_step){ TD_STUDY_SEARCH, 0 },
                  "taildart search --data d --imbalance 10 --seed 1 --set "
                  "'search.prune=[{epoch: 3, keep: 5}, {epoch: 6, keep: 2}]' --set "
                  "'net.operations=none, skip_connect' --set 'arch.betas=[0.5, 0.9]' "
                  "--out o/imbalance-10/a/seed-1/search");
}
END_TEST

/* A study to which repeats are added keeps what it has. */
START_TEST(test_the_first_training_has_the_plain_names)
{
    ck_assert_int_eq(read_another_study("out: o\ndata: d\nseeds: [1]\nimbalance: [10]\n"
                                        "train: {repeats: 3}\nmethods: [{name: a}]\n"),
                     TD_OK);
    check_text(td_study_step_name(study, td_study_step_at(study, 1)), "train");
    check_text(td_study_step_name(study, td_study_step_at(study, 3)), "train-repeat-2");
    check_text(td_study_test_path(study, td_grid_point_at(study, 0), 0),
               "o/imbalance-10/a/seed-1/test.csv");
    ck_assert_int_eq(
        td_study_seed_of(study, td_grid_point_at(study, 0), td_study_step_at(study, 5)),
        2001);
}
END_TEST

/* ---- refusals ------------------------------------------------------------------- */

#define HEAD "out: o\ndata: d\nseeds: [1]\nimbalance: [10]\n"
#define METHODS "methods: [{name: a}]\n"

static const struct {
    const char *text, *message;
} refusals[] = {
    { HEAD METHODS "control: b\n", "control: no method is called \"b\"; the nearest" },
    { HEAD "train: {repeats: 0}\n" METHODS, ":5: train.repeats: found \"0\"" },
    { HEAD "train: {repeats: [1]}\n" METHODS, ":5: train.repeats: found \"[1]\"" },
    { HEAD "train: {repeats: 65}\n" METHODS, "from 1 to 64" },
    { HEAD "train: {grid: {weights.decay: []}}\n" METHODS, "weights.decay: no values" },
    { HEAD "train: {grid: {weights.decay: [1, 1]}}\n" METHODS, "1 is there twice" },
    { HEAD "train: {grid: {weights.decay: [1e-2, 0.01]}}\n" METHODS,
      "0.01 is there twice" },
    { HEAD "train: {grid: {weights.decay: [0.1, x]}}\n" METHODS,
      ":5: weights.decay: found \"x\"" },
    { HEAD "train: {grid: {weights.deacy: [0.1]}}\n" METHODS,
      "unknown key weights.deacy; the nearest is weights.decay" },
    { HEAD "train: {grid: {seed: [1, 2]}}\n" METHODS, "the study sets it itself" },
    { HEAD "train: {grid: {train.epochs: [1, 2]}}\n" METHODS,
      "trainings of different lengths do not compare" },
    { HEAD "train: {repeats: 64, grid: {weights.decay: [0.1, 0.2, 0.3, 0.4, "
           "0.5]}}\n" METHODS,
      "more than 256 trainings" },
    { HEAD "methods: [{name: a, train: {repeats: 2}}]\n", "unknown key repeats" },
    { HEAD "search: {search: {prune: [[1, 2]]}}\n" METHODS,
      ":5: search.prune: found a list of others than it takes" },
    { HEAD "train: {train: {from: x}}\n" METHODS,
      "train.from: the study sets it itself" },
    { HEAD "search: {net: {operations: all-skips}}\n" METHODS,
      ":6: a, search: net.operations: found \"all-skips\"" },
    { HEAD "axes:\n"
           "  net: [{name: wide, search: {net.channels: 8}}]\n"
           "  size: [{name: big, search: {net.channels: 4}}]\n" METHODS,
      "big, search: net.channels: wide of another axis sets it, too" },
    { HEAD "train: {grid: {weights.decay: [0, 1e-3]}}\n"
           "methods: [{name: a, train: {weights: {decay: 1e-4}}}]\n",
      ":6: a, train: weights.decay: train.grid sets it" },
    { "out: o\ndata: d\nseeds: [1, 1001]\nimbalance: [1]\ntrain: {repeats: "
      "2}\n" METHODS,
      "seeds: 1 and 1001: repeats of a training" },
    { HEAD "axes: [1]\n" METHODS, ":5: axes: it takes axes, as" },
    { HEAD "axes: {s: []}\n" METHODS, ":5: s: an axis without choices" },
    { HEAD "axes: {s: [{search: {}}]}\n" METHODS, ":5: s: a choice without a name" },
    { HEAD "axes: {s: [{name: a/b}]}\n" METHODS, "a name of a choice is at most 64" },
    { HEAD "axes: {s: [{name: a}, {name: a}]}\n" METHODS, "have this name" },
    { HEAD "axes: {s: [{name: a, serach: 1}]}\n" METHODS, "the nearest is search" },
    { HEAD "axes: {s: [{name: a, data: e}]}\n" METHODS, "leave one out" },
    { "out: o\nseeds: [1]\nimbalance: [10]\n"
      "axes: {s: [{name: a, data: e}, {name: b}]}\n" METHODS,
      "axis s: some choices name data" },
    { "out: o\nseeds: [1]\nimbalance: [10]\n"
      "axes: {s: [{name: a, data: e}], t: [{name: a, data: e}]}\n" METHODS,
      "two axes name data" },
    { HEAD "train: {grid: {weights.decay: [0, 1e-3]}}\n"
           "axes: {s: [{name: b, train: {weights: {decay: 1e-4}}}]}\n" METHODS,
      ":6: b, train: weights.decay: train.grid sets it" },
    { HEAD "axes: {s: [{name: a, search: {bbn: {sampler: instance}}}]}\n" METHODS,
      ":6: a, a, search: bbn.sampler" },
};

START_TEST(test_refusals)
{
    ck_assert_int_eq(read_another_study(refusals[_i].text), TD_USAGE);
    ck_assert_ptr_null(study);
    ck_assert_msg(strstr(td_error_message(), refusals[_i].message) != NULL,
                  "\"%s\" lacks \"%s\"", td_error_message(), refusals[_i].message);
}
END_TEST

/* ---- over trainings ------------------------------------------------------------- */

static td_study_result results[108];
static td_study_training trainings[108][12];

/* Tests of point i: 0.5 + i/1000, more by 0.01 a set, and ±0.002 the repeats. */
static void set_up_results(void)
{
    set_up();
    for (int i = 0; i < 108; i++) {
        results[i] = (td_study_result){ .trainings = trainings[i] };
        td_study_clear_values(results[i].value);
        for (int t = 0; t < 12; t++) {
            td_study_clear_values(trainings[i][t].value);
            trainings[i][t].held_out = t / 2 == 3 ? 0.9 : 0.1 + 0.01 * (t / 2);
            trainings[i][t].is_trained = trainings[i][t].is_tested = true;
            trainings[i][t].value[TD_STUDY_TEST_BALANCED] =
                0.5 + i / 1000.0 + 0.01 * (t / 2) + (t % 2 ? 0.002 : -0.002);
        }
        for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
            results[i].done[stage] = true;
        td_study_average(&results[i], study);
    }
}

START_TEST(test_a_point_is_the_mean_of_its_trainings)
{
    ck_assert(fabs(results[7].value[TD_STUDY_TEST_BALANCED] - 0.532) < 1e-12);
    results[7].done[TD_STUDY_EVAL] = false;
    td_study_clear_values(results[7].value);
    td_study_average(&results[7], study);
    ck_assert(isnan(results[7].value[TD_STUDY_TEST_BALANCED]));
}
END_TEST

START_TEST(test_repeats_and_sets)
{
    int best;
    td_grid_point point = { .method = 0 };
    double sd = td_study_repeat_sd(study, results, point);
    ck_assert(fabs(sd - 0.002 * sqrt(2.0)) < 1e-12);
    /* seeds 0, 1, 2 are points 0, 36, 72; held-out images prefer set 3 */
    ck_assert(fabs(td_study_best_set(study, results, point, &best) - 0.566) < 1e-12);
    ck_assert_int_eq(best, 3);
    for (int t = 0; t < 12; t++)
        trainings[36][t].held_out = NAN; /* nobody holds out, or not yet */
    ck_assert(isnan(td_study_best_set(study, results, point, &best)));
    ck_assert_int_eq(best, -1);
}
END_TEST

START_TEST(test_rows_name_setting_set_and_repeat)
{
    char *text = td_study_rows(study, results);
    ck_assert_ptr_nonnull(
        strstr(text, "method,imbalance,setting,seed,set,repeat,state,"));
    ck_assert_ptr_nonnull(strstr(text, "\nbbn,10,cifar/deep,1,\"weights.lr.start=0.025 "
                                       "weights.decay=0.0003\",2,done,,,,0.546,"));
    td_free(text);
    text = td_study_table(study, results);
    ck_assert_ptr_nonnull(strstr(text, "\nrandom,100,fashion/small,3,0,"));
    ck_assert_ptr_nonnull(
        strstr(text, ",\"weights.lr.start=0.025 weights.decay=0.0001\","));
    td_free(text);
}
END_TEST

/* ---- over seeds ----------------------------------------------------------------- */

/* Values of any book of tables. */
START_TEST(test_quantiles_of_student)
{
    static const struct {
        double probability;
        int freedom;
        double t;
    } known[] = {
        { 0.975, 1, 12.7062047364 }, { 0.975, 2, 4.3026527299 },
        { 0.975, 4, 2.7764451052 },  { 0.975, 9, 2.2621571628 },
        { 0.975, 30, 2.0422724563 }, { 0.8, 1, 1.3763819205 },
        { 0.8, 2, 1.0606601718 },    { 0.8, 7, 0.8960296443 },
        { 0.975, 60, 2.0002978221 },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert(fabs(td_study_student(known[i].probability, known[i].freedom) -
                       known[i].t) < 1e-9);
    ck_assert(fabs(td_study_detectable(0.021, 3) -
                   (4.3026527299 + 1.0606601718) * 0.021 / sqrt(3.0)) < 1e-9);
}
END_TEST

START_TEST(test_intervals)
{
    const double equal[] = { 0.1, NAN, 0.1, 0.1 },
                 ten[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    td_study_difference d = td_study_compare(equal, 4);
    ck_assert_int_eq(d.of.n, 3);
    ck_assert(fabs(d.low - 0.1) < 1e-12 && fabs(d.high - 0.1) < 1e-12);
    d = td_study_compare(ten, 10);
    double deviation = sqrt(8.25 / 10.0); /* of the mean of a resample */
    ck_assert(fabs(d.low - (4.5 - 1.96 * deviation)) < 0.1);
    ck_assert(fabs(d.high - (4.5 + 1.96 * deviation)) < 0.1);
    d = td_study_compare(ten, 1);
    ck_assert_int_eq(d.of.n, 1);
    ck_assert(isnan(d.low) && isnan(d.high) && isnan(d.detectable));
    d = td_study_compare(equal + 1, 1);
    ck_assert_int_eq(d.of.n, 0);
}
END_TEST

/* Methods follow each other by 0.001; bbn is the control. */
START_TEST(test_differences_to_the_control)
{
    td_study_pair pair = { 0, 3, TD_STUDY_TEST_BALANCED };
    td_study_difference d = td_study_difference_of(study, results, pair);
    ck_assert_int_eq(d.of.n, 3);
    ck_assert(fabs(d.of.mean + 0.001) < 1e-12);
    pair.method = 2;
    pair.block = TD_STUDY_ALL;
    d = td_study_difference_of(study, results, pair);
    ck_assert(fabs(d.of.mean - 0.001) < 1e-12);
    results[2 + 3].value[TD_STUDY_TEST_BALANCED] = NAN; /* one of seed 0 is missing */
    ck_assert_int_eq(td_study_difference_of(study, results, pair).of.n, 2);
    char *text = td_study_differences(study, results);
    ck_assert_ptr_nonnull(
        strstr(text, "\ndarts,bbn,100,cifar/wide,test_balanced,3,-0.001,"));
    ck_assert_ptr_nonnull(strstr(text, "\nrandom,bbn,all,all,test_balanced,2,0.001,"));
    ck_assert_ptr_null(strstr(text, "\nbbn,"));
    td_free(text);
}
END_TEST

START_TEST(test_ranks)
{
    td_study_statistics rank = td_study_rank(study, results, 2, TD_STUDY_ALL);
    ck_assert_int_eq(rank.n, 36);
    ck_assert(rank.mean == 1.0);
    results[0].value[TD_STUDY_TEST_BALANCED] = results[1].value[TD_STUDY_TEST_BALANCED];
    rank = td_study_rank(study, results, 1, 0); /* ranks 2.5, 2, 2 */
    ck_assert_int_eq(rank.n, 3);
    ck_assert(fabs(rank.mean - 6.5 / 3.0) < 1e-12);
    results[0].value[TD_STUDY_TEST_BALANCED] = NAN;
    ck_assert_int_eq(td_study_rank(study, results, 1, 0).n, 2);
    for (int seed = 0; seed < 3; seed++) /* of the first method there is nothing */
        results[36 * seed].value[TD_STUDY_TEST_BALANCED] = NAN;
    rank = td_study_rank(study, results, 1, 0); /* second of two */
    ck_assert_int_eq(rank.n, 3);
    ck_assert(rank.mean == 2.0);
}
END_TEST

START_TEST(test_markdown_says_what_seeds_can_show)
{
    for (int i = 0; i < 108; i++) /* so that differences differ between seeds */
        if (i % 3 == 0)
            results[i].value[TD_STUDY_TEST_BALANCED] += 0.01 * (i / 36);
    char *text = td_study_markdown(study, results);
    ck_assert_ptr_nonnull(
        strstr(text, "\n3 seeds can show differences above 0.022 in the balanced"));
    ck_assert_ptr_nonnull(strstr(text, "Differences to bbn, seed by seed"));
    ck_assert_ptr_nonnull(strstr(text, "\n| darts | all | all | 3 | +0.009 [-0.001, "
                                       "+0.019] | n/a | n/a | n/a |\n"));
    ck_assert_ptr_nonnull(strstr(text,
                                 "\n| bbn | 100 | fashion/small | 0.003 | "
                                 "weights.lr.start=0.025 weights.decay=0.0001 | "));
    ck_assert_ptr_null(strstr(text, "nan"));
    td_free(text);
}
END_TEST

/* Methods follow each other by 0.001 with every seed: that tells nothing of chance. */
START_TEST(test_seeds_that_do_not_differ)
{
    char *text = td_study_markdown(study, results);
    ck_assert_ptr_nonnull(
        strstr(text, "\nThe 3 seeds do not differ: each gave the same"));
    ck_assert_ptr_nonnull(strstr(text, "gives 1/classes"));
    ck_assert_ptr_null(strstr(text, "can show differences"));
    td_free(text);
}
END_TEST

/* A suite of which some rows are done tells what these can show. */
START_TEST(test_a_part_of_a_suite_has_its_sentence)
{
    for (int i = 0; i < 108; i++) {
        results[i].value[TD_STUDY_TEST_BALANCED] += 0.01 * (i % 3 == 0 ? i / 36 : 0);
        if (i % 36 >= 3)
            results[i].value[TD_STUDY_TEST_BALANCED] = NAN;
    }
    char *text = td_study_markdown(study, results);
    ck_assert_ptr_nonnull(strstr(text, "in the balanced test accuracy of a row\n"));
    ck_assert_ptr_null(strstr(text, "Too few runs"));
    td_free(text);
}
END_TEST

/* ---- the suite ------------------------------------------------------------------ */

static TCase *grid_cases(void)
{
    TCase *cases = tcase_create("grid");
    tcase_add_checked_fixture(cases, set_up, study_remove);
    tcase_add_test(cases, test_settings_are_choices_of_all_axes);
    tcase_add_test(cases, test_each_setting_has_its_lengths);
    tcase_add_test(cases, test_steps_are_the_search_and_each_training_with_its_test);
    tcase_add_test(cases, test_commands);
    tcase_add_test(cases, test_lists_in_overrides);
    tcase_add_test(cases, test_the_first_training_has_the_plain_names);
    tcase_add_loop_test(cases, test_refusals, 0, sizeof refusals / sizeof *refusals);
    return cases;
}

static TCase *statistics_cases(void)
{
    TCase *cases = tcase_create("statistics");
    tcase_add_checked_fixture(cases, set_up_results, study_remove);
    tcase_add_test(cases, test_a_point_is_the_mean_of_its_trainings);
    tcase_add_test(cases, test_repeats_and_sets);
    tcase_add_test(cases, test_rows_name_setting_set_and_repeat);
    tcase_add_test(cases, test_quantiles_of_student);
    tcase_add_test(cases, test_intervals);
    tcase_add_test(cases, test_differences_to_the_control);
    tcase_add_test(cases, test_ranks);
    tcase_add_test(cases, test_markdown_says_what_seeds_can_show);
    tcase_add_test(cases, test_seeds_that_do_not_differ);
    tcase_add_test(cases, test_a_part_of_a_suite_has_its_sentence);
    return cases;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("study_suite");
    suite_add_tcase(suite, grid_cases());
    suite_add_tcase(suite, statistics_cases());
    return suite;
}
