/* Running statistics, which all ranks share.
 *
 * A batch norm's statistics are weighted by the images they were taken of, so that Σ
 * n·mean and Σ n·variance over groups and ranks, divided by Σ n, are the same on every
 * rank. */
#include <string.h>

#include "stepper.h"

/* PyTorch's default share of the new statistics in the running ones. */
static const double STATISTICS_MOMENTUM = 0.1;

/* Where the record of a pass and branch begins. */
static size_t record_offset(const td_stepper *stepper, int pass, int b)
{
    TD_ASSERT(pass < TD_STEP_PASSES && b < stepper->sizes.branches);
    const td_reduction *r = &stepper->weights;
    return r->gradients + td_reduction_sums(r) +
           (size_t) (pass * stepper->sizes.branches + b) *
               td_step_record_count(stepper);
}

/* Add those of \a n images.  Of order-free sums n·x is a term. */
static void add_group(const td_stepper *stepper, size_t offset, const td_real *x, int n)
{
    const td_reduction *r = &stepper->weights;
    size_t count = 2 * stepper->sizes.norm_count;
    td_real *sums = r->send;
    double *exact = r->send;
    for (size_t i = 0; i < count; i++)
        if (r->is_exact)
            exact[offset + i] += td_exact_term((double) n * (double) x[i]);
        else
            sums[offset + i] += (td_real) n * x[i];
}

static void record_branch(td_stepper *stepper, const td_batch *batch, int b)
{
    td_real *x = stepper->buffers.statistics;
    size_t offset = record_offset(stepper, stepper->statistics, b);
    size_t norms = stepper->sizes.norm_count;
    bool has_groups = stepper->sizes.groups > 1;
    bool by_shard = has_groups || stepper->sizes.is_exact;
    int parts = by_shard ? td_step_shard_count(batch) : 1;
    memset((char *) stepper->weights.send +
               offset * td_number_bytes(stepper->weights.type),
           0, 2 * norms * td_number_bytes(stepper->weights.type));
    memset(x, 0, 2 * norms * sizeof *x); /* a norm of the other branch */
    for (int s = 0; s < parts; s++) {
        int n = by_shard ? td_step_shard_images(batch, s) : batch->count;
        if (n == 0)
            continue;
        td_network_statistics(stepper->net, b, has_groups ? s : 0, x, x + norms);
        add_group(stepper, offset, x, n);
    }
    td_reduction_put(&stepper->weights, offset + 2 * norms, batch->count);
}

/* The operations of a recorded pass. */
static uint8_t *present_in(const td_stepper *stepper, int pass)
{
    size_t edges = stepper->sizes.alpha_count / TD_NUM_OPS;
    return stepper->buffers.present + (size_t) pass * edges;
}

/* Every rank knows them, those with an empty batch, too. */
static void record_present(td_stepper *stepper, const uint8_t *present)
{
    size_t edges = stepper->sizes.alpha_count / TD_NUM_OPS;
    uint8_t *to = present_in(stepper, stepper->statistics);
    if (present)
        memcpy(to, present, edges);
    else
        memset(to, UINT8_MAX, edges);
}

void td_step_record_statistics(td_stepper *stepper, const td_step_pass *pass)
{
    TD_ASSERT(stepper->statistics < TD_STEP_PASSES);
    record_present(stepper, pass->present);
    for (int b = 0; b < stepper->sizes.branches; b++)
        record_branch(stepper, &pass->batch[b], b);
    stepper->statistics++;
}

static void move_towards(td_real *running, const td_reduction *r, size_t offset,
                         double n, size_t count)
{
    for (size_t i = 0; i < count; i++)
        running[i] =
            (td_real) ((1.0 - STATISTICS_MOMENTUM) * running[i] +
                       STATISTICS_MOMENTUM * (td_reduction_got(r, offset + i) / n));
}

/* A norm that the branch does not pass (the other branch's last cell), and one of an
 * operation that took no part, are left alone. */
static void apply_record(const td_stepper *stepper, td_search_state *state, int pass,
                         int branch)
{
    size_t record = record_offset(stepper, pass, branch);
    const td_slots *norms = state->norm_slots;
    const td_reduction *r = &stepper->weights;
    double n = td_reduction_got(r, record + 2 * norms->total);
    TD_ASSERT(n >= 0.0);
    for (int k = 0; n > 0.0 && k < norms->count; k++) {
        size_t offset = norms->slots[k].offset, count = norms->slots[k].count;
        if (!td_network_norm_in_branch(stepper->net, k, branch) ||
            !td_network_norm_is_present(stepper->net, k, present_in(stepper, pass)))
            continue;
        move_towards(state->running_mean + offset, r, record + offset, n, count);
        move_towards(state->running_var + offset, r, record + norms->total + offset, n,
                     count);
    }
}

void td_step_apply_statistics(const td_stepper *stepper, td_search_state *state)
{
    TD_ASSERT(state->norm_slots->total == stepper->sizes.norm_count);
    for (int pass = 0; pass < stepper->statistics; pass++)
        for (int b = 0; b < stepper->sizes.branches; b++)
            apply_record(stepper, state, pass, b);
}
