/* What signals do: a request, the same once more, a second one, what is left behind;
 * and how a process learns how it was launched. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "suite.h"
#include "taildart/base.h"
#include "taildart/base_signals.h"
#include "taildart/base_terminal.h"
#include "taildart/machine.h"

static const int requests[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU };

enum { REQUESTS = sizeof requests / sizeof *requests };

/* Longer than a repetition may take. */
static void wait_for_grace(void)
{
    struct timespec left = { .tv_sec = 2, .tv_nsec = 50000000 };
    while (nanosleep(&left, &left) != 0)
        ck_assert_int_eq(errno, EINTR);
}

/* ---- requests -------------------------------------------------------------------- */

START_TEST(test_the_first_signal_asks)
{
    td_signals_begin();
    ck_assert(!td_signals_stop());
    raise(requests[_i]);
    ck_assert(td_signals_stop());
    td_signals_end();
    td_signals_begin();
    ck_assert(!td_signals_stop());
    td_signals_end();
}
END_TEST

/* A scheduler tells the launcher, which forwards it, and every process besides. */
START_TEST(test_the_same_request_may_come_often)
{
    td_signals_begin();
    for (int i = 0; i < REQUESTS; i++)
        for (int times = 0; times < 3; times++)
            raise(requests[i]);
    ck_assert(td_signals_stop());
    td_signals_end();
}
END_TEST

static int looks;

static void look(void *asks)
{
    looks++;
    if (*(bool *) asks)
        td_signals_ask();
}

/* Of a process that others send messages to while it works. */
START_TEST(test_a_message_may_ask_too)
{
    bool asks = false;
    td_signals_begin();
    td_signals_attend(look, &asks);
    ck_assert(!td_signals_stop());
    asks = true;
    ck_assert(td_signals_stop());
    ck_assert_str_eq(td_signals_reason(), "on request");
    ck_assert_int_eq(looks, 2);
    td_signals_attend(NULL, NULL);
    raise(SIGUSR2); /* the same request, and not a second one */
    ck_assert(td_signals_stop());
    ck_assert_int_eq(looks, 2);
    td_signals_end();
}
END_TEST

/* Either signal may be the second: USR2 by the scheduler, TERM when its patience
 * ends. */
START_TEST(test_the_second_request_ends)
{
    td_signals_begin();
    raise(SIGUSR2);
    wait_for_grace();
    raise(SIGTERM);
}
END_TEST

/* It comes every second from the limit on. */
START_TEST(test_xcpu_is_never_the_second)
{
    td_signals_begin();
    raise(SIGXCPU);
    wait_for_grace();
    raise(SIGXCPU);
    ck_assert(td_signals_stop());
}
END_TEST

START_TEST(test_quit_ends_at_once)
{
    const struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    td_signals_begin();
    raise(SIGQUIT);
}
END_TEST

START_TEST(test_nohup_stays)
{
    signal(SIGHUP, SIG_IGN);
    td_signals_begin();
    raise(SIGHUP);
    ck_assert(!td_signals_stop());
    td_signals_end();
    td_signals_tidy();
    raise(SIGHUP);
}
END_TEST

START_TEST(test_former_handlers_come_back)
{
    struct sigaction action;
    signal(SIGUSR2, SIG_IGN);
    td_signals_begin();
    td_signals_begin();
    td_signals_end();
    raise(SIGUSR2);
    ck_assert(td_signals_stop());
    td_signals_end();
    sigaction(SIGUSR2, NULL, &action);
    ck_assert(action.sa_handler == SIG_IGN);
    sigaction(SIGPIPE, NULL, &action);
    ck_assert(action.sa_handler == SIG_DFL);
}
END_TEST

START_TEST(test_a_request_on_hold_comes_afterwards)
{
    td_signals_hold();
    raise(SIGUSR2);
    td_signals_begin();
    ck_assert(td_signals_stop());
    td_signals_end();
}
END_TEST

