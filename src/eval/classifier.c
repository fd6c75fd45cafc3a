/* A checkpoint's network in a process of its own, without ranks. */
#include "predict.h"

#include <fenv.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "taildart/base_memory.h"
#include "taildart/objective_measures.h"
#include "taildart/timing.h"

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

static td_status open_checkpoint(td_eval *e, const char *checkpoint, int batch)
{
    e->checkpoint = td_checkpoint_path(checkpoint);
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
    e->plan.count = batch;
    return TD_OK;
}

td_status td_classifier_open(td_classifier **out, const char *checkpoint, int batch)
{
    td_classifier *c = td_malloc(sizeof *c);
    *out = NULL;
    c->eval.ranks = 1;
    td_memory_purpose("the network", "it passes a batch of pictures at once");
    td_status status = open_checkpoint(&c->eval, checkpoint, batch);
    if (status == TD_OK)
        status = td_classifier_find_size(c);
    if (status == TD_OK)
        status = td_eval_load_network_alone(&c->eval);
    if (status != TD_OK) {
        td_classifier_free(c);
        return status;
    }
    td_eval_make_buffers(&c->eval);
    c->names = td_checkpoint_class_names(c->eval.saved);
    *out = c;
    return TD_OK;
}

/* What passes change of the calling thread, which is another program's. */
typedef struct {
    fenv_t numbers; /* with the bits for denormal numbers */
    int threads, adjusts;
} settings;

static settings caller_keep(void)
{
    settings c = { .threads = omp_get_max_threads(), .adjusts = omp_get_dynamic() };
    fegetenv(&c.numbers);
    return c;
}

static void caller_restore(const settings *c)
{
    fesetenv(&c->numbers);
    omp_set_dynamic(c->adjusts);
    omp_set_num_threads(c->threads);
}

td_status td_classifier_load(td_classifier **classifier, const char *checkpoint)
{
    settings caller = caller_keep();
    td_times_begin();
    td_status status = td_classifier_open(classifier, checkpoint, TD_CLASSIFIER_BATCH);
    if (status == TD_OK)
        (*classifier)->threads = omp_get_max_threads();
    caller_restore(&caller);
    return status;
}

void td_classifier_free(td_classifier *classifier)
{
    if (!classifier)
        return;

    td_free(classifier->names);
    td_eval_clear(&classifier->eval);
    td_free(classifier);
}

/* ---- what it knows --------------------------------------------------------------- */

int td_classifier_classes(const td_classifier *classifier)
{
    return classifier->eval.plan.info.classes;
}

const char *td_classifier_class_name(const td_classifier *classifier, int number)
{
    TD_ASSERT(number >= 0 && number < td_classifier_classes(classifier));
    return classifier->names[number];
}

size_t td_classifier_image_bytes(const td_classifier *classifier)
{
    return td_image_bytes(&classifier->eval.plan.info);
}

void td_classifier_image_shape(const td_classifier *classifier, int shape[3])
{
    const td_data_info *info = &classifier->eval.plan.info;
    shape[0] = info->height;
    shape[1] = info->width;
    shape[2] = info->channels;
}

/* ---- answers --------------------------------------------------------------------- */

td_status td_classifier_read(const td_classifier *classifier, const char *picture,
                             uint8_t *image)
{
    td_picture header = { 0 };
    if (td_classifier_read_picture(classifier, &header, picture, image))
        return TD_OK;
    return td_error(TD_DATA, "%s: %s", picture, header.fault);
}

bool td_classifier_probabilities(const td_real *logits, int classes,
                                 double *probability)
{
    int best = td_argmax(logits, classes); /* -1: none is a number */
    double top = td_confidence(logits, classes);
    for (int c = 0; c < classes; c++)
        probability[c] = isnan(top) || best < 0
                             ? NAN
                             : top * exp((double) logits[c] - (double) logits[best]);
    return !isnan(top);
}

static td_status answer_batch(td_classifier *classifier, int first, int count,
                              double *probability)
{
    td_eval *e = &classifier->eval;
    size_t classes = (size_t) e->plan.info.classes;
    for (int i = 0; i < count; i++)
        e->orders[i].image = first + i;
    td_eval_forward(e, count);
    for (int i = 0; i < count; i++)
        if (!td_classifier_probabilities(e->logits + (size_t) i * classes,
                                         (int) classes,
                                         probability + (size_t) i * classes))
            return td_error(TD_CHECKPOINT, "%s: its logits are not finite for image %d",
                            e->checkpoint, first + i);
    return TD_OK;
}

static td_status answer(td_classifier *classifier, const uint8_t *images, int count,
                        double *probability)
{
    td_eval *e = &classifier->eval;
    size_t bytes = td_image_bytes(&e->plan.info),
           classes = (size_t) e->plan.info.classes;
    int batch = e->plan.spec.batch;
    td_status status = TD_OK;
    TD_ASSERT(count >= 0);
    for (int first = 0, n = 0; first < count && status == TD_OK; first += n) {
        n = count - first > batch ? batch : count - first;
        memcpy(e->pixels, images + (size_t) first * bytes, (size_t) n * bytes);
        status =
            answer_batch(classifier, first, n, probability + (size_t) first * classes);
    }
    return status;
}

td_status td_classifier_answer(td_classifier *classifier, const uint8_t *images,
                               int count, double *probability)
{
    settings caller = caller_keep();
    omp_set_dynamic(false);
    omp_set_num_threads(classifier->threads);
#pragma omp parallel
    td_kernels_flush_denormals();
    td_status status = answer(classifier, images, count, probability);
    caller_restore(&caller);
    return status;
}
