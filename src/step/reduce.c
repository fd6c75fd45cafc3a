/* Sums over ranks in a step: of gradients, losses and statistics.
 *
 * A batch norm's statistics are weighted by the images they were taken of, so that
 * Σ n·mean and Σ n·variance over ranks, divided by Σ n, are the same on every rank. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "stepper.h"

/* PyTorch's default share of the new statistics in the running ones. */
static const double STATISTICS_MOMENTUM = 0.1;

void td_step_scale(td_real *x, size_t n, double factor)
{
    td_real f = (td_real) factor;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < n; i++)
        x[i] *= f;
}

/* ---- loss sums beside the gradients ----------------------------------------- */

/* Requests share one number, so that the sums over gradients are cut into pieces
 * that do not move: every rank's stop adds 1, rank 0's save adds
 * more than all ranks can; both are whole numbers that a float holds exactly. */
enum { SAVE = 1 << 20 };

static void write_sums(td_real *out, const td_loss_sums sums[TD_BRANCHES],
                       const td_step_requests *requests)
{
    for (int b = 0; b < TD_BRANCHES; b++) {
        *out++ = (td_real) sums[b].loss;
        *out++ = (td_real) sums[b].divisor;
        *out++ = (td_real) sums[b].correct;
        *out++ = (td_real) sums[b].count;
    }
    *out = (td_real) ((requests->stop ? 1 : 0) + (requests->save ? SAVE : 0));
}

static td_step_requests read_sums(td_loss_sums sums[TD_BRANCHES], const td_real *in)
{
    for (int b = 0; b < TD_BRANCHES; b++) {
        sums[b].loss = *in++;
        sums[b].divisor = *in++;
        sums[b].correct = *in++;
        sums[b].count = *in++;
    }
    double all = *in;
    bool save = all >= SAVE;
    return (td_step_requests){ .stop = all - (save ? SAVE : 0) > 0, .save = save };
}

static void begin_reduction(td_reduction *r, size_t extra)
{
    TD_ASSERT(r->gradients > 0);
    td_reducer_begin(&r->reducer, r->receive, r->send,
                     r->gradients + TD_STEP_SUMS + extra, TD_NUMBER_REAL);
}

static td_step_requests finish_reduction(td_reduction *r, td_loss_sums *sums,
                                         td_step_requests mine)
{
    td_comm *comm = r->reducer.comm;
    TD_ASSERT(td_comm_size(comm) < SAVE);
    mine.save = mine.save && td_comm_rank(comm) == 0;
    write_sums(r->send + r->gradients, sums, &mine);
    td_section former = td_section_enter(r->section);
    td_reducer_finish(&r->reducer);
    td_section_enter(former);
    return read_sums(sums, r->receive + r->gradients);
}

/* ---- running statistics ----------------------------------------------------- */

/* Σ n·mean, Σ n·variance, n of one pass and branch. */
static size_t record_count(const td_stepper *stepper)
{
    return 2 * stepper->sizes.norm_count + 1;
}

static td_real *record_at(const td_stepper *stepper, td_real *buffer, int pass, int b)
{
    TD_ASSERT(pass < TD_STEP_PASSES && b < stepper->sizes.branches);
    size_t place =
        (size_t) (pass * stepper->sizes.branches + b) * record_count(stepper);
    return buffer + stepper->weights.gradients + TD_STEP_SUMS + place;
}

void td_step_record_statistics(td_stepper *stepper, const td_batch *batch)
{
    size_t norms = stepper->sizes.norm_count;
    TD_ASSERT(stepper->statistics < TD_STEP_PASSES);
    for (int b = 0; b < stepper->sizes.branches; b++) {
        td_real *record =
            record_at(stepper, stepper->weights.send, stepper->statistics, b);
        memset(record, 0, record_count(stepper) * sizeof(td_real));
        if (batch[b].count == 0)
            continue;
        td_network_statistics(stepper->net, b, record, record + norms);
        td_step_scale(record, 2 * norms, batch[b].count);
        record[2 * norms] = (td_real) batch[b].count;
    }
    stepper->statistics++;
}

static void move_towards(td_real *running, const td_real *sum, double n, size_t count)
{
    for (size_t i = 0; i < count; i++)
        running[i] = (td_real) ((1.0 - STATISTICS_MOMENTUM) * running[i] +
                                STATISTICS_MOMENTUM * (sum[i] / n));
}

/* A norm that the group does not pass (the other branch's last cell) is left alone. */
static void apply_record(const td_stepper *stepper, td_search_state *state,
                         const td_real *record, int group)
{
    const td_slots *norms = state->norm_slots;
    double n = record[2 * norms->total];
    TD_ASSERT(n >= 0.0);
    for (int k = 0; n > 0.0 && k < norms->count; k++) {
        size_t offset = norms->slots[k].offset, count = norms->slots[k].count;
        if (!td_network_norm_in_group(stepper->net, k, group))
            continue;
        move_towards(state->running_mean + offset, record + offset, n, count);
        move_towards(state->running_var + offset, record + norms->total + offset, n,
                     count);
    }
}

