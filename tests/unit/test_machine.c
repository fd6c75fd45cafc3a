/* CPUs, quotas, memory and threads of a machine that is laid out in a folder. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store_folder.h"
#include "suite.h"
#include "taildart/machine.h"
#include "taildart/machine_memory.h"
#include "taildart/machine_placement.h"

/* ---- a machine of files ---------------------------------------------------------- */

/* Write \a text to \a path below the folder, with the folders on the way. */
static void write_below(const char *path, const char *text)
{
    char full[4096];
    snprintf(full, sizeof full, "%s%s", folder, path);
    for (char *slash = full + strlen(folder) + 1; (slash = strchr(slash, '/'));
         slash++) {
        *slash = '\0';
        (void) mkdir(full, 0777);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static double quota(void)
{
    return td_quota_read(folder).value;
}

static double memory(void)
{
    return td_memory_limit_read(folder).value;
}

/* ---- control groups -------------------------------------------------------------- */

START_TEST(test_quota_of_version_2_is_the_least_on_the_way_up)
{
    ck_assert(isinf(quota())); /* nothing there at all */
    write_below("/proc/self/cgroup", "0::/jobs/one\n");
    ck_assert(isinf(quota()));
    write_below("/sys/fs/cgroup/jobs/one/cpu.max", "max 100000\n");
    ck_assert(isinf(quota()));
    write_below("/sys/fs/cgroup/jobs/cpu.max", "250000 100000\n");
    ck_assert_double_eq(quota(), 2.5);
    write_below("/sys/fs/cgroup/jobs/one/cpu.max", "400000 100000\n");
    ck_assert_double_eq(quota(), 2.5);
    write_below("/sys/fs/cgroup/jobs/one/cpu.max", "50000 100000\n");
    ck_assert_double_eq(quota(), 0.5);
}
END_TEST

START_TEST(test_quota_of_a_container_that_sees_the_path_of_its_host)
{
    write_below("/proc/self/cgroup", "0::/docker/0123\n");
    write_below("/sys/fs/cgroup/cpu.max", "200000 100000\n");
    ck_assert_double_eq(quota(), 2.0);
}
END_TEST

START_TEST(test_quota_of_version_1)
{
    write_below("/proc/self/cgroup", "5:cpu,cpuacct:/a/b\n4:memory:/a\n0::/\n");
    write_below("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
    write_below("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
    ck_assert(isinf(quota()));
    write_below("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "300000\n");
    write_below("/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    ck_assert_double_eq(quota(), 3.0);
}
END_TEST

START_TEST(test_time_that_a_quota_takes)
{
    ck_assert_double_eq(td_throttled_read(folder), 0.0);
    write_below("/proc/self/cgroup", "5:cpu,cpuacct:/a\n0::/x/y\n");
    ck_assert_double_eq(td_throttled_read(folder), 0.0);
    write_below("/sys/fs/cgroup/x/y/cpu.stat",
                "nr_throttled 3\nthrottled_usec 500000\n");
    ck_assert_double_eq(td_throttled_read(folder), 0.5);
    write_below("/sys/fs/cgroup/x/cpu.stat",
                "nr_throttled 9\nthrottled_usec 1500000\n");
    ck_assert_double_eq(td_throttled_read(folder), 1.5);
    write_below("/sys/fs/cgroup/cpu,cpuacct/a/cpu.stat", "throttled_time 2000000000\n");
    ck_assert_double_eq(td_throttled_read(folder), 2.0);
}
END_TEST

START_TEST(test_names_of_host_and_processor)
{
    char host[TD_HOST_BYTES], model[TD_CPU_MODEL_BYTES];
    td_host_read(host);
    ck_assert_uint_gt(strlen(host), 0);
    td_cpu_model_read(model, folder);
    ck_assert_str_eq(model, "unknown");
    write_below("/proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n"
                                 "model name\t: Another\n");
    td_cpu_model_read(model, folder);
    ck_assert_str_eq(model, "Some CPU @ 2 GHz");
}
END_TEST

START_TEST(test_memory_of_both_versions)
{
    write_below("/proc/self/cgroup", "4:memory:/a\n0::/x\n");
    ck_assert(isinf(memory()));
    write_below("/sys/fs/cgroup/memory/a/memory.limit_in_bytes",
                "9223372036854771712\n");
    write_below("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1000\n");
    ck_assert(isinf(memory()));
    write_below("/sys/fs/cgroup/x/memory.max", "5000000\n");
    write_below("/sys/fs/cgroup/x/memory.current", "3000000\n");
    ck_assert_double_eq(memory(), 2e6);
    write_below("/sys/fs/cgroup/x/memory.stat", "anon 7\ninactive_file 500000\n");
    ck_assert_double_eq(memory(), 2.5e6);
    write_below("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1000000\n");
    ck_assert_double_eq(memory(), 999000.0);
}
END_TEST

/* ---- threads --------------------------------------------------------------------- */

static void refuses_variable(const char *value)
{
    int threads = -1;
    setenv("OMP_NUM_THREADS", value, 1);
    ck_assert_int_eq(td_threads_asked(0, &threads), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "OMP_NUM_THREADS: "));
    ck_assert_ptr_nonnull(strstr(td_error_message(), value));
}

static int takes_variable(const char *value)
{
    int threads = -1;
    setenv("OMP_NUM_THREADS", value, 1);
    ck_assert_int_eq(td_threads_asked(0, &threads), TD_OK);
    return threads;
}

START_TEST(test_threads_that_can_be_meant)
{
    int threads = -1;
    ck_assert_int_eq(takes_variable("2"), 2);
    ck_assert_int_eq(takes_variable("4,2"), 4);
    ck_assert_int_eq(takes_variable(""), 0);
    refuses_variable("20000");
    refuses_variable("99999999999999999999");
    refuses_variable("0");
    refuses_variable("-3");
    refuses_variable("abc");
    refuses_variable("2x");
    ck_assert_int_eq(td_threads_asked(20000, &threads), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "run.threads: 20000"));
    ck_assert_int_eq(td_threads_asked(3, &threads), TD_OK); /* before the variable */
    ck_assert_int_eq(threads, 3);
}
END_TEST

/* ---- sharing --------------------------------------------------------------------- */

enum { MOST = 8 };

/* A rank on \a host that may use CPUs \a first to \a last. */
static td_placement rank_on(const char *host, int first, int last)
{
    td_placement placement = { .cpus = last - first + 1,
                               .quota = { .value = INFINITY } };
    snprintf(placement.host, sizeof placement.host, "%s", host);
    for (int c = first; c <= last; c++)
        placement.mask[c / 64] |= UINT64_C(1) << c % 64;
    return placement;
}

static void check_shares(td_placement *placements, int ranks, const int *wanted)
{
    td_placement_share_cpus(placements, ranks);
    for (int r = 0; r < ranks; r++)
        ck_assert_int_eq(placements[r].threads, wanted[r]);
}

START_TEST(test_unbound_ranks_share_their_host)
{
    td_placement placements[MOST] = { rank_on("a", 0, 7), rank_on("a", 0, 7),
                                      rank_on("a", 0, 7), rank_on("b", 0, 7) };
    check_shares(placements, 4, (int[]){ 2, 2, 2, 8 });
    placements[1].asked = 5; /* what is asked for stands */
    check_shares(placements, 4, (int[]){ 2, 5, 2, 8 });
    for (int r = 0; r < 4; r++)
        placements[r] = rank_on("a", 0, 1);
    check_shares(placements, 4, (int[]){ 1, 1, 1, 1 });
}
END_TEST

START_TEST(test_bound_ranks_keep_their_own)
{
    td_placement placements[MOST] = { rank_on("a", 0, 3), rank_on("a", 4, 7) };
    check_shares(placements, 2, (int[]){ 4, 4 });
    placements[1] = rank_on("a", 2, 5); /* CPUs 2 and 3 are shared */
    check_shares(placements, 2, (int[]){ 3, 3 });
}
END_TEST

START_TEST(test_ranks_of_a_group_share_its_quota)
{
    td_placement placements[MOST] = { rank_on("a", 0, 63), rank_on("a", 0, 63) };
    placements[0].quota = placements[1].quota = (td_limit){ 5.5, 7 };
    check_shares(placements, 2, (int[]){ 2, 2 });
    char *notes = td_placement_notes(placements, 2);
    ck_assert_str_eq(notes,
                     "host a: a quota of 5.5 CPUs (cpu.max of the control group) "
                     "for 4 threads of 2 ranks, though 64 CPUs are seen\n");
    td_free(notes);
    placements[1].quota.cgroup = 8; /* each has its own */
    check_shares(placements, 2, (int[]){ 5, 5 });
    placements[0].quota.value = 0.5;
    check_shares(placements, 1, (int[]){ 1 });
    placements[0] = rank_on("a", 0, 63);
    placements[0].quota = (td_limit){ 2.0, 7 };
    placements[0].asked = 64;
    td_placement_share_cpus(placements, 1);
    notes = td_placement_notes(placements, 1);
    ck_assert_str_eq(notes, "host a: a quota of 2 CPUs (cpu.max of the control group) "
                            "for 64 threads of 1 rank, about 3 % of the speed; set "
                            "OMP_NUM_THREADS=2\n");
    td_free(notes);
}
END_TEST

START_TEST(test_ranks_that_openmp_would_bind_to_the_same_cpus)
{
    td_placement placements[MOST] = { rank_on("a", 0, 3), rank_on("a", 0, 3) };
    placements[0].bound = placements[1].bound = true;
    ck_assert(td_placement_bindings_overlap(placements, 2, 0) &&
              td_placement_bindings_overlap(placements, 2, 1));
    placements[1] = rank_on("a", 4, 7);
    placements[1].bound = true;
    ck_assert(!td_placement_bindings_overlap(placements, 2, 0));
}
END_TEST

START_TEST(test_memory_is_added_up_where_it_is_shared)
{
    td_memory all[2];
    write_below("/proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    3000 kB\n");
    for (int r = 0; r < 2; r++) {
        td_memory_read(&all[r], folder);
        ck_assert_double_eq(all[r].free, 3000.0 * 1024);
        snprintf(all[r].host, sizeof all[r].host, "%s", "a");
        all[r].planned = 2e6;
    }
    ck_assert_ptr_null(td_memory_shortage(all, 1));
    char *shortage = td_memory_shortage(all, 2);
    ck_assert_str_eq(shortage,
                     "host a: 2 ranks plan 4 MB of memory, and 3.07 MB are free");
    td_free(shortage);
    snprintf(all[1].host, sizeof all[1].host, "%s", "b");
    ck_assert_ptr_null(td_memory_shortage(all, 2));
    all[1].limit = (td_limit){ 1e6, 7 };
    shortage = td_memory_shortage(all, 2);
    ck_assert_ptr_nonnull(strstr(shortage, "host b: 1 rank plans 2 MB of memory"));
    td_free(shortage);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("machine");
    TCase *files = tcase_create("files"), *sharing = tcase_create("sharing");
    tcase_add_checked_fixture(files, folder_make, folder_remove);
    tcase_add_test(files, test_quota_of_version_2_is_the_least_on_the_way_up);
    tcase_add_test(files, test_quota_of_a_container_that_sees_the_path_of_its_host);
    tcase_add_test(files, test_quota_of_version_1);
    tcase_add_test(files, test_memory_of_both_versions);
    tcase_add_test(files, test_time_that_a_quota_takes);
    tcase_add_test(files, test_names_of_host_and_processor);
    tcase_add_test(files, test_memory_is_added_up_where_it_is_shared);
    tcase_add_test(sharing, test_threads_that_can_be_meant);
    tcase_add_test(sharing, test_unbound_ranks_share_their_host);
    tcase_add_test(sharing, test_bound_ranks_keep_their_own);
    tcase_add_test(sharing, test_ranks_of_a_group_share_its_quota);
    tcase_add_test(sharing, test_ranks_that_openmp_would_bind_to_the_same_cpus);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, sharing);
    return suite;
}
