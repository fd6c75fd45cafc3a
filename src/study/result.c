/* Reading of a point's folder: which stages are done, and their results. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/checkpoint.h"
#include "taildart/genotype_find.h"
#include "taildart/store.h"

/* ---- files ---------------------------------------------------------------------- */

enum { MOST_BYTES = 1 << 28 }; /* of metrics of a million epochs */

/* Read a file of the point; NULL where there is none. */
static char *text_of(const td_study *study, td_grid_point point, const char *name)
{
    char *path = td_study_path(study, point, name), *text = NULL;
    if (access(path, R_OK) == 0 &&
        td_file_read_regular(&text, NULL, path, MOST_BYTES) != TD_OK)
        text = NULL;
    td_free(path);
    return text;
}

static int rows_of(const td_study *study, td_grid_point point, const char *name,
                   td_metrics **rows)
{
    char *text = text_of(study, point, name);
    *rows = NULL;
    int count = text ? td_metrics_parse(rows, text) : 0;
    td_free(text);
    return count;
}

/* When a file was last written, in seconds; 0 where there is none. */
static double time_of(const td_study *study, td_grid_point point, const char *name)
{
    struct stat about;
    char *path = td_study_path(study, point, name);
    bool is_there = stat(path, &about) == 0 && about.st_size > 0;
    td_free(path);
    return is_there
               ? (double) about.st_mtim.tv_sec + 1e-9 * (double) about.st_mtim.tv_nsec
               : 0;
}

/* ---- stages done ---------------------------------------------------------------- */

static bool has_all_epochs(const td_study *study, td_grid_point point,
                           td_study_stage stage, const char *metrics)
{
    TD_ASSERT(stage == TD_STUDY_SEARCH || stage == TD_STUDY_TRAIN);
    td_metrics *rows;
    int count = rows_of(study, point, metrics, &rows);
    int epochs = study->methods[point.method].epochs[stage];
    bool done = count > 0 && rows[count - 1].epoch + 1 >= epochs;
    td_free(rows);
    return done;
}

/* Whether the run has the study's values: one from before the study file was changed is
 * not done; started again it refuses, and names the key.  The data set is compared by
 * name, unless it was just \a started: then the run itself has compared images. */
static bool is_planned(const td_study *study, td_grid_point point, td_study_stage stage,
                       bool started)
{
    char *name = td_format("%s/config.yaml", td_study_stage_names[stage]);
    char *path = td_study_path(study, point, name);
    bool planned = td_study_was_planned(study, point, (int) stage, path) &&
                   (started || td_study_has_data(study, (int) stage, path));
    td_free(path);
    td_free(name);
    return planned;
}

static td_status wanted_cell(td_genotype *genotype, const td_study *study,
                             td_grid_point point)
{
    const td_study_method *method = &study->methods[point.method];
    if (method->genotype && !td_study_is_random(method))
        return td_genotype_find(genotype, method->genotype);
    char *path = td_study_path(study, point, TD_STUDY_SEARCH_GENOTYPE);
    td_status status = td_genotype_find(genotype, path);
    td_free(path);
    return status;
}

bool td_study_trained_its_cell(const td_study *study, td_grid_point point)
{
    td_genotype wanted, trained;
    char *path = td_study_path(study, point, "train/genotype.txt");
    bool known = td_genotype_find(&trained, path) == TD_OK &&
                 wanted_cell(&wanted, study, point) == TD_OK;
    td_free(path);
    if (!known) /* cannot be compared */
        return true;
    char *a = td_genotype_python(&wanted), *b = td_genotype_python(&trained);
    bool same = strcmp(a, b) == 0;
    td_free(a);
    td_free(b);
    return same;
}

/* A run writes its cell, the row of an epoch, its checkpoint, in this order: after a
 * kill between the last two the checkpoint is the older one.  Where the user has
 * deleted checkpoints to save space the \a product remains, and nothing is
 * recomputed. */
static bool is_run_done(const td_study *study, td_grid_point point,
                        td_study_stage stage, const char *product, bool started)
{
    char *metrics = td_format("%s/metrics.csv", td_study_stage_names[stage]);
    char *checkpoint = td_format("%s/checkpoint.h5", td_study_stage_names[stage]);
    double saved = time_of(study, point, checkpoint);
    bool done = has_all_epochs(study, point, stage, metrics);
    if (saved == 0)
        done = done && time_of(study, point, product) > 0;
    else
        done = done && (started || saved >= time_of(study, point, metrics));
    done = done && is_planned(study, point, stage, started);
    if (stage == TD_STUDY_TRAIN)
        done = done && td_study_trained_its_cell(study, point);
    td_free(checkpoint);
    td_free(metrics);
    return done;
}

static bool is_search_done(const td_study *study, td_grid_point point, bool started)
{
    const td_study_method *method = &study->methods[point.method];
    if (td_study_is_random(method))
        return time_of(study, point, TD_STUDY_SEARCH_GENOTYPE) > 0;
    if (method->genotype) /* given: nothing to search */
        return true;
    return time_of(study, point, TD_STUDY_SEARCH_GENOTYPE) > 0 &&
           is_run_done(study, point, TD_STUDY_SEARCH, TD_STUDY_SEARCH_GENOTYPE,
                       started);
}

