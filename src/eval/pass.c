/* Forward passes of an evaluation, round by round, a batch for every rank.
 *
 * Rank 0 says which images those are, each rank reads its own and scores them: counts
 * and sums come back, logits only where a file of them is asked for, and no pixels.
 * What is printed does not depend on the number of ranks. */
#include "eval.h"

#include <math.h>
#include <string.h>

#include "taildart/base_signals.h"
#include "taildart/sampling_loader.h"

void td_eval_make_buffers(td_eval *e)
{
    TD_ASSERT(e->plan.spec.batch > 0 && e->plan.count > 0);
    size_t batch = (size_t) e->plan.spec.batch, all = batch * (size_t) e->ranks;
    size_t image = td_image_bytes(&e->plan.info),
           classes = (size_t) e->plan.info.classes;
    e->orders = td_malloc((e->rank == 0 ? all : batch) * sizeof *e->orders);
    e->pixels = td_malloc(batch * image);
    e->images = td_malloc(batch * image * sizeof(td_real));
    e->logits = td_malloc(batch * classes * sizeof(td_real));
    e->present = td_malloc(2 * (size_t) e->state->edges);
    e->mixture = td_search_state_mixture(e->state, e->present);
    e->places = td_malloc(batch * sizeof *e->places);
    for (int s = 0; s < e->plan.scores; s++) {
        e->score[s] = td_score_new(e->plan.info.classes, e->plan.has_confusion);
        e->score[s]->measures->top = e->plan.top;
    }
    if (e->rank == 0 && e->plan.has_logits) {
        e->round = td_malloc(all * classes * sizeof(td_real));
        e->all_logits = td_malloc((size_t) e->plan.count * classes * sizeof(td_real));
    }
}

/* ---- who gets which images ------------------------------------------------------- */

/* Image \a i of the part, in the order of --logits. */
static td_eval_order order_of(const td_eval *e, int64_t i)
{
    td_part source = e->source.part;
    TD_ASSERT(i >= 0 && i < e->plan.count);
    int64_t index = e->part == TD_EVAL_TEST ? i : e->saved->half[td_eval_half(e)][i];
    return (td_eval_order){
        .image = (int32_t) index,
        .label = e->dataset->labels[source][index],
        .check = e->source.map.check ? e->source.map.check[index] : 0,
    };
}

/* Images of a rank in the round that begins with image \a first. */
static int count_of(const td_eval *e, int rank, int64_t first)
{
    int64_t left = e->plan.count - first - (int64_t) rank * e->plan.spec.batch;
    return left < 0 ? 0 : left < e->plan.spec.batch ? (int) left : e->plan.spec.batch;
}

static void hand_out(td_eval *e, int64_t first)
{
    int64_t batch = e->plan.spec.batch, count = 0;
    for (int rank = 0; e->rank == 0 && rank < e->ranks; rank++)
        count += count_of(e, rank, first);
    for (int64_t i = 0; i < count; i++)
        e->orders[i] = order_of(e, first + i);
    for (int rank = 1; e->rank == 0 && rank < e->ranks; rank++)
        td_comm_deliver(e->world, rank, e->orders + rank * batch,
                        (size_t) count_of(e, rank, first) * sizeof *e->orders);
    if (e->rank != 0)
        td_comm_accept(e->world, 0, e->orders,
                       (size_t) count_of(e, e->rank, first) * sizeof *e->orders);
}

/* The pixels of this rank's orders (n).  Collective. */
static td_status fetch(td_eval *e, int n)
{
    int32_t *images = td_malloc((size_t) n * sizeof *images);
    uint32_t *checks = td_malloc((size_t) n * sizeof *checks);
    for (int i = 0; i < n; i++) {
        images[i] = e->orders[i].image;
        checks[i] = e->orders[i].check;
    }
    td_status status =
        td_image_source_fetch(&e->source, e->world, images, checks, n, e->pixels);
    td_free(checks);
    td_free(images);
    return status;
}

/* ---- one batch ------------------------------------------------------------------- */

/* What comes back of a batch; plain bytes. */
typedef struct {
    int64_t wrong, first; /* images whose logits are not finite, and the first */
} outcome;

