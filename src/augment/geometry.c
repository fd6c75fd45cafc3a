/* Shear, translation, rotation: each pixel takes that whose square its centre comes
 * from.  Positions have 16 binary places: they are the same on every machine. */
#include "augment.h"

#include <math.h>

enum { GREY = 128, PLACES = 16 };

/* Where a pixel (x, y) comes from: (a·x + b·y + c, d·x + e·y + f), of centres. */
typedef struct {
    double a, b, c, d, e, f;
} origin;

static int64_t fixed(double x)
{
    return (int64_t) floor(x * (1 << PLACES) + 0.5);
}

static void take_pixel(const td_canvas *canvas, uint8_t *out, int64_t x, int64_t y)
{
    int channels = canvas->channels;
    bool inside = x >= 0 && x < canvas->width && y >= 0 && y < canvas->height;
    const uint8_t *from =
        inside ? canvas->pixels + (size_t) ((y * canvas->width + x) * channels) : NULL;
    for (int c = 0; c < channels; c++)
        out[c] = from ? from[c] : GREY;
}

static void warp(td_canvas *canvas, origin o)
{
    int64_t a = fixed(o.a), b = fixed(o.b), d = fixed(o.d), e = fixed(o.e);
    int64_t c = fixed(o.c + 0.5 * o.a + 0.5 * o.b);
    int64_t f = fixed(o.f + 0.5 * o.d + 0.5 * o.e);
    uint8_t *out = canvas->spare;
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++, out += canvas->channels)
            take_pixel(canvas, out, (a * x + b * y + c) >> PLACES,
                       (d * x + e * y + f) >> PLACES);
    td_canvas_exchange(canvas);
}

void td_augment_shear_x(td_canvas *canvas, double amount)
{
    warp(canvas, (origin){ .a = 1, .b = amount, .e = 1 });
}

void td_augment_shear_y(td_canvas *canvas, double amount)
{
    warp(canvas, (origin){ .a = 1, .d = amount, .e = 1 });
}

void td_augment_translate_x(td_canvas *canvas, double amount)
{
    warp(canvas, (origin){ .a = 1, .c = amount * canvas->width, .e = 1 });
}

void td_augment_translate_y(td_canvas *canvas, double amount)
{
    warp(canvas, (origin){ .a = 1, .e = 1, .f = amount * canvas->height });
}

/* About the centre of the picture. */
void td_augment_rotate(td_canvas *canvas, double amount)
{
    double angle = amount * acos(-1.0) / 180.0;
    double cosine = cos(angle), sine = sin(angle);
    double x = 0.5 * canvas->width, y = 0.5 * canvas->height;
    warp(canvas, (origin){ .a = cosine,
                           .b = -sine,
                           .c = x - cosine * x + sine * y,
                           .d = sine,
                           .e = cosine,
                           .f = y - sine * x - cosine * y });
}
