/** Floor 2: what a network gets right, as the literature on long tails measures it.
 *
 *  Everything that is added up is a whole number, confidences in fixed point included:
 *  sums, and the measures that are taken of them, do not depend on the order of the
 *  images or on how many ranks share them.
 */
#ifndef TAILDART_OBJECTIVE_MEASURES_H
#define TAILDART_OBJECTIVE_MEASURES_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

enum { TD_CONFIDENCE_BINS = 15 };

/** Sums over images.  An image whose logits hold a NaN is counted, is never right, and
 *  stands in no column of the confusion matrix. */
typedef struct {
    int classes;
    int top;                 /**< answers that count for td_measures_in_top, 1
                                  unless it is set before the first image       */
    size_t sum_count;        /**< numbers in \a sums                            */
    int64_t *sums;           /**< owned: all that follows, in one block         */
    int64_t *correct;        /**< (classes) right answers by label              */
    int64_t *count;          /**< (classes) images by label                     */
    int64_t *answered;       /**< (classes) images by answer                    */
    int64_t *in_top;         /**< (1) images whose label is among the answers   */
    int64_t *bin_count;      /**< (TD_CONFIDENCE_BINS) images by confidence     */
    int64_t *bin_correct;    /**< (TD_CONFIDENCE_BINS)                          */
    int64_t *bin_confidence; /**< (TD_CONFIDENCE_BINS) Σ of it, in units of 2⁻³² */
    int64_t *confusion;      /**< (classes, classes) [label][answer], or NULL   */
} td_measures;

/** For up to 2³¹ − 1 images.  Not collective.
 *  \param [in] confusion  whether to keep the matrix  \return for td_measures_free */
td_measures *td_measures_new(int classes, bool confusion);

/** NULL is fine.  Not collective. */
void td_measures_free(td_measures *measures);

/** Forget all images.  Not collective. */
void td_measures_clear(td_measures *measures);

/** Count \a n images.  The answer is td_argmax.  Not collective.
 *  \param [in] logits (n, classes)  \param [in] labels (n) */
void td_measures_add(td_measures *measures, const td_real *logits,
                     const int32_t *labels, int n);

/** The largest softmax probability of one image; NaN when a logit is NaN or the largest
 *  is infinite.  Not collective.  \param [in] logits (classes) */
double td_confidence(const td_real *logits, int classes);

/** Share of right answers; NaN without images.  Not collective. */
double td_measures_top1(const td_measures *measures);

/** Accuracy of a class (recall); NaN when it has no image.  Not collective. */
double td_measures_class(const td_measures *measures, int c);

/** Mean of the accuracies of the classes that have images; NaN when none has.
 *  Not collective. */
double td_measures_balanced(const td_measures *measures);

/** Share of images whose label is among the \a top largest logits; of equal ones the
 *  lower class comes first, as in td_argmax.  NaN without images.  Not collective. */
double td_measures_in_top(const td_measures *measures);

/** Mean over the classes that have images of F1, the harmonic mean of precision and
 *  recall, 0 where there is no right answer; NaN when none has.  Not collective. */
double td_measures_macro_f1(const td_measures *measures);

/** Expected calibration error of the answers (Naeini et al. 2015, Guo et al. 2017):
 *  mean over images of |accuracy − mean confidence| of their bin, bins being (0, 1/15],
 *  (1/15, 2/15], …; NaN without images or when one has no confidence.
 *  Not collective. */
double td_measures_calibration(const td_measures *measures);

/* ---- groups of classes ------------------------------------------------------- */

typedef enum { TD_GROUP_MANY, TD_GROUP_MEDIUM, TD_GROUP_FEW, TD_GROUPS } td_group;

/** "many", "medium", "few".  Not collective. */
const char *td_group_name(td_group group);

/** By training images before the halves are cut (Kang et al. 2020): more than 100, 20
 *  to 100, fewer than 20.  Not collective.  \param [in] counts (classes)
 *  \param [out] groups (classes) */
void td_groups_by_count(const int64_t *counts, int classes, td_group *groups);

/** Thirds of the classes in falling order of their training images before the halves
 *  are cut, ties by number: cut at n/3 and 2n/3 rounded to the nearest, so the ranks
 *  0-2, 3-6, 7-9 of 10; of 100 as published (Zhong et al. 2021), 0-35, 36-70, 71-99.
 *  Not collective.  \param [in] counts (classes)  \param [out] groups (classes) */
void td_groups_by_range(const int64_t *counts, int classes, td_group *groups);

/** Mean of the accuracies of the classes of a group that have images; NaN when none
 *  has.  Not collective.  \param [in] groups (classes) */
double td_measures_group(const td_measures *measures, const td_group *groups,
                         td_group group);

TD_PUBLIC_END

#endif
