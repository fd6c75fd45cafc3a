/* Shares of competing operations: a softmax over those that are present. */
#include "internal.h"

#include <math.h>

/* The present operation with the largest z, the first on a tie; -1 if none is. */
static int largest_of(const double *z, uint8_t present)
{
    int best = -1;
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (td_is_present(present, k) && (best < 0 || z[k] > z[best]))
            best = k;
    return best;
}

/* All weight on one operation, or on none for -1. */
static void put_on(double *p, int k)
{
    for (int i = 0; i < TD_NUM_OPS; i++)
        p[i] = i == k ? 1.0 : 0.0;
}

void td_shares(double *p, const double *z, uint8_t present)
{
    int best = largest_of(z, present);
    double largest = best < 0 ? 0.0 : z[best], sum = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++) {
        p[k] = td_is_present(present, k) ? exp(z[k] - largest) : 0.0;
        sum += p[k];
    }
    for (int k = 0; k < TD_NUM_OPS && best >= 0; k++)
        p[k] /= sum;
}

void td_shares_of(double *p, const td_real *alpha, double temperature, uint8_t present)
{
    double z[TD_NUM_OPS];
    TD_ASSERT(temperature > 0.0);
    for (int k = 0; k < TD_NUM_OPS; k++)
        z[k] = (double) alpha[k] / temperature;
    td_shares(p, z, present);
}

void td_shares_backward(double *dz, const double *dp, const double *p)
{
    double mean = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        mean += p[k] * dp[k];
    for (int k = 0; k < TD_NUM_OPS; k++)
        dz[k] = p[k] * (dp[k] - mean);
}

/* ∂L/∂α = p ⊙ (∂L/∂p − Σ_k p_k ∂L/∂p_k) / T */
void td_tempered_backward(double *d_alpha, const double *dp, const double *p,
                          const td_real *alpha, const td_arch_edge *edge)
{
    (void) alpha;
    td_shares_backward(d_alpha, dp, p);
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] /= edge->temperature;
}

void td_single_forward(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    double z[TD_NUM_OPS];
    if (edge->draw)
        td_gumbel_add(z, alpha, edge);
    for (int k = 0; k < TD_NUM_OPS && !edge->draw; k++)
        z[k] = (double) alpha[k];
    put_on(p, largest_of(z, edge->present));
}

void td_shares_strength(double *s, const td_real *alpha, uint8_t present)
{
    td_shares_of(s, alpha, 1.0, present);
}

void td_shares_strength_backward(double *d_alpha, const double *ds,
                                 const td_real *alpha, uint8_t present)
{
    double s[TD_NUM_OPS];
    td_shares_strength(s, alpha, present);
    td_shares_backward(d_alpha, ds, s);
}

/* Chen & Hsieh 2020 (SmoothDARTS) project in this way; there nothing above 0 gives
 * 0/0. */
void td_shift(double *p, const double *shift, uint8_t present)
{
    double moved[TD_NUM_OPS], sum = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++) {
        moved[k] = p[k] + shift[k];
        p[k] = td_is_present(present, k) ? fmin(fmax(moved[k], 0.0), 1.0) : 0.0;
        sum += p[k];
    }
    if (!(sum > 0.0))
        put_on(p, largest_of(moved, present));
    for (int k = 0; k < TD_NUM_OPS && sum > 0.0; k++)
        p[k] /= sum;
}
