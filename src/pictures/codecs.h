/* Functions shared by the codecs of pictures. */
#ifndef TD_PICTURES_CODECS_H
#define TD_PICTURES_CODECS_H

#include "taildart/pictures.h"

/* The codecs: a header (pixels NULL) or the pixels from an open file.  false with
 * picture->fault. */
bool td_jpeg_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels);
bool td_png_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels);

/* Take the sizes in a header: kept at the first look, compared when pixels are read.
 * most: pixels that a file of this size can hold, so that a header alone cannot ask for
 * memory. */
bool td_picture_take(td_picture *picture, int64_t height, int64_t width, int channels,
                     int64_t most);

/* Bytes of an open file. */
int64_t td_picture_bytes(FILE *file);

#endif
