/* The tables of a run's directory: starts.csv, one row per start, and evaluations.csv,
 * a row a kind of evaluation. */
#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "comma_locale.h"
#include "store_folder.h"
#include "suite.h"
#include "taildart/store_evaluations.h"
#include "taildart/store_starts.h"

static void set_up(void)
{
    folder_make();
    unsetenv("SLURM_JOB_ID");
    unsetenv("PBS_JOBID");
    unsetenv("LSB_JOBID");
    unsetenv("JOB_ID");
    unsetenv("SGE_ROOT");
}

/* ---- starts.csv -------------------------------------------------------------- */

static void note_start(int ranks, bool keeps)
{
    td_run *run = NULL;
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    ck_assert_int_eq(td_run_note_start(run, ranks, 2, 3, keeps), TD_OK);
    td_run_end(run);
}

START_TEST(test_a_start_is_written_down)
{
    td_start *starts;
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    setenv("PBS_JOBID", "17.server", 1);
    note_start(4, false);
    ck_assert_int_eq(td_starts_read(&starts, folder), 1);
    ck_assert_str_eq(starts[0].host, host);
    ck_assert_str_eq(starts[0].scheduler, "PBS");
    ck_assert_str_eq(starts[0].job, "17.server");
    ck_assert_int_eq(starts[0].ranks, 4);
    ck_assert_int_eq(starts[0].hosts, 2);
    ck_assert_int_eq(starts[0].threads, 3);
    ck_assert_int_eq(strlen(starts[0].date), strlen("2026-11-28T20:31:37+01:00"));
    ck_assert_ptr_nonnull(strstr(starts[0].command, "test_store_tables"));
    ck_assert_int_gt(strlen(starts[0].commit), 0);
    td_starts_free(starts, 1);
}
END_TEST

/* A resumed run adds a row, a new one in the same directory begins anew. */
START_TEST(test_starts_of_a_resumed_run)
{
    td_start *starts;
    note_start(1, true);
    note_start(2, true);
    ck_assert_int_eq(td_starts_read(&starts, folder), 2);
    ck_assert(starts[0].ranks == 1 && starts[1].ranks == 2);
    ck_assert_str_eq(starts[1].scheduler, "");
    td_starts_free(starts, 2);
    note_start(5, false);
    ck_assert_int_eq(td_starts_read(&starts, folder), 1);
    ck_assert_int_eq(starts[0].ranks, 5);
    td_starts_free(starts, 1);
}
END_TEST

START_TEST(test_starts_of_any_file)
{
    td_start *starts;
    ck_assert_int_eq(td_starts_read(&starts, folder), 0);
    td_starts_free(starts, 0);
    write_text(in_folder("starts.csv"), "something else\n");
    ck_assert_int_eq(td_starts_read(&starts, folder), 0);
    write_text(in_folder("starts.csv"), "date,command,ranks\n"
                                        "d,\"a, \"\"b\"\"c\",x\n"
                                        "too,many,fields,here\n"
                                        "few\n"
                                        "e,\"never closed,7\n");
    ck_assert_int_eq(td_starts_read(&starts, folder), 1);
    ck_assert_str_eq(starts[0].command, "a, \"b\"c");
    ck_assert_str_eq(starts[0].host, "");
    ck_assert_int_eq(starts[0].ranks, 0);
    td_starts_free(starts, 1);
}
END_TEST

/* JOB_ID alone may be of any program. */
START_TEST(test_a_job_of_grid_engine)
{
    td_start *starts;
    setenv("JOB_ID", "12", 1);
    note_start(1, true);
    setenv("SGE_ROOT", "/opt/sge", 1);
    note_start(1, true);
    ck_assert_int_eq(td_starts_read(&starts, folder), 2);
    ck_assert_str_eq(starts[0].scheduler, "");
    ck_assert_str_eq(starts[0].job, "");
    ck_assert_str_eq(starts[1].scheduler, "Grid Engine");
    ck_assert_str_eq(starts[1].job, "12");
    td_starts_free(starts, 2);
}
END_TEST

/* Rows of a version with fewer columns, in another order, go on under ours. */
START_TEST(test_starts_of_another_version)
{
    td_start *starts;
    note_start(1, false);
    write_text(in_folder("starts.csv"), "date,ranks,command\nd,4,\"a, b\"\n");
    note_start(2, true);
    ck_assert_int_eq(td_starts_read(&starts, folder), 2);
    ck_assert_str_eq(starts[0].date, "d");
    ck_assert_str_eq(starts[0].command, "a, b");
    ck_assert(starts[0].ranks == 4 && starts[1].ranks == 2);
    ck_assert_int_gt(strlen(starts[1].host), 0);
    td_starts_free(starts, 2);
}
END_TEST

