/* The training loop of one epoch. */
#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_signals.h"
#include "taildart/optim.h"

void (*td_search_fault)(td_search_state *state, const td_progress *progress);

/* Ask the loader for all batches of step \a step of this epoch. */
static void request_batches(td_search *s, int64_t step, int64_t arch_step)
{
    int epoch = (int) s->progress.epoch;
    if (step >= s->steps)
        return;
    bool is_arch_step = td_is_arch_step(s->config, epoch, step);
    for (int b = 0; b < s->branches; b++) {
        int train = b == 0 ? TD_DRAW_TRAIN : TD_DRAW_TRAIN_REBALANCE;
        int valid = b == 0 ? TD_DRAW_VALID : TD_DRAW_VALID_REBALANCE;
        td_loader_request(s->loader, train, epoch, step);
        if (is_arch_step)
            td_loader_request(s->loader, valid, epoch, arch_step);
    }
}

/* Take them, in the same order. */
static void take_batches(td_search *s, bool is_arch_step, td_step_batches *batches)
{
    *batches = (td_step_batches){
        .stop = td_signals_stop(),
        .save = td_search_is_save_due(s),
        .epoch = s->progress.epoch,
        .step = s->progress.step,
        .seed = (uint64_t) s->config->seed,
        .places = s->places,
    };
    for (int b = 0; b < s->branches; b++) {
        batches->train[b] = *td_loader_take(s->loader);
        TD_ASSERT(batches->train[b].count <= s->rank_batch);
        if (is_arch_step)
            batches->valid[b] = *td_loader_take(s->loader);
        TD_ASSERT(!is_arch_step || batches->valid[b].count == s->rank_batch);
    }
}

static void account(td_search *s, const td_step_result *result)
{
    td_progress *progress = &s->progress;
    TD_ASSERT(progress->step < s->steps);
    for (int b = 0; b < s->branches; b++) {
        s->sums[b].loss += result->train[b].loss;
        s->sums[b].divisor += result->train[b].divisor;
        s->sums[b].correct += result->train[b].correct;
        s->sums[b].count += result->train[b].count;
        progress->images += (int64_t) result->train[b].count;
        progress->images += (int64_t) result->valid[b].count;
    }
    progress->adam_count = s->state->adam_count;
    progress->step++;
}

/* Where the images of this rank stand in the whole batch: shard after shard, the last
 * ones of an epoch with gaps. */
static void find_places(td_search *s, int count)
{
    int64_t each = s->config->search.batch / s->shards, first = s->progress.step * each;
    int at = 0;
    for (int shard = s->first_shard; shard < s->first_shard + s->shard_count; shard++) {
        int64_t left = td_shard_count(s->selection, TD_HALF_WEIGHTS, shard, s->shards);
        for (int64_t i = 0; i < each && first + i < left; i++)
            s->places[at++] = (int32_t) (shard * each + i);
    }
    TD_ASSERT(at == count);
}

static td_status one_step(td_search *s, td_step_rates *rates, td_step_result *result)
{
    td_progress *progress = &s->progress;
    td_step_batches batches;
    rates->arch_step =
        td_is_arch_step(s->config, (int) progress->epoch, progress->step);
    take_batches(s, rates->arch_step, &batches);
    find_places(s, batches.train[TD_CONVENTIONAL].count);
    progress->arch_steps += rates->arch_step;
    /* The loader works on the next step while this one computes. */
    request_batches(s, progress->step + 1, progress->arch_steps);
    td_status status = td_search_step(s->stepper, s->state, &batches, rates, result);
    if (status == TD_OK)
        account(s, result);
    return status;
}

td_status td_search_stop(td_search *s)
{
    td_loader_cancel(s->loader);
    td_status status = td_search_save_last(s);
    return status == TD_OK ? td_search_stopped(s) : status;
}

td_status td_search_train_epoch(td_search *s)
{
    td_progress *progress = &s->progress;
    td_step_rates rates = td_plan_rates(s->kind, s->config, (int) progress->epoch);
    double clock = td_clock_seconds();
    TD_ASSERT(progress->step >= 0 && progress->step <= s->steps);
    s->epoch_comm = td_search_comm_seconds(s);
    td_search_prepare_losses(s);
    request_batches(s, progress->step, progress->arch_steps);
    while (progress->step < s->steps) {
        td_step_result result;
        td_status status = one_step(s, &rates, &result);
        if (status != TD_OK)
            return status;
        double now = td_clock_seconds();
        progress->epoch_seconds += now - clock;
        clock = now;
        td_search_print_live(s, &rates);
        if (td_search_fault)
            td_search_fault(s->state, progress);
        if (result.stop)
            return td_search_stop(s);
        if (result.save)
            status = td_search_save_now(s);
        if (status != TD_OK)
            return status;
    }
    return TD_OK;
}
