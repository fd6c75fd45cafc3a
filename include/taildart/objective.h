/** Floor 2: losses and class weights. */
#ifndef TAILDART_OBJECTIVE_H
#define TAILDART_OBJECTIVE_H

#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** One over the effective number of \a n images, 1 or more: (1-beta)/(1-beta^n) with
 *  beta 0.9999 (Cui et al. 2019, section 4).  Not collective. */
double td_effective_weight(double n);

/** Class weights with mean 1 over the classes present: inverse 1/n,
 *  inverse_sqrt 1/sqrt(n), effective (1-beta)/(1-beta^n) with beta 0.9999 (Cui et al.
 *  2019).  A class without images weighs 0.
 *  Not collective.  \param [in] counts (classes)  \param [out] weights (classes) */
void td_class_weights(td_weighting kind, const int64_t *counts, int classes,
                      double *weights);

/** The class weights of an epoch: none before \a from, \a kind from it on (deferred
 *  re-weighting: Cao et al. 2019, algorithm 1).  Not collective.
 *  \param [in] epoch  from 0 */
td_weighting td_weighting_of_epoch(td_weighting kind, int from, int64_t epoch);

/* ---- losses ---------------------------------------------------------------------- */

/** The sums of one pass; sums, so that ranks can be added before any division. */
typedef struct {
    double loss;    /**< Σ w_y·loss                                           */
    double divisor; /**< Σ w_y                                                */
    double correct; /**< images whose largest logit is their label's          */
    double count;   /**< images                                               */
} td_loss_sums;

/** Targets of a batch: the classes that its images count as.  An image mixed of two is
 *  label's by its share and other's by the rest. */
typedef struct {
    const int32_t *labels; /**< (n)                                           */
    const int32_t *others; /**< (n); NULL: no image is mixed                  */
    const double *shares;  /**< (n) from 0 to 1; NULL with others             */
} td_targets;

/** A loss, prepared for the classes of one half and for one epoch. */
typedef struct td_loss td_loss;

/** From what a loss is made. */
typedef struct {
    td_loss_kind kind;
    int classes;
    double gamma, tau;     /**< of the kinds that read them: settled          */
    double margin, scale;  /**< of the smallest class; of the logits          */
    double head, tail;     /**< smoothing of the largest and the smallest class */
    const double *weights; /**< (classes) w_y, copied; NULL for ones          */
    const int64_t *counts; /**< (classes) images of the half, 1 or more; NULL for
                                kinds that do not go by them                  */
    int epoch;
    bool exact; /**< whether sums of batches are order-free (base_exact.h)   */
} td_loss_spec;

/** Not collective.  \return for td_loss_free */
td_loss *td_loss_new(const td_loss_spec *spec);

/** NULL is fine.  Not collective. */
void td_loss_free(td_loss *loss);

/** Whether its divisor is another number than that of images.  Not collective. */
bool td_loss_is_weighted(const td_loss *loss);

/** Σ w_y of a batch.  Not collective. */
double td_loss_divisor(const td_loss *loss, td_targets targets, int n);

/** The loss of a batch.  Adds scale·w_y·∂loss/∂logits to \a d_logits and the sums of
 *  the batch, which are not scaled, to \a sums.  Computed in double; logits that are
 *  not finite make the loss NaN, finite ones never do.  A mixed image counts as
 *  share·w·loss of its label and (1 − share)·w·loss of the other, and is right where
 *  the label is.
 *  Not collective; one thread at a time.
 *  \param [in,out] d_logits (n, classes) or NULL  \param [in] logits (n, classes)
 *  \param [in] scale  of the gradient: the branch's share m or 1−m, 1 for one branch */
void td_loss_add(const td_loss *loss, td_loss_sums *sums, td_real *d_logits,
                 const td_real *logits, td_targets targets, double scale, int n);

/** Index of the largest logit, the first on a tie; -1 if one is NaN.
 *  Not collective. */
int td_argmax(const td_real *logits, int classes);

TD_PUBLIC_END

#endif
