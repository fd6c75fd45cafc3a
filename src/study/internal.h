/* Functions shared by the files of this room. */
#ifndef TD_STUDY_INTERNAL_H
#define TD_STUDY_INTERNAL_H

#include "taildart/study_folder.h"

/* Check the rules of a study, and every override against the table of keys; set epochs
 * and nodes of the methods. */
td_status td_study_check(td_study *study);

/* Whether a run's config.yaml agrees with the study file as it is now. */
bool td_study_was_planned(const td_study *study, td_grid_point point, int stage,
                          const char *config);

/* Whether a run's config.yaml names the study's data set. */
bool td_study_has_data(const td_study *study, int stage, const char *config);

bool td_study_is_random(const td_study_method *method);

#define TD_STUDY_IMBALANCE "imbalance-" /* prefix of a folder in the study's */

/* ---- statistics over seeds --------------------------------------------------- */

/* Summarise a measure of a method at an imbalance; \a results as td_study_rows. */
td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results, int method,
                                        int imbalance, td_study_measure measure);

const td_study_result *td_study_result_of(const td_study *study,
                                          const td_study_result *results,
                                          td_grid_point point);

#endif
