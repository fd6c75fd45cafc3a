/* Pictures through a checkpoint's network, a batch at a time. */
#include "predict.h"

#include <string.h>

#include "taildart/timing.h"

/* ---- passes ---------------------------------------------------------------------- */

/* Images of the pictures that can be read, one behind the other.
 * \return their number  \param [out] pictures (count) with faults of the others */
static int read_batch(td_prediction *p, int first, int count, td_picture *pictures)
{
    td_eval *e = &p->network->eval;
    size_t bytes = td_image_bytes(&e->plan.info);
    int good = 0;
#pragma omp parallel for schedule(dynamic, 1)
    for (int i = 0; i < count; i++)
        td_classifier_read_picture(p->network, &pictures[i],
                                   p->options->pictures[first + i],
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
    td_picture pictures[TD_CLASSIFIER_BATCH];
    td_eval *e = &p->network->eval;
    const td_real *logits = e->logits;
    int good = read_batch(p, first, count, pictures);
    if (good > 0)
        td_eval_forward(e, good);
    for (int i = 0; i < count; i++) {
        const char *path = p->options->pictures[first + i];
        if (pictures[i].fault[0] != '\0') {
            td_predict_refuse(p, path, pictures[i].fault);
            continue;
        }
        td_predict_answer(p, path, logits);
        logits += e->plan.info.classes;
    }
}

static td_status run(td_prediction *p)
{
    int count = p->options->count, batch = p->network->eval.plan.spec.batch;
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
    td_prediction p = { .options = options };
    int ranks = td_comm_size(world), count = options->count;
    if (ranks > 1)
        return td_error(TD_USAGE,
                        "predict: works on one rank, here are %d: start it without "
                        "mpirun",
                        ranks);
    td_times_begin();
    td_status status =
        td_classifier_open(&p.network, options->checkpoint,
                           count < TD_CLASSIFIER_BATCH ? count : TD_CLASSIFIER_BATCH);
    if (status == TD_OK)
        status = run(&p);
    td_classifier_free(p.network);
    return status;
}
