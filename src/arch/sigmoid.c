/* Sigmoid: operations of an edge do not compete (FairDARTS; Chu et al. 2020, eq. 4); a
 * cell is derived by the same weights. */
#include "internal.h"

#include <math.h>

static void strength(double *s, const td_real *alpha, uint8_t present)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        s[k] = td_is_present(present, k) ? 1.0 / (1.0 + exp(-(double) alpha[k])) : 0.0;
}

/* ∂L/∂α = ∂L/∂s ⊙ s ⊙ (1 − s) */
static void strength_backward(double *d_alpha, const double *ds, const td_real *alpha,
                              uint8_t present)
{
    double s[TD_NUM_OPS];
    strength(s, alpha, present);
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] = ds[k] * s[k] * (1.0 - s[k]);
}

static void forward(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    strength(p, alpha, edge->present);
}

static void backward(double *d_alpha, const double *dp, const double *p,
                     const td_real *alpha, const td_arch_edge *edge)
{
    (void) p;
    strength_backward(d_alpha, dp, alpha, edge->present);
}

const td_relaxation td_relaxation_sigmoid = {
    .forward = forward,
    .backward = backward,
    .strength = strength,
    .strength_backward = strength_backward,
};
