/** Floor 2: the search space, and genotypes: the cells that a search leaves. */
#ifndef TAILDART_GENOTYPE_H
#define TAILDART_GENOTYPE_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** The 8 primitives, in the published order; alphas have a place for each.  Behind them
 *  what a search space may put in the place of one that it does not have: noise, which
 *  learns nothing (Zela et al. 2020, s4). */
typedef enum {
    TD_OP_NONE,
    TD_OP_MAX_POOL_3X3,
    TD_OP_AVG_POOL_3X3,
    TD_OP_SKIP_CONNECT,
    TD_OP_SEP_CONV_3X3,
    TD_OP_SEP_CONV_5X5,
    TD_OP_DIL_CONV_3X3,
    TD_OP_DIL_CONV_5X5,
    TD_NUM_OPS,
    TD_OP_NOISE = TD_NUM_OPS,
    TD_KNOWN_OPS,
    TD_OP_NOISE_PLACE = TD_OP_MAX_POOL_3X3
} td_op;

/** The operation in place \a k of a space with noise, or without.  Not collective. */
static inline td_op td_op_at(int k, bool has_noise)
{
    return has_noise && k == (int) TD_OP_NOISE_PLACE ? TD_OP_NOISE : (td_op) k;
}

/** The place of an operation among alphas and in masks.  Not collective. */
static inline int td_op_place(td_op op)
{
    return op == TD_OP_NOISE ? (int) TD_OP_NOISE_PLACE : (int) op;
}

/** "none", "max_pool_3x3", …  Not collective. */
const char *td_op_name(td_op op);

/** "none", "max_3x3", …: 7 characters at most, for columns.  Not collective. */
const char *td_op_short_name(td_op op);

/** Edges of a cell with \a nodes intermediate nodes: nodes·(nodes+3)/2.
 *  Not collective. */
int td_edge_count(int nodes);

/** Intermediate nodes of a cell with so many edges; 0 where no cell has them.
 *  Not collective. */
int td_nodes_of_edges(int edges);

enum {
    TD_MAX_NODES = 8, /**< intermediate nodes of a cell */
    TD_MAX_EDGES = TD_MAX_NODES * (TD_MAX_NODES + 3) / 2
};

enum { TD_STATE_TEXT = 16 }; /**< holds td_state_text() */

/** What people call a state of a cell, in words and pictures: "c_{k-2}" and "c_{k-1}"
 *  are its inputs 0 and 1, "node 0" is state 2.  Files have the number, as the DARTS
 *  code base does.  Not collective.
 *  \param [out] out  (TD_STATE_TEXT)  \return it */
const char *td_state_text(int state, char *out);

/** One kept input of a node. */
typedef struct {
    td_op op;
    int state; /**< 0 and 1 are the cell's inputs, 2 … its nodes */
    int node;  /**< that it leads to, counted as states are: 2 … */
} td_gene;

/** A cell: node by node, in each the strongest first.  A node has up to all its inputs,
 *  or none: such a node is dropped, and so is one that only dropped ones lead to. */
typedef struct {
    int count;
    td_gene gene[TD_MAX_EDGES];
} td_genes;

/** Both cells. */
typedef struct {
    int nodes;
    td_genes normal, reduce;
    bool adds_skips; /**< beside each operation a skip connection (all-skip) */
} td_genotype;

/** Nodes in their order; different inputs below its own number for each, no `none`.
 *  Not collective. */
bool td_genotype_is_valid(const td_genotype *genotype);

/** Whether every node of both cells has two inputs, as published genotypes do.
 *  Not collective. */
bool td_genotype_is_paired(const td_genotype *genotype);

/** The states that the inputs reach, a bit each, the inputs themselves among them: the
 *  others are dropped (Chu et al. 2020, FairDARTS).  Not collective. */
unsigned td_genes_reached(const td_genes *genes);

/** How many nodes that are: so many are side by side in the cell's output.
 *  Not collective. */
int td_genes_reached_nodes(const td_genes *genes);

/** Whether a network can be made of it: a node of each cell is left.
 *  Not collective.  \return TD_USAGE with the cell and the fix */
td_status td_genotype_check(const td_genotype *genotype);

/** The Python form, one line without a newline: pairs (operation, state), as the DARTS
 *  code base reads them, where every node has two inputs; else triples (operation,
 *  node, state), as FairDARTS's does.  A member auxiliary_skip=True follows where there
 *  are skip connections beside the operations.  Not collective.  \return for td_free */
char *td_genotype_python(const td_genotype *genotype);

/** A published genotype by name: DARTS_V1, DARTS_V2, PCDARTS, PDARTS, in any
 *  case.  Not collective.
 *  \return whether there is one of that name */
bool td_genotype_named(td_genotype *genotype, const char *name);

/** The names of these, one after another from 0; NULL behind the last.
 *  Not collective. */
const char *td_genotype_name(int i);

/** Parse the Python form.  Not collective.  \return TD_USAGE with what was found */
td_status td_genotype_parse(td_genotype *genotype, const char *text);

/** Parse genotype.json, as taildart writes it.  Not collective.  \return TD_USAGE */
td_status td_genotype_parse_json(td_genotype *genotype, const char *text);

TD_PUBLIC_END

#endif
