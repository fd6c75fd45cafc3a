/* From architecture parameters to a cell (Liu et al. 2019, section 2.4). */
#include "taildart/net_genotype.h"

#include <math.h>

/* ---- softmax and entropy of the tables ----------------------------------- */

void td_alpha_softmax(double *p, const td_real *alpha)
{
    double largest = (double) alpha[0], sum = 0.0;
    for (int k = 1; k < TD_NUM_OPS; k++)
        largest = fmax(largest, (double) alpha[k]);
    for (int k = 0; k < TD_NUM_OPS; k++) {
        p[k] = exp((double) alpha[k] - largest);
        sum += p[k];
    }
    for (int k = 0; k < TD_NUM_OPS; k++)
        p[k] /= sum;
}

double td_alpha_entropy(const td_real *alphas, int edges)
{
    double sum = 0.0;
    TD_ASSERT(edges > 0);
    for (int edge = 0; edge < edges; edge++) {
        double p[TD_NUM_OPS];
        td_alpha_softmax(p, alphas + (size_t) edge * TD_NUM_OPS);
        for (int k = 0; k < TD_NUM_OPS; k++)
            if (p[k] != 0.0) /* p·log p goes to 0 with p */
                sum -= p[k] * log(p[k]);
    }
    return sum / edges;
}

/* ---- the strongest operations and edges ---------------------------------- */

/* An edge's best operation other than `none`, and its share. */
typedef struct {
    td_op op;
    double weight;
} candidate;

static candidate best_operation(const td_real *alpha)
{
    double p[TD_NUM_OPS];
    td_alpha_softmax(p, alpha);
    candidate best = { TD_OP_NONE + 1, p[TD_OP_NONE + 1] };
    for (int k = best.op + 1; k < TD_NUM_OPS; k++)
        if (p[k] > best.weight)
            best = (candidate){ (td_op) k, p[k] };
    return best;
}

/* The strongest candidate but \a taken; the lower edge on a tie. */
static int strongest(const candidate *candidates, int count, int taken)
{
    TD_ASSERT(count >= 2);
    int best = taken == 0 ? 1 : 0;
    for (int i = best + 1; i < count; i++)
        if (i != taken && candidates[i].weight > candidates[best].weight)
            best = i;
    return best;
}

static void derive_cell(td_gene *genes, const td_real *alphas, int nodes)
{
    for (int node = 0; node < nodes; node++) {
        candidate candidates[TD_MAX_NODES + 1];
        int inputs = node + 2, first_edge = node * (node + 3) / 2;
        for (int i = 0; i < inputs; i++)
            candidates[i] = best_operation(alphas + (first_edge + i) * TD_NUM_OPS);
        int first = strongest(candidates, inputs, -1);
        int second = strongest(candidates, inputs, first);
        genes[2 * node] = (td_gene){ candidates[first].op, first };
        genes[2 * node + 1] = (td_gene){ candidates[second].op, second };
    }
}

void td_genotype_derive(td_genotype *genotype, const td_real *alphas, int nodes)
{
    TD_ASSERT(alphas && nodes >= 1 && nodes <= TD_MAX_NODES);
    size_t table = (size_t) td_edge_count(nodes) * TD_NUM_OPS;
    *genotype = (td_genotype){ .nodes = nodes };
    derive_cell(genotype->normal, alphas, nodes);
    derive_cell(genotype->reduce, alphas + table, nodes);
    TD_ASSERT(td_genotype_is_valid(genotype));
}

/* ---- validity ------------------------------------------------------------ */

static bool is_valid_gene(td_gene gene, int node)
{
    return gene.op > TD_OP_NONE && gene.op < TD_NUM_OPS && gene.state >= 0 &&
           gene.state < node + 2;
}

static bool is_valid_cell(const td_gene *genes, int nodes)
{
    for (int node = 0; node < nodes; node++) {
        td_gene a = genes[2 * node], b = genes[2 * node + 1];
        if (!is_valid_gene(a, node) || !is_valid_gene(b, node) || a.state == b.state)
            return false;
    }
    return true;
}

bool td_genotype_is_valid(const td_genotype *genotype)
{
    int nodes = genotype->nodes;
    return nodes >= 1 && nodes <= TD_MAX_NODES &&
           is_valid_cell(genotype->normal, nodes) &&
           is_valid_cell(genotype->reduce, nodes);
}
