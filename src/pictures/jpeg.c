/* JPEG, by libjpeg.  It calls a file that was cut off a warning and fills the rest with
 * grey: here that is an error, as is whatever else spoils pixels. */
#include <setjmp.h>

#include "codecs.h"

#include <jerror.h>
#include <jpeglib.h>

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

static bool take_header(struct jpeg_decompress_struct *jpeg, FILE *file,
                        td_picture *picture)
{
    /* A block of 64 pixels takes a bit at least; eight times that for rarer codings. */
    enum { PIXELS_A_BYTE = 8 * 64 * 8 };
    int components = jpeg->num_components;
    if (components != 1 && components != 3) {
        snprintf(picture->fault, sizeof picture->fault,
                 "JPEG of %d colour components (CMYK): convert it to RGB", components);
        return false;
    }
    return td_picture_take(picture, jpeg->image_height, jpeg->image_width, components,
                           td_picture_bytes(file) * PIXELS_A_BYTE);
}

static void read_pixels(struct jpeg_decompress_struct *jpeg, int channels,
                        uint8_t *pixels)
{
    size_t row = (size_t) jpeg->image_width * (size_t) channels;
    jpeg->out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(jpeg);
    TD_ASSERT(jpeg->output_components == channels);
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW line = pixels + jpeg->output_scanline * row;
        jpeg_read_scanlines(jpeg, &line, 1);
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
