/* Freeing a study. */
#include "taildart/study.h"

static void clear_sets(td_study_sets *sets)
{
    for (int i = 0; i < sets->count; i++) {
        td_free(sets->set[i].key);
        td_free(sets->set[i].value);
    }
}

void td_study_free(td_study *study)
{
    if (!study)
        return;
    for (int i = 0; i < study->method_count; i++) {
        td_study_method *method = &study->methods[i];
        td_free(method->name);
        td_free(method->genotype);
        clear_sets(&method->sets[TD_STUDY_SEARCH]);
        clear_sets(&method->sets[TD_STUDY_TRAIN]);
    }
    clear_sets(&study->common[TD_STUDY_SEARCH]);
    clear_sets(&study->common[TD_STUDY_TRAIN]);
    td_free(study->file);
    td_free(study->out);
    td_free(study->data);
    td_free(study->launch);
    td_free(study);
}
