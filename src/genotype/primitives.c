/* The search space's list of operations (Liu et al. 2019, section 3.1.1). */
#include "taildart/genotype.h"

#include <stdio.h>

static const struct {
    const char *name, *short_name;
} names[TD_KNOWN_OPS] = {
    [TD_OP_NONE] = { "none", "none" },
    [TD_OP_MAX_POOL_3X3] = { "max_pool_3x3", "max_3x3" },
    [TD_OP_AVG_POOL_3X3] = { "avg_pool_3x3", "avg_3x3" },
    [TD_OP_SKIP_CONNECT] = { "skip_connect", "skip" },
    [TD_OP_SEP_CONV_3X3] = { "sep_conv_3x3", "sep_3x3" },
    [TD_OP_SEP_CONV_5X5] = { "sep_conv_5x5", "sep_5x5" },
    [TD_OP_DIL_CONV_3X3] = { "dil_conv_3x3", "dil_3x3" },
    [TD_OP_DIL_CONV_5X5] = { "dil_conv_5x5", "dil_5x5" },
    [TD_OP_NOISE] = { "noise", "noise" },
};

const char *td_op_name(td_op op)
{
    TD_ASSERT(op >= 0 && op < TD_KNOWN_OPS);
    return names[op].name;
}

const char *td_op_short_name(td_op op)
{
    TD_ASSERT(op >= 0 && op < TD_KNOWN_OPS);
    return names[op].short_name;
}

const char *td_state_text(int state, char *out)
{
    TD_ASSERT(state >= 0 && state < TD_MAX_NODES + 2);
    if (state < 2)
        snprintf(out, TD_STATE_TEXT, "c_{k-%d}", 2 - state);
    else
        snprintf(out, TD_STATE_TEXT, "node %d", state - 2);
    return out;
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
