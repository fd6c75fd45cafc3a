/** Floor 7: a study carried out: the commands of its points run, one after the other as
 *  children, or side by side by crews of the ranks of one job. */
#ifndef TAILDART_CAMPAIGN_H
#define TAILDART_CAMPAIGN_H

#include "taildart/comm.h"
#include "taildart/study.h"

TD_PUBLIC_BEGIN

/** Options of a study. */
typedef struct {
    td_study_selection selection;
    const char *program; /**< the taildart to start              */
    bool dry_run;        /**< print the commands instead         */
} td_campaign_options;

/** Run what is missing in the selected points, then collect.  SIGTERM, SIGINT and
 *  SIGUSR2 ask the running child to save and stop (as SIGUSR2), and end the study.
 *  Not collective.  \return TD_FAILED when a run failed, TD_STOPPED, TD_USAGE */
td_status td_campaign_run(const td_study *study, const td_campaign_options *options);

/** Read every point; write study.csv, study-table.csv, study-table.md and study.gp, and
 *  study.svg where gnuplot is installed; study.html; the study file once more.
 *  Not collective.  \return TD_FAILED when a file cannot be written */
td_status td_campaign_collect(const td_study *study);

/** Run a command in this process, on the ranks of a crew.  Collective over the crew.
 *  \param [in] command  rank 0 of the crew; NULL on the others
 *  \return what would be its exit status, the same on every rank */
typedef td_status td_campaign_work(td_comm *crew, const td_study_command *command);

/** Split the world into crews of \a ranks_per_run, which take points from rank 0's
 *  list until none is left; then rank 0 collects.  A run that fails leaves its crew
 *  working; a signal to any rank lets all crews save and stop.
 *  Collective.  \param [in] study  the same on every rank
 *  \return as td_campaign_run, the same on every rank; TD_USAGE when the crews do not
 *  divide the world */
td_status td_campaign_share(td_comm *world, const td_study *study,
                            const td_campaign_options *options, int ranks_per_run,
                            td_campaign_work *work);

TD_PUBLIC_END

#endif