void td_eval_forward(td_eval *e, int count)
{
    td_pass pass = {
        .weights = e->state->weights,
        .mixture = e->mixture,
        .present = e->state->edges > 0 ? e->present : NULL,
        .noise = { .places = e->places },
        .running_mean = e->state->running_mean,
        .running_var = e->state->running_var,
        .images = e->images,
        .groups = &count,
        .group_count = 1,
        .mixing = 0.5,
        .request = TD_GRAD_NONE,
    };
    for (int i = 0; i < count; i++)
        e->places[i] = e->orders[i].image;
    td_normalise(&e->plan.info, count, e->pixels, e->images);
    td_network_forward(e->net, &pass, e->logits);
}

static bool is_finite(const td_real *logits, size_t classes)
{
    for (size_t c = 0; c < classes; c++)
        if (!isfinite(logits[c]))
            return false;
    return true;
}

static outcome score_batch(td_eval *e, int count)
{
    size_t classes = (size_t) e->plan.info.classes;
    outcome mine = { 0 };
    if (count == 0)
        return mine;
    td_eval_forward(e, count);
    for (int i = count - 1; i >= 0; i--)
        if (!is_finite(e->logits + (size_t) i * classes, classes)) {
            mine.wrong++;
            mine.first = i;
        }
    int32_t *labels = td_malloc((size_t) count * sizeof *labels);
    for (int i = 0; i < count; i++)
        labels[i] = e->orders[i].label;
    td_eval_score(e, labels, count);
    td_free(labels);
    return mine;
}

/* ---- one round ------------------------------------------------------------------- */

/* Outcomes of all ranks at rank 0, in the order of the part. */
static void take_outcomes(td_eval *e, outcome mine, int64_t first)
{
    outcome *all = e->rank == 0 ? td_malloc((size_t) e->ranks * sizeof *all) : NULL;
    td_comm_gather(e->world, all, &mine, sizeof mine);
    for (int rank = 0; all && rank < e->ranks; rank++) {
        if (e->wrong == 0 && all[rank].wrong > 0)
            e->first_wrong =
                first + (int64_t) rank * e->plan.spec.batch + all[rank].first;
        e->wrong += all[rank].wrong;
    }
    td_free(all);
}

static void take_logits(td_eval *e, int64_t first)
{
    size_t classes = (size_t) e->plan.info.classes, batch = (size_t) e->plan.spec.batch;
    int64_t left = e->plan.count - first, most = (int64_t) batch * e->ranks;
    td_comm_gather(e->world, e->round, e->logits, batch * classes * sizeof(td_real));
    if (e->rank == 0)
        memcpy(e->all_logits + (size_t) first * classes, e->round,
               (size_t) (left < most ? left : most) * classes * sizeof(td_real));
}

static td_status run_round(td_eval *e, int64_t first)
{
    int count = count_of(e, e->rank, first);
    hand_out(e, first);
    td_status status = fetch(e, count);
    if (status != TD_OK)
        return status;
    take_outcomes(e, score_batch(e, count), first);
    if (e->plan.has_logits)
        take_logits(e, first);
    return TD_OK;
}

/* An evaluation of its own is ended by signals.  In a study's job others wait for an
 * answer meanwhile, or want all to stop. */
static td_status go_on(const td_eval *e)
{
    bool stop = td_signals_stop() && td_signals_are_requests();
    if (td_comm_max_int(e->world, stop) == 0)
        return TD_OK;
    return td_error(TD_STOPPED, "stopped %s: the same command starts again",
                    td_signals_reason());
}

td_status td_eval_pass(td_eval *e)
{
    int64_t most = (int64_t) e->plan.spec.batch * e->ranks;
    TD_ASSERT(e->net && e->state);
    td_eval_make_buffers(e);
    td_status status = TD_OK;
    for (int64_t first = 0; first < e->plan.count && status == TD_OK; first += most) {
        status = go_on(e);
        if (status == TD_OK)
            status = run_round(e, first);
    }
    if (status != TD_OK)
        return status;
    for (int s = 0; s < e->plan.scores; s++)
        td_score_sum(e->score[s], e->world);
    return TD_OK;
}
