/* What predictions go by: links, sums over ranks, the speed of every rank, and how a
 * step's time depends on its images. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "taildart/base_clock.h"

/* ---- sums over ranks --------------------------------------------------------- */

enum { SUMS_LEAST = 3, SUMS_MOST = 50 };
static const double SUM_SECONDS = 0.3; /* of a reducer and a size */

/* Seconds of one sum, of the rank that needs most; all begin together. */
static double time_sum(td_reducer *r, td_real *receive, const td_real *send, size_t n)
{
    td_comm_barrier(r->comm);
    double started = td_clock_seconds();
    td_reducer_begin(r, receive, send, n, TD_NUMBER_REAL);
    td_reducer_finish(r);
    return td_comm_max(r->comm, td_clock_seconds() - started);
}

/* The median of some sums of \a n numbers by a reducer. */
static double time_sums(td_bench *b, td_reducer_kind kind, size_t n)
{
    double seconds[SUMS_MOST];
    td_real *block = td_malloc(2 * n * sizeof *block);
    td_reducer r = { 0 };
    td_reducer_init(&r, td_reducer_of(kind), b->world,
                    (size_t) b->config->dist.bucket * 1024);
    double first = time_sum(&r, block + n, block, n);
    double wanted = fmin(SUMS_MOST, fmax(SUMS_LEAST, SUM_SECONDS / fmax(first, 1e-6)));
    int count = (int) wanted; /* as first, the same on every rank */
    for (int i = 0; i < count; i++)
        seconds[i] = time_sum(&r, block + n, block, n);
    td_reducer_clear(&r);
    td_free(block);
    return td_median(seconds, count);
}

static void measure_sums(td_bench *b)
{
    for (int s = 0; s < TD_BENCH_SUM_COUNT; s++)
        for (int kind = 0; kind < TD_REDUCER_COUNT && b->sums[s].bytes > 0; kind++)
            b->sums[s].seconds[kind] =
                time_sums(b, (td_reducer_kind) kind,
                          (size_t) (b->sums[s].bytes / sizeof(td_real)));
}

/* Seconds that a processor takes to add a byte to another one. */
static double measure_addition(void)
{
    enum { COUNT = 1 << 20, REPEATS = 5 };
    td_real *block = td_malloc(2 * (size_t) COUNT * sizeof *block),
            *more = block + COUNT;
    double best = INFINITY;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double started = td_clock_seconds();
        for (int i = 0; i < COUNT; i++)
            block[i] += more[i] + 1;
        best = fmin(best, td_clock_seconds() - started);
    }
    TD_CHECK(block[COUNT - 1] == REPEATS, "sums of %d ones differ", REPEATS);
    td_free(block);
    return best / (COUNT * sizeof(td_real));
}

/* ---- ranks ------------------------------------------------------------------- */

static double mean_of(const double *values, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += values[i];
    return sum / n;
}

