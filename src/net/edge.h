/* What the files of the mixed edge share. */
#ifndef TD_NET_EDGE_H
#define TD_NET_EDGE_H

#include "cells.h"

/* The primitive whose first unit it is. */
td_op td_edge_op(int unit);

/* The batch norm behind a primitive; NULL for the plain skip. */
const td_norm *td_edge_norm(const td_edge *edge, td_op op);

/* A primitive's output before its batch norm. */
const td_real *td_edge_output(const td_edge *edge, const td_context *ctx, td_op op,
                              int image);

/* The same of the skip with weights. */
td_real *td_edge_skip(const td_edge *edge, int image);

/* Pixels of an output. */
int td_edge_pixels(const td_edge *edge);

/* ReLU(state) of an image with its margin, in the thread's scratch. */
const td_real *td_edge_relu(const td_edge *edge, const td_context *ctx, int image);

#endif
