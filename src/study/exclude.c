/* Points that a study leaves out: combinations that make no sense, or are not asked. */
#include <string.h>

#include "read.h"
#include "taildart/config_nearest.h"

static const char method_word[] = "method";

/* ---- reading ----------------------------------------------------------------- */

static td_status read_item(const td_study_reader *r, const char *name,
                           const yaml_node_t *item)
{
    td_study *s = r->study;
    if (item->type != YAML_MAPPING_NODE ||
        item->data.mapping.pairs.start == item->data.mapping.pairs.top)
        return td_study_refuse(r, item, name,
                               "an item is {method: NAMES, AXIS: CHOICES, ...}");
    if (s->excluded_count == TD_STUDY_LIST)
        return td_study_refuse(r, item, name, "more than 64 of them");
    return td_study_read_sets(r, name, item, &s->excluded[s->excluded_count++]);
}

td_status td_study_read_exclude(const td_study_reader *r, const char *name,
                                const yaml_node_t *value, void *member)
{
    (void) member;
    if (!r->study->excluded)
        r->study->excluded = td_malloc(TD_STUDY_LIST * sizeof *r->study->excluded);
    return td_study_read_list(r, name, value, read_item,
                              "it takes a list: [{method: NAMES, AXIS: CHOICES}, ...]");
}

/* ---- lists of names ------------------------------------------------------------ */

/* The length of the next name of "NAME" or "[NAME, NAME]", and where it begins; 0
 * behind the last one. */
static size_t next_name(const char **at)
{
    static const char between[] = "[], ";
    *at += strspn(*at, between);
    return strcspn(*at, between);
}

static bool is_in(const char *list, const char *name)
{
    size_t length;
    for (; (length = next_name(&list)) > 0; list += length)
        if (length == strlen(name) && strncmp(list, name, length) == 0)
            return true;
    return false;
}

/* ---- names, once the whole file is read ---------------------------------------- */

/* What an item may name, and the names of an axis or of methods. */
typedef struct {
    const char *what;
    const char *names[TD_STUDY_LIST];
    int count;
} name_list;

static name_list places_of(const td_study *study)
{
    name_list list = { "axis", { method_word }, 1 };
    for (int axis = 0; axis < study->axis_count; axis++)
        list.names[list.count++] = study->axes[axis].name;
    return list;
}

/* \param place  0 for methods, 1 for the first axis */
static name_list names_of(const td_study *study, int place)
{
    name_list list = { place == 0 ? method_word : "choice", { NULL }, 0 };
    if (place == 0)
        for (; list.count < study->method_count; list.count++)
            list.names[list.count] = study->methods[list.count].name;
    else
        for (; list.count < study->axes[place - 1].count; list.count++)
            list.names[list.count] = study->axes[place - 1].choice[list.count].name;
    return list;
}

/* Find a name.  \param [out] number  of it in the list */
static td_status find(int *number, const td_study *study, const td_study_set *set,
                      const name_list *list, const char *name)
{
    for (*number = 0; *number < list->count; ++*number)
        if (strcmp(list->names[*number], name) == 0)
            return TD_OK;
    return td_refuse_word(TD_USAGE, name, list->names, list->count,
                          "%s:%zu: exclude: no %s is called \"%s\"", study->file,
                          set->line, list->what, name);
}

static td_status check_set(const td_study *study, const td_study_set *set)
{
    name_list places = places_of(study), names;
    int place, number;
    td_status status = find(&place, study, set, &places, set->key);
    if (status != TD_OK)
        return status;
    names = names_of(study, place);
    size_t length;
    const char *at = set->value;
    for (; status == TD_OK && (length = next_name(&at)) > 0; at += length) {
        char *name = td_format("%.*s", (int) length, at);
        status = find(&number, study, set, &names, name);
        td_free(name);
    }
    return status;
}

static bool leaves_something(const td_study *study)
{
    td_grid_point point = { 0 };
    for (; point.setting < td_study_setting_count(study); point.setting++)
        for (point.method = 0; point.method < study->method_count; point.method++)
            if (!td_study_is_excluded(study, point))
                return true;
    return false;
}

td_status td_study_check_exclude(const td_study *study)
{
    td_status status = TD_OK;
    for (int i = 0; i < study->excluded_count; i++)
        for (int j = 0; status == TD_OK && j < study->excluded[i].count; j++)
            status = check_set(study, &study->excluded[i].set[j]);
    if (status == TD_OK && !leaves_something(study))
        status = td_error(TD_USAGE, "%s: exclude: it leaves no point of the study",
                          study->file);
    return status;
}

/* ---- points -------------------------------------------------------------------- */

static const char *name_at(const td_study *study, td_grid_point point, const char *key)
{
    for (int axis = 0; axis < study->axis_count; axis++)
        if (strcmp(study->axes[axis].name, key) == 0)
            return td_study_choice_of(study, point.setting, axis)->name;
    return study->methods[point.method].name;
}

static bool names_point(const td_study_sets *item, const td_study *study,
                        td_grid_point point)
{
    for (int i = 0; i < item->count; i++)
        if (!is_in(item->set[i].value, name_at(study, point, item->set[i].key)))
            return false;
    return true;
}

bool td_study_is_excluded(const td_study *study, td_grid_point point)
{
    TD_ASSERT(point.method < study->method_count);
    for (int i = 0; i < study->excluded_count; i++)
        if (names_point(&study->excluded[i], study, point))
            return true;
    return false;
}
