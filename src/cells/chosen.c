/* From the genes of a cell to its operations: dropped nodes and what leaves them are
 * left out, and those that are left are counted anew. */
#include "cells.h"

#include <stdio.h>

/* The number of a state among those that are left. */
static int state_left(unsigned reached, int state)
{
    return __builtin_popcount(reached & ((1U << state) - 1));
}

/* FairDARTS's dictionary of nodes has one of inputs, and that a list of operations.  In
 * confopt's suite an operation and its skip connection are members of a pair. */
static void name_operation(td_chosen *to, td_gene gene, const td_genotype *genotype)
{
    const char *member = to->is_beside          ? ".aux_skip"
                         : genotype->adds_skips ? ".operation"
                                                : "";
    if (td_genotype_is_paired(genotype))
        snprintf(to->name, sizeof to->name, "_ops.%d%s", to->path, member);
    else
        snprintf(to->name, sizeof to->name, "_ops.%d.%d.0%s", gene.node, gene.state,
                 member);
}

/* Only skip connections of stride 2 have sums, and these leave an input. */
static int sums_of(const td_chosen *chosen, int place)
{
    return !chosen->is_beside         ? place
           : chosen->from < TD_INPUTS ? TD_MAX_NODES + 1 + chosen->from
                                      : TD_SUMS_NONE;
}

/* The operations of a node, or the skip connections beside them. */
static void choose_node(td_chosen_cell *cell, const td_genes *genes,
                        const td_genotype *genotype, int node, bool is_beside)
{
    unsigned reached = td_genes_reached(genes);
    int place = 0;
    for (int i = 0; i < genes->count; i++) {
        td_gene gene = genes->gene[i];
        if (gene.node != node || !(reached >> gene.state & 1))
            continue;
        td_chosen *to = &cell->operation[cell->count++];
        *to = (td_chosen){ .op = is_beside ? TD_OP_SKIP_CONNECT : gene.op,
                           .from = state_left(reached, gene.state),
                           .node = state_left(reached, node) - TD_INPUTS,
                           .path = i,
                           .is_beside = is_beside };
        to->sums = sums_of(to, place++);
        name_operation(to, gene, genotype);
    }
}

td_chosen_cell td_cell_choose(const td_genes *genes, const td_genotype *genotype)
{
    td_chosen_cell cell = { .nodes = td_genes_reached_nodes(genes) };
    for (int node = TD_INPUTS; node < genotype->nodes + TD_INPUTS; node++) {
        choose_node(&cell, genes, genotype, node, false);
        if (genotype->adds_skips)
            choose_node(&cell, genes, genotype, node, true);
    }
    return cell;
}
