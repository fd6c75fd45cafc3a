/* How curved the held-out loss is by the alphas. */
#include "judge.h"
#include "taildart/choice.h"
#include "taildart/comm_settings.h"
#include "taildart/timing.h"

#include <math.h>

/* Of both branches the same, as a step takes them. */
typedef struct {
    const td_judge *judge;
    td_held_batch images;
    td_step_batches batches;
    int *shards; /* (shard_count) images of each */
} fixed_batch;

/* Evenly over the shard, whose classes stand one after another. */
static void add_shard(fixed_batch *f, int k, int most)
{
    const td_judge *judge = f->judge;
    int first = judge->first_shard + k;
    int64_t count =
        td_shard_count(judge->selection, TD_HALF_ARCH, first, judge->shards);
    int take = count < most ? (int) count : most;
    for (int n = 0; n < take && f->images.status == TD_OK; n++) {
        td_held_batch_add(&f->images, judge,
                          first + judge->shards * (n * count / take));
        f->shards[k]++;
    }
}

/* As the loader gives them: nothing is mixed. */
static void fill_batches(fixed_batch *f)
{
    const td_judge *judge = f->judge;
    int branches = judge->config->bbn.enabled ? TD_BRANCHES : 1;
    f->batches = (td_step_batches){ .epoch = judge->epoch,
                                    .seed = (uint64_t) judge->config->seed,
                                    .valid_places = f->images.places };
    for (int b = 0; b < branches; b++)
        f->batches.valid[b] = (td_batch){ .count = f->images.count,
                                          .images = f->images.images,
                                          .labels = f->images.labels,
                                          .shards = f->shards,
                                          .shard_count = judge->shard_count };
}

static void fixed_batch_init(fixed_batch *f, const td_judge *judge)
{
    *f = (fixed_batch){ .judge = judge };
    td_held_batch_init(&f->images, judge);
    f->shards = td_malloc((size_t) judge->shard_count * sizeof *f->shards);
    for (int k = 0; k < judge->shard_count; k++)
        add_shard(f, k, judge->batch / judge->shard_count);
    fill_batches(f);
}

static void fixed_batch_clear(fixed_batch *f)
{
    td_free(f->shards);
    td_held_batch_clear(&f->images);
}

static td_status gradient_at(void *context, const td_real *alphas, double *gradient)
{
    fixed_batch *f = context;
    return td_step_arch_gradient(f->judge->stepper, f->judge->state, &f->batches,
                                 f->judge->rates, alphas, gradient);
}

/* Steps of differences, and how far the value settles, by what numbers hold. */
static td_status find_eigenvalue(fixed_batch *f, double *eigenvalue)
{
    const td_search_state *state = f->judge->state;
    bool is_double = sizeof(td_real) == sizeof(double);
    td_curvature curvature = { .gradient = gradient_at,
                               .context = f,
                               .n = td_search_state_alpha_count(state),
                               .at = state->alphas,
                               .is_free = state->present,
                               .decay = f->judge->rates->arch_decay,
                               .step = is_double ? 1e-4 : 1e-2,
                               .tolerance = is_double ? 1e-8 : 1e-4,
                               .seed = (uint64_t) f->judge->config->seed };
    return td_dominant_eigenvalue(eigenvalue, &curvature);
}

td_status td_judge_curvature(const td_judge *judge, double *eigenvalue)
{
    fixed_batch f;
    *eigenvalue = NAN;
    if (judge->state->edges == 0 || !td_stop_evaluates(judge->config, judge->epoch))
        return TD_OK;
    td_section former = td_section_enter(TD_SECTION_VALIDATION);
    fixed_batch_init(&f, judge);
    td_status status = td_comm_verdict(judge->world, f.images.status);
    if (status == TD_OK)
        status = find_eigenvalue(&f, eigenvalue);
    fixed_batch_clear(&f);
    td_section_enter(former);
    return status;
}