static double deviation_of(const double *values, int n, double mean)
{
    double squares = 0;
    for (int i = 0; i < n; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return n > 1 ? sqrt(squares / (n - 1)) : 0;
}

/* Seconds of each step without those of its sums; (bench.steps), for td_free. */
static double *read_passes(const td_bench *b)
{
    int steps = b->config->bench.steps;
    double *passes = td_malloc((size_t) steps * sizeof *passes);
    for (int i = 0; i < steps; i++)
        passes[i] = b->seconds[TD_BENCH_STEP][i] - b->seconds[TD_BENCH_COMM][i];
    return passes;
}

static td_bench_rank read_rank(const td_bench *b)
{
    int steps = b->config->bench.steps;
    double *passes = read_passes(b);
    td_bench_rank rank = { .flops = b->own_peak, .passes = mean_of(passes, steps) };
    rank.deviation = deviation_of(passes, steps, rank.passes);
    td_host_read(rank.host);
    td_free(passes);
    return rank;
}

/* How passes depend on images, by a step of this run and by one of one image; and the
 * deviation of a rank's step from the mean of all. */
static void fit_step(td_step_measured *step, const td_bench_rank *all, int ranks,
                     int images)
{
    double passes = 0, alone = 0, squares = 0;
    for (int r = 0; r < ranks; r++) {
        passes += all[r].passes / ranks;
        alone += all[r].alone / ranks;
    }
    for (int r = 0; r < ranks; r++)
        squares += (all[r].deviation * all[r].deviation +
                    (all[r].passes - passes) * (all[r].passes - passes)) /
                   ranks;
    step->image = images > 1 ? fmax(0, passes - alone) / (images - 1) : passes;
    step->fixed = fmax(0, passes - step->image * images);
    step->noise = sqrt(squares) / passes;
}

/* ---- all together ------------------------------------------------------------ */

/* The sums of a step, one by one. */
static void list_sums(td_step_measured *step, const td_bench_sum *sums)
{
    for (int s = 0; s < TD_BENCH_SUM_COUNT; s++)
        for (int call = 0; call < lround(sums[s].calls); call++)
            if (step->sums < TD_STEP_SUMS_MOST)
                step->bytes[step->sums++] = sums[s].bytes;
}

static void summarise(td_bench *b)
{
    td_bench_cluster *c = &b->cluster;
    int ranks = td_comm_size(b->world);
    c->crosses_hosts = td_bench_crosses_hosts(c);
    fit_step(&c->step, c->ranks, ranks, b->spec.batch);
    list_sums(&c->step, b->sums);
    c->step.reduce = (td_reducer_kind) b->config->dist.reduce;
    c->step.add = measure_addition();
    c->can_predict = c->pair_count > 0 || b->options.has_link;
    if (c->can_predict)
        c->step.link = b->options.has_link ? b->options.link : td_bench_usual_link(c);
}

static double least_of(const double *values, int n)
{
    double least = INFINITY;
    for (int i = 0; i < n; i++)
        least = fmin(least, values[i]);
    return least;
}

/* Steps of one image a rank; what was measured before stays.
 * \param [out] share  what one takes without its sums, of one of this run: the least
 * of each, as others disturb short steps more than long ones */
static td_status measure_one_image(td_bench *b, double *share)
{
    td_bench one = *b;
    int steps = b->config->bench.steps, image = 1;
    for (int branch = 0; branch < TD_BRANCHES; branch++) {
        td_batch *both[] = { &one.batches.train[branch], &one.batches.valid[branch] };
        for (int i = 0; i < 2; i++) {
            both[i]->count = both[i]->shard_count = 1;
            both[i]->shards = &image;
        }
    }
    for (int timer = 0; timer < TD_BENCH_TIMERS; timer++)
        one.seconds[timer] = td_malloc((size_t) steps * sizeof(double));
    td_status status = td_bench_run_steps(&one);
    double *few = read_passes(&one), *all = read_passes(b);
    *share = fmin(1, least_of(few, steps) / least_of(all, steps));
    td_free(few);
    td_free(all);
    for (int timer = 0; timer < TD_BENCH_TIMERS; timer++)
        td_free(one.seconds[timer]);
    return status;
}

td_status td_bench_probe(td_bench *b)
{
    td_bench_cluster *c = &b->cluster;
    td_bench_rank mine = read_rank(b);
    double share = 1;
    td_status status = measure_one_image(b, &share);
    if (status != TD_OK)
        return status;
    mine.alone = mine.passes * share;
    if (td_comm_rank(b->world) == 0)
        c->ranks = td_malloc((size_t) td_comm_size(b->world) * sizeof *c->ranks);
    td_comm_gather(b->world, c->ranks, &mine, sizeof mine);
    c->pair_count = td_bench_links(b->world, &c->pairs);
    measure_sums(b);
    if (td_comm_rank(b->world) == 0)
        summarise(b);
    return TD_OK;
}
