/** Floor 2: losses and class weights. */
#ifndef TAILDART_OBJECTIVE_H
#define TAILDART_OBJECTIVE_H

#include "taildart/config.h"

/** One over the effective number of \a n images, 1 or more: (1-beta)/(1-beta^n) with
 *  beta 0.9999 (Cui et al. 2019, section 4).  Not collective. */
double td_effective_weight(double n);

/** Class weights with mean 1 over the classes present: inverse 1/n,
 *  inverse_sqrt 1/sqrt(n), effective (1-beta)/(1-beta^n) with beta 0.9999 (Cui et al.
 *  2019).  A class without images weighs 0.
 *  Not collective.  \param [in] counts (classes)  \param [out] weights (classes) */
void td_class_weights(td_weighting kind, const int64_t *counts, int classes,
                      double *weights);

/** What one pass adds up; sums, so that ranks can be added before any division. */
typedef struct {
    double loss;    /**< Σ w_y·CE                                             */
    double divisor; /**< Σ w_y                                                */
    double correct; /**< images whose largest logit is their label's          */
    double count;   /**< images                                               */
} td_loss_sums;

/** Weighted cross-entropy.  Adds scale·w_y·(softmax − onehot) to \a d_logits and the
 *  sums of the batch, which are not scaled, to \a sums.  Computed in double; logits
 *  that are not finite make the loss NaN, finite ones never do.  Not collective.
 *  \param [in,out] d_logits (n, classes) or NULL  \param [in] logits (n, classes)
 *  \param [in] weights (classes) or NULL for ones
 *  \param [in] scale  of the gradient: the branch's share m or 1−m, 1 for one branch */
void td_cross_entropy(td_loss_sums *sums, td_real *d_logits, const td_real *logits,
                      const int32_t *labels, const double *weights, double scale, int n,
                      int classes);

/** Index of the largest logit, the first on a tie; -1 if one is NaN.
 *  Not collective. */
int td_argmax(const td_real *logits, int classes);

#endif
