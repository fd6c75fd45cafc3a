/* The lock of a run directory, metrics.csv, confusion.csv, and the text of
 * --version. */
#include <fcntl.h>
#include <math.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "../../src/checkpoint/trailer.h"
#include "comma_locale.h"
#include "store_folder.h"
#include "suite.h"
#include "taildart/base_log.h"
#include "taildart/store_beat.h"
#include "taildart/store_confusion.h"
#include "taildart/store_version.h"

/* ---- confusion.csv -------------------------------------------------------------- */

/* RFC 4180: commas, quotes and line ends in quotes, quotes doubled. */
START_TEST(test_confusion_quotes_names)
{
    static const char names[5][TD_CLASS_NAME_BYTES] = { "plain", "a,b", "say \"x\"",
                                                        "two\nlines", "with blank" };
    int64_t counts[25] = { 1, 2, 3, 4, 5, [24] = 6000000000 };
    const char *path = in_folder("confusion.csv");
    ck_assert_int_eq(td_confusion_write(path, counts, names, 5), TD_OK);
    check_content(path,
                  "class,plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",with blank\n"
                  "plain,1,2,3,4,5\n"
                  "\"a,b\",0,0,0,0,0\n"
                  "\"say \"\"x\"\"\",0,0,0,0,0\n"
                  "\"two\nlines\",0,0,0,0,0\n"
                  "with blank,0,0,0,0,6000000000\n");
    ck_assert_int_eq(td_confusion_write(in_folder("none/c"), counts, names, 5),
                     TD_FAILED);
}
END_TEST

/* ---- run directory ----------------------------------------------------------- */

/* Nothing but what tells a checkpoint: zeros, and a right trailer. */
static void write_checkpoint(const char *path)
{
    uint8_t bytes[64 + TD_TRAILER_BYTES] = { 0 };
    td_trailer_init(bytes + 64, bytes, 64);
    ck_assert_int_eq(td_file_write(path, bytes, sizeof bytes), TD_OK);
}

/* Begin, and give the status only. */
static td_status try_run(const char *path)
{
    td_run *run = NULL;
    td_status status = td_run_begin(&run, path, 0);
    ck_assert(status == TD_OK ? run != NULL : run == NULL);
    td_run_end(run);
    return status;
}

/* The exit status of \a path's start in another process; its message goes to a file. */
static int start_elsewhere(const char *path)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        td_run *run = NULL;
        int status = (int) td_run_begin(&run, path, 0);
        td_file_write(in_folder("said"), td_error_message(),
                      strlen(td_error_message()));
        _exit(status);
    }
    int result = 0;
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    ck_assert(WIFEXITED(result));
    return WEXITSTATUS(result);
}

START_TEST(test_run_directory_is_made)
{
    td_run *run = NULL;
    const char *path = in_folder("runs/today/a");
    ck_assert_int_eq(td_run_begin(&run, path, 0), TD_OK);
    ck_assert_str_eq(td_run_path(run, "run.lock"), in_folder("runs/today/a/run.lock"));
    ck_assert(file_exists(td_run_path(run, "run.lock")));
    td_run_end(run);
    ck_assert_int_eq(try_run(in_folder("runs/today/a/")), TD_OK);
}
END_TEST

START_TEST(test_second_start_is_refused_and_says_who)
{
    td_run *run = NULL;
    char pid[32], host[64] = "";
    setenv("SLURM_JOB_ID", "1234", 1);
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    ck_assert_int_eq(start_elsewhere(folder), TD_USAGE);
    char *said = NULL;
    snprintf(pid, sizeof pid, "pid %ld on ", (long) getpid());
    gethostname(host, sizeof host - 1);
    ck_assert_int_eq(td_file_read(&said, NULL, in_folder("said")), TD_OK);
    ck_assert_msg(strstr(said, folder) && strstr(said, pid) && strstr(said, host) &&
                      strstr(said, "job 1234"),
                  "said: %s", said);
    td_free(said);
    td_run_end(run);
    ck_assert_int_eq(start_elsewhere(folder), TD_OK);
}
END_TEST

