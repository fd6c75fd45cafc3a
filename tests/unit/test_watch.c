/* The watchdog: what ends a process that hangs, and whom it names. */
#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/timing/watch.h"
#include "suite.h"
#include "taildart/base_clock.h"
#include "taildart/timing_watch.h"

/* ---- the thread ------------------------------------------------------------------ */

static void hang(void)
{
    for (;;)
        pause();
}

/* Longer than the watchdog's patience. */
static void compute(void)
{
    double end = td_clock_seconds() + 3.0;
    while (td_clock_seconds() < end)
        ;
}

static void wait_in_vain(void)
{
    td_wait_begin();
    alarm(30); /* of a watchdog that takes this for work */
    for (;;)
        ;
}

/* Entering sections, without using much of the processor. */
static void advance(void)
{
    double end = td_clock_seconds() + 3.0;
    while (td_clock_seconds() < end) {
        td_section_enter(TD_SECTION_DATA);
        usleep(10000);
    }
}

/* Do \a work in a process of its own, watched.  \return its exit status; 77 when it
 * came to its end */
static int watched(void (*work)(void), double timeout, char *words, size_t capacity)
{
    int ends[2], status = 0;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        td_times_begin();
        td_section_enter(TD_SECTION_FORWARD);
        td_section_at(3, 7);
        td_watch_begin(&(td_watch_options){
            .timeout = timeout, .ranks = 1, .host = "node", .advice = "try again" });
        work();
        td_watch_end();
        _exit(77);
    }
    close(ends[1]);
    size_t length = 0;
    for (ssize_t n; (n = read(ends[0], words + length, capacity - 1 - length)) > 0;)
        length += (size_t) n;
    words[length] = '\0';
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

START_TEST(test_a_hang_ends_with_its_place)
{
    char words[4096];
    ck_assert_int_eq(watched(hang, 0.4, words, sizeof words), TD_HUNG);
    ck_assert_ptr_nonnull(strstr(
        words,
        "NOTE: rank 0@node, epoch 3, step 7: nothing has moved in forward for "));
    ck_assert_ptr_nonnull(strstr(
        words,
        "taildart: rank 0@node, epoch 3, step 7: nothing has moved in forward for "));
    ck_assert_ptr_nonnull(strstr(
        words, "it is this rank that is at work there, or stuck: dist.timeout_seconds "
               "is 0.4: the job ends\ntry again\n"));
}
END_TEST

static void tell(const char *text)
{
    dprintf(STDERR_FILENO, "noted: %s\n", text);
}

static void hang_noted(void)
{
    td_base_set_note(tell);
    hang();
}

START_TEST(test_the_end_is_noted)
{
    char words[4096];
    ck_assert_int_eq(watched(hang_noted, 0.4, words, sizeof words), TD_HUNG);
    const char *end = strstr(words, "the job ends\ntry again\nnoted: rank 0@node, ");
    ck_assert_ptr_nonnull(end);
    ck_assert_ptr_nonnull(strstr(end, "stuck: dist.timeout_seconds is 0.4\n"));
}
END_TEST

static void get_stuck(const char *unused)
{
    (void) unused;
    hang();
}

static void hang_and_get_stuck(void)
{
    td_base_set_note(get_stuck);
    hang();
}

START_TEST(test_a_note_that_hangs_does_not_keep_the_job)
{
    char words[4096];
    ck_assert_int_eq(watched(hang_and_get_stuck, 0.4, words, sizeof words), TD_HUNG);
}
END_TEST

START_TEST(test_waiting_is_no_work_though_it_spins)
{
    char words[4096];
    ck_assert_int_eq(watched(wait_in_vain, 0.4, words, sizeof words), TD_HUNG);
}
END_TEST

START_TEST(test_computing_is_no_hang)
{
    char words[4096];
    ck_assert_int_eq(watched(compute, 1.0, words, sizeof words), 77);
    ck_assert_ptr_null(strstr(words, "taildart:"));
}
END_TEST

START_TEST(test_sections_are_progress)
{
    char words[4096];
    ck_assert_int_eq(watched(advance, 1.0, words, sizeof words), 77);
    ck_assert_ptr_null(strstr(words, "taildart:"));
}
END_TEST

START_TEST(test_without_a_timeout_nothing_is_watched)
{
    td_watch_begin(&(td_watch_options){ .ranks = 1, .host = "node", .advice = "" });
    ck_assert(!td_watch_table_join("/dev/null", 1));
    td_watch_end();
}
END_TEST

/* In the place of the system's: threads run out. */
static bool has_no_threads;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *what)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
    if (has_no_threads)
        return EAGAIN;
    if (!real)
        *(void **) &real = dlsym(RTLD_NEXT, "pthread_create");
    return real(thread, attributes, run, what);
}

static void go_on(void)
{
}

START_TEST(test_without_a_thread_somebody_is_told)
{
    char words[4096];
    has_no_threads = true;
    ck_assert_int_eq(watched(go_on, 600.0, words, sizeof words), 77);
    has_no_threads = false;
    ck_assert_str_eq(words, "WARNING: rank 0@node: no thread can be started that "
                            "watches it (Resource temporarily unavailable): "
                            "dist.timeout_seconds has no effect there\n");
}
END_TEST

