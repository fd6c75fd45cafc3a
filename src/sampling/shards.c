/* Division of halves into shards, and of epochs into steps (src/README.md, Images). */
#include <stdlib.h>

#include "taildart/config_projection.h"
#include "taildart/config_stages.h"

#include "taildart/sampling_stream.h"

int64_t td_shard_count(const td_selection *selection, td_half half, int shard,
                       int shards)
{
    int64_t n = selection->half_count[half];
    TD_ASSERT(shard >= 0 && shard < shards);
    return n > shard ? (n - shard - 1) / shards + 1 : 0;
}

/* The multiple of factor nearest to n, at least factor; the lower one of two. */
static int nearest_multiple(int n, int factor)
{
    TD_ASSERT(factor > 0);
    int below = n / factor * factor;
    if (below == 0)
        return factor;
    return n - below <= below + factor - n ? below : below + factor;
}

/* The number nearest to n that divides \a whole, is a multiple of \a factor and at
 * most \a most; the lower one of two; 0 if there is none. */
static int nearest_divisor(int n, int whole, int factor, int64_t most)
{
    int best = 0;
    for (int d = factor; d <= whole && d <= most; d += factor)
        if (whole % d == 0 && (best == 0 || abs(d - n) < abs(best - n)))
            best = d;
    return best;
}

/* Count the images of the smaller half, which every shard must have one of. */
static int64_t smaller_half(const td_selection *selection, const char **name)
{
    int64_t weights = selection->half_count[TD_HALF_WEIGHTS];
    int64_t arch = selection->half_count[TD_HALF_ARCH];
    bool is_weights = arch == 0 || weights < arch;
    *name = is_weights ? "weight" : "architecture";
    return is_weights ? weights : arch;
}

/* Refuse with advice that passes all checks.  Frees \a what. */
static td_status refuse_shards(td_status code, char *what, const td_config *config,
                               int ranks, int shards, int64_t least)
{
    int batch = config->search.batch, advised;
    const char *key = td_config_batch_key(config);
    advised = nearest_divisor(shards, batch, ranks, least);
    if (advised > 0 && ranks == 1)
        td_error(code, "%s: set a number that divides %s %d, for example %d", what, key,
                 batch, advised);
    else if (advised > 0)
        td_error(code, "%s: set a multiple of %d that divides %s %d, for example %d",
                 what, ranks, key, batch, advised);
    else
        td_error(code, "%s: set data.shards %d and %s %d", what, ranks, key,
                 nearest_multiple(batch, ranks));
    td_free(what);
    return code;
}

td_status td_shards_check(const td_selection *selection, const td_config *config,
                          int ranks, int shards)
{
    int batch = config->search.batch;
    const char *half;
    TD_ASSERT(ranks > 0 && shards > 0 && batch > 0);
    int64_t least = smaller_half(selection, &half);
    if (ranks > least)
        return td_error(TD_DATA,
                        "%d ranks, but only %lld images in the %s half: start at most "
                        "%lld ranks, for example %d",
                        ranks, (long long) least, half, (long long) least,
                        nearest_divisor(ranks, batch, 1, least));
    if (shards > least)
        return refuse_shards(
            TD_DATA,
            td_format("data.shards %d, but only %lld images in the %s half", shards,
                      (long long) least, half),
            config, ranks, shards, least);
    if (shards % ranks != 0 && config->dist.reproducible)
        return td_error(TD_USAGE,
                        "data.shards %d cannot be dealt evenly to %d ranks: start %d, "
                        "or another number that divides them",
                        shards, ranks, nearest_divisor(ranks, shards, 1, least));
    if (shards % ranks != 0)
        return refuse_shards(
            TD_USAGE,
            td_format("data.shards %d cannot be dealt evenly to %d ranks", shards,
                      ranks),
            config, ranks, shards, least);
    if (batch < shards && nearest_divisor(shards, batch, ranks, least) > 0)
        return refuse_shards(
            TD_USAGE,
            td_format("data.shards %d, but a batch has %d images", shards, batch),
            config, ranks, shards, least);
    if (batch % shards != 0)
        return td_error(TD_USAGE,
                        "%s %d is not a multiple of the %d shards: the nearest "
                        "multiple is %d",
                        td_config_batch_key(config), batch, shards,
                        nearest_multiple(batch, shards));
    return TD_OK;
}

td_status td_shards_check_ranks(const td_selection *selection, const td_config *config,
                                int ranks)
{
    int batch = config->search.batch;
    const char *half;
    int64_t least = smaller_half(selection, &half);
    if (ranks <= least && batch % ranks == 0)
        return TD_OK;
    return td_error(TD_USAGE,
                    "%d ranks cannot continue a run whose %s is %d%s: start %d ranks",
                    ranks, td_config_batch_key(config), batch,
                    ranks > least ? " on so few images" : "",
                    nearest_divisor(ranks, batch, 1, least));
}

int64_t td_epoch_steps(const td_selection *selection, int batch)
{
    TD_ASSERT(batch > 0);
    return (selection->half_count[TD_HALF_WEIGHTS] + batch - 1) / batch;
}

bool td_is_arch_step(const td_config *config, int epoch, int64_t step)
{
    TD_ASSERT(epoch >= 0 && step >= 0);
    TD_ASSERT(config->arch.interval > 0);
    int passed = td_stage_epoch(config, epoch);
    return config->search.method == TD_METHOD_DARTS &&
           !td_projection_tunes(config, epoch) &&
           passed >= config->arch.lr.frozen_until &&
           passed < config->arch.lr.frozen_from && step % config->arch.interval == 0;
}

/* Epochs with architecture steps among the first \a epochs of a stage. */
static int64_t count_arch_epochs(const td_schedule *lr, int epochs)
{
    int end = epochs < lr->frozen_from ? epochs : lr->frozen_from;
    return end > lr->frozen_until ? end - lr->frozen_until : 0;
}

int64_t td_arch_steps_before(const td_config *config, int64_t steps_per_epoch,
                             int epoch)
{
    TD_ASSERT(steps_per_epoch >= 0 && epoch >= 0 && config->arch.interval > 0);
    if (td_projection_tunes(config, epoch))
        epoch = config->search.epochs; /* from there on weights alone */
    int64_t interval = config->arch.interval;
    int64_t an_epoch = (steps_per_epoch + interval - 1) / interval;
    int64_t epochs = 0;
    int last = td_stage_at(config, epoch).number;
    for (int n = 0; n <= last; n++) {
        int end = n < last ? td_stage_of(config, n + 1).first : epoch;
        epochs +=
            count_arch_epochs(&config->arch.lr, end - td_stage_of(config, n).first);
    }
    return config->search.method == TD_METHOD_DARTS ? epochs * an_epoch : 0;
}