START_TEST(test_lock_of_a_dead_run_does_not_hold)
{
    ck_assert_int_eq(start_elsewhere(folder), TD_OK); /* ends without td_run_end */
    ck_assert(file_exists(in_folder("run.lock")));
    ck_assert_int_eq(try_run(folder), TD_OK);
}
END_TEST

START_TEST(test_directory_that_cannot_be)
{
    write_text(in_folder("file"), "x");
    ck_assert_int_eq(try_run(in_folder("file/run")), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), in_folder("file/run")));
    ck_assert_int_eq(try_run(in_folder("file")), TD_FAILED);
    ck_assert_int_eq(mkdir(in_folder("full"), 0777), 0);
    ck_assert_int_eq(mkdir(in_folder("full/run.lock"), 0777), 0);
    ck_assert_int_eq(try_run(in_folder("full")), TD_USAGE);
    ck_assert_int_eq(symlink("nowhere", in_folder("link")), 0);
    ck_assert_int_eq(try_run(in_folder("link")), TD_FAILED);
}
END_TEST

/* What people call *.tmp is theirs, and so is what another command leaves. */
START_TEST(test_only_what_a_killed_run_left_is_removed)
{
    static const char *const ours[] = { ".checkpoint.h5.123-0123abcd.tmp",
                                        ".genotype.svg.4711-ffffffff.tmp" };
    static const char *const theirs[] = { "notes.tmp",
                                          "checkpoint.h5.123.tmp",
                                          ".checkpoint.h5.tmp",
                                          ".checkpoint.h5.123-0123abcd.tmp.txt",
                                          ".checkpoint.h5.123-0123abc.tmp",
                                          ".thesis.txt.123-0123abcd.tmp" };
    enum { OURS = sizeof ours / sizeof *ours, THEIRS = sizeof theirs / sizeof *theirs };
    ck_assert_int_eq(try_run(folder), TD_OK);
    for (size_t i = 0; i < OURS; i++)
        write_text(in_folder(ours[i]), "half");
    for (size_t i = 0; i < THEIRS; i++)
        write_text(in_folder(theirs[i]), "theirs");
    write_text(in_folder("checkpoint.h5"), "whole");
    ck_assert_int_eq(try_run(folder), TD_OK);
    for (size_t i = 0; i < OURS; i++)
        ck_assert_msg(!file_exists(in_folder(ours[i])), "%s is left", ours[i]);
    for (size_t i = 0; i < THEIRS; i++)
        check_content(in_folder(theirs[i]), "theirs");
    check_content(in_folder("checkpoint.h5"), "whole");
}
END_TEST

START_TEST(test_lock_is_not_written_through_a_link)
{
    write_text(in_folder("precious"), "theirs");
    ck_assert_int_eq(mkdir(in_folder("run"), 0777), 0);
    ck_assert_int_eq(symlink("../precious", in_folder("run/run.lock")), 0);
    ck_assert_int_eq(try_run(in_folder("run")), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "run.lock"));
    write_checkpoint(in_folder("run/checkpoint.h5"));
    ck_assert_int_eq(try_run(in_folder("run")), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "run.lock: is a link"));
    check_content(in_folder("precious"), "theirs");
}
END_TEST

START_TEST(test_run_begins_where_nothing_of_others_lies)
{
    ck_assert_int_eq(mkdir(in_folder("empty"), 0777), 0);
    ck_assert_int_eq(try_run(in_folder("empty")), TD_OK);
    write_text(in_folder("empty/notes.txt"), "mine"); /* beside a run's files */
    ck_assert_int_eq(try_run(in_folder("empty")), TD_OK);
    check_content(in_folder("empty/notes.txt"), "mine");

    static const char *const names[] = { "config.yaml", "metrics.csv", "checkpoint.h5",
                                         ".hidden", "run.lock" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *place = td_format("theirs-%zu", i);
        char *file = td_format("%s/%s", place, names[i]);
        ck_assert_int_eq(mkdir(in_folder(place), 0777), 0);
        write_text(in_folder(file), "theirs");
        ck_assert_int_eq(try_run(in_folder(place)), TD_USAGE);
        ck_assert_ptr_nonnull(strstr(td_error_message(), names[i]));
        ck_assert_ptr_nonnull(strstr(td_error_hint_message(), "--out"));
        check_content(in_folder(file), "theirs");
        ck_assert(i == 4 || !file_exists(in_folder("theirs-0/run.lock")));
        td_free(place);
        td_free(file);
    }
}
END_TEST

