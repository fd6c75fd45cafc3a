/* Cells that the tests of derived networks are made of. */
#ifndef TD_NET_GENOTYPES_H
#define TD_NET_GENOTYPES_H

#include "taildart/net.h"

/* The two that Liu et al. (2019) published. */
static const td_genotype darts_v1 = { .nodes = 4,
                                      .normal = { { TD_OP_SEP_CONV_3X3, 1 },
                                                  { TD_OP_SEP_CONV_3X3, 0 },
                                                  { TD_OP_SKIP_CONNECT, 0 },
                                                  { TD_OP_SEP_CONV_3X3, 1 },
                                                  { TD_OP_SKIP_CONNECT, 0 },
                                                  { TD_OP_SEP_CONV_3X3, 1 },
                                                  { TD_OP_SEP_CONV_3X3, 0 },
                                                  { TD_OP_SKIP_CONNECT, 2 } },
                                      .reduce = { { TD_OP_MAX_POOL_3X3, 0 },
                                                  { TD_OP_MAX_POOL_3X3, 1 },
                                                  { TD_OP_SKIP_CONNECT, 2 },
                                                  { TD_OP_MAX_POOL_3X3, 0 },
                                                  { TD_OP_MAX_POOL_3X3, 0 },
                                                  { TD_OP_SKIP_CONNECT, 2 },
                                                  { TD_OP_SKIP_CONNECT, 2 },
                                                  { TD_OP_AVG_POOL_3X3, 0 } } };
static const td_genotype darts_v2 = { .nodes = 4,
                                      .normal = { { TD_OP_SEP_CONV_3X3, 0 },
                                                  { TD_OP_SEP_CONV_3X3, 1 },
                                                  { TD_OP_SEP_CONV_3X3, 0 },
                                                  { TD_OP_SEP_CONV_3X3, 1 },
                                                  { TD_OP_SEP_CONV_3X3, 1 },
                                                  { TD_OP_SKIP_CONNECT, 0 },
                                                  { TD_OP_SKIP_CONNECT, 0 },
                                                  { TD_OP_DIL_CONV_3X3, 2 } },
                                      .reduce = { { TD_OP_MAX_POOL_3X3, 0 },
                                                  { TD_OP_MAX_POOL_3X3, 1 },
                                                  { TD_OP_SKIP_CONNECT, 2 },
                                                  { TD_OP_MAX_POOL_3X3, 1 },
                                                  { TD_OP_MAX_POOL_3X3, 0 },
                                                  { TD_OP_SKIP_CONNECT, 2 },
                                                  { TD_OP_SKIP_CONNECT, 2 },
                                                  { TD_OP_MAX_POOL_3X3, 1 } } };

/* All operations in both cells; skips and pools at either stride. */
static const td_genotype every_operation = { .nodes = 4,
                                             .normal = { { TD_OP_SEP_CONV_3X3, 0 },
                                                         { TD_OP_SKIP_CONNECT, 1 },
                                                         { TD_OP_SEP_CONV_5X5, 2 },
                                                         { TD_OP_MAX_POOL_3X3, 0 },
                                                         { TD_OP_DIL_CONV_3X3, 3 },
                                                         { TD_OP_AVG_POOL_3X3, 1 },
                                                         { TD_OP_DIL_CONV_5X5, 4 },
                                                         { TD_OP_MAX_POOL_3X3, 2 } },
                                             .reduce = { { TD_OP_SKIP_CONNECT, 0 },
                                                         { TD_OP_MAX_POOL_3X3, 1 },
                                                         { TD_OP_AVG_POOL_3X3, 0 },
                                                         { TD_OP_SEP_CONV_3X3, 1 },
                                                         { TD_OP_SEP_CONV_5X5, 0 },
                                                         { TD_OP_DIL_CONV_5X5, 1 },
                                                         { TD_OP_DIL_CONV_3X3, 3 },
                                                         { TD_OP_SKIP_CONNECT, 2 } } };

/* The least, for large images. */
static const td_genotype one_node = {
    .nodes = 1,
    .normal = { { TD_OP_SEP_CONV_3X3, 1 }, { TD_OP_SKIP_CONNECT, 0 } },
    .reduce = { { TD_OP_MAX_POOL_3X3, 0 }, { TD_OP_SKIP_CONNECT, 1 } }
};

#endif
