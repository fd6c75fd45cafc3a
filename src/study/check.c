/* Checks of a study file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_text.h"
#include "taildart/checkpoint_genotype.h"
#include "taildart/config_keys.h"
#include "taildart/config_nearest.h"
#include "taildart/config_projection.h"
#include "taildart/genotype_space.h"
#include "taildart/plan_kind.h"

/* By stage: those that are runs. */
static const td_run_kind *const kinds[2] = { &td_run_search, &td_run_train };

bool td_study_is_random(const td_study_method *method)
{
    return method->genotype && strcmp(method->genotype, "random") == 0;
}

/* ---- overrides --------------------------------------------------------------- */

/* Whether the study sets the key itself, by the point of the grid, its folder, its
 * data. */
static bool is_own(const char *key)
{
    static const char *const own[] = { "seed",      "data.path",      "data.imbalance",
                                       "run.out",   "train.genotype", "train.from",
                                       "run.resume" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], key) == 0)
            return true;
    return false;
}

static td_status check_set(td_settings *settings, const td_study *study,
                           const td_study_set *set, int stage)
{
    const td_key *key = td_key_find(set->key);
    if (is_own(set->key))
        return td_error(TD_USAGE, "%s:%zu: %s: the study sets it itself", study->file,
                        set->line, set->key);
    if (td_settings_set(settings, set->key, set->value, TD_ORIGIN_OPTION) != TD_OK)
        return td_error(TD_USAGE, "%s:%zu: %s", study->file, set->line,
                        td_error_message());
    TD_ASSERT(key);
    if (!(key->commands & (unsigned) kinds[stage]->command))
        return td_error(TD_USAGE, "%s:%zu: %s: %s does not read it", study->file,
                        set->line, set->key, kinds[stage]->name);
    return TD_OK;
}

static td_status check_sets(td_settings *settings, const td_study *study,
                            const td_study_sets *sets, int stage)
{
    td_status status = TD_OK;
    for (int i = 0; status == TD_OK && i < sets->count; i++)
        status = check_set(settings, study, &sets->set[i], stage);
    return status;
}

/* Set the keys of a point's run as its command will, but those of train.grid. */
static td_status set_keys(td_settings *settings, const td_study *study,
                          td_grid_point point, int stage)
{
    td_status status = check_sets(settings, study, &study->common[stage], stage);
    for (int axis = 0; status == TD_OK && axis < study->axis_count; axis++)
        status = check_sets(
            settings, study,
            &td_study_choice_of(study, point.setting, axis)->sets[stage], stage);
    if (status == TD_OK)
        status = check_sets(settings, study, &study->methods[point.method].sets[stage],
                            stage);
    return status;
}

static td_status set_grid(td_settings *settings, const td_study *study, int set)
{
    td_status status = TD_OK;
    for (int key = 0; status == TD_OK && key < study->grid_count; key++) {
        char *value = td_strdup(td_study_grid_value(study, set, key));
        td_study_set one = { study->grid[key].key, value, study->grid[key].line };
        status = check_set(settings, study, &one, TD_STUDY_TRAIN);
        td_free(value);
    }
    return status;
}

/* Whether keys go with each other; td_error_message() says why not. */
static bool is_sound(const td_settings *settings, td_study_stage stage)
{
    return td_settings_check(settings) == TD_OK &&
           (stage != TD_STUDY_SEARCH || td_space_check(settings) == TD_OK);
}

/* Say how a setting goes without a method that it has no use for. */
static void hint_exclude(const td_study *study, td_grid_point point)
{
    td_text names = { 0 };
    td_text_write(&names, "method: %s", study->methods[point.method].name);
    for (int axis = 0; axis < study->axis_count; axis++)
        td_text_write(&names, ", %s: %s", study->axes[axis].name,
                      td_study_choice_of(study, point.setting, axis)->name);
    td_error_hint("leave such points out, as exclude: [{%s}]", names.chars);
    td_free(names.chars);
}

