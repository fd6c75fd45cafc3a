/* One picture file: which codec reads it, and what both check. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "pictures.h"

bool td_picture_is_name(const char *name)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".jpe", ".png" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

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

/* The first bytes decide, not the name: many a .jpg is a PNG. */
static bool read_open_file(FILE *file, td_picture *picture, int channels,
                           uint8_t *pixels)
{
    static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff };
    static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
    uint8_t start[32] = { 0 };
    size_t got = fread(start, 1, sizeof start, file);
    if (ferror(file))
        snprintf(picture->fault, sizeof picture->fault, "cannot be read: %s",
                 strerror(errno));
    else if (got == 0)
        snprintf(picture->fault, sizeof picture->fault, "an empty file");
    else if (fseek(file, 0, SEEK_SET) != 0)
        snprintf(picture->fault, sizeof picture->fault, "no plain file");
    else if (memcmp(start, jpeg, sizeof jpeg) == 0)
        return td_jpeg_read(file, picture, channels, pixels);
    else if (memcmp(start, png, sizeof png) == 0)
        return td_png_read(file, picture, channels, pixels);
    else if (td_foreign_bytes(start, got))
        snprintf(picture->fault, sizeof picture->fault, "%s",
                 td_foreign_bytes(start, got));
    else
        snprintf(picture->fault, sizeof picture->fault,
                 "begins with the bytes %02x %02x %02x %02x, neither JPEG nor PNG",
                 start[0], start[1], start[2], start[3]);
    return false;
}

static bool read_file(td_picture *picture, const char *path, int channels,
                      uint8_t *pixels)
{
    FILE *file = td_regular_open(path, NULL, picture->fault);
    if (!file)
        return false;
    bool ok = read_open_file(file, picture, channels, pixels);
    fclose(file);
    return ok;
}

bool td_picture_look(td_picture *picture, const char *path)
{
    *picture = (td_picture){ 0 };
    return read_file(picture, path, 0, NULL);
}

bool td_picture_read(td_picture *picture, const char *path, int channels,
                     uint8_t *pixels)
{
    TD_ASSERT(picture->height > 0 && picture->channels <= channels && pixels);
    return read_file(picture, path, channels, pixels);
}
