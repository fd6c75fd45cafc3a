/* Shards: a stratified partition of each half, and the runs that cannot be dealt. */
#include "data_fixture.h"
#include "suite.h"
#include "taildart/sampling_stream.h"

enum { CLASSES = 10, EACH = 500, COUNT = CLASSES * EACH };

static td_selection *tail_of(int32_t *labels, double imbalance)
{
    td_config config = fixture_config();
    td_selection *s = NULL;
    config.data.imbalance = imbalance;
    ck_assert_int_eq(td_selection_new(&s, &config, labels, COUNT, CLASSES), TD_OK);
    return s;
}

/* ---- the partition --------------------------------------------------------------- */

/* A batch dealt to shards and ranks. */
static td_status deal(const td_selection *s, int ranks, int shards, int batch)
{
    td_config config = { .command = TD_FOR_SEARCH };
    config.search.batch = batch;
    return td_shards_check(s, &config, ranks, shards);
}

START_TEST(test_shards_partition_and_are_stratified)
{
    int32_t *labels = fixture_labels(CLASSES, EACH);
    td_selection *s = tail_of(labels, 20);
    td_config config = fixture_config();
    for (int shards = 1; shards <= 16; shards++) {
        config.search.batch = 16 * shards;
        td_stream *stream = td_stream_new(TD_STREAM_WEIGHTS, &config, s, shards);
        int64_t least[CLASSES], most[CLASSES] = { 0 }, sum = 0;
        bool *seen = td_malloc(COUNT);
        memset(least, 0x7f, sizeof least);
        for (int k = 0; k < shards; k++) {
            bool *mine = td_malloc(COUNT);
            int64_t found[CLASSES] = { 0 }, held = 0;
            td_stream_images(stream, k, mine);
            for (int64_t i = 0; i < COUNT; i++) {
                ck_assert(!(mine[i] && seen[i]));
                seen[i] = seen[i] || mine[i];
                found[labels[i]] += mine[i];
                held += mine[i];
            }
            ck_assert_int_eq(held, td_shard_count(s, TD_HALF_WEIGHTS, k, shards));
            ck_assert(held == s->half_count[0] / shards ||
                      held == (s->half_count[0] + shards - 1) / shards);
            for (int c = 0; c < CLASSES; c++) {
                least[c] = found[c] < least[c] ? found[c] : least[c];
                most[c] = found[c] > most[c] ? found[c] : most[c];
            }
            sum += held;
            td_free(mine);
        }
        ck_assert_int_eq(sum, s->half_count[TD_HALF_WEIGHTS]);
        for (int c = 0; c < CLASSES; c++)
            ck_assert_int_le(most[c] - least[c], 1);
        td_free(seen);
        td_stream_free(stream);
    }
    td_selection_free(s);
    td_free(labels);
}
END_TEST

START_TEST(test_more_shards_than_images_leave_some_empty)
{
    td_selection s = { .classes = 1, .half_count = { 3, 3 } };
    ck_assert_int_eq(td_shard_count(&s, TD_HALF_WEIGHTS, 0, 5), 1);
    ck_assert_int_eq(td_shard_count(&s, TD_HALF_WEIGHTS, 2, 5), 1);
    ck_assert_int_eq(td_shard_count(&s, TD_HALF_WEIGHTS, 3, 5), 0);
    ck_assert_int_eq(td_shard_count(&s, TD_HALF_ARCH, 0, 2), 2);
    ck_assert_int_eq(td_shard_count(&s, TD_HALF_ARCH, 1, 2), 1);
}
END_TEST

/* ---- refusals -------------------------------------------------------------------- */

START_TEST(test_runs_that_cannot_be_dealt)
{
    td_selection s = { .classes = 1, .half_count = { 100, 90 } };
    ck_assert_int_eq(deal(&s, 3, 12, 60), TD_OK);
    ck_assert_int_eq(deal(&s, 1, 1, 1), TD_OK);
    ck_assert_int_eq(deal(&s, 90, 90, 90), TD_OK);
    FIXTURE_REFUSED(deal(&s, 5, 12, 60), TD_USAGE, "data.shards 12", "5 ranks",
                    "for example 10");
    FIXTURE_REFUSED(deal(&s, 3, 12, 64), TD_USAGE, "search.batch 64", "12 shards",
                    "is 60");
    FIXTURE_REFUSED(deal(&s, 3, 12, 68), TD_USAGE, "is 72");
    FIXTURE_REFUSED(deal(&s, 3, 12, 5), TD_USAGE, "is 12");
    FIXTURE_REFUSED(deal(&s, 91, 91, 91), TD_DATA, "91 ranks", "90 images",
                    "architecture half", "at most 90", "for example 13");
    FIXTURE_REFUSED(deal(&s, 2, 92, 92), TD_DATA, "data.shards 92", "90 images");
    s.half_count[TD_HALF_WEIGHTS] = 7;
    FIXTURE_REFUSED(deal(&s, 8, 8, 8), TD_DATA, "8 ranks", "7 images", "weight half");
}
END_TEST

