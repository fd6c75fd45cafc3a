/* taildart search: find a cell. */
#include "cli_internal.h"

#include "taildart/plan.h"
#include "taildart/run.h"

static const td_cli_option options[] = {
    { "dry-run", NULL, "show keys, data, memory, time and files; search nothing", 0 },
    { 0 },
};

const td_cli_form td_cli_search_form = {
    .name = "search",
    .operands = "",
    .purpose = "Search a cell, or continue the search found in --out.",
    .detail =
        "The same command line starts a run, continues it after a stop, and ends it.\n"
        "SIGUSR2 to mpirun, or Ctrl-C without it, saves a checkpoint and ends with\n"
        "status 85: start again.",
    .options = options,
    .keys = TD_FOR_SEARCH,
    .examples =
        "taildart search --data cifar-10-batches-bin --imbalance 100 --out runs/a\n"
        "mpirun -n 2 taildart search --out runs/b \\\n"
        "    --config jobs/configs/cifar10-lt-bbn-hls.yaml\n"
        "taildart search --config my.yaml --set net.cells=5 --dry-run\n",
};

td_status td_cli_search_work(td_comm *world, const td_cli_line *line)
{
    return td_job_run(TD_FOR_SEARCH, world, line->settings);
}

int td_cli_search(int argc, char **argv)
{
    return td_cli_run_or_plan(&td_cli_search_form, argc, argv, td_cli_search_work,
                              td_plan_text);
}