/* All keys of a run, checked against each other. */
static td_status resolve(td_settings *settings, const td_study *study,
                         td_grid_point point, td_study_step step)
{
    td_status status = set_keys(settings, study, point, (int) step.stage);
    if (status == TD_OK && step.stage == TD_STUDY_TRAIN)
        status = set_grid(settings, study, td_study_set_of(study, step.training));
    if (status != TD_OK || is_sound(settings, step.stage))
        return status;
    const td_study_method *method = &study->methods[point.method];
    char *setting = td_study_setting_name(study, point.setting);
    status = td_error(TD_USAGE, "%s:%zu: %s%s%s, %s: %s", study->file, method->line,
                      setting, setting[0] ? ", " : "", method->name,
                      kinds[step.stage]->name, td_error_message());
    if (study->axis_count > 0)
        hint_exclude(study, point);
    td_free(setting);
    return status;
}

static td_status check_run(const td_study *study, td_grid_point point,
                           td_study_step step, td_study_lengths *lengths)
{
    td_settings *settings = td_settings_new(kinds[step.stage]->command);
    td_status status = resolve(settings, study, point, step);
    const td_config *config = td_settings_config(settings);
    lengths->epochs[step.stage] = td_config_epochs(config);
    if (step.stage == TD_STUDY_SEARCH) {
        lengths->nodes = config->net.nodes;
        snprintf(lengths->operations, sizeof lengths->operations, "%s",
                 config->net.operations);
    }
    td_settings_free(settings);
    return status;
}

/* Check the search and every set of values of the training. */
static td_status check_runs(const td_study *study, td_grid_point point,
                            td_study_lengths *lengths)
{
    td_study_step step = { TD_STUDY_SEARCH, 0 };
    td_status status = check_run(study, point, step, lengths);
    step.stage = TD_STUDY_TRAIN;
    for (; status == TD_OK && step.training < td_study_training_count(study);
         step.training += study->repeats)
        status = check_run(study, point, step, lengths);
    return status;
}

static td_status check_genotype(const td_study *study, const td_study_method *method)
{
    td_genotype given;
    if (!method->genotype || td_study_is_random(method))
        return TD_OK;
    if (method->sets[TD_STUDY_SEARCH].count > 0)
        return td_error(TD_USAGE,
                        "%s:%zu: %s: search: nothing is searched where a genotype is "
                        "given; leave it out",
                        study->file, method->line, method->name);
    td_status status = td_checkpoint_find_genotype(&given, method->genotype);
    if (status == TD_OK)
        status = td_genotype_check(&given);
    return status == TD_OK
               ? status
               : td_error(TD_USAGE, "%s:%zu: %s: genotype: %s; or random", study->file,
                          method->line, method->name, td_error_message());
}

static td_status check_method(const td_study *study, int method)
{
    td_status status = TD_OK;
    for (int setting = 0; status == TD_OK && setting < td_study_setting_count(study);
         setting++) {
        td_grid_point point = { .method = method, .setting = setting };
        if (td_study_is_excluded(study, point))
            continue;
        status = check_runs(study, point,
                            &study->lengths[setting * study->method_count + method]);
    }
    return status == TD_OK ? check_genotype(study, &study->methods[method]) : status;
}

/* ---- the configuration of a run ---------------------------------------------- */

static void set_own(td_settings *settings, const char *key, char *value)
{
    td_status status = td_settings_set(settings, key, value, TD_ORIGIN_OPTION);
    TD_CHECK(status == TD_OK, "a study's own key: %s", td_error_message());
    td_free(value);
}

/* Copy a saved value that a run chooses itself. */
static void copy_saved(td_settings *settings, const td_settings *saved, const char *key)
{
    char value[TD_TEXT_BYTES];
    td_settings_value(saved, key, value);
    td_status status = td_settings_set(settings, key, value, TD_ORIGIN_OPTION);
    TD_CHECK(status == TD_OK, "a saved key: %s", td_error_message());
}

