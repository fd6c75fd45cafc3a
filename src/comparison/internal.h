/* Functions shared by the files of this room; results as td_study_rows() has them. */
#ifndef TD_COMPARISON_INTERNAL_H
#define TD_COMPARISON_INTERNAL_H

#include "taildart/base_text.h"
#include "taildart/comparison.h"

/* ---- statistics.c ------------------------------------------------------------ */

/* A measure of a point, NaN for unknown; \a results as td_study_rows has them. */
double td_study_value(const td_study *study, const td_study_result *results,
                      td_grid_point point, td_study_measure measure);

/* Summarise a measure of a point's method, setting and imbalance. */
td_study_statistics td_study_over_seeds(const td_study *study,
                                        const td_study_result *results,
                                        td_grid_point point, td_study_measure measure);

/* Summarise over seeds the balanced validation accuracy of an epoch of the search, from
 * 0; a seed that has not reached the epoch is unknown. */
td_study_statistics td_study_validation(const td_study *study,
                                        const td_study_result *results,
                                        td_grid_point point, int epoch);

/* Deviation of the balanced test accuracy between trainings of one cell with one set of
 * train.grid, pooled over seeds and sets; NaN without repeats. */
double td_study_repeat_sd(const td_study *study, const td_study_result *results,
                          td_grid_point point);

/* The balanced test accuracy, as a mean over seeds, of the set that does best on images
 * that trainings hold out: the test chooses nothing.  NaN where they hold none out.
 * \param [out] best  the set, or -1 */
double td_study_best_set(const td_study *study, const td_study_result *results,
                         td_grid_point point, int *best);

/* ---- figures.c --------------------------------------------------------------- */

const char *td_study_measure_name(td_study_measure measure);

/* The same for people, and the decimals that they get. */
const char *td_study_measure_title(td_study_measure measure);
int td_study_measure_decimals(td_study_measure measure);

/* Write a number; an unknown one is an empty field. */
void td_study_write_number(td_text *text, double value);

/* ---- student.c --------------------------------------------------------------- */

/* The quantile of Student's t: P(T <= t) = \a probability, at least a half. */
double td_study_student(double probability, int freedom);

/* ---- differences.c ----------------------------------------------------------- */

enum {
    TD_STUDY_ALL = -1, /* blocks, averaged  */
    TD_STUDY_EACH = -2 /* each on its own: td_study_pooled_sd() alone */
};

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

/* The difference of each seed, NaN where one of both is unknown.
 * \param [out] differences  (TD_STUDY_LIST) */
void td_study_seed_differences(const td_study *study, const td_study_result *results,
                               td_study_pair pair, double *differences);

td_study_difference td_study_difference_of(const td_study *study,
                                           const td_study_result *results,
                                           td_study_pair pair);

/* Whether a method has a row of differences: it is not the control, and neither is
 * excluded from the block. */
bool td_study_has_row(const td_study *study, int method, int block);

/* The same of given differences, NaN for unknown. */
td_study_difference td_study_compare(const double *differences, int count);

/* The difference that n pairs whose differences have this deviation can show. */
double td_study_detectable(double sd, int n);

/* Deviation between seeds of the differences in balanced test accuracy, pooled over
 * methods; NaN where none has two.  \param [out] n  fewest seeds of a method */
double td_study_pooled_sd(const td_study *study, const td_study_result *results,
                          int block, int *n);

/* Mean rank of a method by balanced test accuracy among those of which there are
 * results in the block, over the seeds for which all of these are known. */
td_study_statistics td_study_rank(const td_study *study, const td_study_result *results,
                                  int method, int block);

/* ---- markdown.c -------------------------------------------------------------- */

/* Write "3 seeds can show differences above 0.034 ...": what a reader should not look
 * below; of seeds that all say the same, what may be wrong.  It may break lines. */
void td_study_write_power(td_text *text, const td_study *study,
                          const td_study_result *results, int block);

/* ---- table.c ----------------------------------------------------------------- */

/* Runs of a method, setting and imbalance. */
typedef struct {
    int done, failed;
} td_study_tally;

/* What has become of a point, or of one of its trainings (NULL: of all): "done",
 * "failed", "trained", "searched", "missing". */
const char *td_study_state_of(const td_study_result *result,
                              const td_study_training *training);

td_study_tally td_study_tally_of(const td_study *study, const td_study_result *results,
                                 td_grid_point point);

#endif
