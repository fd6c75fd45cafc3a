/* Lines of several runs in one process: each has files of its own, and what is told
 * beside them. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store_folder.h"
#include "suite.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"

/* What a file of the folder holds, for td_free. */
static char *text_of(const char *name)
{
    char *text = NULL;
    fflush(stdout);
    fflush(stderr);
    td_status status = td_file_read_regular(&text, NULL, in_folder(name), 1 << 16);
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    return text;
}

static void check_text(const char *name, const char *expected)
{
    char *text = text_of(name);
    ck_assert_str_eq(text, expected);
    td_free(text);
}

/* Lines of a log have dates; all of these are of this hour or the one before it, in the
 * zone that the test sets. */
static void check_log(const char *name, const char *expected)
{
    char *text = text_of(name), *rest = text, hours[2][32];
    char *lines = td_strdup("");
    for (int ago = 0; ago < 2; ago++) {
        time_t then = time(NULL) + 2 * 3600 - 3600 * ago; /* its zone is UTC+02:00 */
        struct tm utc;
        strftime(hours[ago], sizeof hours[ago], "%Y-%m-%dT%H:", gmtime_r(&then, &utc));
    }
    for (char *line = strsep(&rest, "\n"); line && *line; line = strsep(&rest, "\n")) {
        int minutes = 0, seconds = 0, end = 0;
        ck_assert_msg(strncmp(line, hours[0], 14) == 0 ||
                          strncmp(line, hours[1], 14) == 0,
                      "%s", line);
        ck_assert_int_eq(
            sscanf(line + 14, "%2d:%2d+02:00 %n", &minutes, &seconds, &end), 2);
        ck_assert_int_eq(end, 12);
        char *more = td_format("%s%s\n", lines, line + 14 + end);
        td_free(lines);
        lines = more;
    }
    ck_assert_str_eq(lines, expected);
    td_free(lines);
    td_free(text);
}

/* stdout and stderr of the test become files. */
static void set_up(void)
{
    setenv("TZ", "XST-02:00", 1);
    tzset();
    folder_make();
    ck_assert(freopen(in_folder("stdout"), "w", stdout));
    ck_assert(freopen(in_folder("stderr"), "w", stderr));
}

static td_status divert(const char *out, const char *err)
{
    char *path = td_strdup(in_folder(out));
    td_status status = td_log_divert(path, in_folder(err));
    td_free(path);
    return status;
}

START_TEST(test_lines_of_a_run_go_to_its_files)
{
    ck_assert_int_eq(divert("out", "err"), TD_OK);
    td_log(TD_LOG_INFO, "epoch %d", 1);
    td_log(TD_LOG_NOTE, "slow");
    td_print("top-1 %.1f", 0.5);
    td_error(TD_DATA, "no data");
    td_error_hint("buy some");
    td_log_failure();
    td_log_divert(NULL, NULL);
    td_log(TD_LOG_INFO, "over");
    check_text("out", "epoch 1\ntop-1 0.5\n");
    check_text("err", "NOTE: slow\ntaildart: no data\nbuy some\n");
    check_text("stdout", "over\n");
    check_text("stderr", "");
}
END_TEST

START_TEST(test_what_is_told_beside_is_in_no_file_of_the_run)
{
    ck_assert_int_eq(divert("out", "err"), TD_OK);
    ck_assert_int_eq(td_log_set_file(in_folder("run.log")), TD_OK);
    td_log_aside("one of %d runs is done", 2);
    td_log(TD_LOG_INFO, "epoch 2");
    td_log_set_file(NULL);
    td_log_divert(NULL, NULL);
    td_log_set_level(TD_LOG_NOTE);
    td_log_aside("not with --quiet");
    check_text("stdout", "one of 2 runs is done\n");
    check_text("out", "epoch 2\n");
    check_log("run.log", "epoch 2\n");
}
END_TEST

/* Notes come before a run may write its log; those of a run that was refused must not
 * stand in the log of the next one. */
START_TEST(test_notes_do_not_get_into_the_next_run)
{
    ck_assert_int_eq(divert("out", "err"), TD_OK);
    td_log(TD_LOG_NOTE, "of the first");
    ck_assert_int_eq(divert("out", "err2"), TD_OK);
    td_log(TD_LOG_NOTE, "of the second");
    ck_assert_int_eq(td_log_set_file(in_folder("run.log")), TD_OK);
    td_log_set_file(NULL);
    td_log(TD_LOG_NOTE, "of the end");
    td_log_set_file(NULL);
    ck_assert_int_eq(td_log_set_file(in_folder("third.log")), TD_OK);
    check_log("run.log", "NOTE: of the second\n");
    check_text("third.log", "");
    td_log_set_file(NULL);
    td_log_divert(NULL, NULL);
}
END_TEST

START_TEST(test_files_are_made_anew_and_links_refused)
{
    write_text(in_folder("out"), "of an earlier run\n");
    ck_assert_int_eq(divert("out", "err"), TD_OK);
    td_log_divert(NULL, NULL);
    check_text("out", "");
    ck_assert_int_eq(symlink("elsewhere", in_folder("link")), 0);
    ck_assert_int_eq(divert("link", "err"), TD_FAILED);
    ck_assert(strstr(td_error_message(), "is a link"));
    td_log_divert(NULL, NULL);
    td_log(TD_LOG_INFO, "goes on");
    check_text("stdout", "goes on\n");
}
END_TEST

START_TEST(test_a_rank_may_speak_for_its_group)
{
    td_base_set_rank(3);
    td_log(TD_LOG_INFO, "silent");
    td_log_speak(true);
    td_log(TD_LOG_INFO, "speaks");
    td_log_speak(false);
    td_log(TD_LOG_INFO, "silent again");
    check_text("stdout", "speaks\n");
}
END_TEST

/* 82 columns with its word, which is wider than the indentation. */
START_TEST(test_a_warning_on_a_terminal_breaks_between_words)
{
    char shown[512] = "", expected[512], first[69];
    size_t got = 0;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        return; /* no pseudo-terminals here */
    int file = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    ck_assert_int_eq(dup2(file, STDERR_FILENO), STDERR_FILENO);
    setenv("COLUMNS", "80", 1);
    memset(first, 'x', 68);
    first[68] = '\0';
    td_log(TD_LOG_WARNING, "%s word", first);
    while (!strstr(shown, "word")) {
        ssize_t n = read(terminal, shown + got, sizeof shown - 1 - got);
        ck_assert_int_gt(n, 0);
        got += (size_t) n;
    }
    snprintf(expected, sizeof expected, "WARNING: %s\r\n      word", first);
    shown[strlen(expected)] = '\0'; /* without the end of the line */
    ck_assert_str_eq(shown, expected);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *lines = tcase_create("lines");
    tcase_add_checked_fixture(lines, set_up, folder_remove);
    tcase_add_test(lines, test_lines_of_a_run_go_to_its_files);
    tcase_add_test(lines, test_what_is_told_beside_is_in_no_file_of_the_run);
    tcase_add_test(lines, test_notes_do_not_get_into_the_next_run);
    tcase_add_test(lines, test_files_are_made_anew_and_links_refused);
    tcase_add_test(lines, test_a_rank_may_speak_for_its_group);
    tcase_add_test(lines, test_a_warning_on_a_terminal_breaks_between_words);
    suite_add_tcase(suite, lines);
    return suite;
}
