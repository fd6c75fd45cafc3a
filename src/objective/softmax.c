/* Softmax of a row of logits, which losses share, and its largest entry. */
#include "loss.h"

#include <math.h>

td_softmax_scale td_softmax_scale_of(const double *z, int classes)
{
    double largest = z[0], sum = 0.0;
    for (int c = 1; c < classes; c++)
        largest = fmax(largest, z[c]);
    for (int c = 0; c < classes; c++)
        sum += exp(z[c] - largest);
    return (td_softmax_scale){ largest, log(sum) };
}

double td_log_probability(double logit, td_softmax_scale scale)
{
    return (logit - scale.largest) - scale.log_sum;
}

int td_argmax(const td_real *logits, int classes)
{
    int best = 0;
    TD_ASSERT(classes > 0);
    for (int c = 0; c < classes; c++) {
        if (isnan(logits[c]))
            return -1;
        if (logits[c] > logits[best])
            best = c;
    }
    return best;
}
