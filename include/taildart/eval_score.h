/** Floor 7: loss and measures of a validation, summed over ranks. */
#ifndef TAILDART_EVAL_SCORE_H
#define TAILDART_EVAL_SCORE_H

#include "taildart/comm.h"
#include "taildart/objective.h"
#include "taildart/objective_measures.h"

TD_PUBLIC_BEGIN

/** Sums over images, added over ranks before any division. */
typedef struct {
    int64_t loss;    /**< Σ of the plain cross-entropy, in units of 2⁻²⁴        */
    double far_loss; /**< what is too large for such units, or no number        */
    td_loss *form;   /**< owned: that cross-entropy                             */
    td_measures *measures; /**< owned                                                 */
} td_score;

/** Allocate sums of no image.  Not collective.
 *  \param [in] confusion  whether measures keep the matrix
 *  \return for td_score_free */
td_score *td_score_new(int classes, bool confusion);

/** Release the sums; NULL is fine.  Not collective. */
void td_score_free(td_score *score);

/** Reset to no image.  Not collective. */
void td_score_clear(td_score *score);

/** Add \a n images.  Not collective.
 *  \param [in] logits (n, classes)  \param [in] labels (n) */
void td_score_add(td_score *score, const td_real *logits, const int32_t *labels, int n);

/** Add up the sums of all ranks, on all ranks.  Collective. */
void td_score_sum(td_score *score, td_comm *world);

/** Mean loss of an image; NaN when there is none.  Not collective. */
double td_score_loss(const td_score *score);

TD_PUBLIC_END

#endif