/* What would lose something stays as it is, and the run goes on. */
START_TEST(test_starts_that_would_be_lost_stay)
{
    static const char *const files[] = { "date,mood,ranks\nd,fine,4\n",
                                         "date,ranks\nd,4\ntoo,many,fields\n",
                                         "my own notes\n" };
    note_start(1, false);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_text(in_folder("starts.csv"), files[i]);
        note_start(2, true);
        check_content(in_folder("starts.csv"), files[i]);
        ck_assert_ptr_nonnull(strstr(td_error_message(), "starts.csv"));
    }
}
END_TEST

/* A row whose end was lost takes no other along, also where it was cut within
 * quotes. */
START_TEST(test_a_cut_start_spoils_no_other)
{
    td_start *starts;
    note_start(1, true);
    char *whole = NULL;
    ck_assert_int_eq(td_file_read(&whole, NULL, in_folder("starts.csv")), TD_OK);
    char *cut = td_format("%sd,h,1,,,7,1,c,\"never, cl", whole);
    write_text(in_folder("starts.csv"), cut);
    note_start(3, true);
    note_start(4, true);
    int count = td_starts_read(&starts, folder);
    ck_assert_int_eq(count, 4);
    ck_assert(starts[0].ranks == 1 && starts[1].ranks == 7);
    ck_assert(starts[2].ranks == 3 && starts[3].ranks == 4);
    td_starts_free(starts, count);
    td_free(cut);
    td_free(whole);
}
END_TEST

/* ---- evaluations.csv --------------------------------------------------------- */

static int64_t images[3] = { 10, 0, 20 };
static double top1[3] = { 0.5, NAN, 1.0 / 3 };

static td_evaluation some(const char *checkpoint, double adjust, double balanced)
{
    return (td_evaluation){ .checkpoint = (char *) checkpoint,
                            .part = "test",
                            .data = "a, \"b\".h5",
                            .epoch = 7,
                            .images = 30,
                            .adjust = adjust,
                            .tau_norm = NAN,
                            .loss = 1.5,
                            .top1 = 0.4,
                            .balanced = balanced,
                            .macro_f1 = 0.25,
                            .group_top1 = { 0.5, NAN, 0.125 },
                            .ece = 0.0625,
                            .classes = 3,
                            .class_images = images,
                            .class_top1 = top1 };
}

static void add(td_evaluation one)
{
    ck_assert_msg(td_evaluations_add(folder, &one, 1) == TD_OK, "%s",
                  td_error_message());
}

START_TEST(test_an_evaluation_comes_back)
{
    td_evaluation *all;
    comma_locale_set(); /* in any locale */
    add(some("best", NAN, 0.375));
    ck_assert_int_eq(td_evaluations_read(&all, folder), 1);
    ck_assert_str_eq(all[0].checkpoint, "best");
    ck_assert_str_eq(all[0].part, "test");
    ck_assert_str_eq(all[0].data, "a, \"b\".h5");
    ck_assert_int_eq(strlen(all[0].date), strlen("2026-11-28T20:31:37+01:00"));
    ck_assert(all[0].epoch == 7 && all[0].step == 0 && all[0].images == 30);
    ck_assert(isnan(all[0].adjust) && isnan(all[0].tau_norm));
    ck_assert(all[0].loss == 1.5 && all[0].balanced == 0.375);
    ck_assert(all[0].macro_f1 == 0.25 && all[0].ece == 0.0625);
    ck_assert(all[0].group_top1[TD_GROUP_MANY] == 0.5);
    ck_assert(isnan(all[0].group_top1[TD_GROUP_MEDIUM]));
    ck_assert(all[0].group_top1[TD_GROUP_FEW] == 0.125);
    ck_assert_int_eq(all[0].classes, 3);
    ck_assert(all[0].class_images[2] == 20 && all[0].class_top1[0] == 0.5);
    ck_assert(isnan(all[0].class_top1[1]) &&
              fabs(all[0].class_top1[2] - 1.0 / 3) < 1e-6);
    td_evaluations_free(all, 1);
}
END_TEST

/* Of a kind the last one counts; other checkpoints and cures stay beside it. */
START_TEST(test_an_evaluation_again_takes_the_place_of_the_former)
{
    td_evaluation *all;
    add(some("best", NAN, 0.1));
    add(some("last", NAN, 0.2));
    add(some("best", 1.0 / 3, 0.3));
    add(some("best", NAN, 0.4));
    add(some("best", 1.0 / 3, 0.5));
    ck_assert_int_eq(td_evaluations_read(&all, folder), 3);
    ck_assert_str_eq(all[0].checkpoint, "last");
    ck_assert(all[1].balanced == 0.4 && isnan(all[1].adjust));
    ck_assert(all[2].balanced == 0.5 && fabs(all[2].adjust - 1.0 / 3) < 1e-6);
    td_evaluations_free(all, 3);
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_what_is_no_table_of_evaluations_stays)
{
    td_evaluation one = some("best", NAN, 0.1), *all;
    write_text(in_folder("evaluations.csv"), "my own notes\n");
    ck_assert_int_eq(td_evaluations_add(folder, &one, 1), TD_DATA);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "evaluations.csv"));
    check_content(in_folder("evaluations.csv"), "my own notes\n");
    ck_assert_int_eq(td_evaluations_read(&all, folder), 0);
    td_evaluations_free(all, 0);
}
END_TEST

