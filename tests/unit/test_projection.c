/* Projection: which candidates stay, against a naive sort; who is asked when. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "some_settings.h"
#include "suite.h"
#include "taildart/config_stages.h"
#include "taildart/plan.h"
#include "taildart/plan_kind.h"
#include "taildart/projection.h"

enum { MOST = 14, ROUNDS = 4000 };

static void set(const char *key, const char *text)
{
    ck_assert_msg(td_settings_set(settings, key, text, TD_ORIGIN_OPTION) == TD_OK, "%s",
                  td_error_message());
}

/* ---- the rule ---------------------------------------------------------------- */

typedef struct {
    double loss;
    int number;
} entry;

/* No number before all others, then the larger loss, then the lower number. */
static int by_harm(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    bool x_lost = isnan(x->loss) || isinf(x->loss);
    bool y_lost = isnan(y->loss) || isinf(y->loss);
    if (x_lost != y_lost)
        return x_lost ? -1 : 1;
    if (!x_lost && x->loss != y->loss)
        return x->loss > y->loss ? -1 : 1;
    return x->number - y->number;
}

static void choose_naively(bool *stays, const double *loss, const bool *is_there,
                           int count, int keep)
{
    entry entries[MOST];
    int n = 0;
    for (int i = 0; i < count; i++) {
        stays[i] = false;
        if (is_there[i])
            entries[n++] = (entry){ loss[i], i };
    }
    qsort(entries, (size_t) n, sizeof *entries, by_harm);
    for (int i = 0; i < n && i < keep; i++)
        stays[entries[i].number] = true;
}

static double made_loss(void)
{
    static const double values[] = { NAN, INFINITY, 0.5, 0.5, 1.5, 2.0, 2.25, 1e6 };
    return values[rand() % 8];
}

START_TEST(test_what_hurts_most_stays)
{
    srand(7);
    for (int round = 0; round < ROUNDS; round++) {
        double loss[MOST];
        bool is_there[MOST], stays[MOST], wanted[MOST];
        int count = 1 + rand() % MOST, keep = 1 + rand() % 3;
        for (int i = 0; i < count; i++) {
            loss[i] = made_loss();
            is_there[i] = rand() % 4 > 0;
        }
        td_projection_choose(stays, loss, is_there, count, keep);
        choose_naively(wanted, loss, is_there, count, keep);
        for (int i = 0; i < count; i++)
            ck_assert_int_eq(stays[i], wanted[i]);
    }
}
END_TEST

START_TEST(test_losses_without_a_number_tell_nothing)
{
    const double loss[] = { NAN, INFINITY, 0.5, NAN };
    ck_assert(td_projection_tells(loss, (const bool[]){ true, true, true, true }, 4));
    ck_assert(!td_projection_tells(loss, (const bool[]){ true, true, false, true }, 4));
}
END_TEST

/* ---- the order --------------------------------------------------------------- */

/* Every edge, then every node but the first, once each. */
static void check_order(const td_config *config, int cell, int *order)
{
    int edges = td_projection_edges(config), all = td_projection_decisions(config);
    bool seen[2][TD_MAX_EDGES] = { { false } };
    for (int n = 0; n < all; n++) {
        bool is_node;
        order[n] = td_projection_place(config, cell, n, &is_node);
        ck_assert_int_eq(is_node, n >= edges);
        ck_assert_int_ge(order[n], is_node ? 1 : 0);
        ck_assert_int_lt(order[n], is_node ? config->net.nodes : edges);
        ck_assert(!seen[is_node][order[n]]);
        seen[is_node][order[n]] = true;
    }
}

START_TEST(test_each_is_asked_once)
{
    int normal[2 * TD_MAX_EDGES], reduce[2 * TD_MAX_EDGES], other[2 * TD_MAX_EDGES];
    set("search.discretise", "perturbation");
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(td_projection_edges(config), 14);
    ck_assert_int_eq(td_projection_decisions(config), 17);
    check_order(config, 0, normal);
    check_order(config, 1, reduce);
    set("seed", "1");
    check_order(config, 0, other);
    ck_assert(memcmp(normal, reduce, 14 * sizeof *normal) != 0);
    ck_assert(memcmp(normal, other, 14 * sizeof *normal) != 0);
}
END_TEST

/* ---- the course -------------------------------------------------------------- */

START_TEST(test_decisions_fall_at_ends_of_epochs)
{
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(td_config_epochs(config), 50);
    ck_assert_int_eq(td_projection_decision(config, 49), -1);
    ck_assert(!td_projection_tunes(config, 50));
    set("search.discretise", "perturbation");
    ck_assert_int_eq(td_config_epochs(config), 50 + 16 * 5);
    for (int epoch = 0, next = 0; epoch < 140; epoch++) {
        bool is_due = epoch >= 49 && epoch <= 129 && (epoch - 49) % 5 == 0;
        ck_assert_int_eq(td_projection_decision(config, epoch), is_due ? next : -1);
        ck_assert_int_eq(td_projection_tunes(config, epoch), epoch >= 50);
        next += is_due;
    }
}
END_TEST

