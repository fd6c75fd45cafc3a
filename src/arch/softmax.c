/* Softmax, the relaxation of DARTS (Liu et al. 2019, eq. 2), of alpha over a
 * temperature. */
#include "internal.h"

static void forward(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    td_shares_of(p, alpha, edge->temperature, edge->present);
}

const td_relaxation td_relaxation_softmax = {
    .sums_to_one = true,
    .forward = forward,
    .backward = td_tempered_backward,
    .strength = td_shares_strength,
    .strength_backward = td_shares_strength_backward,
};
