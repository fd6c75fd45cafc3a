/** Floor 7: methods of a study compared: means and deviations over seeds, ranks,
 *  differences to a control, and the files that show them.  Nothing here is
 *  collective. */
#ifndef TAILDART_COMPARISON_H
#define TAILDART_COMPARISON_H

#include "taildart/study.h"

TD_PUBLIC_BEGIN

/** Of the values that are not NaN: without any, numbers are NaN. */
typedef struct {
    double mean, sd;  /**< of a sample: NaN below two */
    double low, high; /**< the range */
    int n;            /**< how many */
} td_study_statistics;

/** Summarise those of \a n values that are not NaN.  Not collective. */
td_study_statistics td_study_summarise(const double *values, int n);

/** Write one row a training of a point.
 *  Not collective.  \param [in] results (td_grid_point_count)
 *  \return CSV for td_free */
char *td_study_rows(const td_study *study, const td_study_result *results);

/** Write one row per method, setting and imbalance: each measure with its deviation and
 *  number; unknown ones are empty.  Not collective.  \return CSV for td_free */
char *td_study_table(const td_study *study, const td_study_result *results);

/** Write what a method differs by from the control, seed by seed, in each measure of
 *  accuracy: one row per method, setting and imbalance, and one over all of them.
 *  Not collective.  \return CSV for td_free */
char *td_study_differences(const td_study *study, const td_study_result *results);

/** Write tables and differences as Markdown; unknown ones are n/a.  Not collective.
 *  \return for td_free */
char *td_study_markdown(const td_study *study, const td_study_result *results);

/** Write a gnuplot script that holds its data and draws study.svg: balanced test
 *  accuracy of each method, and validation over the epochs of the search.
 *  Not collective.  \return for td_free */
char *td_study_plot(const td_study *study, const td_study_result *results);

/** Write the page of a study: a table, each method's seeds as dots with their spread,
 *  differences to the control with what the seeds can show, curves of the searches,
 *  points that are not done.
 *  Not collective.  \return HTML for td_free */
char *td_study_page(const td_study *study, const td_study_result *results);

/** Write the study file once more, for a page that is asked for without it.
 *  Not collective.  \param [in] results  is not read  \return YAML for td_free */
char *td_study_kept(const td_study *study, const td_study_result *results);

/* ---- the files ------------------------------------------------------------------- */

/** A file of the study; one of its name that does not begin so, with these words near
 *  its beginning, is not a study's. */
typedef struct {
    const char *name;
    char *(*text)(const td_study *study,
                  const td_study_result *results); /**< or NULL */
    const char *begin, *within;
} td_study_output;

/** Those with a text first; a row without a name is the end. */
extern const td_study_output td_study_outputs[];

/** Whether a study makes a file or folder of this name in its folder.
 *  Not collective. */
bool td_study_wrote(const char *name);

/** Refuse, before any work, to replace files that are not a study's by the study's.
 *  Not collective.  \return TD_USAGE naming the file */
td_status td_study_check_outputs(const td_study *study);

TD_PUBLIC_END

#endif
