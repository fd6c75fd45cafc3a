/* How halves are dealt to shards, and epochs to steps (DESIGN, 5). */
#include <math.h>

#include "taildart/data_stream.h"

int64_t td_shard_count(const td_selection *selection, td_half half, int shard,
                       int shards)
{
    int64_t n = selection->half_count[half];
    TD_ASSERT(shard >= 0 && shard < shards);
    return n > shard ? (n - shard - 1) / shards + 1 : 0;
}

/* The multiple of step nearest to n, at least step itself; the lower one of two. */
static int nearest_multiple(int n, int step)
{
    int below = n / step * step;
    if (below == 0)
        return step;
    return n - below <= below + step - n ? below : below + step;
}

td_status td_shards_check(const td_selection *selection, const td_config *config,
                          int ranks, int shards)
{
    int batch = config->search.batch;
    TD_ASSERT(ranks > 0 && shards > 0 && batch > 0);
    int64_t weights = selection->half_count[TD_HALF_WEIGHTS];
    int64_t arch = selection->half_count[TD_HALF_ARCH];
    bool is_whole = arch == 0 || weights < arch;
    int64_t least = is_whole ? weights : arch;
    const char *half = is_whole ? "weight" : "architecture";
    if (ranks > least)
        return td_error(TD_DATA,
                        "%d ranks, but only %lld images in the %s half: start at most "
                        "%lld ranks",
                        ranks, (long long) least, half, (long long) least);
    if (shards > least)
        return td_error(TD_DATA,
                        "data.shards %d, but only %lld images in the %s half: set at "
                        "most %lld shards",
                        shards, (long long) least, half, (long long) least);
    if (shards % ranks != 0)
        return td_error(TD_USAGE,
                        "data.shards %d cannot be dealt evenly to %d ranks: set a "
                        "multiple of %d, for example %d",
                        shards, ranks, ranks, nearest_multiple(shards, ranks));
    if (batch % shards != 0)
        return td_error(TD_USAGE,
                        "%s %d is not a multiple of the %d shards: the nearest "
                        "multiple is %d",
                        td_config_batch_key(config), batch, shards,
                        nearest_multiple(batch, shards));
    return TD_OK;
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
    return epoch >= config->arch.lr.frozen_until &&
           epoch < config->arch.lr.frozen_from && step % config->arch.interval == 0;
}

int64_t td_arch_steps_before(const td_config *config, int64_t steps_per_epoch,
                             int epoch)
{
    TD_ASSERT(steps_per_epoch >= 0 && epoch >= 0 && config->arch.interval > 0);
    int64_t interval = config->arch.interval;
    int64_t an_epoch = (steps_per_epoch + interval - 1) / interval;
    int end = epoch < config->arch.lr.frozen_from ? epoch : config->arch.lr.frozen_from;
    int64_t epochs = (int64_t) end - config->arch.lr.frozen_until;
    return epochs > 0 ? epochs * an_epoch : 0;
}
