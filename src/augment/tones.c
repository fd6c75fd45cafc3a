/* Operations on single values: a table of 256 for each channel. */
#include "augment.h"

enum { VALUES = 256, MOST = VALUES - 1 };

static void look_up(td_canvas *canvas, int channel, const uint8_t *table)
{
    size_t bytes = td_canvas_bytes(canvas);
    for (size_t i = (size_t) channel; i < bytes; i += (size_t) canvas->channels)
        canvas->pixels[i] = table[canvas->pixels[i]];
}

static void look_up_all(td_canvas *canvas, const uint8_t *table)
{
    for (int channel = 0; channel < canvas->channels; channel++)
        look_up(canvas, channel, table);
}

static void count(const td_canvas *canvas, int channel, int64_t *counts)
{
    size_t bytes = td_canvas_bytes(canvas);
    for (int value = 0; value < VALUES; value++)
        counts[value] = 0;
    for (size_t i = (size_t) channel; i < bytes; i += (size_t) canvas->channels)
        counts[canvas->pixels[i]]++;
}

static uint8_t clipped(double x)
{
    return (uint8_t) (x < 0.0 ? 0.0 : x > MOST ? MOST : x);
}

void td_augment_invert(td_canvas *canvas, double amount)
{
    (void) amount;
    uint8_t table[VALUES];
    for (int value = 0; value < VALUES; value++)
        table[value] = (uint8_t) (MOST - value);
    look_up_all(canvas, table);
}

void td_augment_solarize(td_canvas *canvas, double amount)
{
    uint8_t table[VALUES];
    for (int value = 0; value < VALUES; value++)
        table[value] = (uint8_t) (value < amount ? value : MOST - value);
    look_up_all(canvas, table);
}

void td_augment_posterize(td_canvas *canvas, double amount)
{
    int bits = (int) amount;
    TD_ASSERT(bits >= 0 && bits <= 8);
    uint8_t table[VALUES];
    for (int value = 0; value < VALUES; value++)
        table[value] = (uint8_t) (value >> (8 - bits) << (8 - bits));
    look_up_all(canvas, table);
}

/* The darkest value becomes 0, the brightest 255. */
static void stretch(td_canvas *canvas, int channel)
{
    int64_t counts[VALUES];
    uint8_t table[VALUES];
    int darkest = 0, brightest = MOST;
    count(canvas, channel, counts);
    while (darkest < MOST && counts[darkest] == 0)
        darkest++;
    while (brightest > 0 && counts[brightest] == 0)
        brightest--;
    if (brightest <= darkest)
        return;
    double scale = (double) MOST / (brightest - darkest), offset = -darkest * scale;
    for (int value = 0; value < VALUES; value++)
        table[value] = clipped(value * scale + offset);
    look_up(canvas, channel, table);
}

void td_augment_autocontrast(td_canvas *canvas, double amount)
{
    (void) amount;
    for (int channel = 0; channel < canvas->channels; channel++)
        stretch(canvas, channel);
}

/* Every value becomes about as frequent: the share of values below it, in steps. */
static void equalize(td_canvas *canvas, int channel)
{
    int64_t counts[VALUES], sum = 0, last = 0;
    uint8_t table[VALUES];
    count(canvas, channel, counts);
    for (int value = 0; value < VALUES; value++) {
        sum += counts[value];
        if (counts[value] > 0)
            last = counts[value];
    }
    int64_t step = (sum - last) / MOST;
    if (step == 0) /* few pixels, or few values */
        return;
    int64_t below = step / 2;
    for (int value = 0; value < VALUES; value++) {
        int64_t share = below / step;
        table[value] = (uint8_t) (share < MOST ? share : MOST);
        below += counts[value];
    }
    look_up(canvas, channel, table);
}

void td_augment_equalize(td_canvas *canvas, double amount)
{
    (void) amount;
    for (int channel = 0; channel < canvas->channels; channel++)
        equalize(canvas, channel);
}
