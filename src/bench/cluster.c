/* What of the links and ranks measured is usual, what is slow, and what follows. */
#include <string.h>

#include "bench.h"
#include "taildart/base_clock.h"

const char *td_bench_sum_name(int sum)
{
    TD_ASSERT(sum >= 0 && sum < TD_BENCH_SUM_COUNT);
    return sum == TD_BENCH_WEIGHT_SUM ? "weights" : "alphas";
}

int td_bench_slow_rank(const td_bench_cluster *c, int ranks)
{
    int slow = 0;
    for (int r = 1; r < ranks; r++)
        if (c->ranks[r].passes > c->ranks[slow].passes)
            slow = r;
    return slow;
}

int td_bench_weak_rank(const td_bench_cluster *c, int ranks)
{
    int weak = 0;
    for (int r = 1; r < ranks; r++)
        if (c->ranks[r].flops < c->ranks[weak].flops)
            weak = r;
    return weak;
}

double td_bench_usual_flops(const td_bench_cluster *c, int ranks)
{
    double *flops = td_malloc((size_t) ranks * sizeof *flops);
    for (int r = 0; r < ranks; r++)
        flops[r] = c->ranks[r].flops;
    double median = td_median(flops, ranks);
    td_free(flops);
    return median;
}

/* ---- links ------------------------------------------------------------------- */

static bool crosses(const td_bench_cluster *c, const td_bench_pair *pair)
{
    return strcmp(c->ranks[pair->a].host, c->ranks[pair->b].host) != 0;
}

/* Whether a pair is of the kind that predictions are about. */
static bool counts(const td_bench_cluster *c, const td_bench_pair *pair)
{
    return !c->crosses_hosts || crosses(c, pair);
}

bool td_bench_crosses_hosts(const td_bench_cluster *c)
{
    for (int i = 0; i < c->pair_count; i++)
        if (crosses(c, &c->pairs[i]))
            return true;
    return false;
}

td_link td_bench_usual_link(const td_bench_cluster *c)
{
    size_t most = (size_t) c->pair_count;
    double *latency = td_malloc(2 * most * sizeof *latency),
           *bandwidth = latency + most;
    int count = 0;
    for (int i = 0; i < c->pair_count; i++)
        if (counts(c, &c->pairs[i])) {
            latency[count] = c->pairs[i].link.latency;
            bandwidth[count++] = c->pairs[i].link.bandwidth;
        }
    TD_ASSERT(count > 0);
    td_link link = { td_median(latency, count), td_median(bandwidth, count) };
    td_free(latency);
    return link;
}

const td_bench_pair *td_bench_slow_pair(const td_bench_cluster *c)
{
    const td_bench_pair *slow = NULL;
    for (int i = 0; i < c->pair_count; i++)
        if (counts(c, &c->pairs[i]) &&
            (!slow || c->pairs[i].link.bandwidth < slow->link.bandwidth))
            slow = &c->pairs[i];
    return slow;
}

/* ---- predictions ------------------------------------------------------------- */

const int td_bench_counts[] = { 2,   3,   4,    6,    8,    12,   16,   24,
                                32,  48,  64,   96,   128,  192,  256,  384,
                                512, 768, 1024, 1536, 2048, 3072, 4096, 0 };

td_step_cost td_bench_predict(const td_bench *b, td_scaling_mode mode, int ranks)
{
    double all =
        b->options.strong > 0 ? (double) b->options.strong : b->config->search.batch;
    return td_step_predict(&b->cluster.step, mode, ranks,
                           mode == TD_WEAK ? b->spec.batch : all);
}
