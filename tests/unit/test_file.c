/* Files that are complete or absent, links, temporary names, and what is no file. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store_folder.h"
#include "suite.h"

/* ---- files ------------------------------------------------------------------- */

START_TEST(test_file_comes_back)
{
    char bytes[100000], *read = NULL;
    size_t n = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char) (i * i >> 3);
    ck_assert_int_eq(td_file_write(in_folder("a"), bytes, sizeof bytes), TD_OK);
    ck_assert_int_eq(td_file_read(&read, &n, in_folder("a")), TD_OK);
    ck_assert_uint_eq(n, sizeof bytes);
    ck_assert_mem_eq(read, bytes, n);
    ck_assert_int_eq(read[n], 0);
    td_free(read);
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_file_replaces)
{
    write_text(in_folder("a"), "a long first text");
    write_text(in_folder("a"), "short");
    check_content(in_folder("a"), "short");
    ck_assert_int_eq(td_file_write(in_folder("a"), NULL, 0), TD_OK);
    check_content(in_folder("a"), "");
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_file_of_the_present_folder)
{
    ck_assert_int_eq(chdir(folder), 0);
    write_text("plain", "text");
    check_content(in_folder("plain"), "text");
    ck_assert_int_eq(chdir("/"), 0);
}
END_TEST

START_TEST(test_reader_of_the_old_file_is_not_disturbed)
{
    char seen[8] = "";
    write_text(in_folder("a"), "old");
    int file = open(in_folder("a"), O_RDONLY);
    write_text(in_folder("a"), "new");
    ck_assert_int_eq(read(file, seen, sizeof seen), 3);
    ck_assert_str_eq(seen, "old");
    close(file);
}
END_TEST

START_TEST(test_full_disk_keeps_the_old_file)
{
    char *large = td_malloc(1 << 20);
    write_text(in_folder("a"), "old");
    limit_files(100000);
    ck_assert_int_eq(td_file_write(in_folder("a"), large, 1 << 20), TD_FAILED);
    limit_files(RLIM_INFINITY);
    ck_assert_ptr_nonnull(strstr(td_error_message(), in_folder("a")));
    ck_assert_ptr_nonnull(strstr(td_error_message(), "File too large"));
    check_content(in_folder("a"), "old");
    ck_assert_int_eq(folder_count(), 1);
    td_free(large);
}
END_TEST

START_TEST(test_no_folder_to_write_to)
{
    ck_assert_int_eq(td_file_write(in_folder("none/a"), "x", 1), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "No such file"));
    write_text(in_folder("a"), "x");
    ck_assert_int_eq(mkdir(in_folder("b"), 0777), 0);
    ck_assert_int_eq(td_file_write(in_folder("b"), "x", 1), TD_FAILED);
    ck_assert_int_eq(folder_count(), 2);
}
END_TEST

START_TEST(test_trying_changes_nothing)
{
    ck_assert_int_eq(td_file_try(in_folder("a")), TD_OK);
    ck_assert_int_eq(folder_count(), 0);
    write_text(in_folder("a"), "old");
    ck_assert_int_eq(td_file_try(in_folder("a")), TD_OK);
    check_content(in_folder("a"), "old");
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

START_TEST(test_trying_finds_what_writing_would)
{
    ck_assert_int_eq(td_file_try(in_folder("none/a")), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "none/a: cannot be written"));
    ck_assert_int_eq(mkdir(in_folder("b"), 0777), 0);
    ck_assert_int_eq(td_file_try(in_folder("b")), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "directory"));
    ck_assert_int_eq(td_file_try(""), TD_FAILED);
    ck_assert_int_eq(folder_count(), 1);
}
END_TEST

/* ---- temporary names ------------------------------------------------------------- */

/* A folder that a process with our number has left full of such names must not stop us,
 * nor lose what it holds. */
START_TEST(test_temporary_names_of_others_stay)
{
    char name[64];
    snprintf(name, sizeof name, "a.%ld.tmp", (long) getpid());
    write_text(in_folder(name), "theirs");
    write_text(in_folder("a"), "ours");
    check_content(in_folder("a"), "ours");
    check_content(in_folder(name), "theirs");
    ck_assert(td_file_is_left_over(".a.12-0123abcd.tmp", "a"));
    ck_assert(!td_file_is_left_over(name, "a"));
    ck_assert(!td_file_is_left_over(".a.12-0123abcd.tmp", "b"));
    ck_assert(!td_file_is_left_over(".a.h5.12-0123abcd.tmp", "a"));
}
END_TEST

