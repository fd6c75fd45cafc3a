/* The data of an evaluation, from any file, with the classes, the mean and the
 * deviation of the run. */
#include "eval.h"

#include <string.h>
#include <unistd.h>

#include "taildart/base_log.h"
#include "taildart/data_classes.h"
#include "taildart/formats.h"

/* ---- which data set -------------------------------------------------------------- */

char *td_eval_data_of_run(const td_eval *e)
{
    bool is_search = e->saved->state.edges > 0;
    td_settings *run = td_settings_new(is_search ? TD_FOR_SEARCH : TD_FOR_TRAIN);
    const char *text = e->saved->texts.config;
    bool is_known = text && td_settings_read_text(run, e->checkpoint, text) == TD_OK &&
                    td_settings_config(run)->data.path[0] != '\0';
    char *path = is_known ? td_strdup(td_settings_config(run)->data.path) : NULL;
    td_settings_free(run);
    return path;
}

static bool is_given(const td_eval *e)
{
    return e->options->data && e->options->data[0];
}

td_status td_eval_find_data(td_eval *e)
{
    e->data = is_given(e) ? td_strdup(e->options->data) : td_eval_data_of_run(e);
    if (!e->data)
        return td_error(TD_USAGE,
                        "data.path: missing, and %s names no data set: give it with "
                        "--data",
                        e->checkpoint);
    if (!is_given(e) && access(e->data, F_OK) != 0)
        return td_error(TD_DATA,
                        "%s: the data set of the run, %s, is not there: give one with "
                        "--data",
                        e->checkpoint, e->data);
    return TD_OK;
}

/* ---- the part -------------------------------------------------------------------- */

td_half td_eval_half(const td_eval *e)
{
    TD_ASSERT(e->part == TD_EVAL_ARCH || e->part == TD_EVAL_WEIGHTS);
    return e->part == TD_EVAL_ARCH ? TD_HALF_ARCH : TD_HALF_WEIGHTS;
}

static bool is_own(const td_eval *e)
{
    const td_data_info *info = &e->dataset->info;
    return memcmp(info->digest, e->saved->dataset_digest, sizeof info->digest) == 0;
}

/* Refuse data without test images.  Those of the run have halves; those of another file
 * may be test images imported as training images. */
static td_status no_test_images(const td_eval *e)
{
    const char *data = e->data;
    if (is_own(e))
        return td_error(TD_DATA, "%s: holds no test images: try --part held-out", data);
    return td_error(TD_DATA,
                    "%s: holds training images only: give the folder or file they came "
                    "from, or import it with `taildart data import --test`",
                    data);
}

static td_status check_test(const td_eval *e)
{
    const td_data_info *info = &e->dataset->info;
    if (info->test_count == 0)
        return no_test_images(e);
    if (info->train_count == 0 && is_own(e))
        return td_error(TD_DATA,
                        "%s: holds the images that %s has learned from and no test "
                        "images: try --part held-out",
                        e->data, e->checkpoint);
    return TD_OK;
}

/* Check the half's indices: a forged file may have kept the digest. */
static td_status check_indices(const td_eval *e)
{
    td_half half = td_eval_half(e);
    int64_t images = e->dataset->info.train_count;
    for (int64_t i = 0; i < e->saved->half_count[half]; i++)
        if (e->saved->half[half][i] < 0 || e->saved->half[half][i] >= images)
            return td_error(TD_CHECKPOINT,
                            "%s: /data/%s_half: image %lld, but %s holds %lld for "
                            "training",
                            e->checkpoint, half == TD_HALF_ARCH ? "arch" : "weight",
                            (long long) e->saved->half[half][i], e->data,
                            (long long) images);
    return TD_OK;
}

static td_status check_part(const td_eval *e)
{
    if (e->part == TD_EVAL_TEST)
        return check_test(e);
    if (e->saved->half_count[td_eval_half(e)] == 0)
        return td_error(TD_DATA,
                        "%s: the run held no images out, so there is no part "
                        "'held-out': try --part test",
                        e->checkpoint);
    if (is_own(e) && e->dataset->info.train_count > 0)
        return check_indices(e);
    return td_error(TD_DATA,
                    "%s: not the images that %s was searched on, so it has no part "
                    "'%s' of them",
                    e->data, e->checkpoint, e->part_name);
}

/* ---- shape ----------------------------------------------------------------------- */

