/* Depthwise convolution of rows of a padded image, for separable.c. */
#ifndef TD_VECTOR_DEPTHWISE_H
#define TD_VECTOR_DEPTHWISE_H

#include "vector.h"

/* Output rows \a row … \a row + \a count − 1 into d (planes, count·width, 16). */
void TD_VARIANT(depthwise_rows)(td_real *d, const td_real *r, const td_real *taps,
                                const td_depthwise *conv, int row, int count);

#endif
