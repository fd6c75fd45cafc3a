/** Floor 3: which images of a data set in memory are in which part, and in what order
 *  its classes stand. */
#ifndef TAILDART_DATA_PARTS_H
#define TAILDART_DATA_PARTS_H

#include "taildart/data.h"

TD_PUBLIC_BEGIN

/** Keep some of the training images; mean, deviation and digest are taken anew.
 *  Not collective.  \param [in] images  (n, n > 0) indices, rising */
void td_dataset_keep(td_dataset *dataset, const int64_t *images, int64_t n);

/** Make a test part of training images, class by class: of n images share·n, rounded
 *  half up, but one at least, and two at least stay; of one or two none goes.  Images
 *  keep their order; mean, deviation and digest are taken anew.
 *  Not collective.  \param [in] dataset  without a test part, pixels in memory
 *  \param [in] share  between 0 and 1  \param [in] seed  of which ones
 *  \return how many classes are too small to give any */
int td_dataset_hold_out(td_dataset *dataset, double share, uint64_t seed);

/** Give classes other numbers; names go with them, and the digest is taken anew.
 *  Not collective.
 *  \param [in] order  (classes) present numbers in the order that is wanted */
void td_dataset_order(td_dataset *dataset, const int *order);

TD_PUBLIC_END

#endif
