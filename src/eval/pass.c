/* Forward passes of an evaluation, round by round: rank 0 sends a batch a rank and
 * gathers the logits in order. */
#include "eval.h"

#include <string.h>

#include "taildart/sampling_loader.h"

static void make_buffers(td_eval *e)
{
    TD_ASSERT(e->plan.spec.batch > 0 && e->plan.count > 0);
    size_t batch = (size_t) e->plan.spec.batch, all = batch * (size_t) e->ranks;
    size_t image = td_image_bytes(&e->plan.info),
           classes = (size_t) e->plan.info.classes;
    e->pixels = td_malloc(all * image);
    e->images = td_malloc(batch * image * sizeof(td_real));
    e->logits = td_malloc(batch * classes * sizeof(td_real));
    e->mixture =
        td_arch_weights(e->state->relaxation, e->state->alphas, e->state->edges);
    if (e->rank != 0)
        return;
    e->round = td_malloc(all * classes * sizeof(td_real));
    e->round_labels = td_malloc(all * sizeof(int32_t));
    e->all_logits = td_malloc((size_t) e->plan.count * classes * sizeof(td_real));
    e->score = td_score_new(e->plan.info.classes, e->options->confusion != NULL);
}

/* ---- one round: a batch for every rank -------------------------------------- */

/* Copy image \a i of the part, in the order of --logits, to index \a to of the
 * round. */
static void pick(td_eval *e, int64_t i, int64_t to)
{
    size_t bytes = td_image_bytes(&e->plan.info);
    td_part source = e->part == TD_EVAL_TEST ? TD_PART_TEST : TD_PART_TRAIN;
    TD_ASSERT(i >= 0 && i < e->plan.count);
    int64_t index = e->part == TD_EVAL_TEST ? i : e->saved->half[td_eval_half(e)][i];
    memcpy(e->pixels + (size_t) to * bytes,
           e->dataset->images[source] + (size_t) index * bytes, bytes);
    e->round_labels[to] = e->dataset->labels[source][index];
}

static void compute(td_eval *e, int count)
{
    td_pass pass = {
        .weights = e->state->weights,
        .mixture = e->mixture,
        .running_mean = e->state->running_mean,
        .running_var = e->state->running_var,
        .images = e->images,
        .groups = &count,
        .group_count = 1,
        .mixing = 0.5,
        .request = TD_GRAD_NONE,
    };
    size_t bytes = td_image_bytes(&e->plan.info), batch = (size_t) e->plan.spec.batch;
    if (count <= 0)
        return;
    td_normalise(&e->plan.info, count, e->pixels + (size_t) e->rank * batch * bytes,
                 e->images);
    td_network_forward(e->net, &pass, e->logits);
}

static void run_round(td_eval *e, int64_t first)
{
    int64_t left = e->plan.count - first,
            most = (int64_t) e->plan.spec.batch * e->ranks;
    int64_t count = left < most ? left : most;
    size_t classes = (size_t) e->plan.info.classes, batch = (size_t) e->plan.spec.batch;
    TD_ASSERT(count > 0);
    for (int64_t i = 0; e->rank == 0 && i < count; i++)
        pick(e, first + i, i);
    td_comm_bcast(e->world, e->pixels, (size_t) count * td_image_bytes(&e->plan.info));
    int64_t own = count - (int64_t) e->rank * e->plan.spec.batch;
    compute(e, own < e->plan.spec.batch ? (int) own : e->plan.spec.batch);
    td_comm_gather(e->world, e->round, e->logits, batch * classes * sizeof(td_real));
    if (e->rank != 0)
        return;
    td_score_add(e->score, e->round, e->round_labels, (int) count);
    memcpy(e->all_logits + (size_t) first * classes, e->round,
           (size_t) count * classes * sizeof(td_real));
}

void td_eval_pass(td_eval *e)
{
    int64_t most = (int64_t) e->plan.spec.batch * e->ranks;
    TD_ASSERT(e->net && e->state);
    make_buffers(e);
    for (int64_t first = 0; first < e->plan.count; first += most)
        run_round(e, first);
}