void td_step_apply_statistics(const td_stepper *stepper, td_search_state *state)
{
    TD_ASSERT(state->norm_slots->total == stepper->sizes.norm_count);
    for (int pass = 0; pass < stepper->statistics; pass++)
        for (int b = 0; b < stepper->sizes.branches; b++)
            apply_record(stepper, state,
                         record_at(stepper, stepper->weights.receive, pass, b), b);
}

/* ---- the two reductions ----------------------------------------------------- */

void td_step_begin_weights(td_stepper *stepper, int records)
{
    TD_ASSERT(records >= 0 && records <= TD_STEP_PASSES);
    begin_reduction(&stepper->weights, (size_t) (records * stepper->sizes.branches) *
                                           record_count(stepper));
}

void td_step_reduce_weights(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES],
                            td_step_requests *requests)
{
    td_step_requests none = { false, false };
    /* Stuck here?  Some rank counts other steps, or skipped an empty batch. */
    td_step_requests all =
        finish_reduction(&stepper->weights, sums, requests ? *requests : none);
    if (requests)
        *requests = all;
}

void td_step_reduce_arch(td_stepper *stepper, td_loss_sums sums[TD_BRANCHES])
{
    /* Stuck here?  Some rank takes this step for one without architecture step. */
    begin_reduction(&stepper->arch, 0);
    finish_reduction(&stepper->arch, sums, (td_step_requests){ false, false });
}

/* ---- numbers that are none -------------------------------------------------- */

static bool all_finite(const td_real *x, size_t n)
{
    bool finite = true;
#pragma omp parallel for schedule(static) reduction(&& : finite)
    for (size_t i = 0; i < n; i++)
        finite = finite && isfinite(x[i]);
    return finite;
}

/* Second order sends two gradients of both tables. */
static const char *first_bad_table(const td_stepper *stepper, const td_real *gradients)
{
    size_t table = stepper->sizes.alpha_count / 2;
    TD_ASSERT(table > 0);
    for (size_t k = 0; k < stepper->arch.gradients / table; k++)
        if (!all_finite(gradients + k * table, table))
            return k % 2 == 0 ? "arch/normal" : "arch/reduce";
    return NULL;
}

static const char *first_bad_tensor(const td_stepper *stepper, const td_reduction *r,
                                    const td_real *gradients)
{
    const td_slots *slots = td_network_weights(stepper->net);
    if (r == &stepper->arch)
        return first_bad_table(stepper, gradients);
    for (int k = 0; k < slots->count; k++)
        if (!all_finite(gradients + slots->slots[k].offset, slots->slots[k].count))
            return slots->slots[k].name;
    return NULL;
}

/* Ranks look at what they sent; the lowest one that spoilt the sum speaks for all. */
static td_status report_not_finite(td_stepper *stepper, const td_step_batches *batches,
                                   const td_reduction *r, const char *what)
{
    long long epoch = batches->epoch, step = batches->step;
    const char *tensor = first_bad_tensor(stepper, r, r->send);
    td_status status = TD_OK;
    if (tensor)
        status =
            td_error(TD_FAILED,
                     "epoch %lld, step %lld: the gradient of %s is not finite on "
                     "rank %d (%s step)",
                     epoch, step, tensor, td_comm_rank(stepper->weight_comm), what);
    else if (!all_finite(r->send + r->gradients, TD_STEP_SUMS))
        status = td_error(TD_FAILED,
                          "epoch %lld, step %lld: the loss of rank %d is not finite, "
                          "tensor logits (%s step)",
                          epoch, step, td_comm_rank(stepper->weight_comm), what);
    status = td_comm_verdict(stepper->weight_comm, status);
    if (status != TD_OK)
        return status;
    tensor = first_bad_tensor(stepper, r, r->receive);
    return td_error(TD_FAILED,
                    "epoch %lld, step %lld: the sum of all ranks overflows in the "
                    "gradient of %s (%s step)",
                    epoch, step, tensor ? tensor : "the logits", what);
}

td_status td_step_check_finite(td_stepper *stepper, const td_step_batches *batches,
                               const td_reduction *reduction,
                               const td_loss_sums sums[TD_BRANCHES], const char *what)
{
    bool finite = all_finite(reduction->receive, reduction->gradients);
    TD_ASSERT(reduction == &stepper->weights || reduction == &stepper->arch);
    for (int b = 0; b < stepper->sizes.branches; b++)
        finite = finite && isfinite(sums[b].loss) && isfinite(sums[b].divisor);
    return finite ? TD_OK : report_not_finite(stepper, batches, reduction, what);
}
