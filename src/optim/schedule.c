/* The one kind of schedule: learning rates and the mixing ratio. */
#include "taildart/optim.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* The shapes that run from start to end, with t = e/E in [0, 1]. */
static double shape_at(td_shape shape, double t)
{
    switch (shape) {
    case TD_SHAPE_LINEAR:
        return 1.0 - t;
    case TD_SHAPE_RISING_LINEAR:
        return t;
    case TD_SHAPE_COSINE:
        return 0.5 * (1.0 + cos(PI * t));
    case TD_SHAPE_QUARTER_COSINE:
        return cos(0.5 * PI * t);
    case TD_SHAPE_PARABOLIC:
        return 1.0 - t * t;
    case TD_SHAPE_RISING:
        return t * t;
    case TD_SHAPE_TENT:
        return 1.0 - fabs(2.0 * t - 1.0);
    case TD_SHAPE_SYMMETRIC:
        return 4.0 * t * (1.0 - t);
    case TD_SHAPE_BETA:
        return 0.5; /* its mean */
    case TD_SHAPE_CONSTANT:
    case TD_SHAPE_EXPONENTIAL:
    case TD_SHAPE_STEP:
    case TD_SHAPE_COUPLED:
        break;
    }
    return 1.0;
}

static double value_without_warmup(const td_schedule *s, int e, int epochs,
                                   double mixing)
{
    switch ((td_shape) s->shape) {
    case TD_SHAPE_EXPONENTIAL:
        return s->start * pow(s->gamma, e);
    case TD_SHAPE_STEP:
        TD_ASSERT(s->every > 0);
        return s->start * pow(s->gamma, floor((double) e / s->every));
    case TD_SHAPE_COUPLED:
        return s->start * mixing;
    default:
        return s->end + (s->start - s->end) *
                            shape_at((td_shape) s->shape, (double) e / (double) epochs);
    }
}

double td_schedule_value(const td_schedule *schedule, int e, int epochs, double mixing)
{
    TD_ASSERT(e >= 0 && epochs > 0 && e <= epochs);
    TD_ASSERT(schedule->shape >= 0 && schedule->shape <= TD_SHAPE_BETA);
    double value = value_without_warmup(schedule, e, epochs, mixing);
    if (e < schedule->warmup)
        value *= (double) (e + 1) / (double) schedule->warmup;
    return value;
}

double td_schedule_draw(const td_schedule *schedule, const td_random *key,
                        uint32_t draw)
{
    const double shape = 0.2;
    TD_ASSERT(schedule->shape == TD_SHAPE_BETA);
    return schedule->end +
           (schedule->start - schedule->end) * td_random_beta(key, draw, shape, shape);
}

bool td_schedule_is_frozen(const td_schedule *schedule, int e)
{
    TD_ASSERT(e >= 0);
    return e < schedule->frozen_until || e >= schedule->frozen_from;
}

double td_lr_scale_factor(td_lr_scale scale, int batch, int base)
{
    TD_ASSERT(batch > 0 && base > 0);
    double ratio = (double) batch / (double) base;
    switch (scale) {
    case TD_SCALE_LINEAR:
        return ratio;
    case TD_SCALE_SQRT:
        return sqrt(ratio);
    case TD_SCALE_NONE:
        break;
    }
    return 1.0;
}
