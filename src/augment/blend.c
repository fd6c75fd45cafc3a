/* Brightness, colour, contrast, sharpness: the picture moves away from, or towards, one
 * that has none of it: spare + amount·(pixels − spare). */
#include "augment.h"

#include <string.h>

enum { MOST = 255, COLOURS = 3 };

/* Of spare and pixels, into pixels; single precision and cut off, as the library. */
static void blend(td_canvas *canvas, double amount)
{
    size_t bytes = td_canvas_bytes(canvas);
    float factor = (float) amount;
    for (size_t i = 0; i < bytes; i++) {
        int from = canvas->spare[i], to = canvas->pixels[i];
        float x = (float) from + factor * (float) (to - from);
        canvas->pixels[i] = (uint8_t) (x <= 0.0F ? 0.0F : x >= MOST ? MOST : x);
    }
}

/* The grey value of a colour (ITU-R 601-2), in 16 binary places. */
static int grey_of(const uint8_t *pixel, int channels)
{
    if (channels != COLOURS)
        return pixel[0];
    return (pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16;
}

static size_t pixel_count(const td_canvas *canvas)
{
    return (size_t) canvas->height * (size_t) canvas->width;
}

void td_augment_brightness(td_canvas *canvas, double amount)
{
    memset(canvas->spare, 0, td_canvas_bytes(canvas));
    blend(canvas, amount);
}

void td_augment_color(td_canvas *canvas, double amount)
{
    size_t channels = (size_t) canvas->channels;
    if (canvas->channels != COLOURS)
        return;
    for (size_t i = 0; i < pixel_count(canvas); i++)
        memset(canvas->spare + i * channels,
               grey_of(canvas->pixels + i * channels, COLOURS), channels);
    blend(canvas, amount);
}

/* The library means the grey values of the whole picture, rounded. */
void td_augment_contrast(td_canvas *canvas, double amount)
{
    size_t count = pixel_count(canvas), channels = (size_t) canvas->channels;
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += grey_of(canvas->pixels + i * channels, canvas->channels);
    int mean = (int) ((double) sum / (double) count + 0.5);
    memset(canvas->spare, mean, td_canvas_bytes(canvas));
    blend(canvas, amount);
}

/* The mean of a pixel, which counts five times, and its eight neighbours, rounded. */
static uint8_t smooth(const uint8_t *at, size_t pixel, size_t row)
{
    int sum = 4 * at[0];
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++)
            sum += at[(ptrdiff_t) row * y + (ptrdiff_t) pixel * x];
    return (uint8_t) ((2 * sum + 13) / 26);
}

/* The border stays as it is. */
void td_augment_sharpness(td_canvas *canvas, double amount)
{
    size_t channels = (size_t) canvas->channels;
    size_t row = channels * (size_t) canvas->width;
    memcpy(canvas->spare, canvas->pixels, td_canvas_bytes(canvas));
    for (int y = 1; y < canvas->height - 1; y++)
        for (size_t i = channels; i < row - channels; i++)
            canvas->spare[(size_t) y * row + i] =
                smooth(canvas->pixels + (size_t) y * row + i, channels, row);
    blend(canvas, amount);
}
