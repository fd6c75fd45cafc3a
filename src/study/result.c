/* Reading of a point's folder: which stages are done, and their results. */
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/base_number.h"
#include "taildart/checkpoint.h"
#include "taildart/checkpoint_genotype.h"
#include "taildart/choice.h"
#include "taildart/store.h"

/* ---- files ------------------------------------------------------------------- */

enum { MOST_BYTES = 1 << 28 }; /* of metrics of a million epochs */

/* Read a file; NULL where there is none. */
static char *text_of(const char *path)
{
    char *text = NULL;
    if (access(path, R_OK) == 0 &&
        td_file_read_regular(&text, NULL, path, MOST_BYTES) != TD_OK)
        text = NULL;
    return text;
}

static int rows_of(const td_study *study, td_grid_point point, td_study_step step,
                   td_metrics **rows)
{
    char *path = td_study_run_path(study, point, step, TD_RUN_METRICS);
    char *text = text_of(path);
    *rows = NULL;
    int count = text ? td_metrics_parse(rows, text) : 0;
    td_free(text);
    td_free(path);
    return count;
}

/* When a file was last written, in seconds; 0 where there is none. */
static double time_of(const char *path)
{
    struct stat about;
    bool is_there = stat(path, &about) == 0 && about.st_size > 0;
    return is_there
               ? (double) about.st_mtim.tv_sec + 1e-9 * (double) about.st_mtim.tv_nsec
               : 0;
}

/* ---- steps done -------------------------------------------------------------- */

/* Whether a search has ended by its search.stop. */
static bool has_stopped(const td_study *study, td_grid_point point, td_study_step step,
                        const td_metrics *rows, int count)
{
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    char *path = td_study_run_path(study, point, step, TD_RUN_CONFIG);
    bool stopped = td_settings_read_file(settings, path) == TD_OK &&
                   td_choice_stop(td_settings_config(settings), rows, count).is_there;
    td_free(path);
    td_settings_free(settings);
    return stopped;
}

static bool has_all_epochs(const td_study *study, td_grid_point point,
                           td_study_step step)
{
    td_metrics *rows;
    int count = rows_of(study, point, step, &rows);
    int epochs = td_study_lengths_of(study, point)->epochs[step.stage];
    bool done = count > 0 && rows[count - 1].epoch + 1 >= epochs;
    if (!done && count > 0 && step.stage == TD_STUDY_SEARCH)
        done = has_stopped(study, point, step, rows, count);
    td_free(rows);
    return done;
}

/* Whether the run has the study's values: one from before the study file was changed is
 * not done; started again it refuses, and names the key.  The data set is compared by
 * name, unless it was just \a started: then the run itself has compared images. */
static bool is_planned(const td_study *study, td_grid_point point, td_study_step step,
                       bool started)
{
    char *path = td_study_run_path(study, point, step, TD_RUN_CONFIG);
    bool planned = td_study_was_planned(study, point, step, path) &&
                   (started || td_study_has_data(study, point, step, path));
    td_free(path);
    return planned;
}

static td_status wanted_cell(td_genotype *genotype, const td_study *study,
                             td_grid_point point)
{
    const td_study_method *method = &study->methods[point.method];
    if (method->genotype && !td_study_is_random(method))
        return td_checkpoint_find_genotype(genotype, method->genotype);
    char *path = td_study_path(study, point, TD_STUDY_SEARCH_GENOTYPE);
    td_status status = td_checkpoint_find_genotype(genotype, path);
    td_free(path);
    return status;
}

td_status td_study_check_cell(const td_study *study, td_grid_point point)
{
    td_genotype genotype;
    return wanted_cell(&genotype, study, point) == TD_OK ? td_genotype_check(&genotype)
                                                         : TD_OK;
}

