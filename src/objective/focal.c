/* Focal loss: (1 − p)^gamma·(−log p) with p = softmax(z)_y (Lin et al. 2017, eq. 4). */
#include "loss.h"

#include <math.h>

/* ∂loss/∂log p.  Where p rounds to 1 the derivative is 0, also for gamma below 1, which
 * has (1 − p)^(gamma − 1) in it. */
static double slope(double log_p, double gamma)
{
    double rest = -expm1(log_p); /* 1 − p */
    if (gamma == 0.0)
        return -1.0;
    if (rest == 0.0)
        return 0.0;
    return gamma * pow(rest, gamma - 1.0) * exp(log_p) * log_p - pow(rest, gamma);
}

static double row(const td_loss *loss, const double *z, int label, double *d)
{
    int classes = loss->spec.classes;
    double gamma = loss->spec.gamma;
    td_softmax_scale scale = td_softmax_scale_of(z, classes);
    double log_p = td_log_probability(z[label], scale);
    double factor = slope(log_p, gamma);
    for (int c = 0; d && c < classes; c++)
        d[c] = factor * ((c == label) - exp(td_log_probability(z[c], scale)));
    return -pow(-expm1(log_p), gamma) * log_p;
}

const td_loss_form td_loss_focal = { row, NULL };
