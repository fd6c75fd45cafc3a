/* Validation: the architecture half, without augmentation, with running statistics. */
#include "judge.h"
#include "taildart/base_signals.h"
#include "taildart/comm_settings.h"
#include "taildart/timing.h"

#include <string.h>

/* The network's view of all batches. */
typedef struct {
    td_held_batch batch;
    double *mixture;                   /* what operations weigh */
    uint8_t present[2 * TD_MAX_EDGES]; /* which are computed */
    td_real *logits;                   /* (batch, classes) */
    td_score *score;
} td_validation;

static void validation_init(td_validation *v, const td_judge *judge,
                            const uint8_t *present, td_score *score)
{
    size_t logits = (size_t) judge->batch * (size_t) judge->info->classes;
    *v = (td_validation){ .score = score };
    td_held_batch_init(&v->batch, judge);
    v->logits = td_malloc(logits * sizeof *v->logits);
    v->mixture = td_search_state_mixture(judge->state, v->present);
    if (present)
        memcpy(v->present, present, 2 * (size_t) judge->state->edges);
    td_score_clear(score);
}

static void validation_clear(td_validation *v)
{
    td_held_batch_clear(&v->batch);
    td_free(v->logits);
    td_free(v->mixture);
}

/* At m = 0.5 a two-branch network sends each image through both last cells. */
static void score_batch(td_validation *v, const td_judge *judge)
{
    const td_search_state *state = judge->state;
    const td_network *net = td_stepper_net(judge->stepper);
    const td_exact_sums alone = { 0 }; /* of a forward pass there is nothing to say */
    td_pass pass = {
        .weights = state->weights,
        .mixture = v->mixture,
        .present = state->edges > 0 ? v->present : NULL,
        .noise = { .places = v->batch.places },
        .running_mean = state->running_mean,
        .running_var = state->running_var,
        .images = v->batch.images,
        .groups = &v->batch.count,
        .group_count = 1,
        .exact = td_network_spec(net)->exact ? &alone : NULL,
        .mixing = 0.5,
        .request = TD_GRAD_NONE,
    };
    if (v->batch.count == 0)
        return;
    td_network_forward(td_stepper_net(judge->stepper), &pass, v->logits);
    td_score_add(v->score, v->logits, v->batch.labels, v->batch.count);
    v->batch.count = 0;
}

/* Evenly over the half, whose classes stand one after another. */
static bool is_asked(const td_judge *judge, int64_t i)
{
    int64_t count = judge->selection->half_count[TD_HALF_ARCH], most = judge->most;
    return most == 0 || most >= count || td_judge_asked(i, 1, most, count) > 0;
}

static void score_shard(td_validation *v, const td_judge *judge, int shard)
{
    int64_t count = judge->selection->half_count[TD_HALF_ARCH];
    for (int64_t i = shard; i < count && v->batch.status == TD_OK && !td_signals_stop();
         i += judge->shards) {
        if (!is_asked(judge, i))
            continue;
        td_held_batch_add(&v->batch, judge, i);
        if (v->batch.count == judge->batch)
            score_batch(v, judge);
    }
}

td_status td_judge_present(const td_judge *judge, const uint8_t *present,
                           td_score *score, bool *is_whole)
{
    td_section former = td_section_enter(TD_SECTION_VALIDATION);
    td_validation v;
    validation_init(&v, judge, present, score);
    for (int k = 0; k < judge->shard_count; k++)
        score_shard(&v, judge, judge->first_shard + k);
    score_batch(&v, judge);
    TD_ASSERT(v.batch.count == 0);
    validation_clear(&v);
    /* Stuck here?  Some rank is still at its images: they take as long as an epoch. */
    td_status status = td_comm_verdict(judge->world, v.batch.status);
    *is_whole =
        status == TD_OK && td_comm_max_int(judge->world, td_signals_stop()) == 0;
    if (*is_whole)
        td_score_sum(score, judge->world);
    td_section_enter(former);
    return status;
}

td_status td_judge_network(const td_judge *judge, td_score *score, bool *is_whole)
{
    return td_judge_present(judge, NULL, score, is_whole);
}