/* The number behind \a words in the message, 0 where they are not there. */
static int number_behind(const char *words)
{
    const char *found = strstr(td_error_message(), words);
    return found ? (int) strtol(found + strlen(words), NULL, 10) : 0;
}

/* Whoever does as he is told is not refused once more. */
static void take_advice(const td_selection *s, int ranks, int shards, int batch)
{
    td_status status = deal(s, ranks, shards, batch);
    if (status == TD_OK)
        return;
    char *first = td_strdup(td_error_message());
    int example = number_behind("for example "),
        multiple = number_behind("multiple is ");
    int both = number_behind("set data.shards "), with = number_behind("search.batch ");
    if (strstr(first, " ranks, but only"))
        status = deal(s, example, example, batch);
    else if (example > 0)
        status = deal(s, ranks, example, batch);
    else if (both > 0)
        status = deal(s, ranks, both, with);
    else
        status = deal(s, ranks, shards, multiple);
    ck_assert_msg(status == TD_OK, "%d ranks, %d shards, batch %d: %s; then: %s", ranks,
                  shards, batch, first, td_error_message());
    td_free(first);
}

START_TEST(test_advice_is_accepted)
{
    td_selection s = { .classes = 1, .half_count = { 11, 9 } };
    for (int ranks = 1; ranks <= 12; ranks++)
        for (int shards = 1; shards <= 24; shards++)
            for (int batch = 1; batch <= 24; batch++)
                take_advice(&s, ranks, shards, batch);
}
END_TEST

START_TEST(test_ranks_that_cannot_continue)
{
    td_selection s = { .classes = 1, .half_count = { 100, 90 } };
    td_config config = { .command = TD_FOR_SEARCH };
    config.search.batch = 12;
    ck_assert_int_eq(td_shards_check_ranks(&s, &config, 6), TD_OK);
    FIXTURE_REFUSED(td_shards_check_ranks(&s, &config, 5), TD_USAGE, "5 ranks",
                    "search.batch is 12", "start 4 ranks");
    FIXTURE_REFUSED(td_shards_check_ranks(&s, &config, 100), TD_USAGE,
                    "start 12 ranks");
    s.half_count[TD_HALF_ARCH] = 5;
    FIXTURE_REFUSED(td_shards_check_ranks(&s, &config, 6), TD_USAGE, "so few images",
                    "start 4 ranks");
}
END_TEST

/* ---- steps ----------------------------------------------------------------------- */

START_TEST(test_steps_of_an_epoch)
{
    td_selection s = { .half_count = { 128, 1 } };
    ck_assert_int_eq(td_epoch_steps(&s, 64), 2);
    s.half_count[TD_HALF_WEIGHTS] = 129;
    ck_assert_int_eq(td_epoch_steps(&s, 64), 3);
    ck_assert_int_eq(td_epoch_steps(&s, 200), 1);
}
END_TEST

START_TEST(test_architecture_steps)
{
    td_config config = fixture_config();
    for (int interval = 1; interval <= 4; interval++)
        for (int until = 0; until <= 3; until++)
            for (int from = until; from <= 6; from++) {
                config.arch.interval = interval;
                config.arch.lr.frozen_until = until;
                config.arch.lr.frozen_from = from == 6 ? TD_NEVER : from;
                int64_t counted = 0;
                for (int epoch = 0; epoch < 8; epoch++) {
                    ck_assert_int_eq(td_arch_steps_before(&config, 7, epoch), counted);
                    for (int64_t step = 0; step < 7; step++)
                        counted += td_is_arch_step(&config, epoch, step);
                }
            }
    config.arch.interval = 3;
    config.arch.lr.frozen_until = 2;
    config.arch.lr.frozen_from = 4;
    ck_assert(!td_is_arch_step(&config, 1, 0));
    ck_assert(td_is_arch_step(&config, 2, 0));
    ck_assert(!td_is_arch_step(&config, 2, 1));
    ck_assert(td_is_arch_step(&config, 3, 6));
    ck_assert(!td_is_arch_step(&config, 4, 0));
    ck_assert_int_eq(td_arch_steps_before(&config, 7, 9), 6);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_shards");
    TCase *cases = tcase_create("shards");
    tcase_add_test(cases, test_shards_partition_and_are_stratified);
    tcase_add_test(cases, test_more_shards_than_images_leave_some_empty);
    tcase_add_test(cases, test_runs_that_cannot_be_dealt);
    tcase_add_test(cases, test_advice_is_accepted);
    tcase_add_test(cases, test_ranks_that_cannot_continue);
    tcase_add_test(cases, test_steps_of_an_epoch);
    tcase_add_test(cases, test_architecture_steps);
    suite_add_tcase(suite, cases);
    return suite;
}