START_TEST(test_the_longest_is_counted)
{
    const td_config *config = td_settings_config(settings);
    set("search.discretise", "perturbation");
    set("net.nodes", "8");
    set("search.epochs", "1000000000");
    set("search.tuning_epochs", "1000000");
    ck_assert_int_eq(td_config_epochs(config), 1050000000);
    td_status status =
        td_settings_set(settings, "search.tuning_epochs", "1000001", TD_ORIGIN_OPTION);
    ck_assert_int_eq(status, TD_USAGE);
}
END_TEST

static td_step_rates rates_of(int epoch)
{
    return td_plan_rates(&td_run_search, td_settings_config(settings), epoch);
}

START_TEST(test_both_branches_learn_while_weights_are_tuned)
{
    static const char *const shapes[] = { "parabolic", "cosine", "linear", "beta" };
    set("search.discretise", "perturbation");
    set("bbn.enabled", "true");
    for (int i = 0; i < 4; i++) {
        set("bbn.mixing.shape", shapes[i]);
        td_step_rates rates = rates_of(50);
        ck_assert(rates.mixing == 0.5);
        ck_assert(td_plan_mixing(td_settings_config(settings), &rates, 50, 3) == 0.5);
    }
    set("bbn.enabled", "false");
    ck_assert(rates_of(50).mixing == 1.0);
}
END_TEST

START_TEST(test_perturbations_go_on)
{
    set("search.discretise", "perturbation");
    set("arch.perturb", "random");
    ck_assert(rates_of(49).epsilon > 0.0);
    ck_assert(rates_of(50).epsilon == rates_of(49).epsilon);
    ck_assert(rates_of(129).epsilon == rates_of(49).epsilon);
}
END_TEST

/* What counts epochs stays where the last epoch of alphas was. */
START_TEST(test_courses_rest_in_its_epochs)
{
    const td_config *config = td_settings_config(settings);
    set("search.discretise", "perturbation");
    set("data.mix", "mixup");
    set("data.mix_until", "50");
    set("data.mix_from", "49");
    for (int epoch = 49; epoch < 130; epoch++) {
        td_mix_keys mix = td_plan_mix(config, TD_HALF_WEIGHTS, epoch);
        ck_assert_int_eq(td_stage_epoch(config, epoch), 49);
        ck_assert(epoch >= mix.from && epoch < mix.until);
    }
    ck_assert(48 < td_plan_mix(config, TD_HALF_WEIGHTS, 48).from);
    set("search.discretise", "strongest");
    ck_assert_int_eq(td_stage_epoch(config, 60), 60);
}
END_TEST

static void refuses(const char *key, const char *text, const char *part)
{
    char before[TD_TEXT_BYTES];
    td_settings_value(settings, key, before);
    set(key, text);
    ck_assert_int_eq(td_settings_check(settings), TD_USAGE);
    ck_assert_msg(strstr(td_error_message(), part) != NULL, "%s", td_error_message());
    set(key, before);
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
}

START_TEST(test_what_makes_no_sense_is_refused)
{
    refuses("search.tuning_epochs", "2", "search.discretise is not perturbation");
    refuses("search.projection_images", "9", "search.discretise is not perturbation");
    set("search.discretise", "perturbation");
    refuses("arch.relaxation", "gdas", "arch.relaxation gdas");
    refuses("arch.relaxation", "reinmax", "arch.relaxation reinmax");
    refuses("search.stop", "skips", "leave search.stop at none");
    refuses("search.max_skips", "2", "leave search.max_skips at never");
    refuses("search.stages", "[{epoch: 2, cells: 9, keep: 3}]", "search.stages");
    refuses("search.method", "random", "search.method is random");
}
END_TEST

START_TEST(test_its_beginning_does_not_move_into_the_past)
{
    td_settings *longer = td_settings_new(TD_FOR_SEARCH);
    td_status status =
        td_settings_set(longer, "search.discretise", "perturbation", TD_ORIGIN_OPTION);
    ck_assert_int_eq(status, TD_OK);
    status = td_settings_set(longer, "search.epochs", "60", TD_ORIGIN_OPTION);
    ck_assert_int_eq(status, TD_OK);
    set("search.discretise", "perturbation");
    const td_config *is = td_settings_config(settings);
    const td_config *was = td_settings_config(longer);
    ck_assert_int_eq(td_projection_continues(is, was, 49), TD_OK);
    ck_assert_int_eq(td_projection_continues(is, was, 50), TD_USAGE);
    ck_assert_int_eq(td_projection_continues(was, is, 50), TD_USAGE);
    ck_assert_int_eq(td_projection_continues(is, is, 70), TD_OK);
    td_settings_free(longer);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("projection");
    TCase *tests = tcase_create("projection");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_what_hurts_most_stays);
    tcase_add_test(tests, test_losses_without_a_number_tell_nothing);
    tcase_add_test(tests, test_each_is_asked_once);
    tcase_add_test(tests, test_decisions_fall_at_ends_of_epochs);
    tcase_add_test(tests, test_the_longest_is_counted);
    tcase_add_test(tests, test_both_branches_learn_while_weights_are_tuned);
    tcase_add_test(tests, test_perturbations_go_on);
    tcase_add_test(tests, test_courses_rest_in_its_epochs);
    tcase_add_test(tests, test_what_makes_no_sense_is_refused);
    tcase_add_test(tests, test_its_beginning_does_not_move_into_the_past);
    suite_add_tcase(suite, tests);
    return suite;
}
