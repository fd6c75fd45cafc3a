/* Functions shared by the files about depthwise convolutions. */
#ifndef TD_VECTOR_DEPTHWISE_H
#define TD_VECTOR_DEPTHWISE_H

#include "vector.h"

/* From the middle of a window to its first tap, in rows or columns. */
TD_INLINE int td_reach(const td_depthwise *conv)
{
    return conv->dilation * (conv->kernel - 1) / 2;
}

/* Rows that make a block of about TD_BLOCK pixels. */
TD_INLINE int td_block_rows(td_extent out)
{
    return out.width < TD_BLOCK ? TD_BLOCK / out.width : 1;
}

/* Output rows \a row … \a row + \a count − 1 into d (planes, count·width, 16). */
void TD_VARIANT(depthwise_rows)(td_real *d, const td_real *r, const td_real *taps,
                                const td_depthwise *conv, int row, int count);

#endif
