/* Penalties on architecture parameters. */
#include "internal.h"
#include "taildart/arch_penalty.h"

#include <math.h>
#include <string.h>

/* Gradients of one penalty, not yet weighed. */
typedef struct {
    double alphas[2 * TD_MAX_EDGES * TD_NUM_OPS];
    double betas[2 * TD_MAX_EDGES];
} gradients;

/* ---- edge by edge ---------------------------------------------------------------- */

/* The penalty of one edge and its gradient by the edge's alphas; some operation is
 * present. */
typedef double edge_penalty(double *d_alpha, const td_real *alpha, uint8_t present);

/* scale·Σ over the edges of both cells. */
static double over_edges(gradients *g, const td_arch *arch, double scale,
                         edge_penalty *penalty)
{
    double sum = 0.0;
    for (int e = 0; e < 2 * arch->edges; e++) {
        size_t at = (size_t) e * TD_NUM_OPS;
        double *d_alpha = g->alphas + at;
        uint8_t present = td_arch_present(arch, e);
        if (present == 0)
            continue;
        sum += penalty(d_alpha, arch->alphas + at, present);
        for (int k = 0; k < TD_NUM_OPS; k++)
            d_alpha[k] = td_is_present(present, k) ? scale * d_alpha[k] : 0.0;
    }
    return scale * sum;
}

/* One over the operations that the edges of both cells have. */
static double one_of_operations(const td_arch *arch)
{
    int count = 0;
    for (int e = 0; e < 2 * arch->edges; e++)
        for (int k = 0; k < TD_NUM_OPS; k++)
            count += td_is_present(td_arch_present(arch, e), k);
    return 1.0 / count;
}

/* −Σ (σ(α) − ½)² and −Σ |σ(α) − ½|, which push the weights of sigmoid to 0 and 1 (Chu
 * et al. 2020, eqs. 5 and 6). */
static double zero_one(double *d_alpha, const td_real *alpha, uint8_t present,
                       bool is_square)
{
    double sum = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double s = 1.0 / (1.0 + exp(-(double) alpha[k])), far = s - 0.5;
        double side = far > 0.0 ? 1.0 : far < 0.0 ? -1.0 : 0.0;
        d_alpha[k] = -(is_square ? 2.0 * far : side) * s * (1.0 - s);
        if (td_is_present(present, k))
            sum -= is_square ? far * far : fabs(far);
    }
    return sum;
}

static double zero_one_square(double *d_alpha, const td_real *alpha, uint8_t present)
{
    return zero_one(d_alpha, alpha, present, true);
}

static double zero_one_size(double *d_alpha, const td_real *alpha, uint8_t present)
{
    return zero_one(d_alpha, alpha, present, false);
}

/* log Σ e^α, whose gradient is softmax(α): no operation runs away (Ye et al. 2022). */
static double log_sum_exp(double *d_alpha, const td_real *alpha, uint8_t present)
{
    double largest = -INFINITY, sum = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (td_is_present(present, k))
            largest = fmax(largest, (double) alpha[k]);
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (td_is_present(present, k))
            sum += exp((double) alpha[k] - largest);
    td_shares_of(d_alpha, alpha, 1.0, present);
    return largest + log(sum);
}

/* −Σ p log p: gradient −p·(log p + entropy). */
static double edge_entropy(double *d_alpha, const td_real *alpha, uint8_t present)
{
    double p[TD_NUM_OPS], entropy = 0.0;
    td_shares_of(p, alpha, 1.0, present);
    for (int k = 0; k < TD_NUM_OPS; k++)
        entropy -= p[k] > 0.0 ? p[k] * log(p[k]) : 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        d_alpha[k] = p[k] > 0.0 ? -p[k] * (log(p[k]) + entropy) : 0.0;
    return entropy;
}

static double half_square(double *d_alpha, const td_real *alpha, uint8_t present)
{
    double sum = 0.0;
    for (int k = 0; k < TD_NUM_OPS; k++) {
        d_alpha[k] = (double) alpha[k];
        sum += td_is_present(present, k) ? 0.5 * d_alpha[k] * d_alpha[k] : 0.0;
    }
    return sum;
}

