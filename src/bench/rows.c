/* This run, and what is predicted from it, as rows of scaling.csv. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "bench.h"
#include "taildart/base_clock.h"
#include "taildart/base_text.h"
#include "taildart/store_version.h"

/* Write the row of this run; each branch has a batch of its own. */
static void write_measured(td_text *text, td_bench *b, td_scaling_row row)
{
    row.kind = TD_MEASURED;
    row.ranks = td_comm_size(b->world);
    row.batch = b->config->search.batch;
    row.seconds = td_median(b->seconds[TD_BENCH_STEP], b->config->bench.steps);
    row.images_per_second = b->branches * row.batch / row.seconds;
    row.transfer = b->transfer;
    row.wait = b->wait;
    td_scaling_write(text, &row);
}

static void write_predicted(td_text *text, const td_bench *b, td_scaling_row row,
                            int ranks)
{
    td_step_cost cost = td_bench_predict(b, row.mode, ranks);
    if (isnan(cost.seconds))
        return;
    row.kind = TD_PREDICTED;
    row.ranks = ranks;
    row.batch = cost.batch;
    row.seconds = cost.seconds;
    row.images_per_second = b->branches * cost.batch / cost.seconds;
    row.transfer = cost.transfer;
    row.wait = cost.wait;
    row.efficiency = cost.efficiency;
    td_scaling_write(text, &row);
}

static void write_rows(td_text *text, td_bench *b, const td_scaling_row *common)
{
    write_measured(text, b, *common);
    if (!b->options.mpi || !b->cluster.can_predict)
        return;
    write_predicted(text, b, *common, 1);
    for (const int *ranks = td_bench_counts; *ranks > 0; ranks++)
        write_predicted(text, b, *common, *ranks);
}

void td_bench_print_rows(td_bench *b)
{
    char date[32] = "", *mpi = td_comm_library(), *header = td_scaling_header();
    struct tm utc;
    time_t now = time(NULL);
    if (gmtime_r(&now, &utc))
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
    td_text text = { 0 };
    const td_scaling_row common = { .date = date,
                                    .commit = td_version_commit(),
                                    .hosts = b->hosts,
                                    .mpi = mpi,
                                    .label = b->options.label,
                                    .threads = b->machine.threads,
                                    .mode = b->options.mode,
                                    .efficiency = NAN };
    write_rows(&text, b, &common);
    printf("%s%s", header, text.chars);
    td_free(text.chars);
    td_free(header);
    td_free(mpi);
}
