/* What relaxations share. */
#ifndef TD_ARCH_INTERNAL_H
#define TD_ARCH_INTERNAL_H

#include "taildart/arch.h"

/* Whether operation k is there. */
static inline bool td_is_present(uint8_t present, int k)
{
    return present >> k & 1;
}

/* softmax of z over the present operations; 0 for the others. */
void td_shares(double *p, const double *z, uint8_t present);

/* softmax(alpha/T) over the present operations. */
void td_shares_of(double *p, const td_real *alpha, double temperature, uint8_t present);

/* The gradient by the argument of a softmax with result \a p: p ⊙ (dp − Σ p dp). */
void td_shares_backward(double *dz, const double *dp, const double *p);

/* The backward pass of weights that are softmax(z/T), z = alpha or with noise. */
void td_tempered_backward(double *d_alpha, const double *dp, const double *p,
                          const td_real *alpha, const td_arch_edge *edge);

/* The forward pass of one operation alone: that with the largest alpha + g, one drawn
 * from softmax(alpha); outside of steps, without noise, the strongest. */
void td_single_forward(double *p, const td_real *alpha, const td_arch_edge *edge);

/* The strengths of relaxations whose operations compete: softmax(alpha). */
void td_shares_strength(double *s, const td_real *alpha, uint8_t present);
void td_shares_strength_backward(double *d_alpha, const double *ds,
                                 const td_real *alpha, uint8_t present);

/* alpha + g, g = −log(−log u) standard Gumbel noise of the edge's draw. */
void td_gumbel_add(double *z, const td_real *alpha, const td_arch_edge *edge);

/* The random number of the edge's draw that operation k takes: in (0,1), or the
 * logarithm of one from Gamma(shape, 1). */
double td_arch_uniform(const td_arch_edge *edge, int k);
double td_arch_log_gamma(const td_arch_edge *edge, int k, double shape);

/* d log Γ(x)/dx and its derivative, x > 0. */
double td_digamma(double x);
double td_trigamma(double x);

/* How fast a Beta(a, b) variate x < 1 moves with a while it keeps its quantile, over
 * 1 − x: −(∂F/∂a)/(f·(1−x)), F and f distribution and density at x. */
double td_beta_slope(double x, double a, double b);

/* elu(alpha) + 1, the concentration of a Dirichlet, and its derivative. */
double td_concentration(double alpha);
double td_concentration_slope(double alpha);

/* The edge weights of both cells, a softmax over the edges into each node; 1 without
 * betas.  \param [out] q (2, edges) */
void td_edge_weights(const td_arch *arch, double *q);

/* The gradient by the betas of both cells that dq, the one by their edge weights q,
 * means.  \param [out] d_betas (2, edges), 0 without betas */
void td_edge_weights_backward(const td_arch *arch, double *d_betas, const double *dq,
                              const double *q);

/* p + shift, cut to 0…1 and scaled to sum 1 over the present operations. */
void td_shift(double *p, const double *shift, uint8_t present);

#endif
