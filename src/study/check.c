/* Checks of a study file. */
#include <string.h>

#include "internal.h"
#include "taildart/config_keys.h"
#include "taildart/genotype_find.h"
#include "taildart/plan_kind.h"

/* By stage: those that are runs. */
static const td_run_kind *const kinds[2] = { &td_run_search, &td_run_train };

bool td_study_is_random(const td_study_method *method)
{
    return method->genotype && strcmp(method->genotype, "random") == 0;
}

/* ---- overrides ------------------------------------------------------------------ */

/* Whether the study sets the key itself, by the point of the grid, its folder, its
 * data. */
static bool is_own(const char *key)
{
    static const char *const own[] = { "seed",    "data.path",      "data.imbalance",
                                       "run.out", "train.genotype", "run.resume" };
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

/* Set the keys of a method's stage as its command will. */
static td_status resolve(td_settings *settings, const td_study *study,
                         const td_study_method *method, int stage)
{
    td_status status = check_sets(settings, study, &study->common[stage], stage);
    if (status == TD_OK)
        status = check_sets(settings, study, &method->sets[stage], stage);
    if (status == TD_OK && td_settings_check(settings) != TD_OK)
        status = td_error(TD_USAGE, "%s:%zu: %s, %s: %s", study->file, method->line,
                          method->name, kinds[stage]->name, td_error_message());
    return status;
}

static td_status check_stage(const td_study *study, td_study_method *method, int stage)
{
    td_settings *settings = td_settings_new(kinds[stage]->command);
    td_status status = resolve(settings, study, method, stage);
    const td_config *config = td_settings_config(settings);
    method->epochs[stage] = config->search.epochs;
    if (stage == TD_STUDY_SEARCH)
        method->nodes = config->net.nodes;
    td_settings_free(settings);
    return status;
}

static td_status check_genotype(const td_study *study, const td_study_method *method)
{
    td_genotype unused;
    if (!method->genotype || td_study_is_random(method))
        return TD_OK;
    if (method->sets[TD_STUDY_SEARCH].count > 0)
        return td_error(TD_USAGE,
                        "%s:%zu: %s: search: nothing is searched where a genotype is "
                        "given; leave it out",
                        study->file, method->line, method->name);
    td_status status = td_genotype_find(&unused, method->genotype);
    return status == TD_OK
               ? status
               : td_error(TD_USAGE, "%s:%zu: %s: genotype: %s; or random", study->file,
                          method->line, method->name, td_error_message());
}

static td_status check_method(const td_study *study, td_study_method *method)
{
    td_status status = check_stage(study, method, TD_STUDY_SEARCH);
    if (status == TD_OK)
        status = check_stage(study, method, TD_STUDY_TRAIN);
    return status == TD_OK ? check_genotype(study, method) : status;
}

/* ---- the configuration of a run ------------------------------------------------- */

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
                          const td_study *study, td_grid_point point, int stage)
{
    td_status status = resolve(settings, study, &study->methods[point.method], stage);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
    set_own(settings, "seed", td_format("%lld", (long long) study->seeds[point.seed]));
    set_own(settings, "data.imbalance",
            td_format("%.17g", study->imbalances[point.imbalance]));
    copy_saved(settings, saved, "data.shards");
    if (kinds[stage]->given)
        copy_saved(settings, saved, "train.genotype");
    return td_settings_difference(settings, saved) == NULL;
}

bool td_study_was_planned(const td_study *study, td_grid_point point, int stage,
                          const char *config)
{
    TD_ASSERT(stage == TD_STUDY_SEARCH || stage == TD_STUDY_TRAIN);
    td_settings *settings = td_settings_new(kinds[stage]->command);
    td_settings *saved = td_settings_new(kinds[stage]->command);
    /* A file that cannot be read counts as planned. */
    bool planned = td_settings_read_file(saved, config) != TD_OK ||
                   is_as_planned(settings, saved, study, point, stage);
    td_settings_free(saved);
    td_settings_free(settings);
    return planned;
}

bool td_study_has_data(const td_study *study, int stage, const char *config)
{
    char value[TD_TEXT_BYTES];
    td_settings *saved = td_settings_new(kinds[stage]->command);
    bool same = true; /* also for a file that cannot be read */
    if (td_settings_read_file(saved, config) == TD_OK) {
        td_settings_value(saved, "data.path", value);
        same = strcmp(value, study->data) == 0;
    }
    td_settings_free(saved);
    return same;
}

/* ---- the rest ------------------------------------------------------------------- */

static td_status missing(const td_study *study, const char *what, const char *fix)
{
    return td_error(TD_USAGE, "%s: no %s; %s", study->file, what, fix);
}

static bool is_empty(const char *text)
{
    return !text || text[0] == '\0';
}

td_status td_study_check(td_study *study)
{
    td_status status = TD_OK;
    if (is_empty(study->out))
        return missing(study, "out",
                       "give the folder of the study, as out: runs/study");
    if (is_empty(study->data))
        return missing(study, "data", "give the data set, as data: cifar10.h5");
    if (study->seed_count == 0)
        return missing(study, "seeds", "give some, as seeds: [1, 2, 3]");
    if (study->imbalance_count == 0)
        return missing(study, "imbalance", "give some, as imbalance: [100]");
    if (study->method_count == 0)
        return missing(study, "methods", "give some, as methods: [{name: darts}]");
    for (int i = 0; status == TD_OK && i < study->method_count; i++)
        status = check_method(study, &study->methods[i]);
    return status;
}
