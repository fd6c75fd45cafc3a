/* Where the wall clock goes: sections that leave no gap, and what is told of them. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "comma_locale.h"
#include "suite.h"
#include "taildart/base_clock.h"
#include "taildart/timing_report.h"
#include "taildart/timing_trace.h"

/* ---- counting -------------------------------------------------------------------- */

static void work_for(double seconds)
{
    double end = td_clock_seconds() + seconds;
    while (td_clock_seconds() < end)
        ;
}

START_TEST(test_sections_add_up_to_the_clock)
{
    td_times times;
    double outside = td_clock_seconds();
    td_times_begin();
    double inside = td_clock_seconds();
    for (int s = 0; s < TD_SECTION_COUNT; s++) {
        td_section former = td_section_enter((td_section) s);
        work_for(0.002);
        ck_assert_int_eq(td_section_enter(former), s);
    }
    double least = td_clock_seconds() - inside;
    td_times_read(&times);
    double most = td_clock_seconds() - outside;
    for (int s = 0; s < TD_SECTION_COUNT; s++)
        ck_assert_double_ge(times.seconds[s], 0.002);
    ck_assert_double_ge(td_times_wall(&times), least - 1e-9);
    ck_assert_double_le(td_times_wall(&times), most + 1e-9);
}
END_TEST

START_TEST(test_begin_opens_the_start)
{
    td_times times;
    td_section_enter(TD_SECTION_FORWARD);
    td_times_begin();
    work_for(0.001);
    td_times_read(&times);
    ck_assert_double_eq(times.seconds[TD_SECTION_START], td_times_wall(&times));
    ck_assert_int_eq(td_section_enter(TD_SECTION_OTHER), TD_SECTION_START);
}
END_TEST

START_TEST(test_waits_belong_to_the_open_section)
{
    td_times before, after;
    td_times_begin();
    td_section_enter(TD_SECTION_WEIGHT_REDUCTION);
    td_times_read(&before);
    double begun = td_wait_begin();
    work_for(0.002);
    double waited = td_wait_end(begun);
    td_times_read(&after);
    td_times_since(&after, &before);
    ck_assert_double_ge(waited, 0.002);
    ck_assert_double_eq_tol(after.waits[TD_SECTION_WEIGHT_REDUCTION], waited, 1e-12);
    ck_assert_double_eq_tol(td_times_waits(&after), waited, 1e-12);
    ck_assert_double_le(td_times_waits(&after), td_times_wall(&after));
}
END_TEST

/* ---- telling --------------------------------------------------------------------- */

enum { RANKS = 3 };

/* Rank 2 is slow in the forward pass, for which the others wait. */
static void some_times(td_rank_times all[RANKS])
{
    memset(all, 0, RANKS * sizeof *all);
    for (int r = 0; r < RANKS; r++) {
        td_times *t = &all[r].times;
        snprintf(all[r].host, sizeof all[r].host, "node%d", r);
        t->seconds[TD_SECTION_FORWARD] = r == 2 ? 40.0 : 10.0;
        t->seconds[TD_SECTION_WEIGHT_REDUCTION] = r == 2 ? 10.0 : 40.0;
        t->waits[TD_SECTION_WEIGHT_REDUCTION] = r == 2 ? 9.0 : 39.0;
        all[r].reduced[TD_WEIGHT_REDUCTIONS] =
            (td_reductions){ .calls = 100,
                             .last = r == 2 ? 90 : 5,
                             .bytes = 4e9,
                             .transfer = 9.0,
                             .wait = r == 2 ? 1.0 : 31.0,
                             .hidden = r };
        t->seconds[TD_SECTION_OTHER] = 50.0;
    }
}

