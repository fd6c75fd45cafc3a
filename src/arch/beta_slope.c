/* The implicit derivative of a Beta variate by its first parameter.
 *
 * With F = x^a (1−x)^b / (a·B(a,b)) · S,  S = Σ_n (a+b)_n/(a+1)_n x^n, all of whose
 * terms are positive, ∂ log F/∂a = log x − ψ(a+1) + ψ(a+b) + (∂S/∂a)/S.  B cancels in
 * −(∂F/∂a)/(f·(1−x)).  Beyond the mean 1 − F takes the place of F: the same series in
 * 1 − x with a and b exchanged, which falls as fast there.  (Figurnov et al. 2018 for
 * the formula; PyTorch has a rational approximation that is off by up to 2e-3.) */
#include "internal.h"

#include <math.h>

double td_digamma(double x)
{
    double shift = 0.0;
    TD_ASSERT(x > 0.0);
    while (x < 15.0) {
        shift -= 1.0 / x;
        x += 1.0;
    }
    double y = 1.0 / (x * x);
    double series =
        y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y / 132))));
    return shift + log(x) - 0.5 / x - series;
}

double td_trigamma(double x)
{
    double shift = 0.0;
    TD_ASSERT(x > 0.0);
    while (x < 15.0) {
        shift += 1.0 / (x * x);
        x += 1.0;
    }
    double y = 1.0 / (x * x);
    double series =
        y / x *
        (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y * (1.0 / 30 - y * 5 / 66))));
    return shift + 1.0 / x + y / 2.0 + series;
}

enum { TERMS = 100000 }; /* more than any x takes that a draw gives */

/* S = Σ t_n with t_n = t_{n−1}·x·(a+b+n−1)/(c+n−1), and its derivative by a, which is
 * in a + b and, if \a is_below, in c. */
static double series(double *slope, double x, double sum, double c, bool is_below)
{
    double term = 1.0, total = 0.0, grown = 0.0;
    *slope = 0.0;
    for (int n = 0; n < TERMS; n++) {
        total += term;
        *slope += term * grown;
        if (term * (1.0 + fabs(grown)) < 1e-17 * total)
            break;
        grown += 1.0 / (sum + n) - (is_below ? 1.0 / (c + n) : 0.0);
        term *= x * (sum + n) / (c + n);
    }
    return total;
}

double td_beta_slope(double x, double a, double b)
{
    double slope, lead;
    TD_ASSERT(a > 0.0 && b > 0.0);
    if (!(x > 0.0 && x < 1.0))
        return 0.0; /* a draw at an end stays there */
    if (x <= (a + 1.0) / (a + b + 2.0)) {
        double below = series(&slope, x, a + b, a + 1.0, true);
        lead = log(x) - td_digamma(a + 1.0) + td_digamma(a + b);
        return -x / a * (lead * below + slope);
    }
    double above = series(&slope, 1.0 - x, a + b, b + 1.0, false);
    lead = log(x) - td_digamma(a) + td_digamma(a + b);
    return x / b * (lead * above + slope);
}
