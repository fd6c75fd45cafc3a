/* Scales whose ticks are 1, 2 or 5 times a power of ten. */
#include "taildart/charts.h"

#include <math.h>

/* The smallest of 1, 2, 5 times a power of ten that is at least \a least. */
static double round_step(double least)
{
    static const double steps[] = { 1, 2, 5, 10 };
    double power = pow(10, floor(log10(least)));
    for (int i = 0; i < 4; i++)
        if (steps[i] * power >= least * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

/* Limits within which differences, powers of ten and their quotients are finite: a file
 * may hold any number. */
static const double LEAST = 1e-250, MOST = 1e250;

static double limited(double value)
{
    return fabs(value) < LEAST ? 0 : fmax(-MOST, fmin(MOST, value));
}

/* Make any range one that can be divided. */
static void make_valid(double *low, double *high)
{
    if (!isfinite(*low) || !isfinite(*high)) {
        *low = 0;
        *high = 1;
    } else if (*low > *high) {
        double swap = *low;
        *low = *high;
        *high = swap;
    }
    *low = limited(*low);
    *high = limited(*high);
    /* Ticks that differ within six digits. */
    double least = 2e-5 * fmax(fabs(*low), fabs(*high));
    if (*high - *low <= least) {
        double margin = *low == 0 ? 1 : 0.1 * fabs(*low);
        *low -= *low == 0 ? 0 : margin;
        *high += margin;
    }
}

td_axis td_axis_fit(double low, double high, int most)
{
    TD_ASSERT(most >= 3);
    make_valid(&low, &high);
    td_axis axis = { .step = round_step((high - low) / (most - 1)) };
    for (;;) {
        double first = floor(low / axis.step + 1e-9);
        double last = ceil(high / axis.step - 1e-9);
        axis.low = first * axis.step;
        axis.high = last * axis.step;
        axis.ticks = (int) (last - first) + 1;
        if (axis.ticks <= most)
            return axis;
        axis.step = round_step(axis.step * 1.5);
    }
}

td_axis td_axis_epochs(int last, int most)
{
    TD_ASSERT(most >= 3);
    if (last < 2) /* a single point is in the middle, and there is no epoch 2 */
        return (td_axis){ .low = 0, .high = 2, .step = 1, .ticks = 2 };
    double step = fmax(1, round_step((last - 1.0) / (most - 1)));
    return (td_axis){
        .low = 1, .high = last, .step = step, .ticks = 1 + (int) ((last - 1) / step)
    };
}

double td_axis_tick(const td_axis *axis, int i)
{
    double tick = (round(axis->low / axis->step) + i) * axis->step;
    TD_ASSERT(i >= 0 && i < axis->ticks);
    if (axis->low / axis->step != round(axis->low / axis->step))
        tick = axis->low + i * axis->step; /* epochs 1, 6, 11, … */
    return fabs(tick) < 1e-9 * axis->step ? 0 : tick;
}

double td_axis_share(const td_axis *axis, double value)
{
    TD_ASSERT(axis->high > axis->low);
    return (value - axis->low) / (axis->high - axis->low);
}