START_TEST(test_a_pipe_without_reader_is_an_error_not_the_end)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    td_signals_begin();
    ck_assert_int_eq(write(ends[1], "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    ck_assert(!td_signals_stop());
    td_signals_output_lost();
    ck_assert(td_signals_stop());
    ck_assert_str_eq(td_signals_reason(), "(nobody reads the output)");
    td_signals_end();
}
END_TEST

/* ---- what is left behind --------------------------------------------------------- */

START_TEST(test_tidy_ends_and_removes_what_is_half_written)
{
    char kept[] = "/tmp/taildart-kept-XXXXXX", path[] = "/tmp/taildart-half-XXXXXX";
    int status, one = mkstemp(path), other = mkstemp(kept);
    ck_assert(one >= 0 && other >= 0);
    pid_t child = fork();
    if (child == 0) {
        td_signals_tidy();
        td_signals_guard(kept);
        td_signals_guard(path);
        td_signals_release(kept);
        raise(requests[_i]);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == requests[_i]);
    ck_assert_int_eq(access(path, F_OK), -1);
    ck_assert_int_eq(unlink(kept), 0);
    close(one);
    close(other);
}
END_TEST

START_TEST(test_a_request_before_tidy_is_not_lost)
{
    td_signals_begin();
    raise(SIGUSR2);
    td_signals_tidy();
}
END_TEST

/* ---- launchers ------------------------------------------------------------------- */

static void forget_launchers(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_SIZE",
                                         "OMPI_COMM_WORLD_RANK",
                                         "MV2_COMM_WORLD_SIZE",
                                         "PMI_SIZE",
                                         "PMI_RANK",
                                         "PMIX_RANK",
                                         "OMPI_COMM_WORLD_LOCAL_SIZE",
                                         "MV2_COMM_WORLD_RANK",
                                         "MV2_COMM_WORLD_LOCAL_SIZE",
                                         "MPI_LOCALNRANKS",
                                         "SLURM_STEP_TASKS_PER_NODE",
                                         "SLURM_STEP_NUM_TASKS",
                                         "SLURM_PROCID",
                                         "SLURM_NTASKS" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

START_TEST(test_an_allocation_is_no_launcher)
{
    forget_launchers();
    setenv("SLURM_NTASKS", "4", 1);
    setenv("SLURM_PROCID", "0", 1);
    td_launch launch = td_launch_read();
    ck_assert_ptr_null(launch.variable);
    ck_assert_int_eq(launch.size, 1);
    ck_assert_int_eq(launch.rank, 0);
}
END_TEST

/* mpirun starts its daemons by srun, one per node. */
START_TEST(test_the_innermost_launcher_counts)
{
    forget_launchers();
    setenv("SLURM_STEP_NUM_TASKS", "2", 1);
    setenv("SLURM_PROCID", "1", 1);
    td_launch launch = td_launch_read();
    ck_assert_str_eq(launch.variable, "SLURM_STEP_NUM_TASKS");
    ck_assert_int_eq(launch.size, 2);
    ck_assert_int_eq(launch.rank, 1);
    setenv("OMPI_COMM_WORLD_SIZE", "8", 1);
    setenv("OMPI_COMM_WORLD_RANK", "5", 1);
    launch = td_launch_read();
    ck_assert_str_eq(launch.variable, "OMPI_COMM_WORLD_SIZE");
    ck_assert_int_eq(launch.size, 8);
    ck_assert_int_eq(launch.rank, 5);
}
END_TEST

/* What is asked of one variable is asked of its launcher: a task of srun is not rank 0
 * as well, nor are its neighbours those of the mpirun around it. */
START_TEST(test_number_and_neighbours_are_of_the_same_launcher)
{
    forget_launchers();
    setenv("SLURM_STEP_NUM_TASKS", "11", 1);
    setenv("SLURM_PROCID", "3", 1);
    setenv("SLURM_STEP_TASKS_PER_NODE", "4(x2),3", 1);
    ck_assert_int_eq(td_launch_ranks(), 11);
    ck_assert_int_eq(td_launch_rank(), 3);
    ck_assert_int_eq(td_launch_local_ranks(), 4);
    setenv("MV2_COMM_WORLD_SIZE", "2", 1);
    setenv("MV2_COMM_WORLD_RANK", "1", 1);
    ck_assert_int_eq(td_launch_ranks(), 2);
    ck_assert_int_eq(td_launch_rank(), 1);
    ck_assert_int_eq(td_launch_local_ranks(), 1);
}
END_TEST

START_TEST(test_what_is_no_number_is_no_launcher)
{
    static const char *const texts[] = { "", "x", "2x", "-2", "0", "99999999999" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        forget_launchers();
        setenv("PMI_SIZE", texts[i], 1);
        ck_assert_ptr_null(td_launch_read().variable);
        ck_assert_int_eq(td_launch_ranks(), 1);
    }
}
END_TEST

/* ---- widths ---------------------------------------------------------------------- */

START_TEST(test_words_are_cut_to_columns)
{
    char fits[] = "12345678", cut[] = "123456789",
         wide[] = "\xe5\x9b\xbe\xe5\x9b\xbe x";
    td_terminal_cut(fits, 8);
    ck_assert_str_eq(fits, "12345678");
    td_terminal_cut(cut, 8);
    ck_assert_str_eq(cut, "12345...");
    ck_assert_int_eq(td_terminal_width(wide), 6);
    td_terminal_cut(wide, 5);
    ck_assert_str_eq(wide, "\xe5\x9b\xbe...");
    td_terminal_cut(cut, 2);
    ck_assert_int_le(td_terminal_width(cut), 2);
}
END_TEST

/* Whoever started this may ignore some, as shells do for what runs in the
 * background. */
static void take_defaults(void)
{
    for (int i = 0; i < REQUESTS; i++)
        signal(requests[i], SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

Suite *test_suite(void)
{
    take_defaults();
    Suite *suite = suite_create("signals");
    TCase *asks = tcase_create("requests");
    tcase_add_loop_test(asks, test_the_first_signal_asks, 0, REQUESTS);
    tcase_add_test(asks, test_the_same_request_may_come_often);
    tcase_add_test_raise_signal(asks, test_the_second_request_ends, SIGTERM);
    tcase_add_test(asks, test_xcpu_is_never_the_second);
    tcase_add_test_raise_signal(asks, test_quit_ends_at_once, SIGQUIT);
    tcase_add_test(asks, test_nohup_stays);
    tcase_add_test(asks, test_former_handlers_come_back);
    tcase_add_test(asks, test_a_request_on_hold_comes_afterwards);
    tcase_add_test(asks, test_a_pipe_without_reader_is_an_error_not_the_end);
    tcase_add_test(asks, test_a_message_may_ask_too);
    suite_add_tcase(suite, asks);
    TCase *tidy = tcase_create("tidy");
    tcase_add_loop_test(tidy, test_tidy_ends_and_removes_what_is_half_written, 0,
                        REQUESTS);
    tcase_add_test_raise_signal(tidy, test_a_request_before_tidy_is_not_lost, SIGUSR2);
    suite_add_tcase(suite, tidy);
    TCase *launch = tcase_create("launchers");
    tcase_add_test(launch, test_an_allocation_is_no_launcher);
    tcase_add_test(launch, test_the_innermost_launcher_counts);
    tcase_add_test(launch, test_number_and_neighbours_are_of_the_same_launcher);
    tcase_add_test(launch, test_what_is_no_number_is_no_launcher);
    suite_add_tcase(suite, launch);
    TCase *widths = tcase_create("widths");
    tcase_add_test(widths, test_words_are_cut_to_columns);
    suite_add_tcase(suite, widths);
    return suite;
}
