/* The report of ranks and CPUs: its lines, and a NOTE in every trap and in no good
 * case. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "taildart/machine_placement.h"

enum { MOST_RANKS = 64 };

static td_placement placements[MOST_RANKS];
static int ranks;

/* The next rank: on \a host with \a node_cpus CPUs, allowed CPUs \a first to \a last.
 */
static void add(const char *host, int node_cpus, int threads, int first, int last)
{
    td_placement placement = { .threads = threads,
                               .node_cpus = node_cpus,
                               .quota = { .value = INFINITY } };
    snprintf(placement.host, sizeof placement.host, "%s", host);
    snprintf(placement.isa, sizeof placement.isa, "x86-64-v3");
    for (int c = first; c <= last; c++, placement.cpus++)
        placement.mask[c / 64] |= UINT64_C(1) << c % 64;
    placements[ranks++] = placement;
}

static void start_over(void)
{
    ranks = 0;
}

static void check_text(char *text, const char *expected)
{
    ck_assert_str_eq(text, expected);
    td_free(text);
}

static void check_lines(const char *expected)
{
    check_text(td_placement_lines(placements, ranks), expected);
}

static void check_notes(const char *expected)
{
    check_text(td_placement_notes(placements, ranks), expected);
}

/* ---- lines ---------------------------------------------------------------------- */

START_TEST(test_one_rank)
{
    add("a", 2, 1, 0, 0);
    check_lines("rank 0: host a, 1 thread on 1 CPU (0)\n");
}
END_TEST

START_TEST(test_equal_neighbours_share_a_line)
{
    for (int r = 0; r < 4; r++)
        add("a", 2, 2, 0, 1);
    add("b", 2, 2, 0, 1);
    add("a", 2, 2, 0, 1);
    add("a", 2, 1, 0, 1);
    check_lines("ranks 0-3: host a, 2 threads on 2 CPUs (0-1)\n"
                "rank 4: host b, 2 threads on 2 CPUs (0-1)\n"
                "rank 5: host a, 2 threads on 2 CPUs (0-1)\n"
                "rank 6: host a, 1 thread on 2 CPUs (0-1)\n");
}
END_TEST

START_TEST(test_masks_are_lists)
{
    add("a", 256, 4, 62, 65);
    placements[0].mask[0] |= 1 | 4;
    placements[0].mask[3] |= UINT64_C(1) << 63;
    check_lines("rank 0: host a, 4 threads on 4 CPUs (0,2,62-65,255)\n");
    start_over();
    add("a", 4096, 4, 1, 0); /* a machine beyond the mask */
    placements[0].cpus = 4096;
    check_lines("rank 0: host a, 4 threads on 4096 CPUs (unknown)\n");
    check_notes("");
}
END_TEST

START_TEST(test_instruction_sets_show_where_they_differ)
{
    add("a", 2, 1, 0, 0);
    add("b", 2, 1, 0, 0);
    snprintf(placements[1].isa, sizeof placements[1].isa, "x86-64-v4");
    check_lines("rank 0: host a, 1 thread on 1 CPU (0), x86-64-v3\n"
                "rank 1: host b, 1 thread on 1 CPU (0), x86-64-v4\n");
}
END_TEST

/* ---- good cases: no NOTE ------------------------------------------------------------
 */

START_TEST(test_no_note_in_good_cases)
{
    add("a", 2, 2, 0, 1); /* one rank, all CPUs */
    check_notes("");
    start_over();
    add("a", 2, 1, 0, 1); /* two ranks, unbound, one thread each */
    add("a", 2, 1, 0, 1);
    check_notes("");
    start_over();
    for (int r = 0; r < 8; r++) /* bound to their own, two hosts */
        add(r < 4 ? "a" : "b", 16, 4, 4 * (r % 4), 4 * (r % 4) + 3);
    check_notes("");
    start_over();
    for (int r = 0; r < 4; r++) /* two ranks a socket */
        add("a", 16, 4, r < 2 ? 0 : 8, r < 2 ? 7 : 15);
    check_notes("");
}
END_TEST

/* ---- traps --------------------------------------------------------------------------
 */

