/* JPEG, by libjpeg.  It calls a file that was cut off a warning and fills the rest with
 * grey: here that is an error, as is whatever else spoils pixels. */
#include <setjmp.h>
#include <string.h>

#include "codecs.h"

#include <jerror.h>
#include <jpeglib.h>

enum { INKS = 4, EXIF_MARKER = JPEG_APP0 + 1, MARKER_BYTES = 0xffff };

/* libjpeg's error handler, the way back out of it, and who hears of it. */
typedef struct {
    struct jpeg_error_mgr base; /* first: libjpeg knows only this */
    jmp_buf back;
    td_picture *picture; /* borrowed */
} handler;

static _Noreturn void leave(j_common_ptr info)
{
    handler *h = (handler *) info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    snprintf(h->picture->fault, sizeof h->picture->fault, "damaged or truncated (%s)",
             text);
    longjmp(h->back, 1);
}

/* Level -1 is a warning; most of them speak of odd headers and do no harm. */
static void hear(j_common_ptr info, int level)
{
    static const int harm[] = { JWRN_JPEG_EOF, JWRN_HIT_MARKER, JWRN_HUFF_BAD_CODE,
                                JWRN_MUST_RESYNC };
    for (size_t i = 0; level < 0 && i < sizeof harm / sizeof *harm; i++)
        if (info->err->msg_code == harm[i])
            leave(info);
}

/* EXIF stands in a marker APP1, where other things may stand, too. */
static int find_orientation(const struct jpeg_decompress_struct *jpeg)
{
    static const char exif[6] = "Exif\0";
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next)
        if (m->marker == EXIF_MARKER && m->data_length > sizeof exif &&
            memcmp(m->data, exif, sizeof exif) == 0)
            return td_exif_orientation(m->data + sizeof exif,
                                       m->data_length - sizeof exif);
    return 1;
}

static bool take_header(struct jpeg_decompress_struct *jpeg, FILE *file,
                        td_picture *picture)
{
    /* A block of 64 pixels takes a bit at least; eight times that for rarer codings. */
    enum { PIXELS_A_BYTE = 8 * 64 * 8 };
    int components = jpeg->num_components;
    if (components != 1 && components != 3 && components != INKS) {
        snprintf(picture->fault, sizeof picture->fault,
                 "JPEG of %d colour components: convert it to RGB", components);
        return false;
    }
    picture->odd = components == INKS ? TD_PICTURE_CMYK : 0;
    picture->turn = find_orientation(jpeg);
    return td_picture_take(picture, jpeg->image_height, jpeg->image_width,
                           components == 1 ? 1 : 3,
                           td_picture_bytes(file) * PIXELS_A_BYTE);
}

/* Inks to light: Adobe stores how much light each leaves, and so does all that writes
 * CMYK into JPEG today. */
static void mix_inks(uint8_t *out, const uint8_t *inks, size_t width)
{
    for (size_t x = 0; x < width; x++)
        for (size_t c = 0; c < 3; c++)
            out[3 * x + c] =
                (uint8_t) ((inks[INKS * x + c] * inks[INKS * x + 3] + 127) / 255);
}

static void read_pixels(struct jpeg_decompress_struct *jpeg, int channels,
                        uint8_t *pixels)
{
    size_t row = (size_t) jpeg->image_width * (size_t) channels;
    bool has_inks = jpeg->num_components == INKS;
    JSAMPARRAY inks = NULL; /* libjpeg's, which frees it */
    jpeg->out_color_space = has_inks        ? JCS_CMYK
                            : channels == 1 ? JCS_GRAYSCALE
                                            : JCS_RGB;
    if (has_inks)
        inks = jpeg->mem->alloc_sarray((j_common_ptr) jpeg, JPOOL_IMAGE,
                                       jpeg->image_width * INKS, 1);
    jpeg_start_decompress(jpeg);
    TD_ASSERT(jpeg->output_components == (has_inks ? INKS : channels));
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *out = pixels + jpeg->output_scanline * row;
        JSAMPROW line = has_inks ? inks[0] : out;
        jpeg_read_scanlines(jpeg, &line, 1);
        if (has_inks)
            mix_inks(out, line, jpeg->image_width);
    }
    jpeg_finish_decompress(jpeg);
}

/* Decode; libjpeg may jump back here, so there are no variables that this could
 * spoil. */
static bool decode(struct jpeg_decompress_struct *jpeg, handler *h, FILE *file,
                   int channels, uint8_t *pixels)
{
    if (setjmp(h->back))
        return false;
    jpeg_stdio_src(jpeg, file);
    jpeg_save_markers(jpeg, EXIF_MARKER, MARKER_BYTES);
    jpeg_read_header(jpeg, TRUE);
    if (!take_header(jpeg, file, h->picture))
        return false;
    if (pixels)
        read_pixels(jpeg, channels, pixels);
    return true;
}

static bool begin(struct jpeg_decompress_struct *jpeg, handler *h)
{
    jpeg->err = jpeg_std_error(&h->base);
    h->base.error_exit = leave;
    h->base.emit_message = hear;
    if (setjmp(h->back))
        return false;
    jpeg_create_decompress(jpeg);
    return true;
}

bool td_jpeg_read(FILE *file, td_picture *picture, int channels, uint8_t *pixels)
{
    struct jpeg_decompress_struct jpeg = { 0 };
    handler h = { .picture = picture };
    bool ok = begin(&jpeg, &h) && decode(&jpeg, &h, file, channels, pixels);
    jpeg_destroy_decompress(&jpeg);
    return ok;
}
