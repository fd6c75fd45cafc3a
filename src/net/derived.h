/* Derived cells: choice.c, the edges with one primitive each, for derived.c, the way
 * through them.
 *
 * The outputs of the cell's two input layers stay as they were before their batch norm;
 * edges normalise what they read, so nothing is written twice (state->behind). */
#ifndef TD_NET_DERIVED_H
#define TD_NET_DERIVED_H

#include "cells.h"

/* The caller has set op, from, to, place and path; \a gene numbers it in its cell and
 * \a lot grows. */
void td_choice_build(td_choice *choice, td_builder *b, int gene, int channels,
                     size_t *lot);

/* Memory of the output that is not kept: edges in one place share it. */
bool td_choice_is_kept(const td_choice *choice);
void td_choice_place_output(td_choice *choice, td_real *y);
void td_choice_pack(td_choice *choice, const td_context *ctx);
void td_choice_unpack(const td_choice *choice, const td_context *ctx);

/* The batch norm behind the primitive; NULL for pools and the plain skip. */
td_norm *td_choice_norm(td_choice *choice);

/* Its output in front of that norm, NULL where there is none. */
const td_real *td_choice_output(const td_choice *choice, const td_context *ctx,
                                int image);

/* What drop path makes of it for image \a image of the pass. */
double td_choice_factor(const td_choice *choice, const td_context *ctx, int image);

/* Forward, phase by phase.  Functions named finish come between phases. */
void td_choice_first_image(const td_choice *choice, const td_context *ctx,
                           td_item item);
void td_choice_first_finish(td_choice *choice, const td_context *ctx,
                            const td_span *span);
void td_choice_second_image(const td_choice *choice, const td_context *ctx,
                            td_item item);
void td_choice_second_finish(td_choice *choice, const td_context *ctx,
                             const td_span *span);

/* Its share of the node: a·y, and what comes to \a start, both times \a factor.  \a a
 * has room for a factor a channel. */
td_term td_choice_term(const td_choice *choice, const td_context *ctx, td_item item,
                       double factor, td_real *a, td_real *start);

/* Backward: make again what the forward pass did not keep; then phase by phase from the
 * node's gradient. */
void td_choice_recall_image(const td_choice *choice, const td_context *ctx,
                            td_item item);
void td_choice_second_backward_image(const td_choice *choice, const td_context *ctx,
                                     td_item item, double factor);
void td_choice_second_backward_finish(td_choice *choice, const td_context *ctx,
                                      const td_span *span);

/* The state's gradient += the primitive's. */
void td_choice_first_backward_image(const td_choice *choice, const td_context *ctx,
                                    td_item item, double factor);

#endif
