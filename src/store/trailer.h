/* The 32 bytes behind a checkpoint's HDF5 image; layout in store_checkpoint.h. */
#ifndef TD_STORE_TRAILER_H
#define TD_STORE_TRAILER_H

#include "taildart/base.h"

enum { TD_TRAILER_BYTES = 32 };

/* The trailer of an image of \a n bytes. */
void td_trailer_init(uint8_t trailer[TD_TRAILER_BYTES], const void *image, size_t n);

/* What is wrong with a file of \a n bytes that should end in a trailer, NULL if
 * nothing; \a image_bytes receives the length of the image. */
const char *td_trailer_fault(const void *bytes, size_t n, size_t *image_bytes);

#endif
