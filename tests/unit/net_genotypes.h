/* Cells that the tests of derived networks are made of. */
#ifndef TD_NET_GENOTYPES_H
#define TD_NET_GENOTYPES_H

#include "taildart/net.h"

/* The two that Liu et al. (2019) published. */
static const td_genotype darts_v1 = { .nodes = 4,
                                      .normal = { 8,
                                                  { { TD_OP_SEP_CONV_3X3, 1, 2 },
                                                    { TD_OP_SEP_CONV_3X3, 0, 2 },
                                                    { TD_OP_SKIP_CONNECT, 0, 3 },
                                                    { TD_OP_SEP_CONV_3X3, 1, 3 },
                                                    { TD_OP_SKIP_CONNECT, 0, 4 },
                                                    { TD_OP_SEP_CONV_3X3, 1, 4 },
                                                    { TD_OP_SEP_CONV_3X3, 0, 5 },
                                                    { TD_OP_SKIP_CONNECT, 2, 5 } } },
                                      .reduce = { 8,
                                                  { { TD_OP_MAX_POOL_3X3, 0, 2 },
                                                    { TD_OP_MAX_POOL_3X3, 1, 2 },
                                                    { TD_OP_SKIP_CONNECT, 2, 3 },
                                                    { TD_OP_MAX_POOL_3X3, 0, 3 },
                                                    { TD_OP_MAX_POOL_3X3, 0, 4 },
                                                    { TD_OP_SKIP_CONNECT, 2, 4 },
                                                    { TD_OP_SKIP_CONNECT, 2, 5 },
                                                    { TD_OP_AVG_POOL_3X3, 0, 5 } } } };
static const td_genotype darts_v2 = { .nodes = 4,
                                      .normal = { 8,
                                                  { { TD_OP_SEP_CONV_3X3, 0, 2 },
                                                    { TD_OP_SEP_CONV_3X3, 1, 2 },
                                                    { TD_OP_SEP_CONV_3X3, 0, 3 },
                                                    { TD_OP_SEP_CONV_3X3, 1, 3 },
                                                    { TD_OP_SEP_CONV_3X3, 1, 4 },
                                                    { TD_OP_SKIP_CONNECT, 0, 4 },
                                                    { TD_OP_SKIP_CONNECT, 0, 5 },
                                                    { TD_OP_DIL_CONV_3X3, 2, 5 } } },
                                      .reduce = { 8,
                                                  { { TD_OP_MAX_POOL_3X3, 0, 2 },
                                                    { TD_OP_MAX_POOL_3X3, 1, 2 },
                                                    { TD_OP_SKIP_CONNECT, 2, 3 },
                                                    { TD_OP_MAX_POOL_3X3, 1, 3 },
                                                    { TD_OP_MAX_POOL_3X3, 0, 4 },
                                                    { TD_OP_SKIP_CONNECT, 2, 4 },
                                                    { TD_OP_SKIP_CONNECT, 2, 5 },
                                                    { TD_OP_MAX_POOL_3X3, 1, 5 } } } };

/* All operations in both cells; skips and pools at either stride. */
static const td_genotype every_operation = {
    .nodes = 4,
    .normal = { 8,
                { { TD_OP_SEP_CONV_3X3, 0, 2 },
                  { TD_OP_SKIP_CONNECT, 1, 2 },
                  { TD_OP_SEP_CONV_5X5, 2, 3 },
                  { TD_OP_MAX_POOL_3X3, 0, 3 },
                  { TD_OP_DIL_CONV_3X3, 3, 4 },
                  { TD_OP_AVG_POOL_3X3, 1, 4 },
                  { TD_OP_DIL_CONV_5X5, 4, 5 },
                  { TD_OP_MAX_POOL_3X3, 2, 5 } } },
    .reduce = { 8,
                { { TD_OP_SKIP_CONNECT, 0, 2 },
                  { TD_OP_MAX_POOL_3X3, 1, 2 },
                  { TD_OP_AVG_POOL_3X3, 0, 3 },
                  { TD_OP_SEP_CONV_3X3, 1, 3 },
                  { TD_OP_SEP_CONV_5X5, 0, 4 },
                  { TD_OP_DIL_CONV_5X5, 1, 4 },
                  { TD_OP_DIL_CONV_3X3, 3, 5 },
                  { TD_OP_SKIP_CONNECT, 2, 5 } } }
};

/* One to three inputs per node; one node of each cell is dropped, and what leaves
 * it. */
static const td_genotype uneven = { .nodes = 4,
                                    .normal = { 7,
                                                { { TD_OP_SEP_CONV_3X3, 1, 3 },
                                                  { TD_OP_SKIP_CONNECT, 2, 4 },
                                                  { TD_OP_MAX_POOL_3X3, 3, 4 },
                                                  { TD_OP_AVG_POOL_3X3, 4, 5 },
                                                  { TD_OP_MAX_POOL_3X3, 0, 5 },
                                                  { TD_OP_SKIP_CONNECT, 1, 5 },
                                                  { TD_OP_DIL_CONV_3X3, 3, 5 } } },
                                    .reduce = { 6,
                                                { { TD_OP_SKIP_CONNECT, 1, 2 },
                                                  { TD_OP_SEP_CONV_5X5, 2, 3 },
                                                  { TD_OP_DIL_CONV_5X5, 0, 5 },
                                                  { TD_OP_AVG_POOL_3X3, 1, 5 },
                                                  { TD_OP_SKIP_CONNECT, 2, 5 },
                                                  { TD_OP_SEP_CONV_3X3, 4, 5 } } } };

/* All inputs of every node. */
static const td_genotype all_inputs = { .nodes = 3,
                                        .normal = { 9,
                                                    { { TD_OP_SEP_CONV_3X3, 0, 2 },
                                                      { TD_OP_SKIP_CONNECT, 1, 2 },
                                                      { TD_OP_AVG_POOL_3X3, 2, 3 },
                                                      { TD_OP_SEP_CONV_5X5, 1, 3 },
                                                      { TD_OP_DIL_CONV_3X3, 0, 3 },
                                                      { TD_OP_SKIP_CONNECT, 0, 4 },
                                                      { TD_OP_MAX_POOL_3X3, 1, 4 },
                                                      { TD_OP_SEP_CONV_3X3, 2, 4 },
                                                      { TD_OP_DIL_CONV_5X5, 3, 4 } } },
                                        .reduce = {
                                            9,
                                            { { TD_OP_SKIP_CONNECT, 0, 2 },
                                              { TD_OP_SKIP_CONNECT, 1, 2 },
                                              { TD_OP_MAX_POOL_3X3, 0, 3 },
                                              { TD_OP_SEP_CONV_3X3, 1, 3 },
                                              { TD_OP_SEP_CONV_5X5, 2, 3 },
                                              { TD_OP_AVG_POOL_3X3, 0, 4 },
                                              { TD_OP_DIL_CONV_3X3, 1, 4 },
                                              { TD_OP_SKIP_CONNECT, 2, 4 },
                                              { TD_OP_MAX_POOL_3X3, 3, 4 } } } };

/* The least, for large images. */
static const td_genotype one_node = {
    .nodes = 1,
    .normal = { 2, { { TD_OP_SEP_CONV_3X3, 1, 2 }, { TD_OP_SKIP_CONNECT, 0, 2 } } },
    .reduce = { 2, { { TD_OP_MAX_POOL_3X3, 0, 2 }, { TD_OP_SKIP_CONNECT, 1, 2 } } }
};

#endif
