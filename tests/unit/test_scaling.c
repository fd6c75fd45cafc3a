/* What ranks cost: formulas against numbers reckoned by hand, scaling.csv written and
 * read, refused line by line, sorted into series, and drawn. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comma_locale.h"
#include "suite.h"
#include "taildart/base_file.h"
#include "taildart/scaling.h"

/* ---- sums over ranks --------------------------------------------------------- */

static const td_link ethernet_25 = { 18e-6, 2.8e9 }, infiniband = { 1.2e-6, 24e9 };
static const double gradients = 7.72e6, alphas = 896; /* bytes                       */
static const double add = 1 / 8e9; /* seconds per byte              */

static void check_near(double found, double wanted, double tolerance)
{
    ck_assert_msg(fabs(found - wanted) <= tolerance, "%.9g instead of %.9g", found,
                  wanted);
}

START_TEST(test_sums_by_hand)
{
    /* 2·6·18 µs + 2·63/64·7.72 MB/2.8 GB/s + 63/64·7.72 MB/8 GB/s, in ms */
    check_near(1e3 * td_sum_cost(TD_SUM_HALVING, 64, gradients, ethernet_25, add),
               6.594, 5e-4);
    check_near(1e3 * td_sum_cost(TD_SUM_RING, 64, gradients, ethernet_25, add), 8.646,
               5e-4);
    check_near(1e3 * td_sum_cost(TD_SUM_DOUBLING, 64, gradients, ethernet_25, add),
               22.44, 5e-3);
    check_near(1e3 * td_sum_cost(TD_SUM_HALVING, 256, gradients, infiniband, add),
               1.621, 5e-4);
    check_near(1e3 * td_sum_cost(TD_SUM_RING, 256, gradients, infiniband, add), 2.214,
               5e-4);
    check_near(1e6 * td_sum_cost(TD_SUM_DOUBLING, 64, alphas, ethernet_25, 0), 109.9,
               0.05);
}
END_TEST

START_TEST(test_counts_that_are_no_power_of_two_cost_two_more_messages)
{
    double whole = ethernet_25.latency + gradients / ethernet_25.bandwidth;
    double more = 2 * whole + gradients * add;
    for (int ranks = 3; ranks < 100; ranks++) {
        int power = 1 << (int) floor(log2(ranks) + 1e-9);
        for (td_sum_kind kind = TD_SUM_HALVING; kind <= TD_SUM_DOUBLING; kind++)
            check_near(td_sum_cost(kind, ranks, gradients, ethernet_25, add) -
                           td_sum_cost(kind, power, gradients, ethernet_25, add),
                       ranks == power ? 0 : more, 1e-12);
    }
    /* 8.32 MB and alphas over three ranks, without additions */
    double both = td_sum_cost(TD_SUM_HALVING, 3, 8.32e6, ethernet_25, 0) +
                  td_sum_cost(TD_SUM_DOUBLING, 3, 932, ethernet_25, 0);
    check_near(1e3 * both, 9.02, 0.03);
}
END_TEST

START_TEST(test_rings_go_by_the_primes_of_the_ranks)
{
    /* sums of primes less one */
    const int sums[][2] = { { 2, 1 }, { 3, 2 },  { 6, 3 },  { 12, 4 },
                            { 7, 6 }, { 96, 7 }, { 64, 6 }, { 35, 10 } };
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        int ranks = sums[i][0];
        double wanted =
            2 * sums[i][1] * 18e-6 + 2 * (ranks - 1.0) / ranks * 7.72e6 / 2.8e9;
        check_near(td_sum_cost(TD_SUM_RINGS, ranks, gradients, ethernet_25, 0), wanted,
                   1e-12);
    }
    check_near(td_sum_cost(TD_SUM_RINGS, 13, gradients, ethernet_25, add),
               td_sum_cost(TD_SUM_RING, 13, gradients, ethernet_25, add), 1e-12);
}
END_TEST

