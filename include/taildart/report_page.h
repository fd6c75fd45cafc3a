/** Floor 6: a run, or several side by side, as one page of HTML.
 *
 *  The page is self-contained: no script, no font, no network; charts are inline SVG.
 *  It is made from a run directory, which it does not change.
 */
#ifndef TAILDART_REPORT_PAGE_H
#define TAILDART_REPORT_PAGE_H

#include "taildart/checkpoint.h"
#include "taildart/choice.h"
#include "taildart/config_stages.h"
#include "taildart/genotype.h"
#include "taildart/store_evaluations.h"
#include "taildart/store_starts.h"

TD_PUBLIC_BEGIN

/** A run as the page shows it. */
typedef struct {
    char *name;                /**< owned: its directory as it was typed           */
    td_checkpoint *checkpoint; /**< owned                                          */
    td_metrics *rows;          /**< owned: (row_count) an epoch each               */
    int row_count;             /**< 0 before the first epoch has ended             */
    int unread;                /**< lines of metrics.csv that are not rows         */
    td_start *starts;          /**< owned: (start_count), none of older versions   */
    int start_count;
    td_evaluation *evaluations; /**< owned: (evaluation_count)                     */
    int evaluation_count;
    int epochs;        /**< planned; 0 for unknown                         */
    int alpha_epochs;  /**< of these before a projection; 0: there is none  */
    td_choice_end end; /**< by search.stop                                 */
    td_search_stage stages[1 + TD_MOST_ROWS]; /**< of search.stages               */
    int stage_count;      /**< 0 for unknown                                  */
    bool has_genotype;    /**< whether the next member is set                 */
    td_genotype genotype; /**< the cell as the checkpoint has it              */
} td_report_run;

/** Read a run directory: its checkpoint (or the one before) and metrics.csv, or
 *  without that the checkpoint's rows.
 *  Not collective.  \param [out] run  for td_report_run_free; NULL on failure
 *  \return TD_CHECKPOINT naming directory or file, with the fix */
td_status td_report_run_read(td_report_run **run, const char *path);

/** Free a run and what it owns; NULL is fine.  Not collective. */
void td_report_run_free(td_report_run *run);

/** Write the page of \a count runs; charts of a kind share their axes.
 *  Not collective.  \return for td_free */
char *td_report_page(td_report_run *const *runs, int count);

TD_PUBLIC_END

#endif
