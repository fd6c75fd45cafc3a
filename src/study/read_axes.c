/* Reading of a study file: axes, and what `train` has beside keys. */
#include "read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_text.h"

/* ---- axes -------------------------------------------------------------------- */

static const td_study_key choice_keys[] = {
    { "name", td_study_read_text, offsetof(td_study_choice, name) },
    { "data", td_study_read_text, offsetof(td_study_choice, data) },
    { "search", td_study_read_sets, offsetof(td_study_choice, sets[TD_STUDY_SEARCH]) },
    { "train", td_study_read_sets, offsetof(td_study_choice, sets[TD_STUDY_TRAIN]) },
};

static td_status check_name(const td_study_reader *r, const yaml_node_t *node,
                            const td_study_axis *axis)
{
    const char *name = axis->choice[axis->count - 1].name;
    td_status status = td_study_check_name(r, node, axis->name, "choice", name);
    for (int i = 0; status == TD_OK && i < axis->count - 1; i++)
        if (strcmp(axis->choice[i].name, name) == 0)
            status = td_study_refuse(r, node, name,
                                     "two choices of the axis have this name");
    return status;
}

static td_status read_choice(const td_study_reader *r, const char *name,
                             const yaml_node_t *item)
{
    td_study_axis *axis = &r->study->axes[r->study->axis_count - 1];
    if (item->type != YAML_MAPPING_NODE)
        return td_study_refuse(r, item, name,
                               "a choice is {name: NAME, search: {...}, train: {...}}");
    if (axis->count == TD_STUDY_CHOICES)
        return td_study_refuse(r, item, name, "more than 16 choices");
    td_study_choice *choice = &axis->choice[axis->count++];
    choice->line = item->start_mark.line + 1;
    td_status status = td_study_read_map(
        r, name, item, choice_keys, sizeof choice_keys / sizeof *choice_keys, choice);
    return status == TD_OK ? check_name(r, item, axis) : status;
}

static td_status read_axis(const td_study_reader *r, const yaml_node_t *key,
                           const yaml_node_t *value)
{
    td_study *s = r->study;
    const char *name = td_study_scalar(key);
    if (!name || !td_text_is_name(name))
        return td_study_refuse(r, key, "axes", "an axis needs a plain name");
    if (strcmp(name, "method") == 0)
        return td_study_refuse(r, key, name,
                               "methods are no axis; choose another name");
    if (s->axis_count == TD_STUDY_AXES)
        return td_study_refuse(r, key, name, "more than 4 axes");
    s->axes[s->axis_count++].name = td_strdup(name);
    td_status status =
        td_study_read_list(r, name, value, read_choice, "an axis is a list of choices");
    if (status == TD_OK && s->axes[s->axis_count - 1].count == 0)
        status = td_study_refuse(r, key, name, "an axis without choices");
    return status;
}

td_status td_study_read_axes(const td_study_reader *r, const char *name,
                             const yaml_node_t *value, void *member)
{
    (void) member;
    if (value->type != YAML_MAPPING_NODE)
        return td_study_refuse(
            r, value, name, "it takes axes, as `supernet: [{name: wide, ...}, ...]`");
    r->study->axes = td_malloc(TD_STUDY_AXES * sizeof *r->study->axes);
    td_status status = TD_OK;
    const yaml_node_pair_t *pair = value->data.mapping.pairs.start;
    for (; status == TD_OK && pair < value->data.mapping.pairs.top; pair++)
        status = read_axis(r, yaml_document_get_node(r->document, pair->key),
                           yaml_document_get_node(r->document, pair->value));
    return status;
}

/* ---- trainings --------------------------------------------------------------- */

static td_status read_repeats(const td_study_reader *r, const td_study_set *set)
{
    enum { MOST = 64 };
    char *end;
    errno = 0;
    long value = strtol(set->value, &end, 10);
    if (errno != 0 || end == set->value || *end || value < 1 || value > MOST)
        return td_error(TD_USAGE,
                        "%s:%zu: train.repeats: found \"%s\"; accepted: a whole number "
                        "from 1 to %d",
                        r->study->file, set->line, set->value, MOST);
    r->study->repeats = (int) value;
    return TD_OK;
}

