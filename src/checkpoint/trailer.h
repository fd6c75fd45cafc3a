/* The 32 bytes behind a checkpoint's HDF5 image; layout in checkpoint.h. */
#ifndef TD_CHECKPOINT_TRAILER_H
#define TD_CHECKPOINT_TRAILER_H

#include "taildart/base.h"

enum { TD_TRAILER_BYTES = 32 };

/* The trailer of an image of \a n bytes. */
void td_trailer_init(uint8_t trailer[TD_TRAILER_BYTES], const void *image, size_t n);

/* Whether a file of \a n bytes may end in \a trailer; what is before it is not looked
 * at. */
bool td_trailer_is_one(const uint8_t trailer[TD_TRAILER_BYTES], uint64_t n);

/* What is wrong with a file of \a n bytes that should end in a trailer, NULL if
 * nothing; \a image_bytes receives the length of the image. */
const char *td_trailer_fault(const void *bytes, size_t n, size_t *image_bytes);

#endif
