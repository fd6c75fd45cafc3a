/* From architecture parameters to a cell (Liu et al. 2019, section 2.4). */
#include "internal.h"

/* An edge's strongest operation other than `none`; one that is not present where the
 * edge has no other, behind all that have. */
typedef struct {
    td_op op;
    double strength;
} candidate;

static candidate best_operation(const td_arch *arch, int edge, double weight)
{
    double s[TD_NUM_OPS];
    uint8_t present = td_arch_present(arch, edge);
    candidate best = { TD_OP_NONE + 1, -1.0 };
    td_arch_strength(arch, edge, s);
    for (int k = TD_OP_NONE + 1; k < TD_NUM_OPS; k++)
        if (td_is_present(present, k) && weight * s[k] > best.strength)
            best = (candidate){ (td_op) k, weight * s[k] };
    return best;
}

/* The strongest candidate but \a taken; the lower edge on a tie. */
static int strongest(const candidate *candidates, int count, int taken)
{
    TD_ASSERT(count >= 2);
    int best = taken == 0 ? 1 : 0;
    for (int i = best + 1; i < count; i++)
        if (i != taken && candidates[i].strength > candidates[best].strength)
            best = i;
    return best;
}

/* \param [in] q (2, edges) edge weights */
static void derive_cell(const td_arch *arch, td_gene *genes, int first_of_table,
                        const double *q, int nodes)
{
    int edge = first_of_table;
    for (int node = 0; node < nodes; node++) {
        candidate candidates[TD_MAX_NODES + 1];
        int inputs = node + 2;
        for (int i = 0; i < inputs; i++, edge++)
            candidates[i] = best_operation(arch, edge, q[edge]);
        int first = strongest(candidates, inputs, -1);
        int second = strongest(candidates, inputs, first);
        genes[2 * node] = (td_gene){ candidates[first].op, first };
        genes[2 * node + 1] = (td_gene){ candidates[second].op, second };
    }
}

void td_arch_derive(const td_arch *arch, td_genotype *genotype, int nodes)
{
    double q[2 * TD_MAX_EDGES];
    TD_ASSERT(arch->alphas && nodes >= 1 && nodes <= TD_MAX_NODES);
    TD_ASSERT(arch->edges == td_edge_count(nodes));
    td_edge_weights(arch, q);
    *genotype = (td_genotype){ .nodes = nodes };
    derive_cell(arch, genotype->normal, 0, q, nodes);
    derive_cell(arch, genotype->reduce, arch->edges, q, nodes);
    TD_ASSERT(td_genotype_is_valid(genotype));
}
