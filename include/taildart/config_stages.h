/** Floor 1: the stages of a search (P-DARTS: Chen, Xie, Wu, Tian 2019).
 *
 *  A search without search.stages has one.  Each begins with new weights and new
 *  architecture parameters, so what counts epochs of a learning course counts them from
 *  the beginning of the stage: schedules, warm-ups, frozen epochs, keys that end in
 *  _from and _until.  Draws, search.prune, search.stop and the rows of metrics.csv
 *  count those of the run.
 */
#ifndef TAILDART_CONFIG_STAGES_H
#define TAILDART_CONFIG_STAGES_H

#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** A stage as the keys define it. */
typedef struct {
    int number; /**< 0 of the first                                              */
    int first;  /**< its first epoch                                             */
    int epochs; /**< that it has within search.epochs; 0 where it never begins   */
    int cells;  /**< of its network                                              */
    int keep;   /**< most operations of an edge                                  */
    double skip_dropout; /**< of skip connections' numbers, at its beginning      */
} td_search_stage;

/** How many there are; 1 of a run that has none.  Not collective. */
int td_stage_count(const td_config *config);

/** Stage \a number.  Not collective. */
td_search_stage td_stage_of(const td_config *config, int number);

/** The stage of an epoch of the run.  Not collective. */
td_search_stage td_stage_at(const td_config *config, int64_t epoch);

/** Epochs of the longest stage: the most that a schedule sees.  Not collective. */
int td_stage_longest(const td_config *config);

/** An epoch of the run, counted from the beginning of its stage: what courses go by.
 *  In the epochs of a projection they rest at the last one of alphas.
 *  Not collective. */
int td_stage_epoch(const td_config *config, int64_t epoch);

TD_PUBLIC_END

#endif
