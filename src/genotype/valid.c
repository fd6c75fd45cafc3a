/* The rules of a valid genotype. */
#include "taildart/genotype.h"

static bool is_valid_gene(td_gene gene, int node)
{
    return gene.op > TD_OP_NONE && gene.op < TD_KNOWN_OPS && gene.state >= 0 &&
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
