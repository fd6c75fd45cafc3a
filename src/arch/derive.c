/* From architecture parameters to a cell (Liu et al. 2019, section 2.4). */
#include "taildart/arch.h"

/* An edge's strongest operation other than `none`. */
typedef struct {
    td_op op;
    double strength;
} candidate;

static candidate best_operation(const td_relaxation *relaxation, const td_real *alpha)
{
    double s[TD_NUM_OPS];
    relaxation->strength(s, alpha);
    candidate best = { TD_OP_NONE + 1, s[TD_OP_NONE + 1] };
    for (int k = best.op + 1; k < TD_NUM_OPS; k++)
        if (s[k] > best.strength)
            best = (candidate){ (td_op) k, s[k] };
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

static void derive_cell(const td_relaxation *relaxation, td_gene *genes,
                        const td_real *alphas, int nodes)
{
    for (int node = 0; node < nodes; node++) {
        candidate candidates[TD_MAX_NODES + 1];
        int inputs = node + 2, first_edge = node * (node + 3) / 2;
        for (int i = 0; i < inputs; i++)
            candidates[i] =
                best_operation(relaxation, alphas + (first_edge + i) * TD_NUM_OPS);
        int first = strongest(candidates, inputs, -1);
        int second = strongest(candidates, inputs, first);
        genes[2 * node] = (td_gene){ candidates[first].op, first };
        genes[2 * node + 1] = (td_gene){ candidates[second].op, second };
    }
}

void td_arch_derive(const td_relaxation *relaxation, td_genotype *genotype,
                    const td_real *alphas, int nodes)
{
    TD_ASSERT(alphas && nodes >= 1 && nodes <= TD_MAX_NODES);
    size_t table = (size_t) td_edge_count(nodes) * TD_NUM_OPS;
    *genotype = (td_genotype){ .nodes = nodes };
    derive_cell(relaxation, genotype->normal, alphas, nodes);
    derive_cell(relaxation, genotype->reduce, alphas + table, nodes);
    TD_ASSERT(td_genotype_is_valid(genotype));
}