static bool clock_stands;

/* In the place of the C library's: with a clock that stands, names can be foretold. */
int clock_gettime(clockid_t id, struct timespec *now)
{
    if (clock_stands) {
        *now = (struct timespec){ .tv_sec = 1000, .tv_nsec = 1 };
        return 0;
    }
    return (int) syscall(SYS_clock_gettime, id, now);
}

/* The name that this process takes for "file" while the clock stands and it has made
 * \a count of them. */
static const char *temporary(char *name, size_t room, unsigned int count)
{
    snprintf(name, room, "%s/.file.%ld-%08x.tmp", folder, (long) getpid(),
             (1U ^ 1000U << 12) + 0x9e3779b9U * count);
    return name;
}

/* Every name that the next writing could take first is somebody's file or a link to
 * it. */
START_TEST(test_what_bears_a_temporary_name_stays)
{
    enum { NAMES = 8 };
    char theirs[600], name[600];
    snprintf(theirs, sizeof theirs, "%s/theirs", folder);
    write_text(theirs, "somebody's");
    for (unsigned int i = 0; i < NAMES; i++) {
        temporary(name, sizeof name, i);
        ck_assert_int_eq(i % 2 ? link(theirs, name) : symlink(theirs, name), 0);
    }
    clock_stands = true;
    td_status status = td_file_write(in_folder("file"), "ours", 4);
    clock_stands = false;
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    check_content(in_folder("file"), "ours");
    check_content(theirs, "somebody's");
    for (unsigned int i = 0; i < NAMES; i++)
        ck_assert_int_eq(unlink(temporary(name, sizeof name, i)), 0);
}
END_TEST

/* ---- links ----------------------------------------------------------------------- */

static bool is_link(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
}

START_TEST(test_links_of_users_stay)
{
    write_text(in_folder("a"), "old");
    ck_assert_int_eq(symlink("a", in_folder("link")), 0);
    write_text(in_folder("link"), "new");
    check_content(in_folder("a"), "new");
    ck_assert(is_link(in_folder("link")));
}
END_TEST

START_TEST(test_links_that_lead_nowhere_stay)
{
    ck_assert_int_eq(symlink("none", in_folder("link")), 0);
    ck_assert_int_eq(td_file_try(in_folder("link")), TD_FAILED);
    ck_assert_int_eq(td_file_write(in_folder("link"), "x", 1), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "leads nowhere"));
    ck_assert(is_link(in_folder("link")));
}
END_TEST

START_TEST(test_links_in_our_folders_are_not_followed)
{
    td_file_part part = { "ours", 4 };
    write_text(in_folder("precious"), "theirs");
    ck_assert_int_eq(symlink("precious", in_folder("appended")), 0);
    ck_assert_int_eq(symlink("precious", in_folder("replaced")), 0);
    ck_assert_int_eq(td_file_append(in_folder("appended"), "x", 1), TD_FAILED);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "appended: is a link"));
    ck_assert_int_eq(td_file_replace(in_folder("replaced"), &part, 1, NULL), TD_OK);
    ck_assert(!is_link(in_folder("replaced")));
    check_content(in_folder("replaced"), "ours");
    check_content(in_folder("precious"), "theirs");
}
END_TEST

/* ---- appending ------------------------------------------------------------------- */

START_TEST(test_append_makes_and_extends)
{
    ck_assert_int_eq(td_file_append(in_folder("a"), "one,", 4), TD_OK);
    ck_assert_int_eq(td_file_append(in_folder("a"), "two", 3), TD_OK);
    check_content(in_folder("a"), "one,two");
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0666), 0);
    ck_assert_int_eq(td_file_append(in_folder("pipe"), "x", 1), TD_FAILED);
}
END_TEST

START_TEST(test_full_disk_appends_all_or_nothing)
{
    ck_assert_int_eq(td_file_append(in_folder("a"), "one\n", 4), TD_OK);
    limit_files(6);
    ck_assert_int_eq(td_file_append(in_folder("a"), "two\n", 4), TD_FAILED);
    limit_files(RLIM_INFINITY);
    check_content(in_folder("a"), "one\n");
}
END_TEST

static void note(int number)
{
    (void) number;
}