/* A new table would hold neither unknown columns nor lines that are no rows. */
START_TEST(test_a_table_that_would_lose_something_stays)
{
    static const char *const files[] = { "date,checkpoint,mood\nd,best,fine\n",
                                         "date,checkpoint,part\nd,best\n" };
    td_evaluation one = some("best", NAN, 0.1);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        write_text(in_folder("evaluations.csv"), files[i]);
        ck_assert_int_eq(td_evaluations_add(folder, &one, 1), TD_DATA);
        ck_assert_ptr_nonnull(strstr(td_error_message(), "stays as it is"));
        check_content(in_folder("evaluations.csv"), files[i]);
    }
    write_text(in_folder("evaluations.csv"), "date,checkpoint,part\nd,last,test\n");
    add(one);
    td_evaluation *all;
    ck_assert_int_eq(td_evaluations_read(&all, folder), 2);
    td_evaluations_free(all, 2);
}
END_TEST

/* A row is a line, whatever a data set is called. */
START_TEST(test_a_name_with_a_line_end_is_one_row)
{
    td_evaluation one = some("best", NAN, 0.1), *all;
    one.data = "a\nb";
    add(one);
    add(one);
    ck_assert_int_eq(td_evaluations_read(&all, folder), 1);
    ck_assert_str_eq(all[0].data, "a\\x0ab");
    td_evaluations_free(all, 1);
}
END_TEST

/* Who keeps the folder's lock, such as a process that was stopped, holds up nobody. */
START_TEST(test_a_lock_that_is_kept_is_told)
{
    td_evaluation one = some("best", NAN, 0.1);
    int held = open(folder, O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(flock(held, LOCK_EX), 0);
    ck_assert_int_eq(td_evaluations_add(folder, &one, 1), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "another process holds"));
    ck_assert(!file_exists(in_folder("evaluations.csv")));
    close(held);
    add(one);
}
END_TEST

/* Many at a time, from processes of their own: no row is lost. */
START_TEST(test_evaluations_at_a_time_all_stay)
{
    enum { PROCESSES = 8 };
    td_evaluation *all;
    for (int i = 0; i < PROCESSES; i++)
        if (fork() == 0) {
            td_evaluation one = some("best", i, 0.1);
            _exit(td_evaluations_add(folder, &one, 1) == TD_OK ? 0 : 1);
        }
    for (int i = 0, status = 0; i < PROCESSES; i++) {
        ck_assert(wait(&status) > 0);
        ck_assert_int_eq(status, 0);
    }
    ck_assert_int_eq(td_evaluations_read(&all, folder), PROCESSES);
    td_evaluations_free(all, PROCESSES);
}
END_TEST

START_TEST(test_a_checkpoint_knows_its_run)
{
    char *run = td_run_of_checkpoint(in_folder("best.h5"));
    ck_assert_ptr_null(run);
    note_start(1, false);
    run = td_run_of_checkpoint(in_folder("best.h5"));
    ck_assert_str_eq(run, folder);
    td_free(run);
    run = td_run_of_checkpoint(folder);
    ck_assert_str_eq(run, folder);
    td_free(run);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("tables of a run");
    TCase *tests = tcase_create("tables");
    tcase_add_checked_fixture(tests, set_up, folder_remove);
    tcase_add_test(tests, test_a_start_is_written_down);
    tcase_add_test(tests, test_starts_of_a_resumed_run);
    tcase_add_test(tests, test_starts_of_any_file);
    tcase_add_test(tests, test_a_job_of_grid_engine);
    tcase_add_test(tests, test_starts_of_another_version);
    tcase_add_test(tests, test_starts_that_would_be_lost_stay);
    tcase_add_test(tests, test_a_cut_start_spoils_no_other);
    tcase_add_test(tests, test_a_table_that_would_lose_something_stays);
    tcase_add_test(tests, test_a_name_with_a_line_end_is_one_row);
    tcase_add_test(tests, test_a_lock_that_is_kept_is_told);
    tcase_add_test(tests, test_an_evaluation_comes_back);
    tcase_add_test(tests, test_an_evaluation_again_takes_the_place_of_the_former);
    tcase_add_test(tests, test_what_is_no_table_of_evaluations_stays);
    tcase_add_test(tests, test_evaluations_at_a_time_all_stay);
    tcase_add_test(tests, test_a_checkpoint_knows_its_run);
    suite_add_tcase(suite, tests);
    return suite;
}
