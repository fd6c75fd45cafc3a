/* One picture file: which codec reads it, and what both check. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "codecs.h"
#include "taildart/base_file.h"
#include "taildart/base_memory.h"

bool td_picture_is_name(const char *name)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".jpe", ".jfif", ".png" };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
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
    FILE *file = td_file_open_stream(path, NULL, picture->fault, sizeof picture->fault);
    if (!file)
        return false;
    bool ok = read_open_file(file, picture, channels, pixels);
    fclose(file);
    return ok;
}

/* Height and width change places with the orientations that lie on their side. */
static void lay_over(td_picture *picture)
{
    int height = picture->height;
    if (picture->turn < 5)
        return;
    picture->height = picture->width;
    picture->width = height;
}

bool td_picture_look(td_picture *picture, const char *path)
{
    *picture = (td_picture){ 0 };
    if (!read_file(picture, path, 0, NULL))
        return false;
    TD_ASSERT(picture->turn >= 1 && picture->turn <= 8);
    if (picture->turn > 1)
        picture->odd |= TD_PICTURE_TURNED;
    lay_over(picture);
    return true;
}

/* Read by way of the pixels as they are stored. */
static bool read_turned(td_picture *picture, const char *path, int channels,
                        uint8_t *pixels)
{
    td_picture stored = *picture;
    size_t area = (size_t) picture->height * (size_t) picture->width;
    uint8_t *raw = td_malloc(area * (size_t) channels);
    lay_over(&stored);
    bool ok = read_file(&stored, path, channels, raw);
    if (ok)
        td_turn(pixels, raw, picture, channels);
    else
        memcpy(picture->fault, stored.fault, sizeof picture->fault);
    td_free(raw);
    return ok;
}

/* The pixels as they are, upright. */
static bool read_whole(td_picture *picture, const char *path, int channels,
                       uint8_t *pixels)
{
    TD_ASSERT(picture->height > 0 && picture->channels <= channels && pixels);
    if (picture->turn > 1)
        return read_turned(picture, path, channels, pixels);
    return read_file(picture, path, channels, pixels);
}

bool td_picture_read(td_picture *picture, const char *path, int channels, int height,
                     int width, uint8_t *pixels)
{
    if (picture->height == height && picture->width == width)
        return read_whole(picture, path, channels, pixels);
    TD_ASSERT(height == width); /* sizes differ: they are going to be equal */
    size_t area = (size_t) picture->height * (size_t) picture->width;
    uint8_t *large = td_malloc(area * (size_t) channels);
    bool ok = read_whole(picture, path, channels, large);
    td_picture shape = *picture;
    shape.channels = channels;
    if (ok)
        td_shrink(pixels, height, large, &shape);
    td_free(large);
    return ok;
}
