/* The samplers without a parameter, and the table of all samplers. */
#include "samplers.h"

#include <math.h>

#include "taildart/sampling_stream.h"

double td_sampler_instance(double n, double n_max)
{
    (void) n_max;
    return n;
}

double td_sampler_class_balanced(double n, double n_max)
{
    (void) n;
    (void) n_max;
    return 1.0;
}

double td_sampler_square_root(double n, double n_max)
{
    (void) n_max;
    return sqrt(n);
}

/* Zhou et al. 2020 (BBN), section 4.2. */
double td_sampler_reversed(double n, double n_max)
{
    return n_max / n;
}

#define ROW(NAME, function, word) td_sampler_##function,
static td_sampler *const table[] = { TD_SAMPLERS(ROW) };
#undef ROW

void td_sampler_probabilities(td_sampler_kind kind, const int64_t *counts, int classes,
                              double *p)
{
    int64_t n_max = 0;
    double sum = 0.0;
    TD_ASSERT(classes > 0 && kind >= 0 && kind < TD_SAMPLER_COUNT);
    for (int c = 0; c < classes; c++)
        n_max = counts[c] > n_max ? counts[c] : n_max;
    TD_ASSERT(n_max > 0);
    for (int c = 0; c < classes; c++) {
        p[c] = counts[c] > 0 ? table[kind]((double) counts[c], (double) n_max) : 0.0;
        sum += p[c];
    }
    for (int c = 0; c < classes; c++)
        p[c] /= sum;
}
