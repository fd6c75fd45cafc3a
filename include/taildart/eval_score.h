/* Loss and measures of a validation, summed over ranks. */
#ifndef TAILDART_EVAL_SCORE_H
#define TAILDART_EVAL_SCORE_H

#include "taildart/comm.h"
#include "taildart/objective_measures.h"

/* Sums over images, so that ranks can be added before any division. */
typedef struct {
    double loss;           /* Σ of the plain cross-entropy */
    td_measures *measures; /* owned                        */
} td_score;

/* \a confusion: whether measures keep the matrix. */
td_score *td_score_new(int classes, bool confusion);
void td_score_free(td_score *score);
void td_score_clear(td_score *score);

/* \a logits (n, classes). */
void td_score_add(td_score *score, const td_real *logits, const int32_t *labels, int n);

/* Add up the ranks.  Collective. */
void td_score_sum(td_score *score, td_comm *world);

/* Per image; NaN when there is none. */
double td_score_loss(const td_score *score);

#endif
