/* taildart search: find a cell. */
#include "cli_internal.h"

#include <stdio.h>

#include "taildart/search.h"

static const td_cli_option options[] = {
    { "dry-run", NULL, "show every key, shapes, parameters and bytes; search nothing",
      0 },
    { 0 },
};

const td_cli_form td_cli_search_form = {
    .name = "search",
    .operands = "",
    .purpose = "Search a cell, or continue the search found in --out.",
    .detail =
        "The same command line starts a run, continues it after a stop, and finishes "
        "it.\n"
        "SIGUSR2 to mpirun saves a checkpoint and ends with status 85: start again.",
    .options = options,
    .keys = TD_FOR_SEARCH,
    .examples =
        "taildart search --data cifar-10-batches-bin --imbalance 100 --out runs/a\n"
        "mpirun -n 2 taildart search --config jobs/configs/cifar10-lt-bbn-hls.yaml "
        "--out runs/b\n"
        "taildart search --config my.yaml --set net.cells=5 --dry-run\n",
};

static td_status search(td_dist *world, const td_cli_line *line)
{
    return td_search_run(world, line->settings);
}

/* ---- --dry-run ------------------------------------------------------------------ */

/* Nothing is printed before everything is known to be right.  A run directory is not
 * asked for, as nothing would be written there. */
static td_status show_plan(td_cli_line *line)
{
    char *plan = NULL;
    td_status status = td_cli_apply(line);
    if (status == TD_OK)
        status = td_search_plan(line->settings, &plan);
    if (status != TD_OK)
        return status;
    char *table = td_settings_table(line->settings);
    printf("%s\n%s", table, plan);
    td_free(table);
    td_free(plan);
    return TD_OK;
}

/* ---- the command ---------------------------------------------------------------- */

int td_cli_search(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_search_form, argc, argv);
    bool answered = status == TD_OK && td_cli_answer(&line);
    bool dry = status == TD_OK && td_cli_value(&line, "dry-run");
    if (!answered && !dry)
        return td_cli_run_on_ranks(&line, status, search);
    if (!answered && td_cli_launched_rank() == 0)
        status = show_plan(&line);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
