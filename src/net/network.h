/* The whole network: what network.c builds and pass.c runs. */
#ifndef TD_NET_NETWORK_H
#define TD_NET_NETWORK_H

#include "auxiliary.h"
#include "derived.h"

struct td_network {
    td_net_spec spec;
    td_genotype genotype; /* which spec.genotype points to, if it is derived */
    const td_kernels *kernels;
    int threads;
    td_slots weights, norms;
    const td_norm *
        *norm_source; /* (norms.count) whose statistics a name has            */
    int *norm_group;  /* (norms.count) the only group it sees, or −1          */
    td_stem stem;
    td_cell *cells;  /* (cell_count)                                         */
    int recomputing; /* AUTO: so many of the first cells recompute all, the rest none */
    int cell_count;  /* spec.cells, and cell_rb where there are two branches */
    td_auxiliary auxiliary; /* where spec.auxiliary is set */
    int classifier_slot, bias_slot;
    int features;     /* of one branch                                        */
    td_real *x, *d_x; /* (rows, branches·features) the classifier's input     */
    double *p, *dp;   /* (2, edges, 8) softmax weights, their gradients       */
    td_arena arena;
    td_scratch *scratch; /* (threads)                                            */
    td_needs needs;
    double *sums;
    td_real *lots;
    int phases; /* done in the present pass */
};

/* Numbers of one cell's table of architecture parameters; 0 where there are none. */
size_t td_network_table(const td_network *net);

/* Whether a cell belongs to one branch only: 0, 1, or −1 for the shared ones. */
int td_cell_branch(const td_network *net, int cell);

#endif
