/* The search space's list of operations (Liu et al. 2019, section 3.1.1). */
#include "taildart/genotype.h"

static const char *const names[TD_KNOWN_OPS] = {
    [TD_OP_NONE] = "none",
    [TD_OP_MAX_POOL_3X3] = "max_pool_3x3",
    [TD_OP_AVG_POOL_3X3] = "avg_pool_3x3",
    [TD_OP_SKIP_CONNECT] = "skip_connect",
    [TD_OP_SEP_CONV_3X3] = "sep_conv_3x3",
    [TD_OP_SEP_CONV_5X5] = "sep_conv_5x5",
    [TD_OP_DIL_CONV_3X3] = "dil_conv_3x3",
    [TD_OP_DIL_CONV_5X5] = "dil_conv_5x5",
    [TD_OP_NOISE] = "noise",
};

const char *td_op_name(td_op op)
{
    TD_ASSERT(op >= 0 && op < TD_KNOWN_OPS);
    return names[op];
}

int td_edge_count(int nodes)
{
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES);
    return nodes * (nodes + 3) / 2;
}

int td_nodes_of_edges(int edges)
{
    for (int nodes = 1; nodes <= TD_MAX_NODES; nodes++)
        if (td_edge_count(nodes) == edges)
            return nodes;
    return 0;
}
