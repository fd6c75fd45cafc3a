/* DrNAS (Chen et al. 2021): weights are a draw of a Dirichlet distribution with
 * concentration elu(alpha) + 1, and its mean outside of steps.
 *
 * The draw moves with its parameters by implicit reparameterisation (Figurnov et al.
 * 2018): x_i is Beta(c_i, Σ_j c_j − c_i) distributed, keeps its quantile while c_i
 * moves, and the other x_j shrink in proportion, so
 *
 *     ∂L/∂c_i = s_i·(dp_i − Σ_j x_j dp_j),  s_i of td_beta_slope(). */
#include "internal.h"

#include <math.h>

double td_concentration(double alpha)
{
    return alpha > 0.0 ? alpha + 1.0 : exp(alpha);
}

double td_concentration_slope(double alpha)
{
    return alpha > 0.0 ? 1.0 : exp(alpha);
}

/* Σ c over the present operations. */
static double concentrations(double *c, const td_real *alpha, uint8_t present)
{
    double sum = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++) {
        c[k] = td_is_present(present, k) ? td_concentration((double) alpha[k]) : 0.0;
        sum += c[k];
    }
    return sum;
}

/* ---- a draw ---------------------------------------------------------------------- */

static void draw(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    double z[TD_NUM_OPS] = { 0.0 };
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (td_is_present(edge->present, k))
            z[k] = td_arch_log_gamma(edge, k, td_concentration((double) alpha[k]));
    td_shares(p, z, edge->present);
}

/* ---- weights --------------------------------------------------------------------- */

static void strength(double *s, const td_real *alpha, uint8_t present)
{
    double sum = concentrations(s, alpha, present);
    for (int k = 0; k < TD_NUM_OPS && sum > 0.0; k++)
        s[k] /= sum;
}

/* s = c/Σc: ∂L/∂c_i = (ds_i − Σ_j s_j ds_j)/Σc */
static void strength_backward(double *d_alpha, const double *ds, const td_real *alpha,
                              uint8_t present)
{
    double c[TD_NUM_OPS], sum = concentrations(c, alpha, present), mean = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        mean += c[k] * ds[k] / sum;
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] =
            td_is_present(present, k)
                ? (ds[k] - mean) / sum * td_concentration_slope((double) alpha[k])
                : 0.0;
}

static void forward(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    if (!edge->draw)
        strength(p, alpha, edge->present);
    else if (!edge->draw->given)
        draw(p, alpha, edge);
    for (int k = 0; k < TD_NUM_OPS && edge->draw && edge->draw->given; k++)
        p[k] = td_is_present(edge->present, k) ? td_arch_uniform(edge, k) : 0.0;
}

static void backward_draw(double *d_alpha, const double *dp, const double *p,
                          const td_real *alpha, const td_arch_edge *edge)
{
    double c[TD_NUM_OPS], sum = concentrations(c, alpha, edge->present), mean = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        mean += p[k] * dp[k];
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double rest = sum - c[k]; /* 0 where an operation is alone */
        d_alpha[k] = 0.0;
        if (td_is_present(edge->present, k) && rest > 0.0)
            d_alpha[k] = td_beta_slope(p[k], c[k], rest) * (dp[k] - mean) *
                         td_concentration_slope((double) alpha[k]);
    }
}

static void backward(double *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_edge *edge)
{
    if (edge->draw)
        backward_draw(d_alpha, dp, p, alpha, edge);
    else
        strength_backward(d_alpha, dp, alpha, edge->present);
}

const td_relaxation td_relaxation_dirichlet = {
    .sums_to_one = true,
    .forward = forward,
    .backward = backward,
    .strength = strength,
    .strength_backward = strength_backward,
};
