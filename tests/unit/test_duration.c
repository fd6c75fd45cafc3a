/* The time that a run is said to take: its passes counted, by given seconds. */
#include <math.h>

#include "../../src/plan/plan.h"
#include "some_settings.h"
#include "suite.h"
#include "taildart/base_text.h"
#include "taildart/projection.h"

/* Powers of ten tell which pass was counted how often. */
static const td_plan_passes passes = {
    .weights = 1.0, .alphas = 100.0, .both = 1e4, .forward = 1e-3
};

static td_selection *selection;
static td_plan plan;

/* 10 epochs of 5 steps of 8 images, 20 images held out. */
static void set(const char *key, const char *value)
{
    ck_assert_msg(td_settings_set(settings, key, value, TD_ORIGIN_OPTION) == TD_OK,
                  "%s", td_error_message());
}

static void set_up_plan(void)
{
    set_up();
    set("search.epochs", "10");
    set("search.batch", "8");
    selection = td_malloc(sizeof *selection);
    selection->half_count[TD_HALF_ARCH] = 20;
    plan = (td_plan){ .kind = &td_run_search,
                      .config = td_settings_config(settings),
                      .selection = selection,
                      .ranks = 1,
                      .steps = 5 };
}

static void tear_down_plan(void)
{
    td_free(selection);
    tear_down();
}

static td_plan_duration count(int stages)
{
    td_plan_duration d = { .all = 0.0 };
    for (int n = 0; n < stages; n++)
        td_plan_count_time(&d, &plan, n, &passes);
    return d;
}

/* Of all steps, for each image: 10·5·8 of them. */
static void check_image(double expected)
{
    double found = count(1).steps / 400.0;
    ck_assert_msg(fabs(found - expected) < 1e-9 * expected, "%.17g, not %.17g", found,
                  expected);
}

START_TEST(test_first_order)
{
    check_image(101.0);
    ck_assert(fabs(count(1).all - count(1).steps - 10 * 20 * 1e-3) < 1e-6);
}
END_TEST

START_TEST(test_frozen_epochs_move_weights_alone)
{
    set("arch.lr.frozen_until", "4");
    check_image(1.0 + 0.6 * 100.0);
}
END_TEST

START_TEST(test_some_steps_move_alphas)
{
    set("arch.interval", "4");
    check_image(1.0 + 25.0);
}
END_TEST

/* Liu et al. 2019: a step ahead, a pass there, two beside it. */
START_TEST(test_second_order)
{
    set("search.order", "2");
    check_image(1.0 + 1.0 + 1e4 + 200.0);
}
END_TEST

START_TEST(test_an_adversary)
{
    set("arch.perturb", "adversarial");
    set("arch.epsilon.shape", "constant");
    check_image(101.0 + 700.0);
    set("arch.epsilon.start", "0");
    check_image(101.0);
}
END_TEST

START_TEST(test_dropped_operations)
{
    set("search.prune", "[{epoch: 5, keep: 4}]");
    check_image((5 * 101.0 + 5 * 50.5) / 10);
}
END_TEST

/* Of what a stage begins with. */
START_TEST(test_dropped_operations_of_a_stage)
{
    set("search.stages", "[{epoch: 5, cells: 11, keep: 4}]");
    set("search.prune", "[{epoch: 7, keep: 1}]");
    td_plan_duration d = { .all = 0.0 };
    td_plan_count_time(&d, &plan, 1, &passes);
    ck_assert(fabs(d.steps / 40.0 - (2 * 101.0 + 3 * 101.0 / 4.0)) < 1e-6);
}
END_TEST

START_TEST(test_random_cells)
{
    set("search.method", "random");
    set("search.samples", "50");
    check_image(1.0);
    ck_assert(fabs(count(1).all - count(1).steps - (10 + 50) * 20 * 1e-3) < 1e-6);
}
END_TEST

/* The rank that has most: images are dealt out, and judged side by side. */
START_TEST(test_ranks)
{
    plan.ranks = 3;
    ck_assert(fabs(count(1).steps - 10 * 5 * 3 * 101.0) < 1e-6);
    ck_assert(fabs(count(1).all - count(1).steps - 10 * 20 * 1e-3 / 3) < 1e-6);
}
END_TEST

START_TEST(test_stages_make_the_run)
{
    set("search.stages", "[{epoch: 4, cells: 11, keep: 4}]");
    check_image(0.4 * 101.0);
    ck_assert(fabs(count(2).steps - 400 * 101.0) < 1e-6);
}
END_TEST

/* Epochs between decisions move weights alone, and each pass of a decision judges. */
START_TEST(test_a_projection)
{
    set("search.discretise", "perturbation");
    set("search.tuning_epochs", "2");
    set("search.projection_images", "7");
    set("net.nodes", "2");
    plan.spec = (td_net_spec){ .cells = 3, .nodes = 2 };
    int tuning = td_config_epochs(plan.config) - 10;
    ck_assert_int_eq(tuning, 2 * (5 + 1 - 1));
    ck_assert(fabs(count(1).steps - (400 * 101.0 + tuning * 40.0)) < 1e-6);
    double judged =
        20.0 * (10 + tuning) + 7.0 * td_projection_passes(plan.config, &plan.spec);
    ck_assert(fabs(count(1).all - count(1).steps - judged * 1e-3) < 1e-6);
}
END_TEST

/* ---- words ----------------------------------------------------------------------- */

START_TEST(test_durations)
{
    static const struct {
        double seconds;
        const char *words;
    } rows[] = { { 0.4, "0 s" },
                 { 99.4, "99 s" },
                 { 204, "3.4 min" },
                 { 7500, "2 h 05 min" },
                 { 47.9 * 3600, "47 h 54 min" },
                 { 60 * 3600, "2.5 days" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = td_duration(rows[i].seconds);
        ck_assert_str_eq(text, rows[i].words);
        td_free(text);
    }
}
END_TEST

START_TEST(test_the_line)
{
    td_plan_duration d = { .steps = 10 * 5 * 2.25, .all = 204 };
    char *line = td_plan_time_line(&plan, &d);
    ck_assert_str_eq(line,
                     "about 3.4 min on hosts like this: 10 epochs of 5 steps of 2.2 s");
    td_free(line);
}
END_TEST

Suite *test_suite(void)
{
    TCase *cases = tcase_create("duration");
    tcase_add_checked_fixture(cases, set_up_plan, tear_down_plan);
    tcase_add_test(cases, test_first_order);
    tcase_add_test(cases, test_frozen_epochs_move_weights_alone);
    tcase_add_test(cases, test_some_steps_move_alphas);
    tcase_add_test(cases, test_second_order);
    tcase_add_test(cases, test_an_adversary);
    tcase_add_test(cases, test_dropped_operations);
    tcase_add_test(cases, test_dropped_operations_of_a_stage);
    tcase_add_test(cases, test_random_cells);
    tcase_add_test(cases, test_ranks);
    tcase_add_test(cases, test_stages_make_the_run);
    tcase_add_test(cases, test_a_projection);
    tcase_add_test(cases, test_durations);
    tcase_add_test(cases, test_the_line);
    Suite *suite = suite_create("duration");
    suite_add_tcase(suite, cases);
    return suite;
}