bool td_study_is_done(const td_study *study, td_grid_point point, td_study_stage stage,
                      bool started)
{
    TD_ASSERT(stage < TD_STUDY_STAGES);
    if (stage == TD_STUDY_SEARCH)
        return is_search_done(study, point, started);
    if (stage == TD_STUDY_TRAIN)
        return is_run_done(study, point, stage, TD_STUDY_TEST, started);
    /* A training continued since has to be tested again. */
    double tested = time_of(study, point, TD_STUDY_TEST);
    return tested > 0 && tested >= time_of(study, point, "train/checkpoint.h5");
}

/* ---- measures ------------------------------------------------------------------- */

static double total_minutes(const td_metrics *rows, int count)
{
    double seconds = 0.0;
    for (int i = 0; i < count; i++)
        seconds += rows[i].seconds;
    return seconds / 60.0;
}

/* Images that a run has drawn, of both halves and branches, by its checkpoint. */
static double images_of(const td_study *study, td_grid_point point, const char *name)
{
    td_checkpoint *checkpoint = NULL;
    double images = NAN;
    char *path = td_study_path(study, point, name);
    if (access(path, R_OK) == 0 && td_checkpoint_load(&checkpoint, path) == TD_OK)
        images = (double) checkpoint->progress.images;
    td_checkpoint_free(checkpoint);
    td_free(path);
    return images;
}

static void keep_curve(td_study_result *result, const td_metrics *rows, int count)
{
    TD_ASSERT(count > 0 && !result->balanced);
    result->epochs = count;
    result->balanced = td_malloc((size_t) count * sizeof *result->balanced);
    for (int i = 0; i < count; i++)
        result->balanced[i] = rows[i].valid_balanced_top1;
}

static void read_search(td_study_result *result, const td_study *study,
                        td_grid_point point)
{
    td_metrics *rows;
    int count = rows_of(study, point, "search/metrics.csv", &rows);
    if (count > 0) {
        const td_metrics *last = &rows[count - 1];
        keep_curve(result, rows, count);
        result->value[TD_STUDY_VALID_TOP1] = last->valid_top1;
        result->value[TD_STUDY_VALID_BALANCED] = last->valid_balanced_top1;
        result->value[TD_STUDY_SKIPS] = last->skip_count_normal;
        result->value[TD_STUDY_ALPHA_CHANGE] = last->alpha_change;
        result->value[TD_STUDY_SEARCH_MINUTES] = total_minutes(rows, count);
        result->value[TD_STUDY_SEARCH_IMAGES] =
            images_of(study, point, "search/checkpoint.h5");
    }
    td_free(rows);
}

/* Read the training; a cell that was not searched has its skip connections from
 * here. */
static void read_training(td_study_result *result, const td_study *study,
                          td_grid_point point)
{
    td_metrics *rows;
    int count = rows_of(study, point, "train/metrics.csv", &rows);
    if (count > 0) {
        if (isnan(result->value[TD_STUDY_SKIPS]))
            result->value[TD_STUDY_SKIPS] = rows[count - 1].skip_count_normal;
        result->value[TD_STUDY_TRAIN_MINUTES] = total_minutes(rows, count);
        result->value[TD_STUDY_TRAIN_IMAGES] =
            images_of(study, point, "train/checkpoint.h5");
    }
    td_free(rows);
}

/* Read a header, and a row in the order of the measures; an empty field is unknown. */
static void read_test(td_study_result *result, const td_study *study,
                      td_grid_point point)
{
    char *text = text_of(study, point, TD_STUDY_TEST);
    const char *field = text ? strchr(text, '\n') : NULL;
    for (int m = TD_STUDY_TEST_TOP1; field && m <= TD_STUDY_TEST_RANGE_FEW; m++) {
        char *end;
        double value = strtod(++field, &end);
        if (end != field && (*end == ',' || *end == '\n'))
            result->value[m] = value;
        field = strpbrk(field, ",\n");
    }
    td_free(text);
}

td_study_result td_study_result_read(const td_study *study, td_grid_point point)
{
    td_study_result result = { .failure = text_of(study, point, TD_STUDY_FAILURE) };
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        result.value[m] = NAN;
    /* Files of a stage that is not done are outdated. */
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        result.done[stage] =
            (stage == 0 || result.done[stage - 1]) &&
            td_study_is_done(study, point, (td_study_stage) stage, true);
    if (result.done[TD_STUDY_SEARCH])
        read_search(&result, study, point);
    if (result.done[TD_STUDY_TRAIN])
        read_training(&result, study, point);
    if (result.done[TD_STUDY_EVAL])
        read_test(&result, study, point);
    if (result.failure)
        result.failure[strcspn(result.failure, "\n")] = '\0';
    return result;
}

void td_study_result_clear(td_study_result *result)
{
    td_free(result->balanced);
    td_free(result->failure);
    *result = (td_study_result){ .failure = NULL };
}
