/** Floor 7: what a run asks of the images that are held out, at the end of an epoch:
 *  how good the network is, which of some cells is best, how curved the loss is. */
#ifndef TAILDART_JUDGE_H
#define TAILDART_JUDGE_H

#include "taildart/comm.h"
#include "taildart/eval_score.h"
#include "taildart/sampling_source.h"
#include "taildart/step.h"

TD_PUBLIC_BEGIN

/** The network after an epoch, and the images that this rank judges it by: those of its
 *  shards of the architecture half.  All is borrowed. */
typedef struct {
    td_comm *world;
    const td_config *config;
    const td_step_rates *rates; /**< of the epoch */
    int64_t epoch;
    td_stepper *stepper;
    td_search_state *state;
    td_image_store *images;
    const td_data_info *info;
    const td_selection *selection;
    int shards, first_shard, shard_count; /**< of the run, of this rank     */
    int batch;                            /**< images that a rank computes at once */
    int64_t most; /**< images of all ranks, out of all classes; 0: the whole half */
} td_judge;

/** How many of \a images images of a half, from index \a first on, are among \a most of
 *  its \a count: evenly many.  Not collective. */
static inline int64_t td_judge_asked(int64_t first, int64_t images, int64_t most,
                                     int64_t count)
{
    return (first + images) * most / count - first * most / count;
}

/** Judge the architecture half without augmentation, with running statistics.
 *  Collective.  \param [out] score  of all ranks
 *  \param [out] is_whole  false when a request to stop came meanwhile: it is not in the
 *  score, and is done again by the run that continues
 *  \return TD_DATA where images cannot be read */
td_status td_judge_network(const td_judge *judge, td_score *score, bool *is_whole);

/** Choose the cell of search.method random that the state is to stand for at the end of
 *  the epoch: one drawn, in the last epoch the best of search.samples.
 *  Collective.  \param [out] score, is_whole  td_judge_network() of that cell */
td_status td_judge_cells(const td_judge *judge, td_score *score, bool *is_whole);

/** Find the largest eigenvalue of the Hessian of the held-out loss by the alphas, by
 *  one batch for all epochs whose images are spread evenly over the shards.
 *  Collective.  \param [out] eigenvalue  NaN where search.stop does not want it after
 *  this epoch */
td_status td_judge_curvature(const td_judge *judge, double *eigenvalue);

TD_PUBLIC_END

#endif
