/* Both tables of architecture parameters, edge by edge. */
#include <math.h>

#include "taildart/arch.h"

static size_t numbers(int edges)
{
    TD_ASSERT(edges >= 0);
    return (size_t) 2 * (size_t) edges * TD_NUM_OPS;
}

void td_arch_forward(const td_relaxation *relaxation, double *p, const td_real *alphas,
                     int edges)
{
    for (size_t at = 0; at < numbers(edges); at += TD_NUM_OPS)
        relaxation->forward(p + at, alphas + at);
}

double *td_arch_weights(const td_relaxation *relaxation, const td_real *alphas,
                        int edges)
{
    if (edges == 0)
        return NULL;
    double *p = td_malloc(numbers(edges) * sizeof *p);
    td_arch_forward(relaxation, p, alphas, edges);
    return p;
}

void td_arch_backward(const td_relaxation *relaxation, td_real *d_alphas,
                      const double *dp, const double *p, int edges)
{
    for (size_t at = 0; at < numbers(edges); at += TD_NUM_OPS)
        relaxation->backward(d_alphas + at, dp + at, p + at);
}

double td_arch_entropy(const td_relaxation *relaxation, const td_real *alphas,
                       int edges)
{
    double sum = 0.0;
    TD_ASSERT(edges > 0);
    for (int edge = 0; edge < edges; edge++) {
        double p[TD_NUM_OPS];
        relaxation->forward(p, alphas + (size_t) edge * TD_NUM_OPS);
        for (int k = 0; k < TD_NUM_OPS; k++)
            if (p[k] != 0.0) /* p·log p goes to 0 with p */
                sum -= p[k] * log(p[k]);
    }
    return sum / edges;
}
