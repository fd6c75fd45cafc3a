/* Softmax, the relaxation of DARTS (Liu et al. 2019, eq. 2); in double, since tables
 * are small and gradients meet here. */
#include "taildart/arch.h"

#include <math.h>

static void strength(double *p, const td_real *alpha)
{
    double largest = (double) alpha[0], sum = 0.0;
    for (int k = 1; k < TD_NUM_OPS; k++)
        largest = fmax(largest, (double) alpha[k]);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        p[k] = exp((double) alpha[k] - largest);
        sum += p[k];
    }
    for (int k = 0; k < TD_NUM_OPS; k++)
        p[k] /= sum;
}

static void forward(double *p, const td_real *alpha, const td_arch_draw *draw)
{
    (void) draw;
    strength(p, alpha);
}

/* ∂L/∂α = p ⊙ (∂L/∂p − Σ_k p_k ∂L/∂p_k) */
static void backward(td_real *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_draw *draw)
{
    (void) alpha;
    (void) draw;
    double mean = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        mean += p[k] * dp[k];
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] += (td_real) (p[k] * (dp[k] - mean));
}

const td_relaxation td_relaxation_softmax = {
    .sums_to_one = true,
    .forward = forward,
    .backward = backward,
    .strength = strength,
};
