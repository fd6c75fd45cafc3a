/* Both tables of architecture parameters, edge by edge. */
#include <math.h>

#include "taildart/arch.h"

/* The draw of one edge, in \a memory; NULL where there is no chance. */
static const td_arch_draw *draw_of(td_arch_draw *memory, const td_arch_draw *draw,
                                   int edge)
{
    if (!draw)
        return NULL;
    *memory = *draw;
    memory->edge = edge;
    return memory;
}

void td_arch_forward(const td_relaxation *relaxation, double *p, const td_real *alphas,
                     int edges, const td_arch_draw *draw)
{
    td_arch_draw memory;
    TD_ASSERT(edges >= 0);
    for (int edge = 0; edge < 2 * edges; edge++) {
        size_t at = (size_t) edge * TD_NUM_OPS;
        relaxation->forward(p + at, alphas + at, draw_of(&memory, draw, edge));
    }
}

double *td_arch_weights(const td_relaxation *relaxation, const td_real *alphas,
                        int edges)
{
    if (edges == 0)
        return NULL;
    double *p = td_malloc((size_t) (2 * edges * TD_NUM_OPS) * sizeof *p);
    td_arch_forward(relaxation, p, alphas, edges, NULL);
    return p;
}

void td_arch_backward(const td_relaxation *relaxation, td_real *d_alphas,
                      const double *dp, const double *p, const td_real *alphas,
                      int edges, const td_arch_draw *draw)
{
    td_arch_draw memory;
    TD_ASSERT(edges >= 0);
    for (int edge = 0; edge < 2 * edges; edge++) {
        size_t at = (size_t) edge * TD_NUM_OPS;
        relaxation->backward(d_alphas + at, dp + at, p + at, alphas + at,
                             draw_of(&memory, draw, edge));
    }
}

/* ---- how decided an edge is ------------------------------------------------------ */

static double entropy_of(const td_relaxation *relaxation, const td_real *alpha)
{
    double s[TD_NUM_OPS], sum = 0.0, entropy = 0.0;
    relaxation->strength(s, alpha);
    for (int k = 0; k < TD_NUM_OPS; k++)
        sum += s[k];
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double share = relaxation->sums_to_one ? s[k] : s[k] / sum;
        if (share != 0.0) /* x·log x goes to 0 with x */
            entropy -= share * log(share);
    }
    return entropy;
}

double td_arch_entropy(const td_relaxation *relaxation, const td_real *alphas,
                       int edges)
{
    double sum = 0.0;
    TD_ASSERT(edges > 0);
    for (int edge = 0; edge < edges; edge++)
        sum += entropy_of(relaxation, alphas + (size_t) edge * TD_NUM_OPS);
    return sum / edges;
}

double td_arch_mean_strongest(const td_relaxation *relaxation, const td_real *alphas,
                              int edges)
{
    double sum = 0.0;
    TD_ASSERT(edges > 0);
    for (int edge = 0; edge < edges; edge++) {
        double s[TD_NUM_OPS], largest = 0.0;
        relaxation->strength(s, alphas + (size_t) edge * TD_NUM_OPS);
        for (int k = 0; k < TD_NUM_OPS; k++)
            largest = fmax(largest, s[k]);
        sum += largest;
    }
    return sum / edges;
}

double td_arch_undecided(const td_relaxation *relaxation)
{
    const td_real alpha[TD_NUM_OPS] = { 0 };
    double s[TD_NUM_OPS];
    relaxation->strength(s, alpha);
    return s[0];
}

double td_arch_change(const td_real *alphas, const td_real *start, int edges)
{
    double sum = 0.0;
    for (int i = 0; i < 2 * edges * TD_NUM_OPS; i++) {
        double moved = (double) alphas[i] - (double) start[i];
        sum += moved * moved;
    }
    return sqrt(sum);
}
