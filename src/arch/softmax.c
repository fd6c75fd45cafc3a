/* Softmax, the relaxation of DARTS (Liu et al. 2019, eq. 2), of alpha over a
 * temperature. */
#include "internal.h"

static void forward(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    td_shares_of(p, alpha, edge->temperature, edge->present);
}

/* ∂L/∂α = p ⊙ (∂L/∂p − Σ_k p_k ∂L/∂p_k) / T */
static void backward(double *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_edge *edge)
{
    (void) alpha;
    td_shares_backward(d_alpha, dp, p);
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] /= edge->temperature;
}

const td_relaxation td_relaxation_softmax = {
    .sums_to_one = true,
    .forward = forward,
    .backward = backward,
    .strength = td_shares_strength,
    .strength_backward = td_shares_strength_backward,
};
