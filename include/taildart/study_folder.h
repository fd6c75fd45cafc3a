/** Floor 7: the folder of a study: what of a point is there. */
#ifndef TAILDART_STUDY_FOLDER_H
#define TAILDART_STUDY_FOLDER_H

#include "taildart/base_run_files.h"
#include "taildart/study.h"

TD_PUBLIC_BEGIN

/* ---- names of files in a point's folder ----------------------------------------- */

#define TD_STUDY_IMBALANCE "imbalance-" /**< prefix of a folder in the study's */
#define TD_STUDY_SEARCH_GENOTYPE "search/" TD_RUN_GENOTYPE
#define TD_STUDY_KEPT "study-file.yaml" /**< in the study's: the file itself       */
#define TD_STUDY_PAGE "study.html"      /**< there, too                            */
#define TD_STUDY_FAILURE TD_RUN_FAILURE /**< error of the point's last attempt       */

/* ---- points --------------------------------------------------------------------- */

/** Whether a step is done.  Not collective.  \param [in] started  it has just ended
 *  well; then the order in which its files were written does not matter */
bool td_study_is_done(const td_study *study, td_grid_point point, td_study_step step,
                      bool started);

/** Whether a network can be made of the cell that the trainings of a point take; one
 *  that cannot be read is left to who reads it.
 *  Not collective.  \return TD_USAGE with the cell that is empty */
td_status td_study_check_cell(const td_study *study, td_grid_point point);

/** Whether a training, if there is one, is of the search's present result: a search
 *  that was made longer may have found another cell since.  Not collective. */
bool td_study_trained_its_cell(const td_study *study, td_grid_point point,
                               td_study_step training);

/** Read all results of a point.  Not collective.  \return for
 *  td_study_result_clear */
td_study_result td_study_result_read(const td_study *study, td_grid_point point);

/** Release what a result holds.  Not collective. */
void td_study_result_clear(td_study_result *result);

/** Read the results of all points.  Not collective.
 *  \return (td_grid_point_count) for td_study_results_free */
td_study_result *td_study_results_read(const td_study *study);

/** Free them.  Not collective. */
void td_study_results_free(td_study_result *results, const td_study *study);

/* ---- what a study starts --------------------------------------------------------- */

/** The program named by `launch`.  Not collective.  \return for td_free; NULL
 *  without one */
char *td_study_launcher(const td_study *study);

TD_PUBLIC_END

#endif
