/* From the genes of a cell to its operations: dropped nodes and what leaves them are
 * left out, and those that are left are counted anew. */
#include "cells.h"

#include <stdio.h>

/* The number of a state among those that are left. */
static int state_left(unsigned reached, int state)
{
    return __builtin_popcount(reached & ((1U << state) - 1));
}

/* FairDARTS's dictionary of nodes has one of inputs, and that a list of operations. */
static void name_operation(td_chosen *to, td_gene gene, int number, bool is_paired)
{
    if (is_paired)
        snprintf(to->name, sizeof to->name, "_ops.%d", number);
    else
        snprintf(to->name, sizeof to->name, "_ops.%d.%d.0", gene.node, gene.state);
}

td_chosen_cell td_cell_choose(const td_genes *genes, bool is_paired)
{
    unsigned reached = td_genes_reached(genes);
    td_chosen_cell cell = { .nodes = td_genes_reached_nodes(genes) };
    for (int i = 0; i < genes->count; i++) {
        td_gene gene = genes->gene[i];
        if (!(reached >> gene.state & 1))
            continue;
        td_chosen *to = &cell.operation[cell.count++];
        *to = (td_chosen){ .op = gene.op,
                           .from = state_left(reached, gene.state),
                           .node = state_left(reached, gene.node) - TD_INPUTS,
                           .path = i };
        name_operation(to, gene, i, is_paired);
    }
    return cell;
}
