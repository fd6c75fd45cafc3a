/* Class weights against a long tail. */
#include "taildart/objective.h"

#include <math.h>

/* Cui et al. 2019, "Class-Balanced Loss", section 4: beta of the long-tailed sets. */
static const double EFFECTIVE_BETA = 0.9999;

double td_effective_weight(double n)
{
    return (1.0 - EFFECTIVE_BETA) / (1.0 - pow(EFFECTIVE_BETA, n));
}

/* Weight of a class of n images, 1 or more, before all are scaled: a function for each
 * kind. */
typedef double weighting(double n);

#define DECLARE(NAME, function, word) weighting td_weighting_##function;
TD_WEIGHTINGS(DECLARE)
#undef DECLARE

double td_weighting_none(double n)
{
    (void) n;
    return 1.0;
}

double td_weighting_inverse(double n)
{
    return 1.0 / n;
}

double td_weighting_inverse_sqrt(double n)
{
    return 1.0 / sqrt(n);
}

double td_weighting_effective(double n)
{
    return td_effective_weight(n);
}

#define ROW(NAME, function, word) td_weighting_##function,
static weighting *const table[] = { TD_WEIGHTINGS(ROW) };
#undef ROW

td_weighting td_weighting_of_epoch(td_weighting kind, int from, int64_t epoch)
{
    return epoch < from ? TD_WEIGHTING_NONE : kind;
}

/* ---- all classes ----------------------------------------------------------------- */

void td_class_weights(td_weighting kind, const int64_t *counts, int classes,
                      double *weights)
{
    double sum = 0.0;
    int present = 0;
    TD_ASSERT(classes > 0 && kind >= 0 && kind < TD_WEIGHTING_COUNT);
    for (int c = 0; c < classes; c++) {
        TD_ASSERT(counts[c] >= 0);
        weights[c] = counts[c] > 0 ? table[kind]((double) counts[c]) : 0.0;
        sum += weights[c];
        present += counts[c] > 0;
    }
    for (int c = 0; c < classes && present > 0; c++)
        weights[c] *= present / sum;
}
