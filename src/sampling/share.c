/* The images that a rank owns, and those that it draws beyond them. */
#include "taildart/sampling_stream.h"

/* Of a class's images in a half, count those in shards of a rank: image i of the half
 * is in shard i mod S. */
static int64_t own_of_class(const td_selection *s, td_half half, int c,
                            const td_share *share)
{
    int64_t begin = s->half_start[half][c], end = s->half_start[half][c + 1];
    int64_t own = 0;
    for (int k = share->first_shard; k < share->first_shard + share->shard_count; k++) {
        int64_t before = (begin + share->shards - 1 - k) / share->shards;
        own += (end + share->shards - 1 - k) / share->shards - before;
    }
    return own;
}

static bool has_class_aware(const td_config *config, td_half half,
                            const td_share *share)
{
    bool is_arch = half == TD_HALF_ARCH;
    td_stream_id own = is_arch ? TD_STREAM_ARCH : TD_STREAM_WEIGHTS;
    td_stream_id other = is_arch ? TD_STREAM_ARCH_REBALANCE : TD_STREAM_REBALANCE;
    if ((int) half >= share->halves)
        return false;
    return td_stream_is_by_class(own, config) ||
           (td_stream_is_used(other, config) && td_stream_is_by_class(other, config));
}

int64_t td_share_count(const td_selection *s, const td_config *config,
                       const td_share *share, int64_t *shared)
{
    int64_t own = 0;
    TD_ASSERT(share->first_shard + share->shard_count <= share->shards);
    *shared = 0;
    for (int h = 0; h < 2; h++) {
        bool is_class_aware = has_class_aware(config, (td_half) h, share);
        for (int c = 0; c < s->classes; c++) {
            int64_t all = s->half_classes[h][c];
            int64_t mine = own_of_class(s, (td_half) h, c, share);
            own += mine;
            if (is_class_aware && td_class_is_shared(all, share->shards))
                *shared += all - mine;
        }
    }
    return own;
}

void td_share_mark(const td_selection *s, const td_share *share, bool *own)
{
    for (int h = 0; h < 2; h++)
        for (int k = share->first_shard; k < share->first_shard + share->shard_count;
             k++)
            for (int64_t i = k; i < s->half_count[h]; i += share->shards)
                own[s->half[h][i]] = true;
}
