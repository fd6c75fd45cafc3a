/* Functions shared by the files of this room. */
#ifndef TD_STUDY_INTERNAL_H
#define TD_STUDY_INTERNAL_H

#include "taildart/study_folder.h"

enum { TD_STUDY_BETWEEN_REPEATS = 1000 }; /* seeds of a training's repeats */

/* Check the rules of a study, and every override against the table of keys; set the
 * lengths of all runs and the control. */
td_status td_study_check(td_study *study);

/* Check that `exclude` names axes, choices and methods of the study, and leaves some
 * point of it. */
td_status td_study_check_exclude(const td_study *study);

/* The seed of a run: repeats of a training have seeds of their own, the same ones
 * whatever else there is. */
int64_t td_study_seed_of(const td_study *study, td_grid_point point,
                         td_study_step step);

/* The value of data.imbalance at a point.  \return for td_free */
char *td_study_imbalance_text(const td_study *study, td_grid_point point);

/* Whether a run's config.yaml agrees with the study file as it is now. */
bool td_study_was_planned(const td_study *study, td_grid_point point,
                          td_study_step step, const char *config);

/* Whether a run's config.yaml names the study's data set. */
bool td_study_has_data(const td_study *study, td_grid_point point, td_study_step step,
                       const char *config);

bool td_study_is_random(const td_study_method *method);

#endif
