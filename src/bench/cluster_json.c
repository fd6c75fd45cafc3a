/* What was measured of a cluster, as members of bench's JSON object. */
#include <math.h>

#include "bench.h"

static void write_number(td_text *text, const char *before, const char *name,
                         double value)
{
    td_text_write(text, "%s\"%s\": %.9g", before, name, value);
}

static void write_link(td_text *text, td_link link)
{
    write_number(text, "", "latency_seconds", link.latency);
    write_number(text, ", ", "bandwidth", link.bandwidth);
}

static void write_ranks(td_text *text, const td_bench *b)
{
    int ranks = td_comm_size(b->world);
    td_text_write(text, ", \"ranks_measured\": [");
    for (int r = 0; r < ranks; r++) {
        const td_bench_rank *rank = &b->cluster.ranks[r];
        td_text_write(text, "%s{\"host\": ", r > 0 ? ", " : "");
        td_text_write_json(text, rank->host);
        write_number(text, ", ", "gemm_flops", rank->flops);
        write_number(text, ", ", "passes_seconds", rank->passes);
        write_number(text, ", ", "passes_deviation", rank->deviation);
        td_text_write(text, "}");
    }
    td_text_write(text, "], \"slow_rank\": %d", td_bench_slow_rank(&b->cluster, ranks));
}

static void write_pair(td_text *text, const td_bench_pair *pair)
{
    td_text_write(text, "{\"ranks\": [%d, %d], ", pair->a, pair->b);
    write_link(text, pair->link);
    td_text_write(text, "}");
}

static void write_links(td_text *text, const td_bench_cluster *c)
{
    td_text_write(text, ", \"links\": [");
    for (int i = 0; i < c->pair_count; i++) {
        td_text_write(text, "%s", i > 0 ? ", " : "");
        write_pair(text, &c->pairs[i]);
    }
    td_text_write(text, "]");
    if (c->pair_count > 0) {
        td_text_write(text, ", \"slow_link\": ");
        write_pair(text, td_bench_slow_pair(c));
    }
    if (c->can_predict) {
        td_text_write(text, ", \"link\": {");
        write_link(text, c->step.link);
        td_text_write(text, "}");
    }
}

static void write_sums(td_text *text, const td_bench *b)
{
    const char *gap = "";
    td_text_write(text, ", \"sums\": [");
    for (int s = 0; s < TD_BENCH_SUM_COUNT; s++) {
        const td_bench_sum *sum = &b->sums[s];
        if (sum->bytes == 0)
            continue;
        td_text_write(text, "%s{\"name\": \"%s\"", gap, td_bench_sum_name(s));
        write_number(text, ", ", "bytes", sum->bytes);
        write_number(text, ", ", "calls_per_step", sum->calls);
        td_text_write(text, ", \"seconds\": {");
        for (int kind = 0; kind < TD_REDUCER_COUNT; kind++)
            write_number(text, kind > 0 ? ", " : "",
                         td_reducer_word((td_reducer_kind) kind), sum->seconds[kind]);
        td_text_write(text, "}}");
        gap = ", ";
    }
    td_text_write(text, "]");
}

static void write_model(td_text *text, const td_step_measured *step)
{
    td_text_write(text, ", \"step_model\": {");
    write_number(text, "", "fixed_seconds", step->fixed);
    write_number(text, ", ", "image_seconds", step->image);
    write_number(text, ", ", "noise", step->noise);
    write_number(text, ", ", "add_seconds_per_byte", step->add);
    td_text_write(text, ", \"reduce\": \"%s\"}", td_reducer_word(step->reduce));
}

static void write_prediction(td_text *text, const char *gap, td_scaling_mode mode,
                             int ranks, const td_step_cost *cost)
{
    td_text_write(text, "%s{\"mode\": \"%s\", \"ranks\": %d", gap,
                  td_scaling_mode_name(mode), ranks);
    write_number(text, ", ", "batch", cost->batch);
    write_number(text, ", ", "seconds", cost->seconds);
    write_number(text, ", ", "transfer_seconds", cost->transfer);
    write_number(text, ", ", "wait_seconds", cost->wait);
    write_number(text, ", ", "efficiency", cost->efficiency);
    td_text_write(text, "}");
}

static void write_predictions(td_text *text, const td_bench *b)
{
    const char *gap = "";
    td_text_write(text, ", \"predicted\": [");
    for (td_scaling_mode mode = TD_WEAK; mode < TD_SCALINGS; mode++)
        for (const int *ranks = td_bench_counts; *ranks > 0; ranks++) {
            td_step_cost cost = td_bench_predict(b, mode, *ranks);
            if (isnan(cost.seconds))
                continue;
            write_prediction(text, gap, mode, *ranks, &cost);
            gap = ", ";
        }
    td_text_write(text, "]");
}

void td_bench_write_cluster(td_text *text, const td_bench *b)
{
    write_ranks(text, b);
    write_links(text, &b->cluster);
    write_sums(text, b);
    write_model(text, &b->cluster.step);
    if (b->cluster.can_predict)
        write_predictions(text, b);
}
