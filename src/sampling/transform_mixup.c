/* mixup: x = λ·x_i + (1 − λ)·x_j, and the same of the targets, λ uniform, which is
 * Beta(1, 1) (Zhang et al. 2018, as for CIFAR).  The partner of an image is the next
 * one of its shard, whose order is random already; a shard has one λ a step. */
#include "transforms.h"

#include <string.h>

#include "taildart/base_random.h"

static void mix_image(td_batch *batch, int i, const td_real *partner, int32_t label,
                      double lambda, size_t count)
{
    td_real *x = batch->images + (size_t) i * count;
    td_real own = (td_real) lambda, other = (td_real) (1.0 - lambda);
    for (size_t k = 0; k < count; k++)
        x[k] = own * x[k] + other * partner[k];
    batch->others[i] = label;
    batch->shares[i] = lambda;
}

/* The images from \a first on, \a n of one shard; \a memory holds one image. */
static void mix_shard(td_batch *batch, int first, int n, double lambda, size_t count,
                      td_real *memory)
{
    int32_t first_label = batch->labels[first];
    memcpy(memory, batch->images + (size_t) first * count, count * sizeof *memory);
    for (int i = first; i < first + n; i++) {
        bool is_last = i == first + n - 1;
        const td_real *partner =
            is_last ? memory : batch->images + (size_t) (i + 1) * count;
        mix_image(batch, i, partner, is_last ? first_label : batch->labels[i + 1],
                  lambda, count);
    }
}

/* Images of the batch from \a first on that are of its shard. */
static int run_length(const td_batch *batch, const td_transform_key *key, int first)
{
    int n = 1, shard = key->positions[first] / key->per_shard;
    while (first + n < batch->count &&
           key->positions[first + n] / key->per_shard == shard)
        n++;
    return n;
}

static void mix_batch(td_batch *batch, const td_transform_key *key, td_lane lane)
{
    td_real *memory = td_malloc(key->image * sizeof *memory);
    TD_ASSERT(batch->others && batch->shares && key->per_shard > 0);
    for (int first = 0, n; first < batch->count; first += n) {
        td_random random = { .seed = key->seed,
                             .stream = TD_STREAM_MIX,
                             .shard =
                                 (uint32_t) (key->positions[first] / key->per_shard),
                             .pass = (uint32_t) key->epoch,
                             .lane = lane };
        n = run_length(batch, key, first);
        mix_shard(batch, first, n, td_random_unit(&random, (uint32_t) key->step),
                  key->image, memory);
    }
    td_free(memory);
}

void td_transform_mixup(td_batch *conventional, td_batch *rebalancing,
                        const td_transform_key *key)
{
    mix_batch(conventional, key, TD_LANE_CHOICE);
    if (rebalancing)
        mix_batch(rebalancing, key, TD_LANE_AUGMENT);
}