bool td_study_trained_its_cell(const td_study *study, td_grid_point point,
                               td_study_step training)
{
    td_genotype wanted, trained;
    char *path = td_study_run_path(study, point, training, TD_RUN_GENOTYPE);
    bool known = td_checkpoint_find_genotype(&trained, path) == TD_OK &&
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
static bool is_run_done(const td_study *study, td_grid_point point, td_study_step step,
                        const char *product, bool started)
{
    char *metrics = td_study_run_path(study, point, step, TD_RUN_METRICS);
    char *checkpoint = td_study_run_path(study, point, step, TD_RUN_CHECKPOINT);
    double saved = time_of(checkpoint);
    bool done = has_all_epochs(study, point, step);
    if (saved == 0)
        done = done && time_of(product) > 0;
    else
        done = done && (started || saved >= time_of(metrics));
    done = done && is_planned(study, point, step, started);
    if (step.stage == TD_STUDY_TRAIN)
        done = done && td_study_trained_its_cell(study, point, step);
    td_free(checkpoint);
    td_free(metrics);
    return done;
}

static bool is_search_done(const td_study *study, td_grid_point point,
                           td_study_step step, bool started)
{
    const td_study_method *method = &study->methods[point.method];
    if (method->genotype && !td_study_is_random(method)) /* nothing to search */
        return true;
    char *cell = td_study_path(study, point, TD_STUDY_SEARCH_GENOTYPE);
    bool done = time_of(cell) > 0;
    if (!td_study_is_random(method))
        done = done && is_run_done(study, point, step, cell, started);
    td_free(cell);
    return done;
}

static bool is_training_done(const td_study *study, td_grid_point point,
                             td_study_step step, bool started)
{
    char *test = td_study_test_path(study, point, step.training);
    bool done = is_run_done(study, point, step, test, started);
    td_free(test);
    return done;
}

/* A training continued since has to be tested again. */
static bool is_test_done(const td_study *study, td_grid_point point, int training)
{
    const td_study_step trained = { TD_STUDY_TRAIN, training };
    char *test = td_study_test_path(study, point, training);
    char *checkpoint = td_study_run_path(study, point, trained, TD_RUN_CHECKPOINT);
    double tested = time_of(test);
    bool done = tested > 0 && tested >= time_of(checkpoint);
    td_free(checkpoint);
    td_free(test);
    return done;
}

bool td_study_is_done(const td_study *study, td_grid_point point, td_study_step step,
                      bool started)
{
    TD_ASSERT(step.stage < TD_STUDY_STAGES);
    if (step.stage == TD_STUDY_SEARCH)
        return is_search_done(study, point, step, started);
    if (step.stage == TD_STUDY_TRAIN)
        return is_training_done(study, point, step, started);
    return is_test_done(study, point, step.training);
}

/* ---- measures ---------------------------------------------------------------- */

static double total_minutes(const td_metrics *rows, int count)
{
    double seconds = 0.0;
    for (int i = 0; i < count; i++)
        seconds += rows[i].seconds;
    return seconds / 60.0;
}

/* Images that a run has drawn, of both halves and branches, by its checkpoint. */
static double images_of(const td_study *study, td_grid_point point, td_study_step step)
{
    td_checkpoint *checkpoint = NULL;
    double images = NAN;
    char *path = td_study_run_path(study, point, step, TD_RUN_CHECKPOINT);
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

/* Skip connections of the normal cell that is trained: a row of metrics counts without
 * search.max_skips, and search.stop returns the cell of an earlier epoch. */
static double skips_of(const td_study *study, td_grid_point point)
{
    td_genotype cell;
    int skips = 0;
    if (wanted_cell(&cell, study, point) != TD_OK)
        return NAN;
    for (int i = 0; i < cell.normal.count; i++)
        skips += cell.normal.gene[i].op == TD_OP_SKIP_CONNECT;
    return skips;
}

static void read_search(td_study_result *result, const td_study *study,
                        td_grid_point point)
{
    const td_study_step search = { TD_STUDY_SEARCH, 0 };
    td_metrics *rows;
    int count = rows_of(study, point, search, &rows);
    if (count > 0) {
        const td_metrics *last = &rows[count - 1];
        keep_curve(result, rows, count);
        result->value[TD_STUDY_VALID_TOP1] = last->valid_top1;
        result->value[TD_STUDY_VALID_BALANCED] = last->valid_balanced_top1;
        result->value[TD_STUDY_SKIPS] = skips_of(study, point);
        result->value[TD_STUDY_ALPHA_CHANGE] = last->alpha_change;
        result->value[TD_STUDY_SEARCH_MINUTES] = total_minutes(rows, count);
        result->value[TD_STUDY_SEARCH_IMAGES] = images_of(study, point, search);
    }
    td_free(rows);
}

/* Read a training; a cell that was not searched has its skip connections from here. */
static void read_training(td_study_result *result, td_study_training *training,
                          const td_study *study, td_grid_point point,
                          td_study_step step)
{
    td_metrics *rows;
    int count = rows_of(study, point, step, &rows);
    if (count > 0) {
        if (isnan(result->value[TD_STUDY_SKIPS]))
            result->value[TD_STUDY_SKIPS] = rows[count - 1].skip_count_normal;
        training->held_out = rows[count - 1].valid_balanced_top1;
        training->value[TD_STUDY_TRAIN_MINUTES] = total_minutes(rows, count);
        training->value[TD_STUDY_TRAIN_IMAGES] = images_of(study, point, step);
    }
    td_free(rows);
}

/* Read a header, and a row in the order of the measures; an empty field is unknown. */
static void read_test(td_study_training *training, const td_study *study,
                      td_grid_point point, int number)
{
    char *path = td_study_test_path(study, point, number), *text = text_of(path);
    const char *field = text ? strchr(text, '\n') : NULL;
    for (int m = TD_STUDY_TEST_TOP1; field && m <= TD_STUDY_TEST_RANGE_FEW; m++) {
        double value;
        const char *end = td_number_read_first(&value, ++field);
        if (end != field && (*end == ',' || *end == '\n'))
            training->value[m] = value;
        field = strpbrk(field, ",\n");
    }
    td_free(text);
    td_free(path);
}

/* Files of a step that is not done, or whose step before is not, are outdated. */
static void read_trainings(td_study_result *result, const td_study *study,
                           td_grid_point point)
{
    int count = td_study_training_count(study);
    result->trainings = td_malloc((size_t) count * sizeof *result->trainings);
    result->done[TD_STUDY_TRAIN] = result->done[TD_STUDY_EVAL] =
        result->done[TD_STUDY_SEARCH];
    for (int i = 0; i < count; i++) {
        td_study_training *training = &result->trainings[i];
        td_study_step step = { TD_STUDY_TRAIN, i };
        td_study_clear_values(training->value);
        training->held_out = NAN;
        training->is_trained =
            result->done[TD_STUDY_SEARCH] && td_study_is_done(study, point, step, true);
        if (training->is_trained)
            read_training(result, training, study, point, step);
        step.stage = TD_STUDY_EVAL;
        training->is_tested =
            training->is_trained && td_study_is_done(study, point, step, true);
        if (training->is_tested)
            read_test(training, study, point, i);
        result->done[TD_STUDY_TRAIN] &= training->is_trained;
        result->done[TD_STUDY_EVAL] &= training->is_tested;
    }
}

td_study_result td_study_result_read(const td_study *study, td_grid_point point)
{
    const td_study_step search = { TD_STUDY_SEARCH, 0 };
    td_study_result result = { .failure = NULL };
    td_study_clear_values(result.value);
    if (td_study_is_excluded(study, point)) /* maybe since, with results */
        return result;
    char *path = td_study_path(study, point, TD_STUDY_FAILURE);
    result.failure = text_of(path);
    td_free(path);
    result.done[TD_STUDY_SEARCH] = td_study_is_done(study, point, search, true);
    if (result.done[TD_STUDY_SEARCH])
        read_search(&result, study, point);
    read_trainings(&result, study, point);
    td_study_average(&result, study);
    if (result.failure)
        result.failure[strcspn(result.failure, "\n")] = '\0';
    return result;
}

void td_study_result_clear(td_study_result *result)
{
    td_free(result->balanced);
    td_free(result->trainings);
    td_free(result->failure);
    *result = (td_study_result){ .failure = NULL };
}

td_study_result *td_study_results_read(const td_study *study)
{
    int points = td_grid_point_count(study);
    TD_ASSERT(points > 0 && study->out);
    td_study_result *results = td_malloc((size_t) points * sizeof *results);
    for (int i = 0; i < points; i++)
        results[i] = td_study_result_read(study, td_grid_point_at(study, i));
    return results;
}

void td_study_results_free(td_study_result *results, const td_study *study)
{
    for (int i = 0; results && i < td_grid_point_count(study); i++)
        td_study_result_clear(&results[i]);
    td_free(results);
}
