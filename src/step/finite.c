/* Gradients and losses that are no numbers, or too large for order-free sums: who made
 * them, before anything is changed. */
#include <math.h>

#include "stepper.h"

/* ---- numbers that are none -------------------------------------------------- */

static bool are_finite_real(const td_real *x, size_t n)
{
    int bad = 0; /* without a way out of the loop, so that it runs in vectors */
#pragma omp parallel for simd schedule(static) reduction(| : bad)
    for (size_t i = 0; i < n; i++)
        bad |= !isfinite(x[i]);
    return !bad;
}

static bool are_finite_f64(const double *x, size_t n)
{
    int bad = 0; /* without a way out of the loop, so that it runs in vectors */
#pragma omp parallel for simd schedule(static) reduction(| : bad)
    for (size_t i = 0; i < n; i++)
        bad |= !isfinite(x[i]);
    return !bad;
}

/* Numbers \a first … first+n−1 of a buffer of the reduction. */
static bool all_finite(const td_reduction *r, const void *buffer, size_t first,
                       size_t n)
{
    return r->type == TD_NUMBER_F64
               ? are_finite_f64((const double *) buffer + first, n)
               : are_finite_real((const td_real *) buffer + first, n);
}

/* Second order sends two gradients of both tables. */
static const char *first_bad_table(const td_stepper *stepper, const void *buffer)
{
    size_t table = stepper->sizes.alpha_count / 2;
    const td_reduction *r = &stepper->arch;
    TD_ASSERT(table > 0);
    for (size_t k = 0; k < r->gradients / table; k++)
        if (!all_finite(r, buffer, k * table, table))
            return k % 2 == 0 ? "arch/normal" : "arch/reduce";
    return NULL;
}

static const char *first_bad_tensor(const td_stepper *stepper, const td_reduction *r,
                                    const void *buffer)
{
    const td_slots *slots = td_network_weights(stepper->net);
    if (r == &stepper->arch)
        return first_bad_table(stepper, buffer);
    for (int k = 0; k < slots->count; k++)
        if (slots->slots[k].offset < r->gradients &&
            !all_finite(r, buffer, slots->slots[k].offset, slots->slots[k].count))
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
    else if (!all_finite(r, r->send, r->gradients, TD_STEP_SUMS))
        status = td_error(TD_FAILED,
                          "epoch %lld, step %lld: the loss of rank %d is not finite, "
                          "tensor logits (%s step)",
                          epoch, step, td_comm_rank(stepper->weight_comm), what);
    status = td_comm_verdict(stepper->weight_comm, status);
    if (status == TD_OK) {
        tensor = first_bad_tensor(stepper, r, r->receive);
        status =
            td_error(TD_FAILED,
                     "epoch %lld, step %lld: the sum of all ranks overflows in the "
                     "gradient of %s (%s step)",
                     epoch, step, tensor ? tensor : "the logits", what);
    }
    td_error_hint("the numbers have grown without bound: a smaller weights.lr.start, "
                  "arch.lr.start or weights.clip keeps them small");
    return status;
}

/* ---- the range of order-free sums --------------------------------------------- */

static double largest_of(const td_reduction *r, size_t first, size_t n)
{
    double most = 0.0;
    for (size_t i = first; i < first + n; i++)
        most = fmax(most, fabs(td_reduction_got(r, i)));
    return most;
}

/* Where the largest of the sums that came back stands, the same on every rank. */
static const char *largest_tensor(const td_stepper *stepper, const td_reduction *r)
{
    const td_slots *slots = td_network_weights(stepper->net);
    size_t sums = r->gradients + TD_STEP_SUMS;
    const char *name = "the loss";
    double most = largest_of(r, r->gradients, TD_STEP_SUMS - 1);
    if (largest_of(r, sums + 1, r->used - sums - 1) > most) {
        most = largest_of(r, sums + 1, r->used - sums - 1);
        name = "batch statistics";
    }
    if (r == &stepper->arch)
        return largest_of(r, 0, r->gradients) > most ? "the gradient of the alphas"
                                                     : name;
    for (int k = 0; k < slots->count; k++) {
        if (slots->slots[k].offset >= r->gradients) /* no step changes it */
            continue;
        double size = largest_of(r, slots->slots[k].offset, slots->slots[k].count);
        if (size > most) {
            most = size;
            name = slots->slots[k].name;
        }
    }
    return name;
}

/* The range is a sum over ranks, too, so all see the same. */
static td_status check_range(const td_stepper *stepper, const td_step_batches *batches,
                             const td_reduction *r, const char *what)
{
    if (!r->is_exact ||
        td_reduction_got(r, r->gradients + TD_STEP_SUMS) <= TD_EXACT_LIMIT)
        return TD_OK;
    td_status status = td_error(
        TD_FAILED,
        "epoch %lld, step %lld: a sum over images is too large to be made "
        "free of order, tensor %s (%s step): the limit is %.0f",
        (long long) batches->epoch, (long long) batches->step,
        stepper->is_beyond ? "a batch norm's sums" : largest_tensor(stepper, r), what,
        TD_EXACT_LIMIT);
    td_error_hint(
        "a smaller search.batch or learning rate keeps it in the range, fewer "
        "ranks may; dist.reproducible false has none");
    return status;
}

/* The norm of the weights' gradient, which is wanted anyway, tells of each of them: no
 * square of a float is too large for it. */
static bool has_finite_gradient(const td_stepper *stepper, const td_reduction *r)
{
    return r == &stepper->weights ? isfinite(stepper->gradient_norm)
                                  : all_finite(r, r->receive, 0, r->gradients);
}

td_status td_step_check_finite(td_stepper *stepper, const td_step_batches *batches,
                               const td_reduction *reduction,
                               const td_loss_sums sums[TD_BRANCHES], const char *what)
{
    bool finite = has_finite_gradient(stepper, reduction);
    TD_ASSERT(reduction == &stepper->weights || reduction == &stepper->arch);
    for (int b = 0; b < TD_BRANCHES; b++)
        finite = finite && isfinite(sums[b].loss) && isfinite(sums[b].divisor);
    return finite ? check_range(stepper, batches, reduction, what)
                  : report_not_finite(stepper, batches, reduction, what);
}
