/* noise: normally distributed numbers of the output's shape, whatever the state is; it
 * learns nothing (RobustDARTS's space s4; Zela et al. 2020).
 *
 * A number is a function of the pass's key, the edge, the image and the place in it:
 * all passes of a step see the same noise, and so do threads and ranks. */
#include "operation.h"

#include "taildart/base_random.h"

#include <math.h>

static void build(td_operation *o, td_builder *b, const char *name, int channels,
                  size_t *slice_length)
{
    (void) name;
    (void) slice_length;
    o->channels = channels;
    o->noise =
        TD_TAKE(b->arena, td_real, (size_t) b->images * td_extent_count(o->to->extent));
}

static td_real *noise_at(const td_operation *o, int image)
{
    return o->noise + (size_t) image * td_extent_count(o->to->extent);
}

static const td_real *output(const td_operation *o, const td_context *ctx, td_item item)
{
    (void) ctx;
    return noise_at(o, item.image);
}

/* Four normally distributed numbers of one block of random words. */
static void draw_four(const td_random *key, uint32_t draw, double to[4])
{
    static const double two_pi = 6.283185307179586;
    uint32_t word[4];
    td_random_block(key, draw, word);
    for (int i = 0; i < 4; i += 2) {
        double radius = sqrt(-2.0 * log((word[i] + 0.5) * 0x1p-32));
        double angle = two_pi * (word[i + 1] * 0x1p-32);
        to[i] = radius * cos(angle);
        to[i + 1] = radius * sin(angle);
    }
}

/* Channels that pad a plane stay 0. */
static void draw_image(const td_operation *o, const td_context *ctx, td_item item)
{
    td_random key = td_operation_key(ctx, item, TD_STREAM_NOISE);
    td_real *to = noise_at(o, item.image);
    int pixels = td_operation_pixels(o);
    double four[4] = { 0 };
    for (int i = 0; i < o->channels * pixels; i++) {
        int c = i / pixels, p = i % pixels;
        if (i % 4 == 0)
            draw_four(&key, td_operation_draw(o) + (uint32_t) (i / 4), four);
        to[((c / TD_PLANE) * pixels + p) * TD_PLANE + c % TD_PLANE] =
            (td_real) four[i % 4];
    }
}

const td_family td_noise_family = {
    .build = build,
    .output = output,
    .second_image = draw_image,
};