/* KL(Dirichlet(c) ‖ Dirichlet(1, …, 1)), c = elu(α) + 1 (Chen et al. 2021, eq. 7). */
static double kl_to_even(double *d_alpha, const td_real *alpha, uint8_t present)
{
    double total = 0.0;
    int count = 0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (td_is_present(present, k)) {
            total += td_concentration((double) alpha[k]);
            count++;
        }
    double kl = lgamma(total) - lgamma(count), mean = td_digamma(total);
    double common = (total - count) * td_trigamma(total);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        if (!td_is_present(present, k))
            continue;
        double c = td_concentration((double) alpha[k]);
        kl += (c - 1.0) * (td_digamma(c) - mean) - lgamma(c);
        d_alpha[k] = ((c - 1.0) * td_trigamma(c) - common) *
                     td_concentration_slope((double) alpha[k]);
    }
    return kl;
}

/* ---- the whole of both tables ---------------------------------------------------- */

static double zero_one_l2(gradients *g, const td_arch *arch, const double *costs)
{
    (void) costs;
    return over_edges(g, arch, one_of_operations(arch), zero_one_square);
}

static double zero_one_l1(gradients *g, const td_arch *arch, const double *costs)
{
    (void) costs;
    return over_edges(g, arch, one_of_operations(arch), zero_one_size);
}

static double beta_decay(gradients *g, const td_arch *arch, const double *costs)
{
    (void) costs;
    return over_edges(g, arch, 1.0 / arch->edges, log_sum_exp);
}

static double entropy(gradients *g, const td_arch *arch, const double *costs)
{
    (void) costs;
    return over_edges(g, arch, 1.0 / arch->edges, edge_entropy);
}

static double anchor_l2(gradients *g, const td_arch *arch, const double *costs)
{
    (void) costs;
    return over_edges(g, arch, 1.0, half_square);
}

static double anchor_kl(gradients *g, const td_arch *arch, const double *costs)
{
    (void) costs;
    return over_edges(g, arch, 1.0, kl_to_even);
}

/* Σ q·s·cost: the expected cost where each edge keeps one operation in proportion to
 * its strengths s, weighed by the edge weights q. */
static double flops(gradients *g, const td_arch *arch, const double *costs)
{
    double q[2 * TD_MAX_EDGES], dq[2 * TD_MAX_EDGES], sum = 0.0;
    TD_ASSERT(costs);
    td_edge_weights(arch, q);
    for (int e = 0; e < 2 * arch->edges; e++) {
        size_t at = (size_t) e * TD_NUM_OPS;
        double s[TD_NUM_OPS], ds[TD_NUM_OPS];
        td_arch_strength(arch, e, s);
        dq[e] = 0.0;
        for (int k = 0; k < TD_NUM_OPS; k++) {
            ds[k] = q[e] * costs[at + (size_t) k];
            dq[e] += s[k] * costs[at + (size_t) k];
        }
        sum += q[e] * dq[e];
        arch->relaxation->strength_backward(g->alphas + at, ds, arch->alphas + at,
                                            td_arch_present(arch, e));
    }
    td_edge_weights_backward(arch, g->betas, dq, q);
    return sum;
}

/* ---- all of them ----------------------------------------------------------------- */

/* The penalty and its gradients, which are 0 before. */
typedef double penalty_function(gradients *g, const td_arch *arch, const double *costs);

#define ROW(NAME, function, what) function,
static penalty_function *const table[] = { TD_PENALTIES(ROW) };
#undef ROW

static double add_penalty(int kind, const td_arch *arch,
                          const td_arch_penalties *penalties, td_real *d_alphas,
                          td_real *d_betas)
{
    gradients g;
    double weight = penalties->weights[kind];
    memset(&g, 0, sizeof g);
    double value = weight * table[kind](&g, arch, penalties->costs);
    for (int i = 0; i < 2 * arch->edges * TD_NUM_OPS; i++)
        d_alphas[i] += (td_real) (weight * g.alphas[i]);
    for (int e = 0; e < 2 * arch->edges && arch->betas; e++)
        d_betas[e] += (td_real) (weight * g.betas[e]);
    return value;
}

double td_arch_penalise(const td_arch *arch, const td_arch_penalties *penalties,
                        td_real *d_alphas, td_real *d_betas)
{
    double sum = 0.0;
    TD_ASSERT(arch->edges > 0 && arch->edges <= TD_MAX_EDGES);
    for (int kind = 0; kind < TD_PENALTY_COUNT; kind++)
        if (penalties->weights[kind] != 0.0)
            sum += add_penalty(kind, arch, penalties, d_alphas, d_betas);
    return sum;
}

bool td_arch_has_penalty(const td_arch_penalties *penalties)
{
    for (int kind = 0; kind < TD_PENALTY_COUNT; kind++)
        if (penalties->weights[kind] != 0.0)
            return true;
    return false;
}