/* Take the values of a list, "[0.1, 0.025]", or one, apart. */
static td_status split_values(const td_study_reader *r, td_study_values *values,
                              const char *text)
{
    size_t length = strlen(text);
    bool is_list = text[0] == '[';
    const char *at = text + is_list, *end = text + length - is_list;
    while (at < end) {
        size_t n = strcspn(at, is_list ? "," : "");
        n = n < (size_t) (end - at) ? n : (size_t) (end - at);
        if (values->count == TD_STUDY_CHOICES)
            return td_error(TD_USAGE, "%s:%zu: train.grid: %s: more than 16 values",
                            r->study->file, values->line, values->key);
        values->value[values->count++] = td_format("%.*s", (int) n, at);
        at += n;
        at += strspn(at, ", ");
    }
    return TD_OK;
}

static td_status check_values(const td_study_reader *r, const td_study_values *values)
{
    const td_study *s = r->study;
    if (values->count == 0)
        return td_error(TD_USAGE, "%s:%zu: train.grid: %s: no values", s->file,
                        values->line, values->key);
    if (strcmp(values->key, "train.epochs") == 0)
        return td_error(TD_USAGE,
                        "%s:%zu: train.grid: trainings of different lengths do not "
                        "compare; set train.epochs beside the grid",
                        s->file, values->line);
    for (int i = 0; i < values->count; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(values->value[i], values->value[j]) == 0)
                return td_error(TD_USAGE, "%s:%zu: train.grid: %s: %s is there twice",
                                s->file, values->line, values->key, values->value[i]);
    return TD_OK;
}

/* As the table of keys spells it, so that 1e-2 and 0.01 are one set; what is no value
 * is refused where all runs are checked. */
static void spell(char **value, const char *key)
{
    char text[TD_TEXT_BYTES];
    td_settings *settings = td_settings_new(TD_FOR_TRAIN);
    if (td_settings_set(settings, key, *value, TD_ORIGIN_OPTION) == TD_OK) {
        td_settings_value(settings, key, text);
        td_free(*value);
        *value = td_strdup(text);
    }
    td_settings_free(settings);
}

static td_status add_values(const td_study_reader *r, const td_study_set *set)
{
    td_study *s = r->study;
    if (s->grid_count == TD_STUDY_AXES)
        return td_error(TD_USAGE, "%s:%zu: train.grid: more than 4 keys", s->file,
                        set->line);
    td_study_values *values = &s->grid[s->grid_count++];
    values->key = td_strdup(set->key + strlen("grid."));
    values->line = set->line;
    td_status status = split_values(r, values, set->value);
    for (int i = 0; status == TD_OK && i < values->count; i++)
        spell(&values->value[i], values->key);
    return status == TD_OK ? check_values(r, values) : status;
}

static bool is_grid(const td_study_set *set)
{
    return strncmp(set->key, "grid.", strlen("grid.")) == 0;
}

/* Take an entry of `train` that is no key of a training. */
static td_status take(const td_study_reader *r, const td_study_set *set, bool *taken)
{
    *taken = true;
    if (strcmp(set->key, "repeats") == 0)
        return read_repeats(r, set);
    if (is_grid(set))
        return add_values(r, set);
    *taken = false;
    return TD_OK;
}

td_status td_study_read_train(const td_study_reader *r, const char *name,
                              const yaml_node_t *value, void *member)
{
    td_study_sets *sets = member;
    td_status status = td_study_read_sets(r, name, value, sets);
    int kept = 0, i = 0;
    for (; status == TD_OK && i < sets->count; i++) {
        bool taken;
        status = take(r, &sets->set[i], &taken);
        if (taken) {
            td_free(sets->set[i].key);
            td_free(sets->set[i].value);
        } else
            sets->set[kept++] = sets->set[i];
    }
    for (; i < sets->count; i++) /* behind a failure: kept for td_study_free */
        sets->set[kept++] = sets->set[i];
    sets->count = kept;
    if (status == TD_OK && td_study_training_count(r->study) > TD_STUDY_TRAININGS)
        status = td_study_refuse(r, value, name,
                                 "repeats and grid come to more than 256 trainings of "
                                 "each cell");
    return status;
}
