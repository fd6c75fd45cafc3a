/* Counting right answers class by class. */
#ifndef TD_SEARCH_SCORE_H
#define TD_SEARCH_SCORE_H

#include "taildart/dist.h"

/* Sums over images, so that ranks can be added before any division. */
typedef struct {
    int classes;
    double loss;      /* Σ of the plain cross-entropy                       */
    int64_t *correct; /* (classes) of those images, by their label          */
    int64_t *count;   /* (classes)                                          */
} td_score;

td_score *td_score_new(int classes);
void td_score_free(td_score *score);
void td_score_clear(td_score *score);

/* \a logits (n, classes). */
void td_score_add(td_score *score, const td_real *logits, const int32_t *labels, int n);

/* Add up the ranks.  Collective. */
void td_score_sum(td_score *score, td_dist *world);

/* Per image; NaN when there is none. */
double td_score_loss(const td_score *score);
double td_score_top1(const td_score *score);

/* Accuracy of one class; NaN when it has no image. */
double td_score_class(const td_score *score, int c);

/* Mean of the accuracies of the classes with \a least to \a most training images
 * \a counts (classes), of all if \a counts is NULL; NaN for an empty group. */
double td_score_group(const td_score *score, const int64_t *counts, int64_t least,
                      int64_t most);

#endif
