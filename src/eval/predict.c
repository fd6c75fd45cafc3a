/* Pictures through a checkpoint's network, a batch at a time. */
#include "predict.h"

#include <string.h>

#include "taildart/base_memory.h"
#include "taildart/timing.h"

enum { BATCH = 32 }; /* pictures at once: a few for each thread that reads them */

/* ---- opening --------------------------------------------------------------------- */

static td_status check_statistics(const td_eval *e)
{
    if (e->saved->has_statistics)
        return TD_OK;
    return td_error(TD_CHECKPOINT,
                    "%s: is of an older taildart and keeps neither mean nor deviation, "
                    "which pictures are read with",
                    e->checkpoint);
}

/* The images of the run, as far as the checkpoint tells. */
static void take_info(td_eval *e)
{
    td_data_info *info = &e->plan.info;
    info->classes = e->saved->classes;
    info->channels = e->saved->image_channels;
    info->height = e->saved->height;
    info->width = e->saved->width;
    memcpy(info->mean, e->saved->mean, sizeof info->mean);
    memcpy(info->std, e->saved->std, sizeof info->std);
}

static td_status open_checkpoint(td_eval *e, const td_predict_options *options)
{
    int batch = options->count < BATCH ? options->count : BATCH;
    e->checkpoint = td_checkpoint_path(options->checkpoint);
    td_status status = td_checkpoint_load(&e->saved, e->checkpoint);
    if (status == TD_OK)
        status = td_checkpoint_check_finite(e->saved, e->checkpoint);
    if (status == TD_OK)
        status = check_statistics(e);
    if (status == TD_OK)
        status = td_checkpoint_spec(e->saved, e->checkpoint, batch, &e->plan.spec,
                                    &e->plan.genotype);
    if (status != TD_OK)
        return status;
    take_info(e);
    td_eval_plan_state(e);
    e->plan.count = options->count;
    return TD_OK;
}

static td_status open_all(td_prediction *p)
{
    td_memory_purpose("the network", "it passes a batch of pictures at once");
    td_status status = open_checkpoint(&p->eval, p->options);
    if (status == TD_OK)
        status = td_predict_find_size(p);
    if (status == TD_OK)
        status = td_eval_load_network(&p->eval);
    if (status != TD_OK)
        return status;
    td_eval_make_buffers(&p->eval);
    p->names = td_checkpoint_class_names(p->eval.saved);
    return TD_OK;
}

/* ---- passes ---------------------------------------------------------------------- */

/* Images of the pictures that can be read, one behind the other.
 * \return their number  \param [out] pictures (count) with faults of the others */
static int read_batch(td_prediction *p, int first, int count, td_picture *pictures)
{
    td_eval *e = &p->eval;
    size_t bytes = td_image_bytes(&e->plan.info);
    int good = 0;
#pragma omp parallel for schedule(dynamic, 1)
    for (int i = 0; i < count; i++)
        td_predict_read(p, &pictures[i], p->options->pictures[first + i],
                        e->pixels + (size_t) i * bytes);
    for (int i = 0; i < count; i++) {
        if (pictures[i].fault[0] != '\0')
            continue;
        if (good < i)
            memcpy(e->pixels + (size_t) good * bytes, e->pixels + (size_t) i * bytes,
                   bytes);
        e->orders[good++].image = first + i;
    }
    return good;
}

static void run_batch(td_prediction *p, int first, int count)
{
    td_picture pictures[BATCH];
    const td_real *logits = p->eval.logits;
    int good = read_batch(p, first, count, pictures);
    if (good > 0)
        td_eval_forward(&p->eval, good);
    for (int i = 0; i < count; i++) {
        const char *path = p->options->pictures[first + i];
        if (pictures[i].fault[0] != '\0') {
            td_predict_refuse(p, path, pictures[i].fault);
            continue;
        }
        td_predict_answer(p, path, logits);
        logits += p->eval.plan.info.classes;
    }
}

static td_status run(td_prediction *p)
{
    int count = p->options->count, batch = p->eval.plan.spec.batch;
    td_predict_begin(p);
    for (int first = 0; first < count; first += batch)
        run_batch(p, first, count - first < batch ? count - first : batch);
    td_predict_end(p);
    if (p->refused == 0)
        return TD_OK;
    return td_error(TD_FAILED, "%d of %d %s no answer: see above", p->refused, count,
                    td_noun(count, "picture has", "pictures have"));
}

td_status td_predict_run(td_comm *world, const td_predict_options *options)
{
    TD_ASSERT(options->count > 0 && options->top > 0);
    td_prediction p = { .eval = { .world = world, .ranks = td_comm_size(world) },
                        .options = options };
    if (p.eval.ranks > 1)
        return td_error(TD_USAGE,
                        "predict: works on one rank, here are %d: start it without "
                        "mpirun",
                        p.eval.ranks);
    td_times_begin();
    td_status status = open_all(&p);
    if (status == TD_OK)
        status = run(&p);
    td_free(p.names);
    td_eval_clear(&p.eval);
    return status;
}
