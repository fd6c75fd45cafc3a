/* The ways through a mixed graph, which mixed.c puts into the table of its kind. */
#ifndef TD_CELLS_MIXED_H
#define TD_CELLS_MIXED_H

#include "cells.h"

/* ---- mixed_forward.c ---------------------------------------------------- */

void td_mixed_forward(td_graph *graph, const td_context *ctx, const td_span *span,
                      const double *p);
void td_mixed_evaluate_begin(td_graph *graph, const td_context *ctx,
                             const td_span *span, const double *p);
void td_mixed_evaluate_image(const td_graph *graph, const td_context *ctx, int slot);

/* ---- mixed_backward.c --------------------------------------------------- */

void td_mixed_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                       const td_mixture *mixture);

#endif
