/* The report of ranks and CPUs: its lines, and a NOTE in every trap and in no good
 * case. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "taildart/machine_placement.h"

enum { MOST_RANKS = 512 };

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

/* Many ranks on hosts that \a format names by number, \a each on a host, which has
 * \a cpus of its own for every rank. */
static void add_hosts(const char *format, int from, int hosts, int each, int cpus)
{
    char name[64];
    for (int h = from; h < from + hosts; h++)
        for (int r = 0; r < each; r++) {
            snprintf(name, sizeof name, format, h);
            add(name, each * cpus, cpus, r * cpus, r * cpus + cpus - 1);
        }
}

START_TEST(test_hosts_used_alike_share_a_line)
{
    add_hosts("node%d", 0, 256, 1, 2);
    check_lines("ranks 0-255: hosts node[0-255], 2 threads on 2 CPUs (0-1)\n");
    check_notes("");
    start_over();
    add_hosts("n%03d.cluster.org", 9, 128, 4, 8);
    check_lines("ranks 0-511: hosts n[009-136].cluster.org, 4 ranks on each, 8 threads "
                "on 8 CPUs each (0-31)\n");
    start_over();
    add_hosts("a%d", 1, 2, 1, 2);
    add_hosts("a%d", 4, 1, 1, 2);
    add_hosts("b%d", 5, 1, 1, 2);
    add_hosts("x%d-ib", 5, 2, 1, 2);
    add_hosts("login", 0, 1, 1, 2);
    add_hosts("c%d", 1, 9, 1, 2);
    check_lines("ranks 0-15: hosts a[1-2],a4,b5,x[5-6]-ib and 10 more, 2 threads on 2 "
                "CPUs (0-1)\n");
}
END_TEST

START_TEST(test_ranks_with_cpus_of_their_own_share_a_line)
{
    add_hosts("big", 0, 1, 64, 1);
    check_lines("ranks 0-63: host big, 1 thread on 1 CPU each (0-63)\n");
    start_over();
    for (int h = 0; h < 2; h++) {
        add(h ? "b" : "a", 8, 4, 0, 3);
        add(h ? "b" : "a", 8, 2, 4, 5);
        add(h ? "b" : "a", 8, 2, 4, 5);
    }
    check_lines("ranks 0-5: hosts a,b, 3 ranks on each, 4 threads on 4 CPUs (0-3); 2 "
                "threads on 2 CPUs (4-5)\n");
}
END_TEST

START_TEST(test_no_launch_fills_a_page)
{
    for (int turn = 0; turn < 64; turn++) /* dealt in turns */
        add_hosts("node%d", 0, 4, 1, 2);
    check_lines("ranks 0-3: hosts node[0-3], 2 threads on 2 CPUs (0-1)\n"
                "ranks 4-7: hosts node[0-3], 2 threads on 2 CPUs (0-1)\n"
                "ranks 8-11: hosts node[0-3], 2 threads on 2 CPUs (0-1)\n"
                "ranks 12-15: hosts node[0-3], 2 threads on 2 CPUs (0-1)\n"
                "ranks 16-19: hosts node[0-3], 2 threads on 2 CPUs (0-1)\n"
                "ranks 20-255: 4 hosts, 2 threads on 2 CPUs\n");
    start_over();
    for (int h = 0; h < 256; h++) /* cores that a scheduler had to spare */
        add_hosts("node%d", h, 1, 1, 1 + h % 3);
    char *lines = td_placement_lines(placements, ranks);
    ck_assert_ptr_nonnull(strstr(lines, "\nranks 5-255: 251 hosts, 1 to 3 "
                                        "threads on 1 to 3 CPUs\n"));
    td_free(lines);
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

START_TEST(test_note_counts_quotas_alike)
{
    add_hosts("node%d", 0, 256, 1, 8);
    for (int r = 0; r < ranks; r++)
        placements[r].quota = (td_limit){ r == 9 ? 4 : 2, 7 };
    check_notes(
        "host node0 and 254 more: a quota of 2 CPUs (cpu.max of the control group) for "
        "8 threads of 1 rank, about 25 % of the speed; set OMP_NUM_THREADS=2\n"
        "host node9: a quota of 4 CPUs (cpu.max of the control group) for 8 threads of "
        "1 rank, about 50 % of the speed; set OMP_NUM_THREADS=4\n");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("placement");
    TCase *text = tcase_create("text");
    tcase_add_checked_fixture(text, start_over, NULL);
    tcase_add_test(text, test_one_rank);
    tcase_add_test(text, test_equal_neighbours_share_a_line);
    tcase_add_test(text, test_hosts_used_alike_share_a_line);
    tcase_add_test(text, test_ranks_with_cpus_of_their_own_share_a_line);
    tcase_add_test(text, test_no_launch_fills_a_page);
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
    tcase_add_test(text, test_note_counts_quotas_alike);
    suite_add_tcase(suite, text);
    return suite;
}
