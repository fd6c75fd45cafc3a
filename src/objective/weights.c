/* Class weights against a long tail. */
#include "taildart/objective.h"

#include <math.h>

/* Cui et al. 2019, "Class-Balanced Loss", section 4: beta of the long-tailed sets. */
static const double EFFECTIVE_BETA = 0.9999;

static double raw_weight(td_weighting kind, int64_t count)
{
    double n = (double) count;
    switch (kind) {
    case TD_WEIGHTING_INVERSE:
        return 1.0 / n;
    case TD_WEIGHTING_INVERSE_SQRT:
        return 1.0 / sqrt(n);
    case TD_WEIGHTING_EFFECTIVE:
        return (1.0 - EFFECTIVE_BETA) / (1.0 - pow(EFFECTIVE_BETA, n));
    case TD_WEIGHTING_NONE:
        break;
    }
    return 1.0;
}

void td_class_weights(td_weighting kind, const int64_t *counts, int classes,
                      double *weights)
{
    double sum = 0.0;
    int present = 0;
    TD_ASSERT(classes > 0 && kind >= TD_WEIGHTING_NONE &&
              kind <= TD_WEIGHTING_EFFECTIVE);
    for (int c = 0; c < classes; c++) {
        TD_ASSERT(counts[c] >= 0);
        weights[c] = counts[c] > 0 ? raw_weight(kind, counts[c]) : 0.0;
        sum += weights[c];
        present += counts[c] > 0;
    }
    for (int c = 0; c < classes && present > 0; c++)
        weights[c] *= present / sum;
}