enum { STARTS = 400 };

static char *start_name(int i)
{
    char name[32];
    snprintf(name, sizeof name, "start%d", i);
    return td_strdup(in_folder(name));
}

static void make_runs(void)
{
    for (int i = 0; i < STARTS; i++) {
        td_run *run = NULL;
        char *path = start_name(i);
        if (td_run_begin(&run, path, 0) != TD_OK ||
            td_run_write(run, "run.log", "text") != TD_OK)
            _exit(1);
        td_run_end(run);
        td_free(path);
    }
    _exit(0);
}

/* Two starts at one moment: the folder that is just being made is nobody else's. */
START_TEST(test_a_run_that_begins_meanwhile_is_a_run)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        make_runs();
    int refused = 0, end = 0;
    for (int i = 0; i < STARTS; i++) {
        char *path = start_name(i), *log = td_format("%s/run.log", path);
        while (access(log, F_OK) != 0 && waitpid(child, &end, WNOHANG) == 0)
            refused += td_run_check_folder(path) != TD_OK;
        td_free(log);
        td_free(path);
    }
    ck_assert_msg(refused == 0, "%d times: %s", refused, td_error_message());
    for (int i = 0; i < STARTS; i++) {
        char *path = start_name(i), *log = td_format("%s/run.log", path);
        ck_assert_int_eq(access(log, F_OK), 0);
        td_free(log);
        td_free(path);
    }
}
END_TEST

/* As a folder that was copied without its lock, or whose lock a full disk left
 * empty. */
START_TEST(test_checkpoint_tells_a_run_too)
{
    ck_assert_int_eq(mkdir(in_folder("copied"), 0777), 0);
    write_checkpoint(in_folder("copied/checkpoint.prev.h5"));
    write_text(in_folder("copied/config.yaml"), "seed: 2\n");
    ck_assert_int_eq(try_run(in_folder("copied")), TD_OK);
    ck_assert_int_eq(mkdir(in_folder("empty"), 0777), 0);
    write_text(in_folder("empty/run.lock"), "");
    ck_assert_int_eq(try_run(in_folder("empty")), TD_OK);
}
END_TEST

/* ---- a directory that goes away under its run ------------------------------------ */

START_TEST(test_directory_removed_under_its_run)
{
    td_run *run = NULL, *other = NULL;
    const char *path = in_folder("run");
    ck_assert_int_eq(td_run_begin(&run, path, 0), TD_OK);
    ck_assert_int_eq(td_run_check(run), TD_OK);
    remove_all(path);
    ck_assert_int_eq(td_run_check(run), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), path));
    ck_assert_int_eq(td_run_begin(&other, path, 0), TD_OK);
    ck_assert_int_eq(td_run_check(run), TD_FAILED);
    ck_assert_int_eq(td_run_check(other), TD_OK);
    td_run_end(run);
    td_run_end(other);
}
END_TEST

START_TEST(test_only_the_lock_is_removed)
{
    td_run *run = NULL, *other = NULL;
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    ck_assert_int_eq(unlink(in_folder("run.lock")), 0);
    ck_assert_int_eq(td_run_check(run), TD_OK); /* and it is there again */
    ck_assert_int_eq(start_elsewhere(folder), TD_USAGE);
    ck_assert_int_eq(unlink(in_folder("run.lock")), 0);
    write_checkpoint(in_folder("checkpoint.h5"));
    ck_assert_int_eq(td_run_begin(&other, folder, 0), TD_OK);
    td_run_end(other); /* it may have written here, though it is over */
    ck_assert_int_eq(td_run_check(run), TD_FAILED);
    td_run_end(run);
}
END_TEST