/* ---- words ----------------------------------------------------------------------- */

enum { RANKS = 12 };

/* Rank 0 waits, the others too. */
static td_watch some_watch(td_watch_seen seen[RANKS], int ranks)
{
    memset(seen, 0, RANKS * sizeof *seen);
    for (int r = 0; r < ranks; r++) {
        seen[r] = (td_watch_seen){
            .is_known = true,
            .alive = 99.5,
            .record = { .epoch = 2,
                        .step = 5,
                        .section = TD_SECTION_WEIGHT_REDUCTION,
                        .is_waiting = true },
        };
        snprintf(seen[r].record.host, sizeof seen[r].record.host, "n%d", r / 2);
    }
    return (td_watch){ .now = 100.0,
                       .moved = 99.0,
                       .interval = 0.1,
                       .ranks = ranks,
                       .own = seen[0].record,
                       .seen = seen };
}

static void check_words(const td_watch *watch, const char *wanted)
{
    char words[TD_WATCH_TEXT];
    td_watch_describe(watch, 61.25, words, sizeof words);
    static const char begin[] = "rank 0@n0, epoch 2, step 5: nothing has moved in "
                                "weight reduction for 61.2 s; ";
    ck_assert_msg(strncmp(words, begin, strlen(begin)) == 0, "%s", words);
    ck_assert_str_eq(words + strlen(begin), wanted);
}

START_TEST(test_a_silent_rank_is_named)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 3);
    seen[2].alive = 40.0;
    seen[2].record.section = TD_SECTION_BACKWARD;
    seen[2].record.step = 4;
    check_words(&watch, "not there: rank 2@n1 (no sign of life for 60 s; last in "
                        "backward, epoch 2, step 4)");
}
END_TEST

START_TEST(test_a_rank_that_does_something_else_is_named)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 3);
    seen[1].record.section = TD_SECTION_DATA;
    seen[1].record.is_waiting = false;
    check_words(&watch, "not there: rank 1@n0 (at work or stuck in data, epoch 2, "
                        "step 5)");
}
END_TEST

START_TEST(test_ranks_are_called_as_in_the_job)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 3);
    char words[TD_WATCH_TEXT];
    watch.first = 6;
    seen[1].alive = 40.0;
    seen[2].is_known = false;
    td_watch_describe(&watch, 61.0, words, sizeof words);
    ck_assert_ptr_nonnull(strstr(words, "rank 6@n0, epoch 2"));
    ck_assert_ptr_nonnull(strstr(words, "not there: rank 7@n0 ("));
    ck_assert_ptr_nonnull(strstr(words, "the first is rank 8"));
}
END_TEST

START_TEST(test_many_are_counted)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, RANKS);
    char words[TD_WATCH_TEXT];
    for (int r = 1; r < RANKS; r++)
        seen[r].alive = 40.0;
    td_watch_describe(&watch, 61.0, words, sizeof words);
    ck_assert_ptr_nonnull(strstr(words, "rank 8@n4 ("));
    ck_assert_ptr_null(strstr(words, "rank 9@n4"));
    ck_assert_ptr_nonnull(strstr(words, ") and 3 more"));
    td_watch_describe(&watch, 61.0, words, 64); /* cut, not beyond its end */
    ck_assert_uint_eq(strlen(words), 63);
}
END_TEST

START_TEST(test_what_cannot_be_seen_is_not_guessed)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 4);
    seen[2].is_known = seen[3].is_known = false;
    check_words(&watch, "2 of the ranks cannot be seen from here, the first is rank 2");
    seen[1].alive = 90.0;
    check_words(&watch, "not there: rank 1@n0 (no sign of life for 10 s; last in "
                        "weight reduction, epoch 2, step 5); 2 of the ranks cannot be "
                        "seen from here, the first is rank 2");
    watch.seen = NULL;
    check_words(&watch, "it waits for others, which cannot be seen from here");
}
END_TEST

START_TEST(test_all_may_wait_for_each_other)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 3);
    check_words(&watch, "all ranks wait for each other: the network, or ranks that "
                        "call for different things");
}
END_TEST

START_TEST(test_the_lowest_that_lives_speaks)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 3);
    ck_assert(td_watch_is_first(&watch));
    watch.rank = 2;
    ck_assert(!td_watch_is_first(&watch));
    seen[0].alive = 50.0;
    ck_assert(!td_watch_is_first(&watch));
    seen[1].is_known = false;
    ck_assert(td_watch_is_first(&watch));
    watch.seen = NULL; /* nothing is known of rank 0: it may live */
    ck_assert(!td_watch_is_first(&watch));
}
END_TEST

/* Three ranks; a NOTE after 3 s, for the \a notes-th time. */
static td_watch noting_watch(td_watch_seen seen[RANKS], double notes)
{
    td_watch watch = some_watch(seen, 3);
    watch.timeout = 30.0;
    watch.note = 3.0;
    watch.notes = notes;
    return watch;
}

