/** Floor 6: the bilevel search. */
#ifndef TAILDART_SEARCH_H
#define TAILDART_SEARCH_H

#include "taildart/config.h"
#include "taildart/dist.h"

/** Run a search, or continue the one in run.out, to its end or to a stop.  Rank 0's
 *  settings are everybody's.  Collective.
 *  \param [in] settings  rank 0; NULL on the others
 *  \return TD_OK, TD_STOPPED, or what went wrong, the same on every rank */
td_status td_search_run(td_dist *world, td_settings *settings);

/** Shapes of the data, parameters and planned bytes of a search that is not run.
 *  Not collective.  \param [out] text for td_free */
td_status td_search_plan(const td_settings *settings, char **text);

/** Options of eval. */
typedef struct {
    const char *checkpoint, *data, *logits; /**< logits: file to write, or NULL */
    const char *part;                       /**< "test", "arch" or "weights"    */
    int batch, threads;
} td_eval_options;

/** Loss, top-1, balanced accuracy and accuracy per class of a checkpoint's network with
 *  running statistics.  Collective.  \param [in] options  rank 0; NULL on the others */
td_status td_eval_run(td_dist *world, const td_eval_options *options);

/** Whole steps on synthetic images, timed; a table or one JSON object on stdout.
 *  Collective. */
td_status td_bench_run(td_dist *world, td_settings *settings, bool json);

#endif