START_TEST(test_spreads_name_the_slowest)
{
    td_rank_times all[RANKS];
    some_times(all);
    td_spread forward = td_section_spread(all, RANKS, TD_SECTION_FORWARD);
    ck_assert_double_eq(forward.least, 10.0);
    ck_assert_double_eq(forward.most, 40.0);
    ck_assert_double_eq_tol(forward.mean, 20.0, 1e-12);
    ck_assert_int_eq(forward.slowest, 2);
    td_spread wall = td_wall_spread(all, RANKS);
    ck_assert_double_eq(wall.least, 100.0);
    ck_assert_double_eq(wall.most, 100.0);
}
END_TEST

START_TEST(test_table_of_ranks)
{
    td_rank_times all[RANKS];
    some_times(all);
    char *table = td_times_table(all, RANKS);
    ck_assert_str_eq(
        table,
        "section                       min       avg       max   share  slowest\n"
        "forward                    10.000    20.000    40.000  20.0 %  2@node2\n"
        "weight reduction           10.000    30.000    40.000  30.0 %  0@node0\n"
        "  transfer                  9.000     9.000     9.000   9.0 %\n"
        "  waiting for               1.000    21.000    31.000  21.0 %  2@node2\n"
        "other                      50.000    50.000    50.000  50.0 %  0@node0\n"
        "wall clock                100.000   100.000   100.000 100.0 %\n"
        "weight reduction: 100 of 40 MB, 0.444 GB/s; 1.000 s hidden\n");
    td_free(table);
}
END_TEST

START_TEST(test_table_of_one_rank_is_short)
{
    td_rank_times all[RANKS];
    some_times(all);
    char *table = td_times_table(all, 1);
    ck_assert_str_eq(table, "section                    seconds   share\n"
                            "forward                     10.000  10.0 %\n"
                            "weight reduction            40.000  40.0 %\n"
                            "other                       50.000  50.0 %\n"
                            "wall clock                 100.000 100.0 %\n");
    td_free(table);
}
END_TEST

