/* The small parts of a search: what an epoch's schedules give, how right answers are
 * counted. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/run/run.h"
#include "../../src/step/stepper.h"
#include "suite.h"

/* ---- rates ----------------------------------------------------------------------- */

/* `key value key value … NULL` over the defaults. */
static td_settings *settings_of(const char *const *changes)
{
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    for (int i = 0; changes[i]; i += 2)
        ck_assert_int_eq(
            td_settings_set(settings, changes[i], changes[i + 1], TD_ORIGIN_OPTION),
            TD_OK);
    return settings;
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * (1.0 + fabs(b));
}

/* Statistics and losses of an architecture pass travel where there is one; those of a
 * trunk that stays do not. */
START_TEST(test_a_sum_is_of_what_travels)
{
    const td_net_plan plan = { .learned = 1000, .statistics = 50 };
    const td_genotype cell = { .nodes = 1 };
    td_net_spec spec = { .channels = 1 };
    size_t pass = (2 * 50 + 1) * sizeof(td_real);
    size_t without = td_stepper_sum_bytes(&plan, &spec, 0);
    ck_assert_uint_eq(td_stepper_sum_bytes(&plan, &spec, 1), without + pass);
    ck_assert_uint_eq(td_stepper_sum_bytes(&plan, &spec, 2), without + 3 * pass);
    spec.genotype = &cell;
    ck_assert_uint_eq(td_stepper_sum_bytes(&plan, &spec, 1), without);
    spec.head_only = true;
    ck_assert_uint_eq(td_stepper_sum_bytes(&plan, &spec, 1), without - pass);
}
END_TEST

START_TEST(test_rates_of_the_published_search)
{
    const char *const changes[] = { NULL };
    td_settings *settings = settings_of(changes);
    for (int e = 0; e < 50; e++) {
        td_step_rates rates =
            td_plan_rates(&td_run_search, td_settings_config(settings), e);
        ck_assert(near(rates.lr, 0.001 + 0.012 * (1.0 + cos(M_PI * e / 50.0))));
        ck_assert(near(rates.arch_lr, 3e-4));
        ck_assert(near(rates.momentum, 0.9) && near(rates.decay, 3e-4));
        ck_assert(near(rates.clip, 5.0) && near(rates.arch_decay, 1e-3));
        ck_assert(near(rates.arch_betas[0], 0.5) && near(rates.arch_betas[1], 0.999));
        ck_assert(near(rates.mixing, 1.0) && rates.order == 1);
    }
    td_settings_free(settings);
}
END_TEST

START_TEST(test_coupled_rate_follows_the_mixing_ratio)
{
    const char *const changes[] = { "bbn.enabled", "true",          "arch.lr.shape",
                                    "coupled",     "search.epochs", "10",
                                    NULL };
    td_settings *settings = settings_of(changes);
    for (int e = 0; e < 10; e++) {
        td_step_rates rates =
            td_plan_rates(&td_run_search, td_settings_config(settings), e);
        double m = 1.0 - (e / 10.0) * (e / 10.0);
        ck_assert(near(rates.mixing, m) && near(rates.arch_lr, 3e-4 * m));
    }
    td_settings_free(settings);
}
END_TEST

START_TEST(test_a_frozen_architecture_has_no_rate)
{
    const char *const changes[] = { "arch.lr.frozen_until", "2", "arch.lr.frozen_from",
                                    "4", NULL };
    td_settings *settings = settings_of(changes);
    const bool moves[] = { false, false, true, true, false };
    for (int e = 0; e < 5; e++) {
        td_step_rates rates =
            td_plan_rates(&td_run_search, td_settings_config(settings), e);
        ck_assert((rates.arch_lr > 0.0) == moves[e]);
    }
    td_settings_free(settings);
}
END_TEST

START_TEST(test_the_rate_scales_with_the_batch)
{
    const char *const changes[] = { "search.batch", "256", "weights.lr.scale", "sqrt",
                                    NULL };
    td_settings *settings = settings_of(changes);
    ck_assert(
        near(td_plan_rates(&td_run_search, td_settings_config(settings), 0).lr, 0.05));
    td_settings_free(settings);
}
END_TEST

/* ---- scores ---------------------------------------------------------------------- */

