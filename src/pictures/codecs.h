/* Functions shared by the codecs of pictures. */
#ifndef TD_PICTURES_CODECS_H
#define TD_PICTURES_CODECS_H

#include "taildart/pictures.h"

/* The codecs: a header (pixels NULL) or the pixels from an open file, as it stores
 * them; picture->turn becomes what it says of that, picture->odd all but this.  false
 * with picture->fault. */
bool td_jpeg_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels);
bool td_png_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels);

/* Take the sizes in a header: kept at the first look, compared when pixels are read.
 * most: pixels that a file of this size can hold, so that a header alone cannot ask for
 * memory. */
bool td_picture_take(td_picture *picture, int64_t height, int64_t width, int channels,
                     int64_t most);

/* Orientation, 1 to 8, in n bytes of EXIF from its byte order mark on; 1 where nothing
 * is known.  (EXIF 2.32, tag 0x0112 of TIFF 6.0.) */
int td_exif_orientation(const uint8_t *tiff, size_t n);

/* Put pixels upright that a file stores (height, width, channels) in an orientation:
 * out has the sides of shape, in those stored. */
void td_turn(uint8_t *out, const uint8_t *in, const td_picture *shape, int channels);

/* Bytes of an open file. */
int64_t td_picture_bytes(FILE *file);

#endif
