/* Sigmoid: operations of an edge do not compete (FairDARTS; Chu et al. 2020, eq. 4); a
 * cell is derived by the same weights. */
#include "taildart/arch.h"

#include <math.h>

static void strength(double *p, const td_real *alpha)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        p[k] = 1.0 / (1.0 + exp(-(double) alpha[k]));
}

static void forward(double *p, const td_real *alpha, const td_arch_draw *draw)
{
    (void) draw;
    strength(p, alpha);
}

/* ∂L/∂α = ∂L/∂p ⊙ p ⊙ (1 − p) */
static void backward(td_real *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_draw *draw)
{
    (void) alpha;
    (void) draw;
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] += (td_real) (dp[k] * p[k] * (1.0 - p[k]));
}

const td_relaxation td_relaxation_sigmoid = {
    .forward = forward,
    .backward = backward,
    .strength = strength,
};
