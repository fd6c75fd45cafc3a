/* Validation: the architecture half, without augmentation, with running statistics. */
#include "run.h"
#include "taildart/base_signals.h"
#include "taildart/comm_settings.h"

/* Images of this rank's shards, a batch at a time. */
typedef struct {
    td_real *images; /* (batch, height, width, channels) */
    td_real *logits; /* (batch, classes)                 */
    int32_t *labels; /* (batch)                          */
    int count;
    double *mixture; /* what operations weigh */
} td_validation;

static void validation_init(td_validation *v, const td_job_data *data,
                            const td_job_loop *loop)
{
    size_t batch = (size_t) data->rank_batch;
    v->images = td_malloc(batch * td_image_bytes(&data->info) * sizeof(td_real));
    v->logits = td_malloc(batch * (size_t) data->info.classes * sizeof(td_real));
    v->labels = td_malloc(batch * sizeof(int32_t));
    v->mixture = td_arch_weights(loop->state->relaxation, loop->state->alphas,
                                 loop->state->edges);
    v->count = 0;
}

static void validation_clear(td_validation *v)
{
    td_free(v->images);
    td_free(v->logits);
    td_free(v->labels);
    td_free(v->mixture);
}

static void add_image(td_validation *v, const td_job_data *data,
                      const td_job_loop *loop, int64_t image)
{
    size_t bytes = td_image_bytes(&data->info);
    int64_t row = loop->images->row[image];
    TD_ASSERT(row >= 0 && v->count < data->rank_batch);
    td_normalise(&data->info, 1, loop->images->pixels + (size_t) row * bytes,
                 v->images + (size_t) v->count * bytes);
    v->labels[v->count++] = data->labels[image];
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
    const int64_t *half = data->selection->half[TD_HALF_ARCH];
    for (int64_t i = shard;
         i < data->selection->half_count[TD_HALF_ARCH] && !td_signals_stop();
         i += data->shards) {
        add_image(v, data, loop, half[i]);
        if (v->count == data->rank_batch)
            score_batch(v, loop);
    }
}

bool td_job_validate(td_job *job)
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
    bool is_whole = td_comm_max_int(job->world, td_signals_stop()) == 0;
    if (is_whole)
        td_score_sum(loop->score, job->world);
    td_section_enter(former);
    return is_whole;
}