START_TEST(test_the_loss_is_a_mean_over_images)
{
    const td_real logits[2][2] = { { 0, 0 }, { 0, 0 } };
    const int32_t labels[2] = { 0, 1 };
    td_score *score = td_score_new(2, false);
    td_score_add(score, logits[0], labels, 2);
    ck_assert(fabs(td_score_loss(score) - log(2.0)) <= 1e-6);
    ck_assert(near(td_measures_top1(score->measures), 0.5)); /* a tie is class 0 */
    td_score_clear(score);
    ck_assert(isnan(td_score_loss(score)));
    ck_assert(isnan(td_measures_top1(score->measures)));
    td_score_free(score);
}
END_TEST

/* ---- mixing ---------------------------------------------------------------------- */

START_TEST(test_one_branch_is_not_mixed)
{
    ck_assert(near(td_step_mix(1, 0.25, 3.0, NAN), 3.0));
    ck_assert(near(td_step_mix(2, 0.25, 3.0, 1.0), 1.5));
}
END_TEST

/* ---- drop path ------------------------------------------------------------------- */

enum { ROWS = 6, IMAGES = 500 };
#define DROPPED 0.3

/* Factors of images \a first, first + stride … of a batch with two branches. */
static int draw_paths(td_real *factors, int first, int stride, int64_t step)
{
    int32_t places[IMAGES];
    int count = 0;
    for (int i = first; i < IMAGES; i += stride)
        places[count++] = i;
    td_stepper stepper = { .sizes.branches = 2,
                           .sizes.path_rows = ROWS,
                           .buffers.drop_path = factors };
    td_step_batches batches = { .places = places, .seed = 7, .epoch = 3, .step = step };
    batches.train[TD_CONVENTIONAL].count = count;
    batches.train[TD_REBALANCING].count = count;
    ck_assert_ptr_null(td_step_draw_paths(&stepper, &batches, 0.0));
    ck_assert_ptr_eq(td_step_draw_paths(&stepper, &batches, DROPPED), factors);
    return count;
}

START_TEST(test_paths_are_dropped_as_often_as_asked)
{
    static td_real factors[ROWS * 2 * IMAGES];
    draw_paths(factors, 0, 1, 5);
    int dropped = 0, total = ROWS * 2 * IMAGES;
    for (int i = 0; i < total; i++) {
        ck_assert(factors[i] == 0 || near(factors[i], (td_real) (1 / (1 - DROPPED))));
        dropped += factors[i] == 0;
    }
    /* four standard deviations of 6000 draws */
    double deviation = sqrt(DROPPED * (1 - DROPPED) / total);
    ck_assert(fabs((double) dropped / total - DROPPED) <= 4 * deviation);
}
END_TEST

START_TEST(test_paths_do_not_depend_on_ranks)
{
    static td_real whole[ROWS * 2 * IMAGES], part[ROWS * 2 * IMAGES];
    draw_paths(whole, 0, 1, 5);
    for (int ranks = 2; ranks <= 3; ranks++)
        for (int rank = 0; rank < ranks; rank++) {
            int count = draw_paths(part, rank, ranks, 5);
            for (int row = 0; row < ROWS; row++)
                for (int i = 0; i < 2 * count; i++) {
                    int image = rank + i % count * ranks + i / count * IMAGES;
                    ck_assert(part[row * 2 * count + i] ==
                              whole[row * 2 * IMAGES + image]);
                }
        }
    draw_paths(part, 0, 1, 6);
    ck_assert_msg(memcmp(part, whole, sizeof whole) != 0, "every step draws anew");
    ck_assert_msg(memcmp(whole, whole + IMAGES, IMAGES * sizeof *whole) != 0,
                  "every branch draws for itself");
}
END_TEST

/* ---- main ------------------------------------------------------------------------ */

/* ---- the best epoch -------------------------------------------------------------- */

/* The best epoch of a training by \a by after epochs of such values; from 0. */
static int64_t best_of(const char *by, const double *values, int count)
{
    td_settings *settings = td_settings_new(TD_FOR_TRAIN);
    ck_assert_int_eq(td_settings_set(settings, "train.best", by, TD_ORIGIN_OPTION),
                     TD_OK);
    td_best measure = td_run_train.best_by(td_settings_config(settings));
    td_progress progress = { .best_value = NAN, .best_epoch = -1 };
    for (int e = 0; e < count; e++) {
        td_metrics row = { .epoch = e,
                           .valid_loss = values[e],
                           .valid_top1 = values[e],
                           .valid_balanced_top1 = values[e] };
        progress.epoch = e;
        td_job_note_best(&progress, measure, &row);
    }
    td_settings_free(settings);
    return progress.best_epoch;
}

