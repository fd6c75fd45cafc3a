/* Which images of a batch share batch norms: those of a rank, of a shard, of all ranks.
 *
 * With one group a shard a pass does not know how many ranks there are, and sends
 * nothing; shards that all ranks share are summed between the phases of a pass. */
#include "stepper.h"

int td_step_shard_count(const td_batch *batch)
{
    return batch->shards ? batch->shard_count : 1;
}

int td_step_shard_images(const td_batch *batch, int shard)
{
    TD_ASSERT(shard >= 0 && shard < td_step_shard_count(batch));
    return batch->shards ? batch->shards[shard] : batch->count;
}

int td_step_find_groups(td_stepper *stepper, const td_batch *batch)
{
    int *groups = stepper->buffers.groups, count = 0;
    bool by_shard = stepper->sizes.groups > 1;
    for (int b = 0; b < stepper->sizes.branches; b++) {
        int shards = by_shard ? td_step_shard_count(&batch[b]) : 1;
        TD_ASSERT(shards <= stepper->sizes.groups);
        for (int s = 0; s < shards; s++)
            groups[count++] =
                by_shard ? td_step_shard_images(&batch[b], s) : batch[b].count;
    }
    return count;
}

void td_step_sum_norms(void *context, double *totals, size_t count)
{
    td_step_norms *norms = context;
    td_section former = td_section_enter(norms->section);
    /* Stuck here?  Ranks with an empty batch join every phase, too. */
    td_comm_sum_f64(norms->comm, totals, count);
    td_section_enter(former);
}
