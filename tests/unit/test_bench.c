/* Who meets whom in a tournament of ranks, and what of the links and ranks measured is
 * usual and what is slow. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/bench/bench.h"
#include "suite.h"
#include "taildart/base_clock.h"

/* ---- rounds ------------------------------------------------------------------ */

enum { RANKS = 19 };

static void check_round(int ranks, int round, int met[RANKS][RANKS])
{
    int idle = 0;
    for (int r = 0; r < ranks; r++) {
        int partner = td_bench_partner(ranks, round, r);
        ck_assert(partner != r && partner < ranks);
        if (partner < 0) {
            idle++;
            continue;
        }
        ck_assert_int_eq(td_bench_partner(ranks, round, partner), r);
        met[r][partner]++;
    }
    ck_assert_int_eq(idle, ranks % 2);
}

START_TEST(test_all_meet_all_once)
{
    for (int ranks = 1; ranks <= RANKS; ranks++) {
        int met[RANKS][RANKS] = { { 0 } };
        for (int round = 0; round < td_bench_rounds(ranks); round++)
            check_round(ranks, round, met);
        for (int a = 0; a < ranks; a++)
            for (int b = 0; b < ranks; b++)
                ck_assert_int_eq(met[a][b], a != b);
    }
}
END_TEST

START_TEST(test_rounds_of_many_ranks)
{
    enum { MANY = 100003 };
    ck_assert_int_eq(td_bench_rounds(MANY), MANY);
    for (int r = 0; r < MANY; r += 997) {
        int partner = td_bench_partner(MANY, MANY - 1, r);
        ck_assert(partner < 0 || td_bench_partner(MANY, MANY - 1, partner) == r);
    }
}
END_TEST

/* ---- what is usual, what is slow --------------------------------------------- */

static td_bench_rank ranks[] = {
    { .host = "a", .flops = 100, .passes = 1.0 },
    { .host = "a", .flops = 90, .passes = 1.5 },
    { .host = "b", .flops = 110, .passes = 1.2 },
    { .host = "c", .flops = 40, .passes = 1.1 },
};
static td_bench_pair pairs[] = {
    { 0, 1, { 1e-6, 1e9 } }, /* within host a, the slowest of all */
    { 0, 2, { 9e-6, 4e9 } }, { 0, 3, { 2e-6, 3e9 } },
    { 1, 2, { 3e-6, 2e9 } }, { 2, 3, { 4e-6, 5e9 } },
};

START_TEST(test_links_between_hosts_count)
{
    td_bench_cluster c = {
        .ranks = ranks, .pairs = pairs, .pair_count = 5, .crosses_hosts = true
    };
    td_link link = td_bench_usual_link(&c);
    ck_assert_double_eq(link.latency, 0.5 * (3e-6 + 4e-6));
    ck_assert_double_eq(link.bandwidth, 0.5 * (3e9 + 4e9));
    ck_assert_ptr_eq(td_bench_slow_pair(&c), &pairs[3]);
}
END_TEST

START_TEST(test_links_of_one_host_count_where_there_are_no_others)
{
    td_bench_cluster c = { .ranks = ranks, .pairs = pairs, .pair_count = 1 };
    td_link link = td_bench_usual_link(&c);
    ck_assert(link.latency == 1e-6 && link.bandwidth == 1e9);
    ck_assert_ptr_eq(td_bench_slow_pair(&c), &pairs[0]);
}
END_TEST

START_TEST(test_slow_ranks)
{
    td_bench_cluster c = { .ranks = ranks };
    ck_assert_int_eq(td_bench_slow_rank(&c, 4), 1);
    ck_assert_int_eq(td_bench_weak_rank(&c, 4), 3);
    ck_assert_double_eq(td_bench_usual_flops(&c, 4), 95);
    ck_assert_int_eq(td_bench_slow_rank(&c, 1), 0);
}
END_TEST

/* ---- predictions ------------------------------------------------------------- */

START_TEST(test_predictions_take_the_images_of_the_run)
{
    td_config config = { .search.batch = 64 };
    td_bench b = { .config = &config, .spec.batch = 16 };
    b.cluster.step = (td_step_measured){ .fixed = 1, .image = 0.5, .link = { 1, 1 } };
    ck_assert_double_eq(td_bench_predict(&b, TD_WEAK, 8).batch, 128);
    ck_assert_double_eq(td_bench_predict(&b, TD_WEAK, 8).seconds, 9);
    ck_assert_double_eq(td_bench_predict(&b, TD_STRONG, 8).seconds, 5);
    b.options.strong = 160;
    ck_assert_double_eq(td_bench_predict(&b, TD_STRONG, 8).seconds, 11);
    for (int i = 1; td_bench_counts[i] > 0; i++)
        ck_assert_int_lt(td_bench_counts[i - 1], td_bench_counts[i]);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("bench");
    TCase *rounds = tcase_create("rounds");
    tcase_add_test(rounds, test_all_meet_all_once);
    tcase_add_test(rounds, test_rounds_of_many_ranks);
    suite_add_tcase(suite, rounds);
    TCase *cluster = tcase_create("cluster");
    tcase_add_test(cluster, test_links_between_hosts_count);
    tcase_add_test(cluster, test_links_of_one_host_count_where_there_are_no_others);
    tcase_add_test(cluster, test_slow_ranks);
    tcase_add_test(cluster, test_predictions_take_the_images_of_the_run);
    suite_add_tcase(suite, cluster);
    return suite;
}
