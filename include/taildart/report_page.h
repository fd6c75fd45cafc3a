/** Floor 6: a run, or several side by side, as one page of HTML.
 *
 *  The page needs nothing beside itself: no script, no font, no network; charts are
 *  inline SVG.  It is made of what a run directory holds and never touches it.
 */
#ifndef TAILDART_REPORT_PAGE_H
#define TAILDART_REPORT_PAGE_H

#include "taildart/checkpoint.h"
#include "taildart/genotype.h"
#include "taildart/store.h"

TD_PUBLIC_BEGIN

/** A run as the page shows it. */
typedef struct {
    char *name;                /**< owned: its directory as it was typed           */
    td_checkpoint *checkpoint; /**< owned                                          */
    td_metrics *rows;          /**< owned: (row_count) an epoch each               */
    int row_count;             /**< 0 before the first epoch has ended             */
    int unread;                /**< lines of metrics.csv that are no rows          */
    int epochs;                /**< that the run is to have; 0 where it is unknown */
    bool has_genotype;         /**< whether the next member is one                 */
    td_genotype genotype;      /**< the cell as the checkpoint has it              */
} td_report_run;

/** Read a run directory: its checkpoint (or the one before) and metrics.csv, in whose
 *  absence the checkpoint's rows serve.
 *  Not collective.  \param [out] run  for td_report_run_free; NULL on failure
 *  \return TD_CHECKPOINT naming directory or file, with the mend */
td_status td_report_run_read(td_report_run **run, const char *path);

/** Free a run and what it owns; NULL is fine.  Not collective. */
void td_report_run_free(td_report_run *run);

/** The page of \a count runs; charts of a kind share their axes.
 *  Not collective.  \return for td_free */
char *td_report_page(td_report_run *const *runs, int count);

TD_PUBLIC_END

#endif