/* Check the size: weights fit images of any, but were trained on one. */
static td_status check_size(const td_eval *e)
{
    const td_data_info *info = &e->dataset->info;
    const td_checkpoint *saved = e->saved;
    if (info->height != saved->height || info->width != saved->width)
        return td_error(
            TD_CHECKPOINT,
            "%s: was trained on images of %dx%d pixels, %s holds %dx%d: import them in "
            "that size (`taildart data import --size`; test images alone with "
            "`--test`)",
            e->checkpoint, saved->height, saved->width, e->data, info->height,
            info->width);
    if (info->channels != saved->image_channels)
        return td_error(
            TD_CHECKPOINT,
            "%s: was trained on images of %d channels, %s holds %d: grey and "
            "colour do not go together",
            e->checkpoint, saved->image_channels, e->data, info->channels);
    return TD_OK;
}

/* ---- classes --------------------------------------------------------------------- */

static void note_match(const td_eval *e, const td_class_match *match,
                       const td_classes *run)
{
    const char *data = e->data;
    if (match->by_number)
        td_log(TD_LOG_NOTE, "%s has no class names: its classes are compared by number",
               td_class_names_are_made_up(run->names, run->count) ? run->path : data);
    else if (match->is_moved)
        td_log(TD_LOG_NOTE,
               "%s has the classes of %s in another order: they are matched by name",
               data, run->path);
    if (match->missing > 0)
        td_log(TD_LOG_NOTE, "%s has no class '%s'%s: what is not there does not count",
               data, run->names[match->first_missing],
               match->missing > 1 ? " and others of the run" : "");
}

/* Refuse a half whose class names are in another order: its labels are the run's. */
static td_status check_half(const td_eval *e, const td_class_match *match)
{
    if (e->part == TD_EVAL_TEST || !match->is_moved)
        return TD_OK;
    int c = 0;
    while (match->map[c] == c)
        c++;
    return td_error(TD_DATA,
                    "%s: class %d is called '%s', which in %s is the name of class %d, "
                    "while the images are the same",
                    e->data, c, e->dataset->class_names[c], e->checkpoint,
                    match->map[c]);
}

static td_status take_classes(td_eval *e)
{
    td_class_match match;
    td_class_name *names = td_checkpoint_class_names(e->saved);
    const td_classes run = { e->checkpoint, names, e->saved->classes };
    const td_classes data = { e->data, e->dataset->class_names,
                              e->dataset->info.classes };
    bool may_lack = e->dataset->info.train_count == 0;
    td_status status = td_classes_match(&match, &data, &run, may_lack);
    if (status == TD_OK)
        status = check_half(e, &match);
    if (status == TD_OK) {
        note_match(e, &match, &run);
        td_dataset_take_classes(e->dataset, &match, &run);
    }
    td_class_match_clear(&match);
    td_free(names);
    return status;
}

/* ---- mean and deviation ---------------------------------------------------------- */

static td_status take_statistics(td_eval *e)
{
    td_data_info *info = &e->dataset->info;
    if (!e->saved->has_statistics && info->train_count == 0)
        return td_error(TD_CHECKPOINT,
                        "%s: is of an older taildart and keeps neither mean nor "
                        "deviation, and %s has no training images to take them from: "
                        "give the run's data set",
                        e->checkpoint, e->data);
    if (!e->saved->has_statistics) {
        td_log(TD_LOG_NOTE,
               "%s is of an older taildart and keeps neither mean nor deviation: those "
               "of %s are taken",
               e->checkpoint, e->data);
        return TD_OK;
    }
    memcpy(info->mean, e->saved->mean, sizeof info->mean);
    memcpy(info->std, e->saved->std, sizeof info->std);
    return TD_OK;
}

td_status td_eval_open_data(td_eval *e)
{
    int pad_to = 0;
    td_pixel_map maps[2] = { 0 };
    bool is_test = e->part == TD_EVAL_TEST;
    td_status status = td_checkpoint_pad_to(e->saved, e->checkpoint, &pad_to);
    if (status == TD_OK)
        status = td_dataset_open_mapped(&e->dataset, maps, e->data, pad_to,
                                        is_test ? TD_DATA_TEST : TD_DATA_TRAIN);
    e->source.map = maps[is_test ? TD_PART_TEST : TD_PART_TRAIN];
    td_pixel_map_clear(&maps[is_test ? TD_PART_TRAIN : TD_PART_TEST]);
    if (status == TD_OK && !is_given(e) && !is_own(e))
        td_log(TD_LOG_NOTE, "%s no longer holds the images that %s has learned from",
               e->data, e->checkpoint);
    if (status == TD_OK)
        status = check_size(e);
    if (status == TD_OK)
        status = check_part(e);
    if (status == TD_OK)
        status = take_classes(e);
    return status == TD_OK ? take_statistics(e) : status;
}
