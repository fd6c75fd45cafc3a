/* Validation: the architecture half, without augmentation, with running statistics; and
 * how curved its loss is by the alphas. */
#include <math.h>

#include "run.h"
#include "taildart/base_signals.h"
#include "taildart/comm_settings.h"

/* Images of this rank's shards, a batch at a time. */
typedef struct {
    td_real *images; /* (batch, height, width, channels) */
    td_real *logits; /* (batch, classes)                 */
    int32_t *labels; /* (batch)                          */
    uint8_t *buffer; /* (an image) that is read from the file */
    int count;
    double *mixture;  /* what operations weigh */
    uint8_t *present; /* which there are */
    int32_t *places;  /* (batch) numbers of the images: noise goes by them */
    td_status status; /* of reading; after an error no more is read */
} td_validation;

/* Of cells that are fixed (search.method random) nothing else is computed. */
static void drop_weightless(td_validation *v, int edges)
{
    for (int i = 0; i < 2 * edges * TD_NUM_OPS; i++)
        if (v->mixture[i] < 1e-12)
            v->present[i / TD_NUM_OPS] &= (uint8_t) ~(1U << i % TD_NUM_OPS);
}

static void validation_init(td_validation *v, const td_job_data *data,
                            const td_job_loop *loop)
{
    size_t batch = (size_t) data->rank_batch;
    v->images = td_malloc(batch * td_image_bytes(&data->info) * sizeof(td_real));
    v->logits = td_malloc(batch * (size_t) data->info.classes * sizeof(td_real));
    v->labels = td_malloc(batch * sizeof(int32_t));
    v->present = td_malloc(2 * (size_t) loop->state->edges);
    v->mixture = td_search_state_mixture(loop->state, v->present);
    drop_weightless(v, loop->state->edges);
    v->places = td_malloc(batch * sizeof *v->places);
    v->buffer = td_malloc(td_image_bytes(&data->info));
    v->count = 0;
    v->status = TD_OK;
}

static void validation_clear(td_validation *v)
{
    td_free(v->images);
    td_free(v->logits);
    td_free(v->labels);
    td_free(v->mixture);
    td_free(v->present);
    td_free(v->places);
    td_free(v->buffer);
}

/* \param [in] index  into the architecture half */
static void add_image(td_validation *v, const td_job_data *data,
                      const td_job_loop *loop, int64_t index)
{
    size_t bytes = td_image_bytes(&data->info);
    const uint8_t *pixels = NULL;
    TD_ASSERT(v->count < data->rank_batch);
    v->status = td_image_store_get(
        loop->images, data->selection->half[TD_HALF_ARCH][index], v->buffer, &pixels);
    if (v->status != TD_OK)
        return;
    td_normalise(&data->info, 1, pixels, v->images + (size_t) v->count * bytes);
    v->places[v->count] = data->selection->half[TD_HALF_ARCH][index];
    v->labels[v->count++] = td_selection_class(data->selection, TD_HALF_ARCH, index);
}

/* At m = 0.5 a two-branch network sends each image through both last cells. */
static void score_batch(td_validation *v, const td_job_loop *loop)
{
    const td_search_state *state = loop->state;
    const td_net_spec *spec = td_network_spec(td_stepper_net(loop->stepper));
    const td_exact_sums alone = { 0 }; /* of a forward pass there is nothing to say */
    td_pass pass = {
        .weights = state->weights,
        .mixture = v->mixture,
        .present = state->edges > 0 ? v->present : NULL,
        .noise = { .places = v->places },
        .running_mean = state->running_mean,
        .running_var = state->running_var,
        .images = v->images,
        .groups = &v->count,
        .group_count = 1,
        .exact = spec->exact ? &alone : NULL,
        .mixing = 0.5,
        .request = TD_GRAD_NONE,
    };
    if (v->count == 0)
        return;
    td_network_forward(td_stepper_net(loop->stepper), &pass, v->logits);
    td_score_add(loop->score, v->logits, v->labels, v->count);
    v->count = 0;
}

static void score_shard(td_validation *v, const td_job_data *data,
                        const td_job_loop *loop, int shard)
{
    for (int64_t i = shard; i < data->selection->half_count[TD_HALF_ARCH] &&
                            v->status == TD_OK && !td_signals_stop();
         i += data->shards) {
        add_image(v, data, loop, i);
        if (v->count == data->rank_batch)
            score_batch(v, loop);
    }
}

