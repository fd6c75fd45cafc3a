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

/* Lanes of the random numbers of one operation's draw. */
enum { LANE_BOOST, LANE_FIRST_NORMAL, LANE_FIRST_UNIFORM, LANES_A_TRY = 2 };

/* The logarithm of a Gamma(c, 1) variate (Marsaglia & Tsang 2000): a try takes the next
 * two lanes, so how many there are shows nowhere else.  Below 1 a variate of c + 1 is
 * multiplied by u^(1/c); the logarithm keeps what a double could not hold. */
static double log_gamma_draw(const td_arch_edge *edge, int k, double c)
{
    double boost = c < 1.0 ? log(td_arch_uniform(edge, k, LANE_BOOST)) / c : 0.0;
    double d = (c < 1.0 ? c + 1.0 : c) - 1.0 / 3.0, width = 1.0 / sqrt(9.0 * d);
    for (uint32_t at = 0;; at += LANES_A_TRY) {
        double n = td_arch_normal(edge, k, LANE_FIRST_NORMAL + at);
        double u = td_arch_uniform(edge, k, LANE_FIRST_UNIFORM + at);
        double root = 1.0 + width * n, v = root * root * root;
        if (root > 0.0 && log(u) < 0.5 * n * n + d - d * v + d * log(v))
            return boost + log(d * v);
    }
}

static void draw(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    double z[TD_NUM_OPS] = { 0.0 };
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (td_is_present(edge->present, k))
            z[k] = log_gamma_draw(edge, k, td_concentration((double) alpha[k]));
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
        p[k] = td_is_present(edge->present, k) ? td_arch_uniform(edge, k, 0) : 0.0;
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
