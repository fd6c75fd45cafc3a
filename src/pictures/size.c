/* Checks of a picture's size, for both codecs, before they ask for its pixels. */
#include <sys/stat.h>

#include "codecs.h"

int64_t td_picture_bytes(FILE *file)
{
    struct stat entry;
    return fstat(fileno(file), &entry) == 0 ? entry.st_size : 0;
}

bool td_picture_take(td_picture *picture, int64_t height, int64_t width, int channels,
                     int64_t most)
{
    TD_ASSERT(channels == 1 || channels == 3);
    if (height > TD_MAX_PICTURE_SIDE || width > TD_MAX_PICTURE_SIDE) {
        snprintf(picture->fault, sizeof picture->fault,
                 "%lldx%lld pixels, but sides up to %d are read: shrink it first",
                 (long long) height, (long long) width, TD_MAX_PICTURE_SIDE);
        return false;
    }
    if (height * width > most) {
        snprintf(picture->fault, sizeof picture->fault,
                 "damaged: its header announces %lldx%lld pixels, more than a file of "
                 "its size holds",
                 (long long) height, (long long) width);
        return false;
    }
    if (picture->height == 0) {
        picture->height = (int) height;
        picture->width = (int) width;
        picture->channels = channels;
    }
    if (picture->height == height && picture->width == width &&
        picture->channels == channels)
        return true;
    snprintf(picture->fault, sizeof picture->fault, "changed while it was read");
    return false;
}
