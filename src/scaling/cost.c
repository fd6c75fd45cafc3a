/* The formulas of scaling_cost.h. */
#include "taildart/scaling_cost.h"

#include <math.h>
#include <string.h>

#include "taildart/base_number.h"

/* ---- links ------------------------------------------------------------------- */

/* Small messages and one stream, as usually measured. */
static const struct {
    const char *name;
    td_link link;
} links[] = {
    { "1GbE", { 25e-6, 0.117e9 } }, { "10GbE", { 25e-6, 1.15e9 } },
    { "25GbE", { 18e-6, 2.8e9 } },  { "100GbE", { 15e-6, 5e9 } },
    { "RoCE", { 2.5e-6, 11.5e9 } }, { "HDR100", { 1.1e-6, 12e9 } },
    { "HDR", { 1.2e-6, 24e9 } },
};

/* Read "18e-6,2.8e9"; false where it is not that. */
static bool read_numbers(td_link *link, const char *word)
{
    const char *end = td_number_read_first(&link->latency, word);
    if (end == word || *end != ',')
        return false;
    return td_number_read(&link->bandwidth, end + 1) && link->latency >= 0 &&
           link->latency < 1e3 && link->bandwidth > 0 && isfinite(link->bandwidth);
}

td_status td_link_read(td_link *link, const char *word)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (strcmp(links[i].name, word) == 0) {
            *link = links[i].link;
            return TD_OK;
        }
    if (read_numbers(link, word))
        return TD_OK;
    return td_error(TD_USAGE,
                    "--link: found \"%s\"; accepted: 1GbE, 10GbE, 25GbE, 100GbE, RoCE, "
                    "HDR100, HDR, or seconds and bytes per second, as 18e-6,2.8e9",
                    word);
}

/* ---- sums over ranks --------------------------------------------------------- */

/* All send as little as can be sent, in so many messages one after the other. */
static double by_parts(double messages, int ranks, double bytes, td_link link,
                       double add)
{
    double share = (ranks - 1.0) / ranks * bytes;
    return messages * link.latency + 2 * share / link.bandwidth + share * add;
}

/* What wants a power of two: the ranks above the last one hand over their vector, and
 * get the sums back. */
static double by_powers(td_sum_kind kind, int ranks, double bytes, td_link link,
                        double add)
{
    double whole = link.latency + bytes / link.bandwidth, rest = 0;
    int power = 1, log = 0;
    for (; power <= ranks / 2; log++)
        power *= 2;
    if (power < ranks)
        rest = 2 * whole + bytes * add;
    return rest + (kind == TD_SUM_DOUBLING
                       ? log * (whole + bytes * add)
                       : by_parts(2.0 * log, power, bytes, link, add));
}

double td_sum_cost(td_sum_kind kind, int ranks, double bytes, td_link link, double add)
{
    TD_ASSERT(ranks >= 1 && bytes >= 0 && link.bandwidth > 0);
    if (ranks == 1)
        return 0;
    if (kind == TD_SUM_RING)
        return by_parts(2.0 * (ranks - 1), ranks, bytes, link, add);
    if (kind == TD_SUM_RINGS)
        return by_parts(td_reducer_turns(ranks), ranks, bytes, link, add);
    return by_powers(kind, ranks, bytes, link, add);
}

double td_sum_cost_of(td_reducer_kind reduce, int ranks, double bytes, td_link link,
                      double add)
{
    if (td_reducer_takes_rings(reduce, ranks, (size_t) bytes))
        return td_sum_cost(TD_SUM_RINGS, ranks, bytes, link, add);
    return fmin(td_sum_cost(TD_SUM_HALVING, ranks, bytes, link, add),
                td_sum_cost(TD_SUM_DOUBLING, ranks, bytes, link, add));
}

/* ---- the slowest ------------------------------------------------------------- */

/* P(no more than x), of a standard normal number. */
static double normal(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

/* E = ∫₀^∞ 1 − Φ(x)^P − Φ(−x)^P dx, by trapezoids: beyond 10 nothing is left. */
double td_slowest_of(int ranks)
{
    const double step = 1.0 / 256;
    double sum = 0;
    TD_ASSERT(ranks >= 1);
    if (ranks == 1)
        return 0;
    for (int i = 0; i <= 10 * 256; i++) {
        double x = i * step;
        /* 1 − Φ^P without the digits that a difference of near numbers loses. */
        double above = -expm1(ranks * log1p(-normal(-x)));
        sum += (i == 0 ? 0.5 : 1.0) * (above - pow(normal(-x), ranks));
    }
    return sum * step;
}

/* ---- a step ------------------------------------------------------------------ */

static double transfer_of(const td_step_measured *step, int ranks)
{
    double seconds = 0;
    for (int i = 0; i < step->sums; i++)
        seconds +=
            td_sum_cost_of(step->reduce, ranks, step->bytes[i], step->link, step->add);
    return seconds;
}

static double passes_of(const td_step_measured *step, double images)
{
    return step->fixed + step->image * images;
}

td_step_cost td_step_predict(const td_step_measured *step, td_scaling_mode mode,
                             int ranks, double images)
{
    TD_ASSERT(ranks >= 1 && step->sums <= TD_STEP_SUMS_MOST);
    if (mode == TD_STRONG && images < ranks)
        return (td_step_cost){ NAN, NAN, NAN, NAN, NAN };
    /* The rank that has most of them. */
    double share = mode == TD_WEAK ? images : ceil(images / ranks);
    double passes = passes_of(step, share), alone = passes_of(step, images);
    td_step_cost cost = {
        .batch = mode == TD_WEAK ? images * ranks : images,
        .transfer = transfer_of(step, ranks),
        .wait = passes * step->noise * td_slowest_of(ranks),
    };
    cost.seconds = passes + cost.transfer + cost.wait;
    cost.efficiency = alone / cost.seconds / (mode == TD_WEAK ? 1 : ranks);
    return cost;
}