START_TEST(test_lines_fit_into_80_columns)
{
    td_rank_times all[RANKS];
    some_times(all);
    memset(all[2].host, 'x', sizeof all[2].host - 1);
    all[2].times.seconds[TD_SECTION_ARCH_REDUCTION] = 9999.0;
    char *table = td_times_table(all, RANKS);
    for (const char *line = table; *line; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
    ck_assert_ptr_nonnull(strstr(table, "2@xxx"));
    td_free(table);
}
END_TEST

START_TEST(test_json_has_every_section)
{
    td_rank_times all[RANKS];
    some_times(all);
    comma_locale_set();
    snprintf(all[2].host, sizeof all[2].host, "a\"b\\c\n");
    char *json = td_times_json(all, RANKS);
    ck_assert_ptr_null(strchr(json, '\n'));
    ck_assert_ptr_nonnull(strstr(
        json,
        "{\"wall\": {\"min\": 100.000000, \"avg\": 100.000000, \"max\": 100.000000, "
        "\"slowest\": {\"rank\": 0, \"host\": \"node0\"}}, \"start\": "));
    ck_assert_ptr_nonnull(strstr(
        json,
        "\"forward\": {\"min\": 10.000000, \"avg\": 20.000000, \"max\": 40.000000, "
        "\"slowest\": {\"rank\": 2, \"host\": \"a\\\"b\\\\c\\u000a\"}, "
        "\"share\": 0.200000, \"waits\": 0.000000}"));
    ck_assert_ptr_nonnull(strstr(
        json, "\"waits\": 29.000000, \"calls\": 100, \"bytes\": 4000000000, "
              "\"transfer\": 9.000000, \"wait\": 21.000000, \"hidden\": 1.000000, "
              "\"last\": {\"rank\": 2, \"host\": \"a\\\"b\\\\c\\u000a\", "
              "\"calls\": 90}}"));
    for (int s = 0; s < TD_SECTION_COUNT; s++) {
        char *key = td_format("\"%s\": {", td_section_word((td_section) s));
        ck_assert_ptr_nonnull(strstr(json, key));
        td_free(key);
    }
    td_free(json);
}
END_TEST

/* ---- NOTEs ----------------------------------------------------------------------- */

/* Ranks that have computed alike for a while. */
static void alike(td_rank_times all[RANKS])
{
    memset(all, 0, RANKS * sizeof *all);
    for (int r = 0; r < RANKS; r++) {
        snprintf(all[r].host, sizeof all[r].host, "node%d", r);
        snprintf(all[r].cpu, sizeof all[r].cpu, "Fast 9000");
        all[r].threads = 2;
        all[r].times.seconds[TD_SECTION_FORWARD] = 60.0;
        all[r].times.seconds[TD_SECTION_BACKWARD] = 40.0;
        all[r].times.seconds[TD_SECTION_WEIGHT_REDUCTION] = 100.0;
    }
}

static void check_notes(const td_rank_times *all, int ranks, const char *wanted)
{
    char *notes = td_times_notes(all, ranks);
    ck_assert_str_eq(notes, wanted);
    td_free(notes);
}

START_TEST(test_good_runs_have_no_notes)
{
    td_rank_times all[RANKS];
    alike(all);
    check_notes(all, RANKS, "");
    check_notes(all, 1, "");
    all[1].times.seconds[TD_SECTION_FORWARD] += 4.0; /* less than 3 % over the mean */
    all[1].throttled = 1.0;
    check_notes(all, RANKS, "");
    snprintf(all[2].cpu, sizeof all[2].cpu, "Other, as fast");
    check_notes(all, RANKS, "");
}
END_TEST

START_TEST(test_imbalance_is_noted)
{
    td_rank_times all[RANKS];
    alike(all);
    all[1].times.seconds[TD_SECTION_BACKWARD] = 70.0;
    all[1].times.seconds[TD_SECTION_WEIGHT_REDUCTION] = 70.0;
    check_notes(
        all, RANKS,
        "imbalance of 18 %: rank 1@node1 computes for 130 s, the mean is 110 s; "
        "the others wait 20 s for it, 10 % of the run; see what else runs on "
        "node1, add --bind-to core to mpirun, or leave it out (mpirun --host)\n");
    for (int r = 0; r < RANKS; r++) /* a short run says nothing */
        for (int s = 0; s < TD_SECTION_COUNT; s++)
            all[r].times.seconds[s] /= 20.0;
    check_notes(all, RANKS, "");
}
END_TEST

START_TEST(test_a_slower_processor_is_noted)
{
    td_rank_times all[RANKS];
    alike(all);
    snprintf(all[0].cpu, sizeof all[0].cpu, "Old 100");
    all[0].times.seconds[TD_SECTION_FORWARD] = 85.0;
    check_notes(all, RANKS,
                "rank 0@node0 has a slower CPU (Old 100) than most ranks (Fast 9000): "
                "25 % longer for the same work, for which all wait 25 s; use hosts of "
                "one kind (mpirun --host, sbatch --constraint)\n");
}
END_TEST

START_TEST(test_a_quota_is_noted)
{
    td_rank_times all[RANKS];
    alike(all);
    all[2].throttled = 100.0;
    check_notes(all, RANKS,
                "rank 2@node2: the CPU quota of its control group (cpu.max) held its "
                "threads up for 100 s, 25 % of their time; set OMP_NUM_THREADS=1, or "
                "raise the quota (docker --cpus, Slurm --cpus-per-task)\n");
}
END_TEST

/* ---- the trace ------------------------------------------------------------------- */

static void step_of_trace(int step)
{
    td_section_at(0, step);
    td_section_enter(TD_SECTION_FORWARD);
    td_section_enter(TD_SECTION_BACKWARD);
    td_section_enter(TD_SECTION_OTHER);
}

START_TEST(test_a_trace_is_of_some_steps)
{
    int count = 0;
    td_times_begin();
    td_section_enter(TD_SECTION_OTHER);
    ck_assert(!td_trace_is_complete());
    td_trace_begin(2);
    for (int step = 0; step < 2; step++) {
        step_of_trace(step);
        ck_assert(!td_trace_is_complete());
    }
    step_of_trace(2);
    ck_assert(td_trace_is_complete());
    td_trace_slice *slices = td_trace_end(&count);
    ck_assert(!td_trace_is_complete());
    ck_assert_int_eq(count, 6); /* what is before and between steps is a slice, too */
    for (int i = 0; i < count; i++) {
        ck_assert_double_le(slices[i].begin, slices[i].end);
        ck_assert_double_ge(slices[i].begin, i > 0 ? slices[i - 1].end : 0.0);
        ck_assert_int_eq(slices[i].step, i / 3);
    }
    ck_assert_int_eq(slices[4].section, TD_SECTION_FORWARD);
    td_free(slices);
    step_of_trace(3); /* nothing is noted any more */
    ck_assert_ptr_null(td_trace_end(&count));
    ck_assert_int_eq(count, 0);
}
END_TEST

START_TEST(test_a_trace_in_the_form_of_chrome)
{
    static const char *const hosts[] = { "a", "b\"" };
    const td_trace_slice slices[] = {
        { 0.25, 0.5, 1, 7, TD_SECTION_WEIGHT_REDUCTION, 1 },
    };
    comma_locale_set();
    char *json = td_trace_json(slices, 1, hosts, 2);
    ck_assert_str_eq(
        json,
        "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"
        "{\"ph\": \"M\", \"pid\": 0, \"tid\": 0, \"name\": \"process_name\", \"args\": "
        "{\"name\": \"rank 0 @ a\"}},\n"
        "{\"ph\": \"M\", \"pid\": 0, \"tid\": 0, \"name\": \"process_sort_index\", "
        "\"args\": {\"sort_index\": 0}},\n"
        "{\"ph\": \"M\", \"pid\": 1, \"tid\": 0, \"name\": \"process_name\", \"args\": "
        "{\"name\": \"rank 1 @ b\\\"\"}},\n"
        "{\"ph\": \"M\", \"pid\": 1, \"tid\": 0, \"name\": \"process_sort_index\", "
        "\"args\": {\"sort_index\": 1}},\n"
        "{\"ph\": \"X\", \"pid\": 1, \"tid\": 0, \"name\": \"weight reduction\", "
        "\"ts\": "
        "250000.000, \"dur\": 250000.000, \"args\": {\"epoch\": 1, \"step\": 7}}\n"
        "]}\n");
    td_free(json);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("timing");
    TCase *counting = tcase_create("counting");
    tcase_add_test(counting, test_sections_add_up_to_the_clock);
    tcase_add_test(counting, test_begin_opens_the_start);
    tcase_add_test(counting, test_waits_belong_to_the_open_section);
    suite_add_tcase(suite, counting);
    TCase *telling = tcase_create("telling");
    tcase_add_test(telling, test_spreads_name_the_slowest);
    tcase_add_test(telling, test_table_of_ranks);
    tcase_add_test(telling, test_table_of_one_rank_is_short);
    tcase_add_test(telling, test_lines_fit_into_80_columns);
    tcase_add_test(telling, test_json_has_every_section);
    suite_add_tcase(suite, telling);
    TCase *notes = tcase_create("notes");
    tcase_add_test(notes, test_good_runs_have_no_notes);
    tcase_add_test(notes, test_imbalance_is_noted);
    tcase_add_test(notes, test_a_slower_processor_is_noted);
    tcase_add_test(notes, test_a_quota_is_noted);
    suite_add_tcase(suite, notes);
    TCase *trace = tcase_create("trace");
    tcase_add_test(trace, test_a_trace_is_of_some_steps);
    tcase_add_test(trace, test_a_trace_in_the_form_of_chrome);
    suite_add_tcase(suite, trace);
    return suite;
}