static bool is_as_planned(td_settings *settings, const td_settings *saved,
                          const td_study *study, td_grid_point point,
                          td_study_step step)
{
    td_status status = resolve(settings, study, point, step);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
    set_own(settings, "seed",
            td_format("%lld", (long long) td_study_seed_of(study, point, step)));
    set_own(settings, "data.imbalance", td_study_imbalance_text(study, point));
    copy_saved(settings, saved, "data.shards");
    if (kinds[step.stage]->given)
        copy_saved(settings, saved, "train.genotype");
    return td_settings_difference(settings, saved) == NULL;
}

bool td_study_was_planned(const td_study *study, td_grid_point point,
                          td_study_step step, const char *config)
{
    TD_ASSERT(step.stage == TD_STUDY_SEARCH || step.stage == TD_STUDY_TRAIN);
    td_settings *settings = td_settings_new(kinds[step.stage]->command);
    td_settings *saved = td_settings_new(kinds[step.stage]->command);
    /* A file that cannot be read counts as planned. */
    bool planned = td_settings_read_file(saved, config) != TD_OK ||
                   is_as_planned(settings, saved, study, point, step);
    td_settings_free(saved);
    td_settings_free(settings);
    return planned;
}

bool td_study_has_data(const td_study *study, td_grid_point point, td_study_step step,
                       const char *config)
{
    char value[TD_TEXT_BYTES];
    td_settings *saved = td_settings_new(kinds[step.stage]->command);
    bool same = true; /* also for a file that cannot be read */
    if (td_settings_read_file(saved, config) == TD_OK) {
        td_settings_value(saved, "data.path", value);
        same = strcmp(value, td_study_data_of(study, point.setting)) == 0;
    }
    td_settings_free(saved);
    return same;
}

/* ---- the rest ---------------------------------------------------------------- */

static td_status missing(const td_study *study, const char *what, const char *fix)
{
    return td_error(TD_USAGE, "%s: no %s; %s", study->file, what, fix);
}

static bool is_empty(const char *text)
{
    return !text || text[0] == '\0';
}

/* Either the study names the data set, or every choice of one axis does. */
static td_status check_data_names(const td_study *study)
{
    int named = 0;
    for (int axis = 0; axis < study->axis_count; axis++) {
        const td_study_axis *a = &study->axes[axis];
        int count = 0;
        for (int i = 0; i < a->count; i++)
            count += !is_empty(a->choice[i].data);
        if (count > 0 && count < a->count)
            return td_error(TD_USAGE,
                            "%s:%zu: axis %s: some choices name data and some do not; "
                            "give all of them one",
                            study->file, a->choice[0].line, a->name);
        named += count > 0;
    }
    if (named > 1)
        return td_error(TD_USAGE, "%s: two axes name data; let one do it", study->file);
    if (named == 1 && study->data)
        return td_error(TD_USAGE,
                        "%s: data: \"%s\", but the choices of an axis name data, too; "
                        "leave one out",
                        study->file, study->data);
    if (named == 0 && is_empty(study->data))
        return missing(study, "data", "give the data set, as data: cifar10.h5");
    return TD_OK;
}

static td_status find_control(td_study *study)
{
    const char *names[TD_STUDY_LIST];
    study->control = 0;
    if (!study->control_name)
        return TD_OK;
    for (int i = 0; i < study->method_count; i++) {
        names[i] = study->methods[i].name;
        study->control = i;
        if (strcmp(names[i], study->control_name) == 0)
            return TD_OK;
    }
    return td_refuse_word(TD_USAGE, study->control_name, names, study->method_count,
                          "%s: control: no method is called \"%s\"", study->file,
                          study->control_name);
}

/* A key of the grid that a method sets, too, would be set in vain there. */
static td_status check_grid_alone(const td_study *study, const td_study_sets *sets,
                                  const char *name)
{
    for (int key = 0; key < study->grid_count; key++)
        for (int i = 0; i < sets->count; i++)
            if (strcmp(sets->set[i].key, study->grid[key].key) == 0)
                return td_error(TD_USAGE,
                                "%s:%zu: %s, train: %s: train.grid sets it for all "
                                "trainings; leave one out",
                                study->file, sets->set[i].line, name, sets->set[i].key);
    return TD_OK;
}

