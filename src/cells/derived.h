/* A node of a derived cell at work, for both ways through it (derived.c,
 * derived_backward.c). */
#ifndef TD_CELLS_DERIVED_H
#define TD_CELLS_DERIVED_H

#include "cells.h"

/* A node at work, and the one before it in this direction; −1 where there is none. */
typedef struct {
    const td_graph *graph;
    const td_span *span;
    int former, node;
} td_node_part;

static inline td_operations td_node_operations(const td_graph *graph, int node)
{
    return graph->present + graph->node_start[node];
}

static inline int td_node_count(const td_graph *graph, int node)
{
    return graph->node_start[node + 1] - graph->node_start[node];
}

static inline int td_node_pixels(const td_graph *graph)
{
    return graph->node_extent.height * graph->node_extent.width;
}

/* The drop-path factor of an output for this image; 1 where the state itself passes. */
static inline double td_derived_factor(const td_node_part *part, const td_context *ctx,
                                       const td_operation *o, td_item item)
{
    const td_real *factors = ctx->pass->drop_path;
    size_t image = (size_t) (part->span->first + item.image);
    if (!factors || o->family->passes_state)
        return 1.0;
    return (double) factors[(size_t) o->path * (size_t) ctx->span.images + image];
}

/* Gradients of both input states come of it, whoever wants them. */
void td_derived_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                         const td_mixture *mixture);

#endif
