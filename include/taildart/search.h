/** Floor 6: the bilevel search. */
#ifndef TAILDART_SEARCH_H
#define TAILDART_SEARCH_H

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

/** Options of eval. */
typedef struct {
    const char *checkpoint, *data;
    const char *logits, *confusion, *csv; /**< files to write, or NULL       */
    const char *part;                     /**< "test", "arch" or "weights"   */
    bool per_class;                       /**< whether to list the classes   */
    int batch, threads;                   /**< batch: images of a rank at once */
} td_eval_options;

/** Loss, top-1, balanced accuracy, calibration error, accuracy per group and class of a
 *  checkpoint's network with running statistics; the same digits on any number of
 *  ranks.
 *  Collective.  \param [in] options  rank 0; NULL on the others
 *  \return TD_CHECKPOINT when it is unreadable or its network does not fit the data,
 *  TD_DATA when the data are bad, or not those of the run where a half of it is asked
 *  for, TD_FAILED when a file cannot be written */
td_status td_eval_run(td_comm *world, const td_eval_options *options);

/** Whole steps on synthetic images, timed; a table or one JSON object on stdout.  Times
 *  are medians in seconds; images_per_second counts those of the weight half; the SGEMM
 *  peak is the sum over ranks, measured on all of them at once.
 *  Collective.  \param [in] settings  rank 0; NULL on the others
 *  \param [in] json  rank 0's counts */
td_status td_bench_run(td_comm *world, td_settings *settings, bool json);

#endif
