/* The way back through a derived cell. */
#ifndef TD_CELLS_DERIVED_BACKWARD_H
#define TD_CELLS_DERIVED_BACKWARD_H

#include "cells.h"

/* Gradients of both input states come of it, whoever wants them. */
void td_derived_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                         const td_mixture *mixture);

#endif
