/* taildart bench: time whole steps. */
#include "cli_internal.h"

#include <string.h>

#include "taildart/bench.h"

static const td_cli_option options[] = {
    { "json", NULL, "one JSON object on stdout instead of a table", 0 },
    { "mpi", NULL, "also measure ranks and links, predict 2 to 4096 ranks", 0 },
    { "link", "LINK", "of predictions: 1GbE 10GbE 25GbE 100GbE RoCE HDR100 HDR", 0 },
    { "strong", "N", "images of all ranks in strong predictions [this run's]", 0 },
    { "csv", "weak|strong", "print rows of scaling.csv", 0 },
    { "label", "TEXT", "their column label", 0 },
    { 0 },
};

const td_cli_form td_cli_bench_form = {
    .name = "bench",
    .operands = "",
    .purpose =
        "Time steps of a search, or of training a genotype, on synthetic images.",
    .detail =
        "--mpi measures the latency and bandwidth of links between ranks, the sums "
        "over\n"
        "ranks of a step of this network, every rank's GFLOP/s and passes, names "
        "the\n"
        "slowest of each, and predicts step time and efficiency of 2 to 4096 "
        "ranks.  --link is a network that is not there: a name, or seconds,bytes/s.",
    .options = options,
    .keys = TD_FOR_BENCH,
    .examples = "taildart bench --batch 32 --set net.channels=8\n"
                "mpirun -n 2 taildart bench --json --set bench.steps=20\n"
                "mpirun -n 16 taildart bench --mpi --batch 1024\n"
                "taildart bench --mpi --link 25GbE --strong 1024\n",
};

static td_status read_mode(td_bench_options *o, const char *word)
{
    o->csv = word != NULL;
    o->mode = word && strcmp(word, "strong") == 0 ? TD_STRONG : TD_WEAK;
    if (!word || strcmp(word, td_scaling_mode_name(o->mode)) == 0)
        return TD_OK;
    return td_error(TD_USAGE, "--csv: found \"%s\"; accepted: weak, strong", word);
}

/* What has no effect without another option is a mistake. */
static td_status check_company(const td_bench_options *o, const td_cli_line *line)
{
    if (o->json && o->csv)
        return td_error(TD_USAGE, "bench: either --json or --csv");
    if (!o->mpi && (o->has_link || o->strong > 0))
        return td_error(TD_USAGE, "bench: --link and --strong need --mpi");
    if (!o->csv && td_cli_value(line, "label"))
        return td_error(TD_USAGE, "bench: --label needs --csv");
    return TD_OK;
}

static td_status read_options(td_bench_options *o, const td_cli_line *line)
{
    const char *link = td_cli_value(line, "link"), *label = td_cli_value(line, "label");
    *o = (td_bench_options){ .json = td_cli_value(line, "json"),
                             .mpi = td_cli_value(line, "mpi"),
                             .label = label ? label : "",
                             .has_link = link };
    td_status status = read_mode(o, td_cli_value(line, "csv"));
    if (status == TD_OK && link)
        status = td_link_read(&o->link, link);
    if (status == TD_OK)
        status = td_cli_integer(line, "strong", 1, 1000000000, &o->strong);
    return status == TD_OK ? check_company(o, line) : status;
}

static td_status bench(td_comm *world, const td_cli_line *line)
{
    td_bench_options o;
    td_status status = td_comm_verdict(world, read_options(&o, line));
    return status == TD_OK ? td_bench_run(world, line->settings, &o) : status;
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