START_TEST(test_note_where_mpirun_binds_to_one_core)
{
    add("a", 2, 2, 0, 0);
    check_notes(
        "rank 0: 2 threads on 1 CPU, half speed; add --bind-to none or --map-by "
        "slot:PE=2 to mpirun, or set OMP_NUM_THREADS=1\n");
}
END_TEST

START_TEST(test_note_for_narrow_ranks_is_folded)
{
    for (int r = 0; r < 8; r++)
        add(r < 4 ? "a" : "b", 16, 4, r % 4, r % 4);
    check_notes("ranks 0-7: 4 threads on 1 CPU, about 25 % of the speed; add --bind-to "
                "none or --map-by slot:PE=4 to mpirun, or set OMP_NUM_THREADS=1\n");
}
END_TEST

START_TEST(test_note_where_unbinding_alone_would_not_help)
{
    add("a", 2, 2, 0, 0); /* each on its own core, but two threads each */
    add("a", 2, 2, 1, 1);
    check_notes("ranks 0-1: 2 threads on 1 CPU, half speed; set OMP_NUM_THREADS=1\n");
    start_over();
    add("a", 2, 4, 0, 0);
    check_notes("rank 0: 4 threads on 1 CPU, about 25 % of the speed; set "
                "OMP_NUM_THREADS=2 and add --bind-to none or --map-by slot:PE=2 to "
                "mpirun\n");
}
END_TEST

START_TEST(test_note_for_too_many_threads_on_a_host)
{
    add("a", 2, 2, 0, 1);
    add("a", 2, 2, 0, 1);
    check_notes("host a: 2 ranks share 2 CPUs for 4 threads, half speed; set "
                "OMP_NUM_THREADS=1\n");
}
END_TEST

START_TEST(test_note_for_too_many_ranks_on_a_host)
{
    for (int r = 0; r < 4; r++)
        add("a", 2, 1, 0, 1);
    check_notes("host a: 4 ranks share 2 CPUs for 4 threads, half speed; start at most "
                "2 ranks on a host\n");
}
END_TEST

START_TEST(test_note_for_masks_that_overlap)
{
    add("a", 8, 2, 0, 1); /* two launchers bound to the same cores, the rest is idle */
    add("a", 8, 2, 0, 1);
    add("a", 8, 2, 2, 3);
    check_notes("host a: 2 ranks share 2 CPUs for 4 threads, half speed; add --bind-to "
                "none or --map-by slot:PE=2 to mpirun, or set OMP_NUM_THREADS=1\n");
    start_over();
    add("a", 4, 2, 0, 1); /* overlapping by half: three CPUs for four threads */
    add("a", 4, 2, 1, 2);
    check_notes("host a: 2 ranks share 3 CPUs for 4 threads, about 75 % of the speed; "
                "add --bind-to none or --map-by slot:PE=2 to mpirun, or set "
                "OMP_NUM_THREADS=1\n");
}
END_TEST

START_TEST(test_note_counts_hosts_alike)
{
    for (int r = 0; r < 6; r++)
        add(r < 2 ? "a" : r < 4 ? "b" : "c", 4, 4, 0, 3);
    add("d", 4, 4, 0, 3);
    check_notes(
        "host a and 2 more: 2 ranks share 4 CPUs for 8 threads, half speed; set "
        "OMP_NUM_THREADS=2\n");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("placement");
    TCase *text = tcase_create("text");
    tcase_add_checked_fixture(text, start_over, NULL);
    tcase_add_test(text, test_one_rank);
    tcase_add_test(text, test_equal_neighbours_share_a_line);
    tcase_add_test(text, test_masks_are_lists);
    tcase_add_test(text, test_instruction_sets_show_where_they_differ);
    tcase_add_test(text, test_no_note_in_good_cases);
    tcase_add_test(text, test_note_where_mpirun_binds_to_one_core);
    tcase_add_test(text, test_note_for_narrow_ranks_is_folded);
    tcase_add_test(text, test_note_where_unbinding_alone_would_not_help);
    tcase_add_test(text, test_note_for_too_many_threads_on_a_host);
    tcase_add_test(text, test_note_for_too_many_ranks_on_a_host);
    tcase_add_test(text, test_note_for_masks_that_overlap);
    tcase_add_test(text, test_note_counts_hosts_alike);
    suite_add_tcase(suite, text);
    return suite;
}
