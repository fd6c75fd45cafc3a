/* taildart bench: time whole steps. */
#include "cli_internal.h"

#include "taildart/bench.h"

static const td_cli_option options[] = {
    { "json", NULL, "one JSON object on stdout instead of a table", 0 },
    { 0 },
};

const td_cli_form td_cli_bench_form = {
    .name = "bench",
    .operands = "",
    .purpose =
        "Time whole steps of a search, or of training a genotype, on synthetic images.",
    .options = options,
    .keys = TD_FOR_BENCH,
    .examples = "taildart bench --batch 32 --set net.channels=8\n"
                "mpirun -n 2 taildart bench --json --set bench.steps=20\n",
};

static td_status bench(td_comm *world, const td_cli_line *line)
{
    bool json = td_cli_value(line, "json");
    return td_bench_run(world, line->settings, json);
}

int td_cli_bench(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_bench_form, argc, argv);
    if (status != TD_OK || !td_cli_answer(&line))
        return td_cli_run_on_ranks(&line, status, bench);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