/* What a reducer does on so many ranks, and no other sum, is predicted. */
START_TEST(test_reducers_cost_what_they_do)
{
    const td_reducer_kind ring = TD_REDUCER_RING, blocking = TD_REDUCER_BLOCKING;
    const struct {
        td_reducer_kind reduce;
        int ranks;
        double bytes;
        td_sum_kind wanted;
    } cases[] = {
        { blocking, 3, gradients, TD_SUM_RINGS },
        { blocking, 4, gradients, TD_SUM_RINGS },
        { blocking, 8, gradients, TD_SUM_HALVING },
        { blocking, 64, gradients, TD_SUM_HALVING },
        { blocking, 97, 4e6, TD_SUM_HALVING }, /* a large prime: fold, then halve */
        { blocking, 3, 200e3, TD_SUM_DOUBLING },
        { blocking, 8, alphas, TD_SUM_DOUBLING },
        { ring, 8, gradients, TD_SUM_RINGS },
        { ring, 97, 4e6, TD_SUM_RINGS },
        { ring, 3, 20e3, TD_SUM_RINGS },
        { ring, 3, alphas, TD_SUM_DOUBLING },
        { TD_REDUCER_OVERLAPPED, 97, 4e6, TD_SUM_RINGS },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_near(td_sum_cost_of(cases[i].reduce, cases[i].ranks, cases[i].bytes,
                                  ethernet_25, add),
                   td_sum_cost(cases[i].wanted, cases[i].ranks, cases[i].bytes,
                               ethernet_25, add),
                   1e-12);
}
END_TEST

START_TEST(test_one_rank_sends_nothing)
{
    for (td_sum_kind kind = TD_SUM_RING; kind < TD_SUMS; kind++)
        ck_assert_double_eq(td_sum_cost(kind, 1, gradients, ethernet_25, add), 0);
    check_near(td_sum_cost(TD_SUM_RING, 2, gradients, ethernet_25, 0),
               td_sum_cost(TD_SUM_HALVING, 2, gradients, ethernet_25, 0), 1e-15);
}
END_TEST

START_TEST(test_slowest_of_many)
{
    /* order statistics of the normal distribution */
    check_near(td_slowest_of(1), 0, 1e-9);
    check_near(td_slowest_of(2), 1 / sqrt(acos(-1)), 1e-6);
    check_near(td_slowest_of(8), 1.42360, 1e-5);
    check_near(td_slowest_of(100), 2.50759, 1e-5);
    check_near(td_slowest_of(1000), 3.24144, 1e-5);
    ck_assert(td_slowest_of(4096) < sqrt(2 * log(4096)));
}
END_TEST

START_TEST(test_links)
{
    td_link link;
    comma_locale_set();
    ck_assert_int_eq(td_link_read(&link, "25GbE"), TD_OK);
    ck_assert(link.latency == 18e-6 && link.bandwidth == 2.8e9);
    ck_assert_int_eq(td_link_read(&link, "3e-6,1.5e9"), TD_OK);
    ck_assert(link.latency == 3e-6 && link.bandwidth == 1.5e9);
    const char *bad[] = { "",          "40GbE",   "1e-6",   "1e-6,",
                          "1e-6,0",    ",1e9",    "-1,1e9", "x,1e9",
                          "1e-6,1e9 ", "nan,1e9", "1,inf",  "1e-6;1e9" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(td_link_read(&link, bad[i]), TD_USAGE);
        ck_assert_ptr_nonnull(strstr(td_error_message(), "--link: found"));
    }
}
END_TEST

/* What is simulated is what --link predicts. */
START_TEST(test_networks_of_the_simulation_are_those_links)
{
    char *text = NULL, *rest = NULL;
    size_t length = 0;
    int found = 0;
    ck_assert_int_eq(
        td_file_read_regular(&text, &length, "tests/simulate/networks.txt", 1 << 16),
        TD_OK);
    for (char *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        char name[16], word[16];
        double latency, bandwidth;
        td_link link;
        if (line[0] == '#')
            continue;
        ck_assert_int_eq(
            sscanf(line, "%15s %15s %lf %lf", name, word, &latency, &bandwidth), 4);
        ck_assert_int_eq(td_link_read(&link, word), TD_OK);
        ck_assert_msg(link.latency == latency && link.bandwidth == bandwidth, "%s",
                      line);
        found++;
    }
    ck_assert_int_ge(found, 4);
    td_free(text);
}
END_TEST

/* ---- a step ------------------------------------------------------------------ */

static const td_step_measured step = {
    .fixed = 0.1,
    .image = 0.01,
    .noise = 0.01,
    .sums = 2,
    .bytes = { 7.72e6, 896 },
    .reduce = TD_REDUCER_BLOCKING,
    .link = { 18e-6, 2.8e9 },
    .add = 1 / 8e9,
};

START_TEST(test_step_weak)
{
    td_step_cost cost = td_step_predict(&step, TD_WEAK, 64, 50);
    double transfer = 6.5942e-3 + 110.6e-6; /* halving, then doubling with additions */
    check_near(cost.batch, 3200, 0);
    check_near(cost.transfer, transfer, 1e-6);
    check_near(cost.wait, 0.6 * 0.01 * td_slowest_of(64), 1e-12);
    check_near(cost.seconds, 0.6 + cost.transfer + cost.wait, 1e-12);
    check_near(cost.efficiency, 0.6 / cost.seconds, 1e-12);
}
END_TEST

START_TEST(test_step_strong)
{
    td_step_cost cost = td_step_predict(&step, TD_STRONG, 3, 64);
    check_near(cost.batch, 64, 0);
    check_near(cost.seconds, 0.1 + 0.22 + cost.transfer + cost.wait,
               1e-12); /* 22 images */
    check_near(cost.efficiency, 0.74 / (3 * cost.seconds), 1e-12);
    ck_assert(isnan(td_step_predict(&step, TD_STRONG, 65, 64).seconds));
    td_step_cost alone = td_step_predict(&step, TD_STRONG, 1, 64);
    check_near(alone.seconds, 0.74, 1e-9);
    check_near(alone.efficiency, 1, 1e-9);
}
END_TEST

/* ---- scaling.csv ------------------------------------------------------------- */

#define HEADER                                                                         \
    "date,commit,hosts,mpi,ranks,threads,mode,batch,seconds_per_step,"                 \
    "images_per_second,transfer_seconds,wait_seconds,efficiency,kind,label\n"

static td_scaling_file file;

static td_status parse(const char *rows)
{
    td_scaling_clear(&file);
    char *text = td_format("%s%s", HEADER, rows);
    td_status status = td_scaling_parse(&file, "s.csv", text);
    td_free(text);
    return status;
}

static void tear_down(void)
{
    td_scaling_clear(&file);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

START_TEST(test_header_is_the_one_in_the_documentation)
{
    char *header = td_scaling_header();
    ck_assert_str_eq(header, HEADER);
    td_free(header);
}
END_TEST

START_TEST(test_what_is_written_is_read)
{
    td_text text = { 0 };
    const td_scaling_row row = { .date = "2026-01-31",
                                 .commit = "abc",
                                 .hosts = "a,b",
                                 .mpi = "Open \"MPI\"",
                                 .label = "",
                                 .ranks = 4,
                                 .threads = 2,
                                 .mode = TD_STRONG,
                                 .kind = TD_SIMULATED,
                                 .batch = 64,
                                 .seconds = 0.25,
                                 .images_per_second = 256,
                                 .transfer = 0,
                                 .wait = NAN,
                                 .efficiency = 0.5 };
    comma_locale_set();
    td_scaling_write(&text, &row);
    ck_assert_str_eq(text.chars,
                     "2026-01-31,abc,a;b,Open ;MPI;,4,2,strong,64,0.25,256,0,,"
                     "0.5,simulated,\n");
    ck_assert_int_eq(parse(text.chars), TD_OK);
    td_free(text.chars);
    const td_scaling_row *found = &file.rows[0];
    ck_assert_int_eq(file.count, 1);
    ck_assert_str_eq(found->hosts, "a;b");
    ck_assert_str_eq(found->label, "");
    ck_assert(found->ranks == 4 && found->threads == 2 && found->mode == TD_STRONG);
    ck_assert(found->kind == TD_SIMULATED && found->batch == 64);
    ck_assert(found->seconds == 0.25 && found->images_per_second == 256);
    ck_assert(found->transfer == 0 && isnan(found->wait) && found->efficiency == 0.5);
}
END_TEST

START_TEST(test_columns_in_any_order_with_others_beside_them)
{
    const char *text =
        "label,more,kind,efficiency,wait_seconds,transfer_seconds,images_per_second,"
        "seconds_per_step,batch,mode,threads,ranks,mpi,hosts,commit,date\r\n"
        "\"x, y\",z,predicted,,,,128,0.5,64,weak,1,2,,,,\r\n"
        "\n";
    ck_assert_int_eq(td_scaling_parse(&file, "s.csv", text), TD_OK);
    ck_assert_int_eq(file.count, 1);
    ck_assert(file.rows[0].ranks == 2 && file.rows[0].kind == TD_PREDICTED);
    ck_assert_str_eq(file.rows[0].label, "x, y");
    ck_assert_str_eq(file.rows[0].date, "");
}
END_TEST

static void check_refused(const char *rows, const char *words)
{
    ck_assert_int_eq(parse(rows), TD_DATA);
    ck_assert_msg(strstr(td_error_message(), words) != NULL, "%s", td_error_message());
}

START_TEST(test_refusals_name_line_and_column)
{
    const char *good = "d,c,h,m,1,1,weak,64,0.5,128,,,,measured,l\n";
    ck_assert_int_eq(parse(good), TD_OK);
    check_refused("", "s.csv: there is no row in it");
    check_refused("d,c,h,m,1,1,weak,64\n", "line 2 has 8 fields, the first has 15");
    char *later = td_format("%sd,c,h,m,0,1,weak,64,0.5,128,,,,measured,l\n", good);
    check_refused(later,
                  "line 3: ranks: found \"0\"; accepted: a whole number from 1 on");
    td_free(later);
    check_refused("d,c,h,m,1.5,1,weak,64,0.5,128,,,,measured,l\n",
                  "ranks: found \"1.5\"");
    check_refused("d,c,h,m,1e9999,1,weak,64,0.5,128,,,,measured,l\n", "ranks: found");
    check_refused("d,c,h,m,1,1,Weak,64,0.5,128,,,,measured,l\n",
                  "mode: found \"Weak\"; accepted: weak, strong");
    check_refused("d,c,h,m,1,1,weak,64,0,128,,,,measured,l\n",
                  "seconds_per_step: found \"0\"; accepted: a number above 0");
    check_refused("d,c,h,m,1,1,weak,,0.5,128,,,,measured,l\n", "batch: found \"\"");
    check_refused("d,c,h,m,1,1,weak,64,0.5,128,-1,,,measured,l\n",
                  "transfer_seconds: found \"-1\"; accepted: a number from 0 on");
    check_refused("d,c,h,m,1,1,weak,64,0.5,128,nan,,,measured,l\n", "transfer_seconds");
    check_refused("d,c,h,m,1,1,weak,64,0.5,128,,,,guessed,l\n",
                  "accepted: measured, predicted, simulated");
}
END_TEST

START_TEST(test_another_file_is_named)
{
    ck_assert_int_eq(td_scaling_parse(&file, "m.csv", "epoch,seconds\n0,1\n"), TD_DATA);
    ck_assert_str_eq(td_error_message(),
                     "m.csv: there is no column \"date\" in line 1");
    ck_assert_ptr_nonnull(strstr(td_error_hint_message(), "begins with date,commit"));
    td_scaling_clear(&file);
    ck_assert_int_eq(td_scaling_parse(&file, "e.csv", ""), TD_DATA);
    td_scaling_clear(&file);
    ck_assert_int_eq(td_scaling_read(&file, "/nonexistent/s.csv"), TD_DATA);
}
END_TEST

/* ---- what it shows ----------------------------------------------------------- */

/* Two counts measured, one of them twice, and the same predicted. */
static const char *const rows = "d,c,h,m,2,1,weak,128,0.6,213.333333,,,,measured,a<b\n"
                                "d,c,h,m,1,1,weak,64,0.5,128,,,,measured,a<b\n"
                                "d,c,h,m,2,1,weak,128,0.5,256,,,,predicted,a<b\n"
                                "d,c,h,m,2,1,weak,128,0.625,204.8,0.02,,,measured,a<b\n"
                                "d,c,h,m,8,1,strong,64,0.1,640,,,0.75,simulated,\n";

START_TEST(test_table)
{
    ck_assert_int_eq(parse(rows), TD_OK);
    char *table = td_scaling_table(&file);
    ck_assert_str_eq(table,
                     "weak: measured, 64 images per rank, 1 thread: a<b (commit c)\n"
                     "  ranks    batch    step s   images/s  transfer s    wait s  "
                     "speed-up  effic.\n"
                     "      1       64       0.5        128           -         -      "
                     "   1    100.0 %\n"
                     "      2      128     0.625      204.8        0.02         -      "
                     " 1.6     80.0 %\n"
                     "\n"
                     "weak: predicted, 64 images per rank, 1 thread: a<b (commit c)\n"
                     "  ranks    batch    step s   images/s  transfer s    wait s  "
                     "speed-up  effic.\n"
                     "      2      128       0.5        256           -         -      "
                     "   2    100.0 %\n"
                     "\n"
                     "strong: simulated, 64 images in all, 1 thread (commit c)\n"
                     "  ranks    batch    step s   images/s  transfer s    wait s  "
                     "speed-up  effic.\n"
                     "      8       64       0.1        640           -         -      "
                     "   6     75.0 "
                     "%\n");
    td_free(table);
}
END_TEST

static int count_of(const char *text, const char *words)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
        count++;
    return count;
}

START_TEST(test_page)
{
    ck_assert_int_eq(parse(rows), TD_OK);
    char *page = td_scaling_page(&file, "runs/<s>.csv");
    ck_assert_ptr_nonnull(strstr(page, "<title>runs/&lt;s&gt;.csv</title>"));
    ck_assert_int_eq(count_of(page, "<svg class=\"chart\""), 6);
    ck_assert_ptr_nonnull(strstr(page, "<h2>Weak scaling</h2>"));
    ck_assert_ptr_nonnull(strstr(page, "<h2>Strong scaling</h2>"));
    ck_assert_int_eq(count_of(page, "1 thread: a&lt;b (commit c)"), 2 + 2);
    ck_assert_ptr_nonnull(strstr(page, "<title>measured, 2 ranks: 0.8</title>"));
    ck_assert_ptr_nonnull(strstr(page, "<title>simulated, 8 ranks: 6</title>"));
    ck_assert_int_eq(count_of(page, "class=\"line ideal\""), 3 * 3 + 2);
    ck_assert_int_eq(count_of(page, "<tr><th>"), 3 + 4);
    td_free(page);
}
END_TEST

START_TEST(test_any_number_gives_a_picture)
{
    ck_assert_int_eq(
        parse("d,c,h,m,2147483647,1,strong,1e300,1e-300,1e300,,,1e300,measured,\n"
              "d,c,h,m,1,1,strong,1e300,1e300,1e-300,,,0,measured,\n"),
        TD_OK);
    char *page = td_scaling_page(&file, "s");
    ck_assert_int_eq(count_of(page, "nan"), 0);
    ck_assert_int_eq(count_of(page, "inf"), 0);
    td_free(page);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("scaling");
    TCase *cost = tcase_create("cost");
    tcase_add_test(cost, test_sums_by_hand);
    tcase_add_test(cost, test_counts_that_are_no_power_of_two_cost_two_more_messages);
    tcase_add_test(cost, test_rings_go_by_the_primes_of_the_ranks);
    tcase_add_test(cost, test_reducers_cost_what_they_do);
    tcase_add_test(cost, test_one_rank_sends_nothing);
    tcase_add_test(cost, test_slowest_of_many);
    tcase_add_test(cost, test_links);
    tcase_add_test(cost, test_networks_of_the_simulation_are_those_links);
    tcase_add_test(cost, test_step_weak);
    tcase_add_test(cost, test_step_strong);
    suite_add_tcase(suite, cost);
    TCase *csv = tcase_create("scaling.csv");
    tcase_add_checked_fixture(csv, NULL, tear_down);
    tcase_add_test(csv, test_header_is_the_one_in_the_documentation);
    tcase_add_test(csv, test_what_is_written_is_read);
    tcase_add_test(csv, test_columns_in_any_order_with_others_beside_them);
    tcase_add_test(csv, test_refusals_name_line_and_column);
    tcase_add_test(csv, test_another_file_is_named);
    tcase_add_test(csv, test_table);
    tcase_add_test(csv, test_page);
    tcase_add_test(csv, test_any_number_gives_a_picture);
    suite_add_tcase(suite, csv);
    return suite;
}
