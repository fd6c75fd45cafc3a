/* The concrete distribution: softmax of alpha with Gumbel noise, over a temperature
 * (Maddison et al. 2017, Jang et al. 2017; in search: SNAS, Xie et al. 2019).  Outside
 * of steps there is no noise. */
#include "internal.h"

static void forward(double *p, const td_real *alpha, const td_arch_edge *edge)
{
    double z[TD_NUM_OPS];
    if (!edge->draw) {
        td_shares_of(p, alpha, edge->temperature, edge->present);
        return;
    }
    td_gumbel_add(z, alpha, edge);
    for (int k = 0; k < TD_NUM_OPS; k++)
        z[k] /= edge->temperature;
    td_shares(p, z, edge->present);
}

const td_relaxation td_relaxation_gumbel = {
    .sums_to_one = true,
    .forward = forward,
    .backward = td_tempered_backward,
    .strength = td_shares_strength,
    .strength_backward = td_shares_strength_backward,
};

/* ---- one operation per step --------------------------------------------------------
 *
 * GDAS (Dong & Yang 2019): forward the operation with the largest alpha + g alone,
 * which is one drawn from softmax(alpha); backward as if the weights had been the soft
 * ones (straight through).  The other operations are not computed, so nothing is known
 * of their gradients: dp = 0.  Outside of steps the strongest operation stands alone: a
 * network whose edges have only ever had one operation at a time has learned nothing of
 * their mean. */

static void backward_single(double *d_alpha, const double *dp, const double *p,
                            const td_real *alpha, const td_arch_edge *edge)
{
    double soft[TD_NUM_OPS];
    (void) p;
    forward(soft, alpha, edge);
    td_tempered_backward(d_alpha, dp, soft, alpha, edge);
}

const td_relaxation td_relaxation_gdas = {
    .sums_to_one = true,
    .is_single = true,
    .forward = td_single_forward,
    .backward = backward_single,
    .strength = td_shares_strength,
    .strength_backward = td_shares_strength_backward,
};