td_status td_job_validate(td_job *job, bool *is_whole)
{
    const td_job_data *data = &job->data;
    td_job_loop *loop = &job->loop;
    td_section former = td_section_enter(TD_SECTION_VALIDATION);
    td_validation v;
    validation_init(&v, data, loop);
    td_score_clear(loop->score);
    for (int k = 0; k < data->shard_count; k++)
        score_shard(&v, data, loop, data->first_shard + k);
    score_batch(&v, loop);
    TD_ASSERT(v.count == 0);
    validation_clear(&v);
    /* Stuck here?  Some rank is still at its images: they take as long as an epoch. */
    td_status status = td_comm_verdict(job->world, v.status);
    *is_whole = status == TD_OK && td_comm_max_int(job->world, td_signals_stop()) == 0;
    if (*is_whole)
        td_score_sum(loop->score, job->world);
    td_section_enter(former);
    return status;
}

/* ---- curvature ------------------------------------------------------------------- */

/* Images spread evenly over this rank's shards, whose classes stand one after another;
 * of both branches the same, as a step takes them: one batch for all epochs. */
typedef struct {
    td_validation images;
    td_job *job;
    td_step_batches batches;
    td_step_rates rates;
    int *shards; /* (shard_count) images of each */
} fixed_batch;

static void add_shard(fixed_batch *f, const td_job_data *data, int k, int most)
{
    td_validation *v = &f->images;
    int64_t first = data->first_shard + k;
    int64_t beyond = data->selection->half_count[TD_HALF_ARCH] - first;
    int64_t count = beyond > 0 ? (beyond - 1) / data->shards + 1 : 0;
    int take = count < most ? (int) count : most;
    for (int n = 0; n < take && v->status == TD_OK; n++) {
        add_image(v, data, &f->job->loop, first + data->shards * (n * count / take));
        f->shards[k]++;
    }
}

static void fixed_batch_init(fixed_batch *f, td_job *job)
{
    const td_job_data *data = &job->data;
    validation_init(&f->images, data, &job->loop);
    f->job = job;
    f->rates = td_plan_rates(job->kind, job->config, (int) job->loop.progress.epoch);
    f->shards = td_malloc((size_t) data->shard_count * sizeof *f->shards);
    for (int k = 0; k < data->shard_count; k++)
        add_shard(f, data, k, data->rank_batch / data->shard_count);
}

static void fixed_batch_clear(fixed_batch *f)
{
    td_free(f->shards);
    validation_clear(&f->images);
}

/* As the loader gives them: nothing is mixed. */
static void fill_batches(fixed_batch *f)
{
    const td_job_data *data = &f->job->data;
    const td_validation *v = &f->images;
    f->batches = (td_step_batches){ .epoch = f->job->loop.progress.epoch,
                                    .seed = (uint64_t) f->job->config->seed,
                                    .valid_places = v->places };
    for (int b = 0; b < f->job->branches; b++)
        f->batches.valid[b] = (td_batch){ .count = v->count,
                                          .images = v->images,
                                          .labels = v->labels,
                                          .shards = f->shards,
                                          .shard_count = data->shard_count };
}

static td_status gradient_at(void *context, const td_real *alphas, double *gradient)
{
    fixed_batch *f = context;
    td_job_loop *loop = &f->job->loop;
    return td_step_arch_gradient(loop->stepper, loop->state, &f->batches, &f->rates,
                                 alphas, gradient);
}

/* Steps of differences, and how far the value settles, by what numbers hold. */
static td_status find_eigenvalue(fixed_batch *f, double *eigenvalue)
{
    const td_search_state *state = f->job->loop.state;
    bool is_double = sizeof(td_real) == sizeof(double);
    td_curvature curvature = { .gradient = gradient_at,
                               .context = f,
                               .n = td_search_state_alpha_count(state),
                               .at = state->alphas,
                               .is_free = state->present,
                               .decay = f->rates.arch_decay,
                               .step = is_double ? 1e-4 : 1e-2,
                               .tolerance = is_double ? 1e-8 : 1e-4,
                               .seed = (uint64_t) f->job->config->seed };
    fill_batches(f);
    return td_dominant_eigenvalue(eigenvalue, &curvature);
}

td_status td_job_curvature(td_job *job, double *eigenvalue)
{
    const td_config *config = job->config;
    fixed_batch f = { 0 };
    *eigenvalue = NAN;
    if (job->loop.state->edges == 0 ||
        !td_stop_evaluates(config, job->loop.progress.epoch))
        return TD_OK;
    td_section former = td_section_enter(TD_SECTION_VALIDATION);
    fixed_batch_init(&f, job);
    td_status status = td_comm_verdict(job->world, f.images.status);
    if (status == TD_OK)
        status = find_eigenvalue(&f, eigenvalue);
    fixed_batch_clear(&f);
    td_section_enter(former);
    return status;
}