START_TEST(test_waiting_for_a_run_that_ends)
{
    int ready[2];
    char byte = 0;
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        td_run *run = NULL;
        td_run_begin(&run, folder, 0);
        (void) !write(ready[1], "x", 1);
        usleep(300000); /* holds it a moment longer than the other asks for it */
        _exit(0);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    td_run *run = NULL;
    ck_assert_int_eq(td_run_begin(&run, folder, 60), TD_OK);
    td_run_end(run);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

START_TEST(test_run_survives_the_limit_of_file_sizes)
{
    char text[2000];
    td_run *run = NULL;
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    limit_files(1000);
    int file = open(in_folder("log"), O_WRONLY | O_CREAT, 0666);
    memset(text, 'x', sizeof text);
    ck_assert_int_eq(write(file, text, sizeof text), 1000);
    ck_assert_int_eq(write(file, text, sizeof text), -1); /* and no SIGXFSZ */
    close(file);
    limit_files(RLIM_INFINITY);
    td_run_end(run);
}
END_TEST

/* ---- metrics ----------------------------------------------------------------- */

#define HEADER                                                                         \
    "epoch,seconds,images_per_second,lr_weights,lr_arch,mixing,train_loss,train_top1," \
    "valid_loss,valid_top1,valid_balanced_top1,many_top1,medium_top1,few_top1,"        \
    "alpha_entropy_normal,alpha_entropy_reduce,alpha_change,skip_count_normal,"        \
    "comm_seconds,peak_rss_bytes,valid_ece,data_seconds,forward_seconds,"              \
    "backward_seconds,weight_reduction_seconds,arch_reduction_seconds,update_seconds," \
    "validation_seconds,checkpoint_seconds,other_seconds,weight_transfer_seconds,"     \
    "weight_wait_seconds,arch_transfer_seconds,arch_wait_seconds,hidden_seconds,"      \
    "imbalance,slowest_rank,arch_penalty,"                                             \
    "hessian_eigenvalue\n"

/* Field i holds i/8; the mixing ratio and the few classes are absent. */
static td_metrics some_metrics(int epoch)
{
    td_metrics metrics = { epoch,
                           0.125,
                           0.25,
                           0.375,
                           0.5,
                           NAN,
                           0.75,
                           0.875,
                           1,
                           1.125,
                           1.25,
                           { 1.375, 1.5, NAN },
                           1.75,
                           1.875,
                           2,
                           2,
                           2.25,
                           8123456789.0,
                           2.5,
                           .weight_transfer_seconds = 5.0,
                           .weight_wait_seconds = 5.125,
                           .arch_transfer_seconds = 5.25,
                           .arch_wait_seconds = 5.375,
                           .hidden_seconds = 5.5,
                           .imbalance = NAN,
                           .slowest_rank = 7,
                           .arch_penalty = -0.5,
                           .hessian_eigenvalue = 0.75 };
    for (int s = 0; s < TD_SECTION_COUNT; s++)
        metrics.section_seconds[s] = 3.0 + 0.125 * s;
    return metrics;
}

#define ROW(epoch)                                                                     \
    epoch ",0.125,0.25,0.375,0.5,,0.75,0.875,1,1.125,1.25,1.375,1.5,,1.75,1.875,2,2,"  \
          "2.25,8123456789,2.5,3.125,3.25,3.375,3.5,3.625,3.75,3.875,4,4.125,5,5.125," \
          "5.25,"                                                                      \
          "5.375,5.5,,7,-0.5,0.75\n"
/* As written before calibration was measured, and with an empty field for it. */
#define OLD_FIELDS                                                                     \
    ",0.125,0.25,0.375,0.5,,0.75,0.875,1,1.125,1.25,1.375,1.5,,1.75,1.875,2,2,2.25,"   \
    "8123456789"
#define OLD_ROW(epoch) epoch OLD_FIELDS "\n"
#define COMPLETED_ROW(epoch) epoch OLD_FIELDS ",,,,,,,,,,,,,,,,,,,\n"

static void append_epoch(const char *path, int epoch)
{
    td_metrics metrics = some_metrics(epoch);
    char *row = td_metrics_row(&metrics);
    ck_assert_int_eq(td_metrics_append(path, row), TD_OK);
    td_free(row);
}

START_TEST(test_metrics_columns)
{
    td_metrics metrics = some_metrics(3);
    char *header = td_metrics_header(), *row = td_metrics_row(&metrics);
    ck_assert_str_eq(header, HEADER);
    ck_assert_str_eq(row, ROW("3"));
    td_free(header);
    td_free(row);
}
END_TEST

START_TEST(test_metrics_keep_a_float)
{
    td_metrics metrics = some_metrics(0);
    for (float f = 1e-30f; f < 1e30f; f *= 3.7f) {
        metrics.train_loss = f;
        char *row = td_metrics_row(&metrics);
        float back = strtof(strstr(row, ",,") + 2, NULL);
        ck_assert_msg(back == f, "%.9g became %.9g", f, back);
        td_free(row);
    }
}
END_TEST

START_TEST(test_metrics_do_not_follow_the_locale)
{
    comma_locale_set();
    td_metrics metrics = some_metrics(3), *rows;
    char *row = td_metrics_row(&metrics);
    ck_assert_str_eq(row, ROW("3"));
    ck_assert_int_eq(td_metrics_parse(&rows, HEADER ROW("3")), 1);
    ck_assert(rows[0].seconds == 0.125 && rows[0].hessian_eigenvalue == 0.75);
    td_free(rows);
    td_free(row);
}
END_TEST

/* In place of the C library's: counts. */
static int flushes;

int fsync(int file)
{
    flushes++;
    return (int) syscall(SYS_fsync, file);
}

START_TEST(test_flush_waits_for_all_that_was_written)
{
    static const char *const names[] = { TD_RUN_CONFIG,        TD_RUN_GENOTYPE,
                                         TD_RUN_GENOTYPE_JSON, TD_RUN_GENOTYPE_DOT,
                                         TD_RUN_GENOTYPE_SVG,  TD_RUN_STARTS,
                                         TD_RUN_TIMING,        TD_RUN_TRACE,
                                         TD_RUN_BEAT };
    enum { NAMES = sizeof names / sizeof *names };
    td_run *run = NULL;
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    for (int i = 0; i < NAMES; i++) {
        flushes = 0;
        ck_assert_int_eq(td_run_write(run, names[i], "text\n"), TD_OK);
        ck_assert_int_eq(flushes, 0);
        ck_assert_int_eq(td_run_flush(run), TD_OK); /* others are not there */
        ck_assert_msg(flushes == i + 1, "%s: %d files of %d", names[i], flushes, i + 1);
    }
    td_run_end(run);
}
END_TEST

START_TEST(test_a_heartbeat_does_not_follow_the_locale)
{
    const td_beat beat = { TD_BEAT_STEPS, 1, 5, 2, 8, 0.125, 2.5, 60.5, 0 };
    td_run *run = NULL;
    td_beat found;
    char *text = NULL;
    comma_locale_set();
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    ck_assert_int_eq(td_beat_write(run, &beat), TD_OK);
    ck_assert_int_eq(td_file_read(&text, NULL, td_run_path(run, TD_RUN_BEAT)), TD_OK);
    ck_assert_ptr_null(strchr(text, ','));
    ck_assert(td_beat_read(&found, folder));
    ck_assert(found.step_seconds == 0.125 && found.left == 2.5 &&
              found.patience == 60.5);
    td_free(text);
    td_run_end(run);
}
END_TEST

START_TEST(test_metrics_are_cut_to_the_history)
{
    const char *path = in_folder("metrics.csv");
    ck_assert_int_eq(td_metrics_begin(path, ""), TD_OK);
    check_content(path, HEADER);
    for (int e = 0; e < 3; e++)
        append_epoch(path, e);
    check_content(path, HEADER ROW("0") ROW("1") ROW("2"));
    ck_assert_int_eq(td_metrics_begin(path, ROW("0")), TD_OK);
    append_epoch(path, 1);
    check_content(path, HEADER ROW("0") ROW("1"));
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_metrics_of_an_older_version)
{
    const char *path = in_folder("metrics.csv");
    ck_assert_int_eq(td_metrics_begin(path, OLD_ROW("0") OLD_ROW("1") ROW("2")), TD_OK);
    append_epoch(path, 3);
    check_content(path, HEADER COMPLETED_ROW("0") COMPLETED_ROW("1") ROW("2") ROW("3"));
}
END_TEST

START_TEST(test_full_disk_leaves_whole_rows)
{
    const char *path = in_folder("metrics.csv");
    td_run *run = NULL;
    ck_assert_int_eq(td_run_begin(&run, folder, 0), TD_OK);
    ck_assert_int_eq(td_metrics_begin(path, ""), TD_OK);
    append_epoch(path, 0);
    limit_files(strlen(HEADER ROW("0")) + 10);
    ck_assert_int_eq(td_metrics_append(path, ROW("1")), TD_FAILED);
    limit_files(RLIM_INFINITY);
    ck_assert_ptr_nonnull(strstr(td_error_message(), path));
    check_content(path, HEADER ROW("0"));
    append_epoch(path, 1);
    check_content(path, HEADER ROW("0") ROW("1"));
    td_run_end(run);
}
END_TEST

/* ---- version ----------------------------------------------------------------- */

START_TEST(test_version_tells_of_all)
{
    const char *const words[] = { "taildart " TD_VERSION "\n",
                                  "\ncommit ",
                                  "\ncompiler ",
                                  "\nMPI ",
                                  "\nBLAS ",
                                  "\nHDF5 " };
    char *text = td_version_text();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ck_assert_msg(strstr(text, words[i]) != NULL, "no %s in:\n%s", words[i], text);
    ck_assert(text[strlen(text) - 1] != '\n');
    td_free(text);
}
END_TEST

static TCase *case_with_folder(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, folder_make, folder_remove);
    suite_add_tcase(suite, tests);
    return tests;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("store");
    TCase *confusion = case_with_folder(suite, "confusion");
    tcase_add_test(confusion, test_confusion_quotes_names);
    TCase *run = case_with_folder(suite, "run");
    tcase_add_test(run, test_run_directory_is_made);
    tcase_add_test(run, test_second_start_is_refused_and_says_who);
    tcase_add_test(run, test_lock_of_a_dead_run_does_not_hold);
    tcase_add_test(run, test_directory_that_cannot_be);
    tcase_add_test(run, test_only_what_a_killed_run_left_is_removed);
    tcase_add_test(run, test_run_begins_where_nothing_of_others_lies);
    tcase_add_test(run, test_a_run_that_begins_meanwhile_is_a_run);
    tcase_add_test(run, test_checkpoint_tells_a_run_too);
    tcase_add_test(run, test_directory_removed_under_its_run);
    tcase_add_test(run, test_only_the_lock_is_removed);
    tcase_add_test(run, test_waiting_for_a_run_that_ends);
    tcase_add_test(run, test_lock_is_not_written_through_a_link);
    tcase_add_test(run, test_run_survives_the_limit_of_file_sizes);
    tcase_add_test(run, test_a_heartbeat_does_not_follow_the_locale);
    tcase_add_test(run, test_flush_waits_for_all_that_was_written);
    TCase *metrics = case_with_folder(suite, "metrics");
    tcase_add_test(metrics, test_metrics_columns);
    tcase_add_test(metrics, test_metrics_keep_a_float);
    tcase_add_test(metrics, test_metrics_do_not_follow_the_locale);
    tcase_add_test(metrics, test_metrics_are_cut_to_the_history);
    tcase_add_test(metrics, test_metrics_of_an_older_version);
    tcase_add_test(metrics, test_full_disk_leaves_whole_rows);
    TCase *version = case_with_folder(suite, "version");
    tcase_add_test(version, test_version_tells_of_all);
    return suite;
}
