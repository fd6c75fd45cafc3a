/* ReinMax (Liu et al. 2023): forward one operation D drawn from softmax(alpha),
 * whatever the temperature; backward a second-order estimate, which needs the gradients
 * of all operations, so all are computed:
 *
 *     ∂L/∂α = 2·J((softmax(α/T) + D)/2) dp − ½·J(softmax(α)) dp,
 *     J(p) dp = p ⊙ (dp − Σ p dp),  T >= 1.
 *
 * Outside of steps the strongest operation stands alone. */
#include "internal.h"

static void backward(double *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_edge *edge)
{
    double between[TD_NUM_OPS], plain[TD_NUM_OPS], first[TD_NUM_OPS];
    td_shares_of(between, alpha, edge->temperature, edge->present);
    for (int k = 0; k < TD_NUM_OPS; k++)
        between[k] = (between[k] + p[k]) / 2.0;
    td_shares_of(plain, alpha, 1.0, edge->present);
    td_shares_backward(first, dp, plain);
    td_shares_backward(d_alpha, dp, between);
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] = 2.0 * d_alpha[k] - first[k] / 2.0;
}

const td_relaxation td_relaxation_reinmax = {
    .sums_to_one = true,
    .forward = td_single_forward,
    .backward = backward,
    .strength = td_shares_strength,
    .strength_backward = td_shares_strength_backward,
};
