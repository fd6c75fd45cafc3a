/** Floor 7: evaluation of a network on images that it was not trained on. */
#ifndef TAILDART_EVAL_H
#define TAILDART_EVAL_H

#include "taildart/comm.h"

TD_PUBLIC_BEGIN

/** Options of eval. */
typedef struct {
    const char *checkpoint; /**< a file, or the directory of a run           */
    const char *data;       /**< "" or NULL: the one that the run names      */
    const char *logits, *confusion, *csv; /**< files to write, or NULL       */
    const char *part;                     /**< "test", "held-out" (or "arch") or
                                               "train" (or "weights")        */
    int top; /**< largest logits that count for top-k accuracy, or 0: not asked */
    const char *adjust;   /**< taus of logit adjustment, with commas; or NULL */
    const char *tau_norm; /**< tau of the classifier's rows; or NULL          */
    bool per_class;       /**< whether to list the classes   */
    int batch, threads;   /**< batch: images of a rank at once */
    double timeout;       /**< dist.timeout_seconds                                 */
} td_eval_options;

/** Compute loss, top-1, top-k and balanced accuracy, macro F1, calibration error,
 *  accuracy per group and class of a checkpoint's network with running statistics; the
 *  same digits on any number of ranks.  On request of adjusted logits
 *  (td_adjust_logits), or of a classifier with divided rows (td_tau_normalise).
 *  Collective.  \param [in] options  rank 0; NULL on the others
 *  \return TD_CHECKPOINT when it is unreadable or its network does not fit the data,
 *  TD_DATA when the data are bad, or not those of the run where a half of it is asked
 *  for, TD_FAILED when a file cannot be written, TD_STOPPED between two batches when
 *  that was asked for (td_signals_begin) */
td_status td_eval_run(td_comm *world, const td_eval_options *options);

TD_PUBLIC_END

#endif
