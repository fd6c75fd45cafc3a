/** Floor 1: how long a projection is (DARTS-PT: Wang, Cheng, Chen, Tang, Hsieh 2021).
 *
 *  With search.discretise perturbation a search goes on behind search.epochs: decisions
 *  about its cell fall at ends of epochs, the first one at that of the last epoch of
 *  alphas, and between two of them lie search.tuning_epochs in which the weights alone
 *  learn.  So decision d falls at the end of epoch search.epochs − 1 +
 *  d·search.tuning_epochs, and what is left to decide follows from the epoch alone.
 */
#ifndef TAILDART_CONFIG_PROJECTION_H
#define TAILDART_CONFIG_PROJECTION_H

#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** Decisions about operations: one per edge of a cell.  Normal and reduction cell
 *  decide at once, one edge each.  0 without a projection.  Not collective. */
int td_projection_edges(const td_config *config);

/** All decisions: behind those about operations one for each node that has more than
 *  two inputs.  0 without a projection.  Not collective. */
int td_projection_decisions(const td_config *config);

/** Epochs of a run of either kind, with those of a projection.  Not collective. */
int td_config_epochs(const td_config *config);

/** Whether the weights alone learn in an epoch, counted from 0.  Not collective. */
bool td_projection_tunes(const td_config *config, int64_t epoch);

/** The decision that falls at the end of an epoch; −1: none.  Not collective. */
int td_projection_decision(const td_config *config, int64_t epoch);

/** Whether the last decision falls at the end of an epoch.  Not collective. */
bool td_projection_ends(const td_config *config, int64_t epoch);

/** Rules between the keys of a projection and others.
 *  Not collective.  \return TD_USAGE with the reason */
td_status td_projection_check(const td_config *config);

/** Whether a run that has done \a epochs under the keys \a saved may go on under \a
 *  config: the epoch at whose end a decision falls may not move behind it.
 *  Not collective.  \return TD_USAGE */
td_status td_projection_continues(const td_config *config, const td_config *saved,
                                  int64_t epochs);

TD_PUBLIC_END

#endif
