/* Freeing a study. */
#include "taildart/study.h"

static void clear_set(td_study_sets *sets)
{
    for (int i = 0; i < sets->count; i++) {
        td_free(sets->set[i].key);
        td_free(sets->set[i].value);
    }
}

static void clear_sets(td_study_sets sets[2])
{
    clear_set(&sets[TD_STUDY_SEARCH]);
    clear_set(&sets[TD_STUDY_TRAIN]);
}

static void clear_methods(td_study *study)
{
    for (int i = 0; i < study->method_count; i++) {
        td_free(study->methods[i].name);
        td_free(study->methods[i].genotype);
        clear_sets(study->methods[i].sets);
    }
}

static void clear_axes(td_study *study)
{
    for (int axis = 0; axis < study->axis_count; axis++) {
        td_free(study->axes[axis].name);
        for (int i = 0; i < study->axes[axis].count; i++) {
            td_free(study->axes[axis].choice[i].name);
            td_free(study->axes[axis].choice[i].data);
            clear_sets(study->axes[axis].choice[i].sets);
        }
    }
    td_free(study->axes);
}

static void clear_excluded(td_study *study)
{
    for (int i = 0; i < study->excluded_count; i++)
        clear_set(&study->excluded[i]);
    td_free(study->excluded);
}

static void clear_grid(td_study *study)
{
    for (int key = 0; key < study->grid_count; key++) {
        td_free(study->grid[key].key);
        for (int i = 0; i < study->grid[key].count; i++)
            td_free(study->grid[key].value[i]);
    }
}

void td_study_free(td_study *study)
{
    if (!study)
        return;
    clear_methods(study);
    clear_axes(study);
    clear_excluded(study);
    clear_grid(study);
    clear_sets(study->common);
    td_free(study->lengths);
    td_free(study->control_name);
    td_free(study->file);
    td_free(study->text);
    td_free(study->out);
    td_free(study->data);
    td_free(study->launch);
    td_free(study);
}
