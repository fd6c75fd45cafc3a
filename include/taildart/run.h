/** Floor 7: the life of a search and of a training. */
#ifndef TAILDART_RUN_H
#define TAILDART_RUN_H

#include "taildart/comm.h"
#include "taildart/config.h"

/** Run a search, or continue the one in run.out, to its end or to a stop.  Rank 0's
 *  settings are everybody's.  A start that is refused writes nothing.
 *  Collective.  \param [in] settings  rank 0; NULL on the others
 *  \return TD_OK, also for a run that was finished before; TD_STOPPED after SIGUSR2 or
 *  SIGTERM, everything saved; or what went wrong; the same on every rank */
td_status td_search_run(td_comm *world, td_settings *settings);

/** Shapes of the data, tail, steps, parameters and planned bytes of a search that is
 *  not run, for one rank.  Not collective.  \param [out] text for td_free; NULL on
 *  failure  \return TD_USAGE, TD_DATA as the search would */
td_status td_search_plan(td_settings *settings, char **text);

/** Train the network derived from train.genotype, or continue to: the same loop without
 *  architecture steps; what data.train_share sets aside is held out.
 *  Collective.  As td_search_run() */
td_status td_train_run(td_comm *world, td_settings *settings);

/** What td_search_plan() tells, of a training; train.genotype becomes its Python form.
 *  Not collective.  \return as td_search_plan() */
td_status td_train_plan(td_settings *settings, char **text);

#endif
