/* Label-aware smoothing (Zhong et al. 2021, MiSLAS, eq. 5, concave form): cross-entropy
 * against (1 − e)·onehot + e/K, where the e of a class of n images is
 * tail + (head − tail)·sin(π/2·(n − n_min)/(n_max − n_min)). */
#include "loss.h"

#include <math.h>

static void *prepare(const td_loss_spec *spec)
{
    const double right_angle = 1.57079632679489661923;
    int64_t most = 0, least = INT64_MAX;
    double *smoothing = td_malloc((size_t) spec->classes * sizeof *smoothing);
    for (int c = 0; c < spec->classes; c++) {
        int64_t n = spec->counts[c];
        most = n > most ? n : most;
        least = n < least ? n : least;
    }
    TD_ASSERT(most > least);
    for (int c = 0; c < spec->classes; c++) {
        double place = (double) (spec->counts[c] - least) / (double) (most - least);
        smoothing[c] =
            spec->tail + (spec->head - spec->tail) * sin(right_angle * place);
    }
    return smoothing;
}

static double row(const td_loss *loss, const double *z, int label, double *d)
{
    int classes = loss->spec.classes;
    const double *smoothing = loss->prepared;
    double even = smoothing[label] / classes, sum = 0.0;
    td_softmax_scale scale = td_softmax_scale_of(z, classes);
    for (int c = 0; c < classes; c++) {
        double log_p = td_log_probability(z[c], scale);
        double target = even + (c == label ? 1.0 - smoothing[label] : 0.0);
        sum -= target * log_p;
        if (d)
            d[c] = exp(log_p) - target;
    }
    return sum;
}

const td_loss_form td_loss_label_aware = { row, prepare };
