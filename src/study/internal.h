/* Functions shared by the files of this room. */
#ifndef TD_STUDY_INTERNAL_H
#define TD_STUDY_INTERNAL_H

#include "taildart/base_text.h"
#include "taildart/study_folder.h"

enum { TD_STUDY_BETWEEN_REPEATS = 1000 }; /* seeds of a training's repeats */

/* Check the rules of a study, and every override against the table of keys; set the
 * lengths of all runs and the control. */
td_status td_study_check(td_study *study);

/* The seed of a run: repeats of a training have seeds of their own, the same ones
 * whatever else there is. */
int64_t td_study_seed_of(const td_study *study, td_grid_point point,
                         td_study_step step);

/* Whether a run's config.yaml agrees with the study file as it is now. */
bool td_study_was_planned(const td_study *study, td_grid_point point,
                          td_study_step step, const char *config);

/* Whether a run's config.yaml names the study's data set. */
bool td_study_has_data(const td_study *study, td_grid_point point, td_study_step step,
                       const char *config);

bool td_study_is_random(const td_study_method *method);

#define TD_STUDY_IMBALANCE "imbalance-" /* prefix of a folder in the study's */

const td_study_result *td_study_result_of(const td_study *study,
                                          const td_study_result *results,
                                          td_grid_point point);

/* ---- statistics.c ------------------------------------------------------------ */

/* Make all measures unknown.  \param [out] values  (TD_STUDY_MEASURES) */
void td_study_clear_values(double *values);

/* Whether each training of a point has its own. */
bool td_study_is_of_training(td_study_measure measure);

/* Set the means over trainings, where all of these are done. */
void td_study_average(td_study_result *result, const td_study *study);

/* A measure of a point, NaN for unknown; \a results as td_study_rows has them. */
double td_study_value(const td_study *study, const td_study_result *results,
                      td_grid_point point, td_study_measure measure);

/* Summarise a measure of a point's method, setting and imbalance. */
td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results,
                                        td_grid_point point, td_study_measure measure);

/* Deviation of the balanced test accuracy between trainings of one cell with one set of
 * train.grid, pooled over seeds and sets; NaN without repeats. */
double td_study_repeat_sd(const td_study *study, const td_study_result *results,
                          td_grid_point point);

/* The best balanced test accuracy that a set has as a mean over seeds; NaN without any.
 * \param [out] best  the set, or -1 */
double td_study_best_set(const td_study *study, const td_study_result *results,
                         td_grid_point point, int *best);

/* ---- student.c --------------------------------------------------------------- */

/* The quantile of Student's t: P(T <= t) = \a probability, at least a half. */
double td_study_student(double probability, int freedom);

/* ---- differences.c ----------------------------------------------------------- */

enum { TD_STUDY_ALL = -1 }; /* blocks */

/* A block is one imbalance and setting. */
int td_study_block_count(const td_study *study);
int td_study_block_of(const td_study *study, td_grid_point point);

/* The first point of a block: method and seed 0. */
td_grid_point td_study_block_point(const td_study *study, int block);

/* A method to compare with the control, in a block or as a mean over all. */
typedef struct {
    int method, block;
    td_study_measure measure;
} td_study_pair;

/* Its difference to the control, over seeds: mean, deviation, number; the bootstrap's
 * interval of 95 % (percentiles), and what a paired t-test of that deviation and number
 * finds with power 0.8 at 0.05, two-sided.  NaN below two seeds. */
typedef struct {
    td_study_statistics of;
    double low, high, detectable;
} td_study_difference;

td_study_difference td_study_difference_of(const td_study *study,
                                           const td_study_result *results,
                                           td_study_pair pair);

/* The same of given differences, NaN for unknown. */
td_study_difference td_study_compare(const double *differences, int count);

/* The difference that n pairs whose differences have this deviation can show. */
double td_study_detectable(double sd, int n);

/* Deviation between seeds of the differences in balanced test accuracy, pooled over
 * methods; NaN where none has two.  \param [out] n  fewest seeds of a method */
double td_study_pooled_sd(const td_study *study, const td_study_result *results,
                          int block, int *n);

/* Mean rank of a method by balanced test accuracy, over the seeds for which all methods
 * are known. */
td_study_statistics td_study_rank(const td_study *study, const td_study_result *results,
                                  int method, int block);

/* ---- table.c ----------------------------------------------------------------- */

const char *td_study_measure_name(td_study_measure measure);

/* Write a number; an unknown one is an empty field. */
void td_study_write_number(td_text *text, double value);

/* Runs of a method, setting and imbalance. */
typedef struct {
    int done, failed;
} td_study_tally;

td_study_tally td_study_tally_of(const td_study *study, const td_study_result *results,
                                 td_grid_point point);

#endif
