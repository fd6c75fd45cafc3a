/* taildart watch: a run, followed from outside. */
#include "cli_internal.h"

#include "taildart/watch.h"

static const td_cli_option options[] = {
    { "once", NULL, "tell where it is, and do not wait for its end", 0 },
    { 0 },
};

const td_cli_form td_cli_watch_form = {
    .name = "watch",
    .operands = "RUN",
    .purpose = "Follow a run from any host that sees its directory.",
    .detail =
        "A line for each epoch, where it is, the time left. A run leaves a heartbeat\n"
        "every few seconds: where that is overdue a NOTE says so, with the job of\n"
        "its scheduler; where nobody holds its lock any more it is dead (status 1).\n"
        "Ctrl-C ends the watch, not the run.",
    .options = options,
    .examples = "taildart watch runs/a\n"
                "taildart watch runs/a --once\n",
};

int td_cli_watch(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_watch_form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line)) {
        td_watch_run_options wanted = { line.operand[0],
                                        td_cli_value(&line, "once") != NULL };
        status = td_watch_run(&wanted);
    }
    td_cli_clear(&line);
    return td_cli_finish(status);
}