static td_status check_grid(const td_study *study)
{
    td_status status = TD_OK;
    for (int i = 0; status == TD_OK && i < study->method_count; i++)
        status = check_grid_alone(study, &study->methods[i].sets[TD_STUDY_TRAIN],
                                  study->methods[i].name);
    for (int axis = 0; axis < study->axis_count; axis++)
        for (int i = 0; status == TD_OK && i < study->axes[axis].count; i++)
            status = check_grid_alone(study,
                                      &study->axes[axis].choice[i].sets[TD_STUDY_TRAIN],
                                      study->axes[axis].choice[i].name);
    return status;
}

/* Of two axes that set one key the later would win without a word. */
static td_status check_pair(const td_study *study, const td_study_choice *a,
                            const td_study_choice *b, int stage)
{
    for (int i = 0; i < a->sets[stage].count; i++)
        for (int j = 0; j < b->sets[stage].count; j++)
            if (strcmp(a->sets[stage].set[i].key, b->sets[stage].set[j].key) == 0)
                return td_error(TD_USAGE,
                                "%s:%zu: %s, %s: %s: %s of another axis sets it, too; "
                                "leave one out",
                                study->file, b->sets[stage].set[j].line, b->name,
                                kinds[stage]->name, b->sets[stage].set[j].key, a->name);
    return TD_OK;
}

static td_status check_axes(const td_study *study, const td_study_axis *a,
                            const td_study_axis *b)
{
    td_status status = TD_OK;
    for (int i = 0; i < a->count; i++)
        for (int j = 0; j < b->count; j++)
            for (int stage = 0; status == TD_OK && stage < 2; stage++)
                status = check_pair(study, &a->choice[i], &b->choice[j], stage);
    return status;
}

static td_status check_all_axes(const td_study *study)
{
    td_status status = TD_OK;
    for (int b = 0; b < study->axis_count; b++)
        for (int a = 0; status == TD_OK && a < b; a++)
            status = check_axes(study, &study->axes[a], &study->axes[b]);
    return status;
}

/* Repeats have seeds of their own, which no other point may have. */
static td_status check_seeds(const td_study *study)
{
    for (int a = 0; a < study->seed_count; a++)
        for (int b = 0; b < a; b++) {
            int64_t apart = llabs(study->seeds[a] - study->seeds[b]);
            if (apart % TD_STUDY_BETWEEN_REPEATS == 0 &&
                apart / TD_STUDY_BETWEEN_REPEATS < study->repeats)
                return td_error(TD_USAGE,
                                "%s: seeds: %lld and %lld: repeats of a training take "
                                "its seed and %d, %d, ... more, so both would be "
                                "trained alike; choose others",
                                study->file, (long long) study->seeds[b],
                                (long long) study->seeds[a], TD_STUDY_BETWEEN_REPEATS,
                                2 * TD_STUDY_BETWEEN_REPEATS);
        }
    return TD_OK;
}

static td_status check_lists(const td_study *study)
{
    if (is_empty(study->out))
        return missing(study, "out",
                       "give the folder of the study, as out: runs/study");
    if (study->seed_count == 0)
        return missing(study, "seeds", "give some, as seeds: [1, 2, 3]");
    if (study->imbalance_count == 0)
        return missing(study, "imbalance", "give some, as imbalance: [100]");
    if (study->method_count == 0)
        return missing(study, "methods", "give some, as methods: [{name: darts}]");
    td_status status = check_data_names(study);
    if (status == TD_OK)
        status = check_seeds(study);
    if (status == TD_OK)
        status = check_all_axes(study);
    if (status == TD_OK)
        status = td_study_check_exclude(study);
    return status == TD_OK ? check_grid(study) : status;
}

td_status td_study_check(td_study *study)
{
    td_status status = check_lists(study);
    if (status == TD_OK)
        status = find_control(study);
    if (status != TD_OK)
        return status;
    study->lengths = td_malloc((size_t) td_study_setting_count(study) *
                               (size_t) study->method_count * sizeof *study->lengths);
    for (int i = 0; status == TD_OK && i < study->method_count; i++)
        status = check_method(study, i);
    return status;
}