START_TEST(test_what_is_no_number_is_never_best)
{
    const double values[] = { NAN, 0.5, NAN, INFINITY, 0.75, -INFINITY, 0.25, NAN };
    ck_assert_int_eq(best_of("balanced", values, 1), -1);
    ck_assert_int_eq(best_of("balanced", values, 4), 1);
    ck_assert_int_eq(best_of("balanced", values, 8), 4);
    ck_assert_int_eq(best_of("top1", values, 8), 4);
    ck_assert_int_eq(best_of("loss", values, 4), 1);
    ck_assert_int_eq(best_of("loss", values, 8), 6);
}
END_TEST

/* Older versions chose by top-1: the value of another measure must not stand against
 * the next epoch's. */
START_TEST(test_the_best_of_an_older_run_gets_its_value_of_this_measure)
{
    td_settings *settings = td_settings_new(TD_FOR_TRAIN);
    td_metrics rows[] = {
        { .epoch = 0, .valid_top1 = 0.9, .valid_balanced_top1 = 0.3 },
        { .epoch = 1, .valid_top1 = 0.8, .valid_balanced_top1 = 0.4 }
    };
    char *first = td_metrics_row(&rows[0]), *second = td_metrics_row(&rows[1]);
    char *history = td_format("%s%s", first, second);
    td_best by = td_run_train.best_by(td_settings_config(settings));
    td_progress progress = { .best_value = 0.9, .best_by = TD_BEST_TOP1 };
    td_job_settle_best(&progress, &td_run_train, by, history);
    ck_assert(near(progress.best_value, 0.3));
    ck_assert_int_eq(progress.best_by, TD_BEST_BALANCED);
    progress.epoch = 1;
    td_job_note_best(&progress, by, &rows[1]);
    ck_assert_int_eq(progress.best_epoch, 1);
    td_free(history);
    td_free(first);
    td_free(second);
    td_settings_free(settings);
}
END_TEST

/* ---- kinds of runs --------------------------------------------------------------- */

/* A file of each kind, and older ones, which do not name theirs. */
START_TEST(test_a_run_is_known_for_its_kind)
{
    char search[] = "search", train[] = "train";
    const struct {
        td_checkpoint saved;
        const td_run_kind *kind;
    } files[] = {
        { { .texts.command = search, .state.edges = 2 }, &td_run_search },
        { { .texts.command = train, .state.edges = 0 }, &td_run_train },
        { { .state.edges = 2 }, &td_run_search },
        { { .state.edges = 0 }, &td_run_train },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        ck_assert_ptr_eq(td_run_kind_of_saved(&files[i].saved), files[i].kind);
    const td_run_kind *const kinds[] = { &td_run_search, &td_run_train };
    for (int i = 0; i < 2; i++) {
        td_settings *settings = td_settings_new(kinds[i]->command);
        char *yaml = td_settings_yaml(settings);
        ck_assert_ptr_eq(td_run_kind_of(kinds[i]->command), kinds[i]);
        ck_assert_ptr_eq(td_run_kind_of_yaml(yaml), kinds[i]);
        td_free(yaml);
        td_settings_free(settings);
    }
    ck_assert_ptr_eq(td_run_kind_of_yaml("seed: 1\n"), &td_run_search);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("search_parts");
    TCase *rates = tcase_create("rates");
    tcase_add_test(rates, test_a_sum_is_of_what_travels);
    tcase_add_test(rates, test_rates_of_the_published_search);
    tcase_add_test(rates, test_coupled_rate_follows_the_mixing_ratio);
    tcase_add_test(rates, test_a_frozen_architecture_has_no_rate);
    tcase_add_test(rates, test_the_rate_scales_with_the_batch);
    tcase_add_test(rates, test_one_branch_is_not_mixed);
    suite_add_tcase(suite, rates);
    TCase *paths = tcase_create("drop path");
    tcase_add_test(paths, test_paths_are_dropped_as_often_as_asked);
    tcase_add_test(paths, test_paths_do_not_depend_on_ranks);
    suite_add_tcase(suite, paths);
    TCase *scores = tcase_create("scores");
    tcase_add_test(scores, test_the_loss_is_a_mean_over_images);
    TCase *best = tcase_create("best");
    tcase_add_test(best, test_what_is_no_number_is_never_best);
    tcase_add_test(best, test_the_best_of_an_older_run_gets_its_value_of_this_measure);
    suite_add_tcase(suite, best);
    TCase *kinds = tcase_create("kinds");
    tcase_add_test(kinds, test_a_run_is_known_for_its_kind);
    suite_add_tcase(suite, kinds);
    suite_add_tcase(suite, scores);
    return suite;
}
