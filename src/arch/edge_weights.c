/* Edge weights: the edges into a node share a softmax of parameters of their own, so
 * that operations need not say how much an edge matters (PC-DARTS; Xu et al. 2020,
 * eq. 4). */
#include "internal.h"

#include <math.h>

static void weigh_node(double *q, const td_real *betas, int inputs)
{
    double largest = (double) betas[0], sum = 0.0;
    for (int i = 1; i < inputs; i++)
        largest = fmax(largest, (double) betas[i]);
    for (int i = 0; i < inputs; i++) {
        q[i] = exp((double) betas[i] - largest);
        sum += q[i];
    }
    for (int i = 0; i < inputs; i++)
        q[i] /= sum;
}

static void weigh_node_backward(double *d_betas, const double *dq, const double *q,
                                int inputs)
{
    double mean = 0.0;
    for (int i = 0; i < inputs; i++)
        mean += q[i] * dq[i];
    for (int i = 0; i < inputs; i++)
        d_betas[i] = q[i] * (dq[i] - mean);
}

void td_edge_weights(const td_arch *arch, double *q)
{
    for (int e = 0; e < 2 * arch->edges; e++)
        q[e] = 1.0;
    for (int table = 0; table < 2 && arch->betas; table++) {
        int end = (table + 1) * arch->edges;
        for (int e = table * arch->edges, inputs = 2; e < end; e += inputs++)
            weigh_node(q + e, arch->betas + e, inputs);
    }
}

void td_edge_weights_backward(const td_arch *arch, double *d_betas, const double *dq,
                              const double *q)
{
    for (int e = 0; e < 2 * arch->edges; e++)
        d_betas[e] = 0.0;
    for (int table = 0; table < 2 && arch->betas; table++) {
        int end = (table + 1) * arch->edges;
        for (int e = table * arch->edges, inputs = 2; e < end; e += inputs++)
            weigh_node_backward(d_betas + e, dq + e, q + e, inputs);
    }
}
