/* PNG, by libpng: of any depth, palette or interlacing, as 8 bits per channel.
 * Transparency is dropped, what lies below it stays. */
#include <png.h>
#include <setjmp.h>

#include "codecs.h"

/* A file being decoded. */
typedef struct {
    png_structp png;
    png_infop info;
    png_bytep *rows; /* (height) owned, NULL where only the header is read */
} decoder;

static _Noreturn void leave(png_structp png, png_const_charp text)
{
    td_picture *picture = png_get_error_ptr(png);
    snprintf(picture->fault, sizeof picture->fault, "damaged or truncated (%s)", text);
    png_longjmp(png, 1);
}

/* Warnings are of chunks that hold no pixels. */
static void hear(png_structp png, png_const_charp text)
{
    (void) png;
    (void) text;
}

/* Deflate makes at most 1032 bytes of one. */
static int64_t most_pixels(const decoder *d, int64_t bytes)
{
    int bits = png_get_bit_depth(d->png, d->info) * png_get_channels(d->png, d->info);
    TD_ASSERT(bits > 0);
    return bytes * 1032 * 8 / bits;
}

static int find_orientation(const decoder *d)
{
    png_uint_32 n = 0;
    png_bytep exif = NULL;
    if (png_get_eXIf_1(d->png, d->info, &n, &exif) == 0 || !exif)
        return 1;
    return td_exif_orientation(exif, n);
}

static unsigned find_oddities(const decoder *d)
{
    int colours = png_get_color_type(d->png, d->info);
    unsigned odd = 0;
    if (colours & PNG_COLOR_MASK_PALETTE)
        odd |= TD_PICTURE_PALETTE;
    if (png_get_bit_depth(d->png, d->info) > 8)
        odd |= TD_PICTURE_DEEP;
    if ((colours & PNG_COLOR_MASK_ALPHA) ||
        png_get_valid(d->png, d->info, PNG_INFO_tRNS))
        odd |= TD_PICTURE_ALPHA;
    return odd;
}

static bool take_header(const decoder *d, FILE *file, td_picture *picture)
{
    picture->odd = find_oddities(d);
    picture->turn = find_orientation(d);
    bool colour = png_get_color_type(d->png, d->info) & PNG_COLOR_MASK_COLOR;
    return td_picture_take(picture, png_get_image_height(d->png, d->info),
                           png_get_image_width(d->png, d->info), colour ? 3 : 1,
                           most_pixels(d, td_picture_bytes(file)));
}

static void read_pixels(const decoder *d, int channels)
{
    png_set_expand(d->png);
    png_set_scale_16(d->png);
    png_set_strip_alpha(d->png);
    if (channels == 3)
        png_set_gray_to_rgb(d->png);
    png_set_interlace_handling(d->png);
    png_read_update_info(d->png, d->info);
    TD_ASSERT(png_get_rowbytes(d->png, d->info) ==
              (size_t) png_get_image_width(d->png, d->info) * (size_t) channels);
    png_read_image(d->png, d->rows);
    png_read_end(d->png, NULL);
}

/* Decode; libpng may jump back here, so there are no variables that this could
 * spoil. */
static bool decode(const decoder *d, FILE *file, td_picture *picture, int channels)
{
    if (setjmp(png_jmpbuf(d->png)))
        return false;
    png_init_io(d->png, file);
    png_read_info(d->png, d->info);
    if (!take_header(d, file, picture))
        return false;
    if (d->rows)
        read_pixels(d, channels);
    return true;
}

static void point_rows(decoder *d, const td_picture *picture, int channels,
                       uint8_t *pixels)
{
    size_t row = (size_t) picture->width * (size_t) channels;
    d->rows = td_malloc((size_t) picture->height * sizeof *d->rows);
    for (size_t y = 0; y < (size_t) picture->height; y++)
        d->rows[y] = pixels + y * row;
}

bool td_png_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels)
{
    decoder d = { 0 };
    d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, picture, leave, hear);
    TD_CHECK(d.png, "libpng does not start");
    d.info = png_create_info_struct(d.png);
    TD_CHECK(d.info, "out of memory: no room for a PNG header");
    if (pixels)
        point_rows(&d, picture, channels, pixels);
    bool ok = decode(&d, file, picture, channels);
    png_destroy_read_struct(&d.png, &d.info, NULL);
    td_free(d.rows);
    return ok;
}
