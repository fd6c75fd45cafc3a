/* The rules of a valid genotype, and which nodes of a cell are left. */
#include "taildart/genotype.h"

static bool is_valid_gene(td_gene gene, int nodes)
{
    return gene.op > TD_OP_NONE && gene.op < TD_KNOWN_OPS && gene.node >= 2 &&
           gene.node < nodes + 2 && gene.state >= 0 && gene.state < gene.node;
}

/* Nodes never fall; inputs[node] has a bit for each input that a gene has named. */
static bool is_valid_cell(const td_genes *genes, int nodes)
{
    unsigned inputs[TD_MAX_NODES + 2] = { 0 };
    if (genes->count < 0 || genes->count > td_edge_count(nodes))
        return false;
    for (int i = 0; i < genes->count; i++) {
        td_gene gene = genes->gene[i];
        if (!is_valid_gene(gene, nodes) || (inputs[gene.node] >> gene.state & 1) ||
            (i > 0 && gene.node < genes->gene[i - 1].node))
            return false;
        inputs[gene.node] |= 1U << gene.state;
    }
    return true;
}

bool td_genotype_is_valid(const td_genotype *genotype)
{
    int nodes = genotype->nodes;
    return nodes >= 1 && nodes <= TD_MAX_NODES &&
           is_valid_cell(&genotype->normal, nodes) &&
           is_valid_cell(&genotype->reduce, nodes);
}

/* Gene by gene, so that no node has three where another has one. */
static bool is_paired(const td_genes *genes, int nodes)
{
    bool paired = genes->count == 2 * nodes;
    for (int i = 0; paired && i < genes->count; i++)
        paired = genes->gene[i].node == 2 + i / 2;
    return paired;
}

bool td_genotype_is_paired(const td_genotype *genotype)
{
    return is_paired(&genotype->normal, genotype->nodes) &&
           is_paired(&genotype->reduce, genotype->nodes);
}

/* Genes lead upwards in their order: one look at each is enough. */
unsigned td_genes_reached(const td_genes *genes)
{
    unsigned reached = 3;
    for (int i = 0; i < genes->count; i++)
        if (reached >> genes->gene[i].state & 1)
            reached |= 1U << genes->gene[i].node;
    return reached;
}

int td_genes_reached_nodes(const td_genes *genes)
{
    return __builtin_popcount(td_genes_reached(genes)) - 2;
}

td_status td_genotype_check(const td_genotype *genotype)
{
    const char *empty = !td_genes_reached_nodes(&genotype->normal)   ? "normal"
                        : !td_genes_reached_nodes(&genotype->reduce) ? "reduction"
                                                                     : NULL;
    if (!empty)
        return TD_OK;
    return td_error(TD_USAGE,
                    "the %s cell has no operation, and no network can be made of it; "
                    "where a search found it, a lower search.threshold leaves more",
                    empty);
}
