/* Steps of the network against the clock. */
#include "bench.h"
#include "taildart/base_clock.h"

/* A derived network has no architecture step, and drops paths. */
static td_step_rates usual_rates(const td_bench *b)
{
    const td_config *config = b->config;
    bool is_derived = b->spec.genotype != NULL;
    return (td_step_rates){
        .arch_step = !is_derived,
        .drop_path = is_derived ? 0.5 * config->train.drop_path.start : 0.0,
        .auxiliary_weight = config->train.auxiliary_weight,
        .order = config->search.order,
        .mixing = 0.5,
        .lr = config->weights.lr.start,
        .momentum = config->weights.momentum,
        .decay = config->weights.decay,
        .clip = config->weights.clip,
        .arch_lr = config->arch.lr.start,
        .arch_decay = config->arch.decay,
        .arch_betas = { config->arch.betas[0], config->arch.betas[1] },
        .perturb = config->arch.perturb,
        .epsilon = config->arch.epsilon.start,
        .radius = TD_STEP_RADIUS,
    };
}

/* Note the seconds of this step. */
static void note_step(td_bench *b, int i, double step, double comm,
                      const td_step_result *result)
{
    TD_ASSERT(i >= 0 && i < b->config->bench.steps);
    const double seconds[TD_BENCH_FORWARD] = {
        [TD_BENCH_STEP] = step,
        [TD_BENCH_ARCH] = result->arch_seconds,
        [TD_BENCH_ARCH_FORWARD] = result->arch_pass.forward,
        [TD_BENCH_ARCH_BACKWARD] = result->arch_pass.backward,
        [TD_BENCH_WEIGHT] = result->weight_seconds,
        [TD_BENCH_WEIGHT_FORWARD] = result->weight_pass.forward,
        [TD_BENCH_WEIGHT_BACKWARD] = result->weight_pass.backward,
        [TD_BENCH_UPDATE] = result->update_seconds,
        [TD_BENCH_COMM] = comm,
    };
    for (int timer = 0; timer < TD_BENCH_FORWARD; timer++)
        b->seconds[timer][i] = seconds[timer];
}

/* The sums of one kind in the steps of the clock, and what they took. */
static void note_sums(td_bench *b, td_bench_sum *sum, td_half half)
{
    double steps = b->config->bench.steps;
    td_reducer_times times = td_stepper_take_times(b->stepper, half);
    sum->calls = (double) times.calls / steps;
    sum->bytes = times.calls > 0 ? (double) times.bytes / (double) times.calls : 0;
    b->transfer += times.transfer / steps;
    td_comm_sum_f64(b->world, &times.wait, 1);
    b->wait += times.wait / td_comm_size(b->world) / steps;
}

static void forget_sums(td_bench *b)
{
    td_stepper_take_times(b->stepper, TD_HALF_WEIGHTS);
    td_stepper_take_times(b->stepper, TD_HALF_ARCH);
    b->transfer = b->wait = 0;
}

td_status td_bench_run_steps(td_bench *b)
{
    td_step_rates rates = usual_rates(b);
    for (int i = -b->config->bench.warmup; i < b->config->bench.steps; i++) {
        td_step_result result;
        if (i == 0)
            forget_sums(b);
        b->batches.step = i + b->config->bench.warmup; /* each draws anew */
        double comm = td_stepper_comm_seconds(b->stepper), start = td_clock_seconds();
        td_status status =
            td_search_step(b->stepper, b->state, &b->batches, &rates, &result);
        double end = td_clock_seconds();
        if (status != TD_OK)
            return status;
        if (i >= 0)
            note_step(b, i, end - start, td_stepper_comm_seconds(b->stepper) - comm,
                      &result);
    }
    note_sums(b, &b->sums[TD_BENCH_WEIGHT_SUM], TD_HALF_WEIGHTS);
    note_sums(b, &b->sums[TD_BENCH_ARCH_SUM], TD_HALF_ARCH);
    return TD_OK;
}
