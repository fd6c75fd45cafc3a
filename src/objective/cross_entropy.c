/* Cross-entropy: −log softmax(z)_y. */
#include "loss.h"

#include <math.h>

static double row(const td_loss *loss, const double *z, int label, double *d)
{
    int classes = loss->spec.classes;
    td_softmax_scale scale = td_softmax_scale_of(z, classes);
    for (int c = 0; d && c < classes; c++)
        d[c] = exp(td_log_probability(z[c], scale)) - (c == label);
    return -td_log_probability(z[label], scale);
}

const td_loss_form td_loss_cross_entropy = { row, NULL };