START_TEST(test_one_rank_notes)
{
    td_watch_seen seen[RANKS];
    td_watch watch = noting_watch(seen, 2.0);
    ck_assert(!td_watch_tells(&watch, 5.9));
    ck_assert(td_watch_tells(&watch, 6.0));
    seen[1].record.has_ended = true; /* and so it will be the one that is not there */
    ck_assert(!td_watch_tells(&watch, 100.0));
    seen[1].record.has_ended = false;
    watch.rank = 2;
    ck_assert(!td_watch_tells(&watch, 100.0)); /* it sees that rank 0 lives */
    watch.rank = 0;
    watch.noted = 6.0;
    ck_assert(!td_watch_tells(&watch, 100.0)); /* once */
}
END_TEST

START_TEST(test_where_none_is_seen_the_last_one_notes_too)
{
    td_watch_seen seen[RANKS];
    td_watch watch = noting_watch(seen, 1.0);
    watch.seen = NULL;
    ck_assert(td_watch_tells(&watch, 3.0));
    watch.rank = 1;
    ck_assert(!td_watch_tells(&watch, 100.0));
    watch.rank = 2;
    ck_assert(!td_watch_tells(&watch, 12.9));
    ck_assert(td_watch_tells(&watch, 13.0));
}
END_TEST

START_TEST(test_a_note_comes_as_soon_in_long_sections)
{
    td_watch_seen seen[RANKS];
    td_watch watch = some_watch(seen, 3);
    watch.note = 60.0;
    watch.notes = 1.0;
    watch.own.section = TD_SECTION_START;
    ck_assert(td_watch_tells(&watch, 60.0));
}
END_TEST

START_TEST(test_only_long_sections_get_more_time)
{
    ck_assert_double_eq(td_watch_patience(TD_SECTION_WEIGHT_REDUCTION), 1.0);
    ck_assert_double_eq(td_watch_patience(TD_SECTION_CHECKPOINT), 3.0);
    ck_assert_double_eq(td_watch_patience(TD_SECTION_START), 6.0);
}
END_TEST

/* ---- the table ------------------------------------------------------------------- */

START_TEST(test_a_table_is_known_by_its_key)
{
    char path[] = "/tmp/taildart-watch.XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert(td_watch_table_make(path, 42)); /* in the place of an old one */
    close(file);
    td_watch_begin(&(td_watch_options){
        .timeout = 600.0, .rank = 1, .ranks = 3, .host = "node1", .advice = "" });
    ck_assert(!td_watch_table_join(path, 43));
    ck_assert(td_watch_table_join(path, 42));
    FILE *table = fopen(path, "r");
    ck_assert_ptr_nonnull(table);
    td_watch_record record;
    ck_assert(!td_table_read(fileno(table), 0, 42, &record)); /* has not come yet */
    ck_assert(td_table_read(fileno(table), 1, 42, &record));
    ck_assert(!td_table_read(fileno(table), 2, 42, &record));
    ck_assert(!td_table_read(fileno(table), 1, 43, &record));
    ck_assert(td_table_read(fileno(table), 1, 42, &record));
    ck_assert_str_eq(record.host, "node1");
    fclose(table);
    unlink(path);
    td_watch_end();
    ck_assert(!td_watch_table_make("/nowhere/table", 42));
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("watch");
    TCase *hangs = tcase_create("hangs");
    tcase_set_timeout(hangs, 60);
    tcase_add_test(hangs, test_a_hang_ends_with_its_place);
    tcase_add_test(hangs, test_the_end_is_noted);
    tcase_add_test(hangs, test_a_note_that_hangs_does_not_keep_the_job);
    tcase_add_test(hangs, test_waiting_is_no_work_though_it_spins);
    tcase_add_test(hangs, test_computing_is_no_hang);
    tcase_add_test(hangs, test_sections_are_progress);
    tcase_add_test(hangs, test_without_a_timeout_nothing_is_watched);
    tcase_add_test(hangs, test_without_a_thread_somebody_is_told);
    suite_add_tcase(suite, hangs);
    TCase *words = tcase_create("words");
    tcase_add_test(words, test_a_silent_rank_is_named);
    tcase_add_test(words, test_a_rank_that_does_something_else_is_named);
    tcase_add_test(words, test_ranks_are_called_as_in_the_job);
    tcase_add_test(words, test_many_are_counted);
    tcase_add_test(words, test_what_cannot_be_seen_is_not_guessed);
    tcase_add_test(words, test_all_may_wait_for_each_other);
    tcase_add_test(words, test_the_lowest_that_lives_speaks);
    tcase_add_test(words, test_one_rank_notes);
    tcase_add_test(words, test_where_none_is_seen_the_last_one_notes_too);
    tcase_add_test(words, test_a_note_comes_as_soon_in_long_sections);
    tcase_add_test(words, test_only_long_sections_get_more_time);
    suite_add_tcase(suite, words);
    TCase *table = tcase_create("table");
    tcase_add_test(table, test_a_table_is_known_by_its_key);
    suite_add_tcase(suite, table);
    return suite;
}
