/* Both tables of architecture parameters, edge by edge. */
#include <math.h>

#include "internal.h"

static td_arch_edge edge_of(const td_arch *arch, int edge)
{
    return (td_arch_edge){ .present = td_arch_present(arch, edge),
                           .number = edge,
                           .temperature = arch->temperature,
                           .draw = arch->draw };
}

/* The weights of an edge as its relaxation gives them. */
static void relax(const td_arch *arch, int edge, double *p)
{
    td_arch_edge told = edge_of(arch, edge);
    arch->relaxation->forward(p, arch->alphas + (size_t) edge * TD_NUM_OPS, &told);
}

/* Whether an edge of a cell leaves one of the cell's two inputs. */
static bool is_from_input(int edge)
{
    int inputs = 2;
    for (; edge >= inputs; inputs++)
        edge -= inputs;
    return edge < 2;
}

static bool takes_bonus(const td_arch *arch, int edge)
{
    bool has_stride = edge >= arch->edges && is_from_input(edge - arch->edges);
    return td_is_present(td_arch_present(arch, edge), TD_OP_SKIP_CONNECT) &&
           !has_stride;
}

void td_arch_forward(const td_arch *arch, double *p)
{
    double q[2 * TD_MAX_EDGES];
    TD_ASSERT(arch->edges >= 0 && arch->edges <= TD_MAX_EDGES);
    td_edge_weights(arch, q);
    for (int e = 0; e < 2 * arch->edges; e++, p += TD_NUM_OPS) {
        relax(arch, e, p);
        if (arch->shift)
            td_shift(p, arch->shift + (size_t) e * TD_NUM_OPS,
                     td_arch_present(arch, e));
        for (int k = 0; k < TD_NUM_OPS; k++)
            p[k] *= q[e];
        if (takes_bonus(arch, e))
            p[TD_OP_SKIP_CONNECT] += arch->skip_bonus;
    }
}

double *td_arch_weights(const td_arch *arch)
{
    if (arch->edges == 0)
        return NULL;
    double *p = td_malloc((size_t) (2 * arch->edges * TD_NUM_OPS) * sizeof *p);
    td_arch_forward(arch, p);
    return p;
}

const uint8_t *td_arch_computed(const td_arch *arch, uint8_t *single, const double *p)
{
    if (!arch->relaxation->is_single)
        return arch->present;
    for (int e = 0; e < 2 * arch->edges; e++, p += TD_NUM_OPS) {
        single[e] = 0;
        for (int k = 0; k < TD_NUM_OPS; k++)
            single[e] |= (uint8_t) ((p[k] != 0.0) << k);
    }
    return single;
}

void td_arch_backward(const td_arch *arch, td_real *d_alphas, td_real *d_betas,
                      const double *dp)
{
    double q[2 * TD_MAX_EDGES], dq[2 * TD_MAX_EDGES], by_betas[2 * TD_MAX_EDGES];
    TD_ASSERT(!arch->shift && arch->edges >= 0 && arch->edges <= TD_MAX_EDGES);
    td_edge_weights(arch, q);
    for (int e = 0; e < 2 * arch->edges; e++) {
        size_t at = (size_t) e * TD_NUM_OPS;
        double p[TD_NUM_OPS], weighed[TD_NUM_OPS], by_alpha[TD_NUM_OPS];
        td_arch_edge told = edge_of(arch, e);
        relax(arch, e, p);
        dq[e] = 0.0;
        for (int k = 0; k < TD_NUM_OPS; k++) {
            weighed[k] = q[e] * dp[at + (size_t) k];
            dq[e] += p[k] * dp[at + (size_t) k];
        }
        arch->relaxation->backward(by_alpha, weighed, p, arch->alphas + at, &told);
        for (int k = 0; k < TD_NUM_OPS; k++)
            d_alphas[at + (size_t) k] += (td_real) by_alpha[k];
    }
    td_edge_weights_backward(arch, by_betas, dq, q);
    for (int e = 0; e < 2 * arch->edges && arch->betas; e++)
        d_betas[e] += (td_real) by_betas[e];
}

/* ---- how decided an edge is ------------------------------------------------------ */

void td_arch_strength(const td_arch *arch, int edge, double *s)
{
    arch->relaxation->strength(s, arch->alphas + (size_t) edge * TD_NUM_OPS,
                               td_arch_present(arch, edge));
}

static double entropy_of(const td_arch *arch, int edge)
{
    double s[TD_NUM_OPS], sum = 0.0, entropy = 0.0;
    td_arch_strength(arch, edge, s);
    for (int k = 0; k < TD_NUM_OPS; k++)
        sum += s[k];
    for (int k = 0; k < TD_NUM_OPS; k++) {
        double share = arch->relaxation->sums_to_one ? s[k] : s[k] / sum;
        if (share != 0.0) /* x·log x goes to 0 with x */
            entropy -= share * log(share);
    }
    return entropy;
}

static double strongest_of(const td_arch *arch, int edge)
{
    double s[TD_NUM_OPS], largest = 0.0;
    td_arch_strength(arch, edge, s);
    for (int k = 0; k < TD_NUM_OPS; k++)
        largest = fmax(largest, s[k]);
    return largest;
}

/* Over the edges that have operations, from \a first on; NaN without one. */
static double mean_over(const td_arch *arch, int first, int count,
                        double (*value_of)(const td_arch *arch, int edge))
{
    double sum = 0.0;
    int found = 0;
    for (int e = first; e < first + count; e++)
        if (td_arch_present(arch, e) != 0) {
            sum += value_of(arch, e);
            found++;
        }
    return sum / found;
}

double td_arch_entropy(const td_arch *arch, int table)
{
    TD_ASSERT(arch->edges > 0 && (table == 0 || table == 1));
    return mean_over(arch, table * arch->edges, arch->edges, entropy_of);
}

double td_arch_mean_strongest(const td_arch *arch)
{
    TD_ASSERT(arch->edges > 0);
    return mean_over(arch, 0, 2 * arch->edges, strongest_of);
}

double td_arch_undecided(const td_arch *arch)
{
    const td_real alphas[2 * TD_MAX_EDGES * TD_NUM_OPS] = { 0 };
    td_arch even = *arch;
    even.alphas = alphas;
    return td_arch_mean_strongest(&even);
}

double td_arch_change(const td_arch *arch, const td_real *start)
{
    double sum = 0.0;
    for (int i = 0; i < 2 * arch->edges * TD_NUM_OPS; i++) {
        double moved = (double) arch->alphas[i] - (double) start[i];
        if (td_is_present(td_arch_present(arch, i / TD_NUM_OPS), i % TD_NUM_OPS))
            sum += moved * moved;
    }
    return sqrt(sum);
}
