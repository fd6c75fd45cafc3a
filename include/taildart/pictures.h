/** Floor 2: JPEG and PNG files, one at a time, and smaller ones by area averages. */
#ifndef TAILDART_PICTURES_H
#define TAILDART_PICTURES_H

#include "taildart/files.h"

TD_PUBLIC_BEGIN

enum { TD_MAX_PICTURE_SIDE = 16384 };

/** What a file holds beside plain grey or colour of 8 bits; bits of a set. */
typedef enum {
    TD_PICTURE_PALETTE = 1, /**< colours of a palette                          */
    TD_PICTURE_CMYK = 2,    /**< four inks, which become red, green and blue   */
    TD_PICTURE_DEEP = 4,    /**< 16 bits per channel, of which 8 are kept        */
    TD_PICTURE_ALPHA = 8,   /**< transparency, which is dropped                */
    TD_PICTURE_TURNED = 16  /**< stored turned or mirrored, and put right      */
} td_picture_oddity;

/** A JPEG or PNG file as its header describes it; all zero before it was looked at. */
typedef struct {
    int height, width;          /**< upright, as EXIF says                        */
    int channels;               /**< 1 grey, 3 colour                             */
    int turn;                   /**< EXIF's orientation, 1 (upright) to 8         */
    unsigned odd;               /**< of td_picture_oddity                         */
    char fault[TD_FAULT_BYTES]; /**< why a read gave false: no path, no full stop */
} td_picture;

/** Whether a name ends as those of JPEG and PNG files do.  Not collective. */
bool td_picture_is_name(const char *name);

/** Read the shape from a file's header.  Any thread.
 *  Not collective.  \return false with picture->fault */
bool td_picture_look(td_picture *picture, const char *path);

/** Read the pixels of a file that was looked at, upright: as they are where the sizes
 *  are its own, else by way of td_shrink; grey is widened where \a channels is 3.  Any
 *  thread.
 *  Not collective.  \param [in] height, width  its own, or equal and not more
 *  \param [out] pixels (height, width, channels)
 *  \return false with picture->fault, and pixels undefined */
bool td_picture_read(td_picture *picture, const char *path, int channels, int height,
                     int width, uint8_t *pixels);

/** Shrink the square in the middle by area averages, exact, half a step rounded up.
 *  Any thread.
 *  Not collective.  \param [out] out (size, size, channels)
 *  \param [in] in (height, width, channels), whose sides are size or more */
void td_shrink(uint8_t *out, int size, const uint8_t *in, const td_picture *shape);

TD_PUBLIC_END

#endif