/* Each write ends early, by the pipe's size or by a signal. */
START_TEST(test_pipe_and_signals)
{
    enum { BYTES = 3000000 };
    struct sigaction action = { .sa_handler = note }; /* without SA_RESTART */
    struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
    char *sent = td_malloc(BYTES), *got = NULL;
    size_t n = 0;
    for (size_t i = 0; i < BYTES; i++)
        sent[i] = (char) (i * i >> 5);
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0666), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    if (child == 0)
        _exit((int) td_file_write(in_folder("pipe"), sent, BYTES));
    int end = 0;
    td_status status = td_file_read(&got, &n, in_folder("pipe"));
    while (waitpid(child, &end, 0) < 0)
        continue;
    setitimer(ITIMER_REAL, &never, NULL);
    ck_assert_int_eq(status, TD_OK);
    ck_assert(WIFEXITED(end) && WEXITSTATUS(end) == TD_OK);
    ck_assert_uint_eq(n, BYTES);
    ck_assert_int_eq(memcmp(got, sent, BYTES), 0);
    td_free(got);
    td_free(sent);
}
END_TEST

/* ---- reading --------------------------------------------------------------------- */

START_TEST(test_reading_what_is_no_file)
{
    char *bytes = folder;
    ck_assert_int_eq(td_file_read(&bytes, NULL, in_folder("none")), TD_DATA);
    ck_assert_ptr_null(bytes);
    ck_assert_ptr_nonnull(strstr(td_error_message(), in_folder("none")));
    ck_assert_int_eq(td_file_read(&bytes, NULL, folder), TD_DATA);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "directory"));
}
END_TEST

START_TEST(test_reading_from_a_pipe)
{
    char path[32], *bytes = NULL, text[20001];
    size_t n = 0;
    int ends[2];
    memset(text, 'x', sizeof text);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, sizeof text), sizeof text);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    ck_assert_int_eq(td_file_read(&bytes, &n, path), TD_OK);
    ck_assert_uint_eq(n, sizeof text);
    ck_assert_mem_eq(bytes, text, n);
    td_free(bytes);
    close(ends[0]);
}
END_TEST

static void check_refused(const char *path, const char *word)
{
    char *bytes = folder;
    ck_assert_int_eq(td_file_read_regular(&bytes, NULL, path, 1000), TD_DATA);
    ck_assert_ptr_null(bytes);
    ck_assert_msg(strstr(td_error_message(), path) && strstr(td_error_message(), word),
                  "said: %s", td_error_message());
}

START_TEST(test_only_regular_files)
{
    char text[1001] = { 0 }, *bytes = NULL;
    int file = -1;
    int64_t size = 0;
    ck_assert_int_eq(mkfifo(in_folder("pipe"), 0666), 0);
    check_refused(in_folder("pipe"), "named pipe"); /* and does not wait */
    check_refused(folder, "directory");
    check_refused("/dev/zero", "device");
    check_refused(in_folder("none"), "No such file");
    ck_assert_int_eq(td_file_write(in_folder("large"), text, sizeof text), TD_OK);
    check_refused(in_folder("large"), "too large");
    write_text(in_folder("small"), "text");
    ck_assert_int_eq(td_file_read_regular(&bytes, NULL, in_folder("small"), 4), TD_OK);
    ck_assert_str_eq(bytes, "text");
    td_free(bytes);
    ck_assert_int_eq(td_file_open(&file, &size, in_folder("small")), TD_OK);
    ck_assert_int_eq(size, 4);
    close(file);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *file = tcase_create("file");
    tcase_add_checked_fixture(file, folder_make, folder_remove);
    suite_add_tcase(suite, file);
    tcase_add_test(file, test_file_comes_back);
    tcase_add_test(file, test_file_replaces);
    tcase_add_test(file, test_file_of_the_present_folder);
    tcase_add_test(file, test_reader_of_the_old_file_is_not_disturbed);
    tcase_add_test(file, test_full_disk_keeps_the_old_file);
    tcase_add_test(file, test_no_folder_to_write_to);
    tcase_add_test(file, test_trying_changes_nothing);
    tcase_add_test(file, test_trying_finds_what_writing_would);
    tcase_add_test(file, test_reading_what_is_no_file);
    tcase_add_test(file, test_reading_from_a_pipe);
    tcase_add_test(file, test_temporary_names_of_others_stay);
    tcase_add_test(file, test_what_bears_a_temporary_name_stays);
    tcase_add_test(file, test_links_of_users_stay);
    tcase_add_test(file, test_links_that_lead_nowhere_stay);
    tcase_add_test(file, test_links_in_our_folders_are_not_followed);
    tcase_add_test(file, test_append_makes_and_extends);
    tcase_add_test(file, test_full_disk_appends_all_or_nothing);
    tcase_add_test(file, test_pipe_and_signals);
    tcase_add_test(file, test_only_regular_files);
    return suite;
}
