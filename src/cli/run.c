/* Beginning and end of commands: ranks, agreed statuses, final messages, exit
 * status. */
#include "cli_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/kernels.h"
#include "taildart/machine.h"

#ifdef TD_CHECKS_LEAKS
enum { CHECKS_LEAKS = true };
#else
enum { CHECKS_LEAKS = false };
#endif

/* ---- the end -------------------------------------------------------------------- */

static void print_error(td_status status)
{
    if (status != TD_OK)
        td_log_failure();
}

/* A full disk behind `>` causes an error only when the last bytes are written. */
static td_status flush_output(void)
{
    if (fflush(stdout) != 0)
        return td_error(TD_FAILED, "cannot write to standard output: %s",
                        strerror(errno));
    if (ferror(stdout)) /* earlier: errno may have changed since */
        return td_error(TD_FAILED, "cannot write to standard output: what is behind it "
                                   "(a full disk, a closed pipe) did not take all");
    return TD_OK;
}

/* Checked only after success: an error may return early, and its status matters
 * more. */
static bool has_leaked(void)
{
    long blocks = CHECKS_LEAKS ? td_base_live_blocks() : 0;
    if (blocks != 0)
        fprintf(stderr, "taildart: rank %d: %ld blocks of memory were not freed\n",
                td_base_rank(), blocks);
    return blocks != 0;
}

/* Rank 0 alone returns the status: mpirun ends the job at the first that is not 0, and
 * unflushed output of other ranks would be lost. */
static int exit_status(td_status status)
{
    if (status == TD_OK) {
        status = flush_output();
        print_error(status);
    }
    if (status == TD_OK && has_leaked())
        return TD_FAILED;
    return td_base_rank() == 0 ? (int) status : 0;
}

int td_cli_finish(td_status status)
{
    print_error(status);
    return exit_status(status);
}

/* ---- ranks ---------------------------------------------------------------------- */

/* The launcher of another MPI starts processes without a common MPI world: each would
 * do all of the work.  Rank 0 of that launcher prints the error. */
static td_status check_launcher(const td_comm *world)
{
    td_launch launch = td_launch_read();
    if (td_comm_size(world) > 1 || launch.size <= 1)
        return TD_OK;
    char *library = td_comm_library();
    td_base_set_rank(launch.rank);
    td_status status = td_error(
        TD_USAGE,
        "%s has started %d processes (%s=%d), but each finds itself alone: this "
        "taildart is built with %s, whose own mpirun has to start it",
        launch.program, launch.size, launch.variable, launch.size, library);
    td_error_hint("start it with `mpirun -n %d taildart ...` of %s; for processes that "
                  "have nothing to do with each other: `env -u %s taildart ...`",
                  launch.size, library, launch.variable);
    td_free(library);
    return status;
}

td_status td_cli_work_on(td_comm *world, td_cli_line *line, td_status status,
                         td_cli_work *work)
{
    if (status == TD_OK && td_comm_rank(world) == 0)
        status = td_cli_apply(line);
    /* Stuck here?  Rank 0 reads its configuration, perhaps from a slow file system. */
    status = td_comm_verdict(world, status);
    return status == TD_OK ? work(world, line) : status;
}

int td_cli_run_on_ranks(td_cli_line *line, td_status status, td_cli_work *work)
{
    if (td_limits_check() != TD_OK) /* each rank alone: MPI has not started */
        td_end_job("%s", td_error_message());
    td_gemm_init(); /* while there is memory */
    td_comm *world = td_comm_begin(NULL, NULL);
    if (status == TD_OK)
        status = check_launcher(world);
    status = td_cli_work_on(world, line, status, work);
    print_error(status);
    td_cli_clear(line);
    td_comm_end(world);
    return exit_status(status);
}

/* ---- --dry-run ------------------------------------------------------------------ */

/* Print keys and plan, after all checks.  No run directory is needed, as nothing is
 * written. */
static td_status show_plan(td_cli_line *line, td_cli_plan *plan)
{
    char *text = NULL;
    td_status status = td_cli_apply(line);
    if (status == TD_OK)
        status = plan(line->settings, &text);
    if (status != TD_OK)
        return status;
    char *table = td_settings_table(line->settings);
    td_text shown = { 0 };
    td_text_write_shown(&shown, text, "\n");
    printf("%s\n%s", table, shown.chars);
    td_free(shown.chars);
    td_free(table);
    td_free(text);
    return TD_OK;
}

int td_cli_run_or_plan(const td_cli_form *form, int argc, char **argv,
                       td_cli_work *work, td_cli_plan *plan)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, form, argc, argv);
    bool answered = status == TD_OK && td_cli_answer(&line);
    bool dry = status == TD_OK && td_cli_value(&line, "dry-run");
    if (!answered && !dry)
        return td_cli_run_on_ranks(&line, status, work);
    td_signals_tidy(); /* there is no state to save */
    if (!answered && td_launch_rank() == 0)
        status = show_plan(&line, plan);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
