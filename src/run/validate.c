/* Validation: the architecture half, without augmentation, with running statistics. */
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

static void validation_init(td_validation *v, const td_job_data *data,
                            const td_job_loop *loop)
{
    size_t batch = (size_t) data->rank_batch;
    v->images = td_malloc(batch * td_image_bytes(&data->info) * sizeof(td_real));
    v->logits = td_malloc(batch * (size_t) data->info.classes * sizeof(td_real));
    v->labels = td_malloc(batch * sizeof(int32_t));
    v->present = td_malloc(2 * (size_t) loop->state->edges);
    v->mixture = td_search_state_mixture(loop->state, v->present);
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
