/* What was measured of a cluster, and what is predicted, in 80 columns. */
#include <math.h>
#include <stdio.h>

#include "bench.h"
#include "taildart/base_memory.h"

/* ---- measured ---------------------------------------------------------------- */

static void print_link(td_link link)
{
    printf("latency %.3g us, bandwidth %.3g GB/s", 1e6 * link.latency,
           1e-9 * link.bandwidth);
}

static void print_links(const td_bench_cluster *c)
{
    if (c->pair_count == 0) {
        printf("  links   need two ranks to be measured\n");
        return;
    }
    const td_bench_pair *slow = td_bench_slow_pair(c);
    td_link usual = td_bench_usual_link(c);
    printf("  links   %d %s, median %s: ", c->pair_count,
           td_noun(c->pair_count, "pair", "pairs"),
           c->crosses_hosts ? "between hosts" : "on one host");
    print_link(usual);
    printf("\n          slowest: rank %d@%s - rank %d@%s:\n          ", slow->a,
           c->ranks[slow->a].host, slow->b, c->ranks[slow->b].host);
    print_link(slow->link);
    printf(", %.0f %% of the median\n", 100 * slow->link.bandwidth / usual.bandwidth);
}

static void print_sums(const td_bench *b)
{
    for (int s = 0; s < TD_BENCH_SUM_COUNT; s++) {
        const td_bench_sum *sum = &b->sums[s];
        char bytes[TD_BYTES_TEXT];
        if (sum->bytes == 0)
            continue;
        if (sum->bytes < 1e4)
            snprintf(bytes, sizeof bytes, "%.0f bytes", sum->bytes);
        else
            td_bytes_text(sum->bytes, bytes);
        printf("  sums    %s, %s, %g per step:", td_bench_sum_name(s), bytes,
               sum->calls);
        for (int kind = 0; kind < TD_REDUCER_COUNT; kind++)
            printf("%s%s %.4g ms", kind > 0 ? ", " : "\n          ",
                   td_reducer_word((td_reducer_kind) kind), 1e3 * sum->seconds[kind]);
        printf("\n");
    }
}

/* How far \a value is below or above \a usual. */
static double apart(double value, double usual)
{
    return 100 * fabs(value / usual - 1);
}

/* Seconds of a step's passes on a rank, as measured; the model's may lie elsewhere. */
static double mean_passes(const td_bench_cluster *c, int ranks)
{
    double sum = 0.0;
    for (int r = 0; r < ranks; r++)
        sum += c->ranks[r].passes;
    return sum / ranks;
}

static void print_ranks(const td_bench *b)
{
    const td_bench_cluster *c = &b->cluster;
    int ranks = td_comm_size(b->world);
    int weak = td_bench_weak_rank(c, ranks), slow = td_bench_slow_rank(c, ranks);
    double usual = td_bench_usual_flops(c, ranks);
    double mean = mean_passes(c, ranks);
    printf("  ranks   %.4g GFLOP/s each (median)", 1e-9 * usual);
    if (ranks > 1)
        printf("; slowest rank %d@%s:\n          %.4g GFLOP/s, %.1f %% below", weak,
               c->ranks[weak].host, 1e-9 * c->ranks[weak].flops,
               apart(c->ranks[weak].flops, usual));
    printf(
        "\n  passes  %.4g ms: %.4g per step and %.4g per image; they vary by %.1f %%\n",
        1e3 * mean, 1e3 * c->step.fixed, 1e3 * c->step.image, 100 * c->step.noise);
    if (ranks > 1)
        printf("          slowest rank %d@%s: %.4g ms, %.1f %% above the mean\n", slow,
               c->ranks[slow].host, 1e3 * c->ranks[slow].passes,
               apart(c->ranks[slow].passes, mean));
}

/* ---- predicted --------------------------------------------------------------- */

/* What predictions are worth where passes were disturbed. */
static void print_noise(const td_bench *b)
{
    enum { MOST_PERCENT = 20 };
    double percent = 100 * b->cluster.step.noise;
    if (percent > MOST_PERCENT)
        printf(
            "NOTE: passes vary by %.0f %% from step to step: is the machine shared?\n"
            "Predictions are no better than that; more steps help (bench.steps)\n",
            percent);
}

static void print_head(const td_bench *b)
{
    const td_step_measured *step = &b->cluster.step;
    printf("\nPredicted, %s: each rank alone on a link of\n",
           b->options.has_link ? "for --link" : "by the link measured");
    print_link(step->link);
    printf(";\nsums as dist.reduce: %s makes them, nothing of them hidden\n",
           td_reducer_word(step->reduce));
    if (b->options.has_link || b->cluster.crosses_hosts)
        return;
    printf(
        "This link is the memory of one host: --link 25GbE predicts for a network\n");
}

/* Write a number, "-" for one that is not there. */
static void print_cell(int width, const char *format, double value)
{
    char text[32] = "-";
    if (!isnan(value)) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, format, value);
#pragma GCC diagnostic pop
    }
    printf("%*s", width, text);
}

/* Milliseconds of a step's sums by a reducer. */
static double sums_by(const td_bench *b, td_reducer_kind reduce, int ranks)
{
    td_step_measured step = b->cluster.step;
    step.reduce = reduce;
    return 1e3 * td_step_predict(&step, TD_WEAK, ranks, 1).transfer;
}

static void print_prediction(const td_bench *b, int ranks)
{
    td_step_cost weak = td_bench_predict(b, TD_WEAK, ranks);
    td_step_cost strong = td_bench_predict(b, TD_STRONG, ranks);
    printf("%6d", ranks);
    print_cell(9, "%.4g", sums_by(b, TD_REDUCER_RING, ranks));
    print_cell(9, "%.4g", sums_by(b, TD_REDUCER_BLOCKING, ranks));
    print_cell(10, "%.4g", weak.wait);
    print_cell(10, "%.4g", weak.seconds);
    print_cell(8, "%.1f", 100 * weak.efficiency);
    print_cell(10, "%.4g", strong.wait);
    print_cell(10, "%.4g", strong.seconds);
    print_cell(8, "%.1f", 100 * strong.efficiency);
    printf("\n");
}

static void print_predictions(const td_bench *b)
{
    char weak[32], strong[32];
    print_head(b);
    print_noise(b);
    snprintf(weak, sizeof weak, "weak: %d images per rank", b->spec.batch);
    snprintf(strong, sizeof strong, "strong: %.0f images",
             td_bench_predict(b, TD_STRONG, 1).batch);
    printf("\n            sums, ms  %28s%28s\n", weak, strong);
    printf(" ranks     ring blocking    wait s    step s effic.%%    wait s    step s "
           "effic.%%\n");
    for (const int *ranks = td_bench_counts; *ranks > 0; ranks++)
        print_prediction(b, *ranks);
}

void td_bench_print_cluster(const td_bench *b)
{
    int ranks = td_comm_size(b->world);
    printf("\nMeasured on %d %s\n", ranks, td_noun(ranks, "rank", "ranks"));
    print_links(&b->cluster);
    print_sums(b);
    print_ranks(b);
    if (b->cluster.can_predict)
        print_predictions(b);
    else
        printf(
            "\nNothing is predicted without a link: start two ranks or more, or name "
            "one, as\n--link 25GbE\n");
}
