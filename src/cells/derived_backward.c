/* Backward through a derived cell, node by node in reverse: the sums that batch norms
 * need, second units, first units; the last step shares a phase with the first one of
 * the node before. */
#include "derived.h"

#include <string.h>

static void recall_image(const td_operation *o, const td_context *ctx, td_item item)
{
    const td_family *family = o->family;
    const td_real *r = NULL;
    if (family->recalls_from_relu && family->recalls_from_relu(o))
        r = td_relu_of_state(o->from, ctx, item);
    if (family->recall_image)
        family->recall_image(o, ctx, item, r);
}

/* Σ g and Σ g·y of an operation with a batch norm, times its factor. */
static void scale_sums(const td_operation *o, const td_context *ctx, td_item item,
                       const double *sum, double factor)
{
    td_sums sums = td_sums_at(ctx, item.image, o->sums);
    for (int c = 0; c < o->to->extent.planes * TD_PLANE; c++) {
        sums.first[c] = factor * sum[c];
        sums.second[c] *= factor;
    }
}

/* Σ g, and Σ g·y of the operations that have batch norms. */
static void dots_image(const td_node_part *part, const td_context *ctx, td_item item)
{
    td_operations operations = td_node_operations(part->graph, part->node);
    int planes = part->graph->node_extent.planes, pixels = td_node_pixels(part->graph);
    const td_real *g = td_state_grad(operations[0]->to, item.image), *y[TD_MOST_TERMS];
    double *dots[TD_MOST_TERMS],
        *sum = td_sums_at(ctx, item.image, TD_SUMS_GRADIENT).first;
    int terms = td_node_count(part->graph, part->node), count = 0;
    for (int k = 0; k < terms; k++) {
        recall_image(operations[k], ctx, item);
        if (!td_operation_norm(operations[k]))
            continue;
        y[count] = operations[k]->family->output(operations[k], ctx, item);
        dots[count++] = td_sums_at(ctx, item.image, operations[k]->sums).second;
    }
    if (count == 0)
        return;
    ctx->k->sum(sum, g, planes, pixels);
    ctx->k->dots(dots, g, y, count, planes, pixels);
    for (int k = 0; k < terms; k++)
        if (td_operation_norm(operations[k]))
            scale_sums(operations[k], ctx, item, sum,
                       td_derived_factor(part, ctx, operations[k], item));
}

static void dots_finish(const td_graph *graph, const td_context *ctx,
                        const td_span *span, int node)
{
    td_norm_entry list[TD_MOST_TERMS];
    int count = 0;
    for (int k = 0; k < td_node_count(graph, node); k++) {
        td_operation *o = td_node_operations(graph, node)[k];
        if (td_operation_norm(o))
            list[count++] = (td_norm_entry){ .norm = td_operation_norm(o),
                                             .first = o->sums,
                                             .second = o->sums,
                                             .pixels = td_node_pixels(graph),
                                             .coefs = &o->coefs,
                                             .p = 1.0 };
    }
    td_norms_gradient(ctx, span, list, count);
}

static void second_backward_task(const void *argument, const td_context *ctx,
                                 td_item item)
{
    const td_node_part *part = argument;
    td_operations operations = td_node_operations(part->graph, part->node);
    double factors[TD_MOST_TERMS];
    int count = td_node_count(part->graph, part->node);
    for (int k = 0; k < count; k++)
        factors[k] = td_derived_factor(part, ctx, operations[k], item);
    td_operations_second_backward_image(operations, count, ctx, item, factors);
}

/* Gradients of the inputs start from 0. */
static void clear_inputs_image(const td_graph *graph, td_item item)
{
    for (int s = 0; s < graph->inputs; s++)
        memset(td_state_grad(&graph->states[s], item.image), 0,
               graph->states[s].step * sizeof(td_real));
}

/* The state's gradient += the operation's. */
static void first_backward_image(const td_operation *o, const td_context *ctx,
                                 td_item item, double factor)
{
    const td_state *from = o->from;
    TD_ASSERT(item.slice);
    if (o->family->state_backward_image)
        o->family->state_backward_image(o, ctx, item, factor);
    if (!o->family->reads_relu)
        return;
    td_real *dr = td_thread_scratch(ctx)->image[0];
    const td_real *r = td_relu_of_state(from, ctx, item);
    o->family->first_backward_image(o, ctx, item, factor, r, dr, false);
    ctx->k->relu_data(td_state_grad(from, item.image), dr,
                      td_state_read(from, ctx, item.image, item.group),
                      td_extent_count(from->extent));
}

/* The rest of the former node and the beginning of the next. */
static void between_task(const void *argument, const td_context *ctx, td_item item)
{
    const td_node_part *part = argument;
    if (part->former < 0)
        clear_inputs_image(part->graph, item);
    int former = part->former < 0 ? 0 : td_node_count(part->graph, part->former);
    for (int k = 0; k < former; k++) {
        const td_operation *o = td_node_operations(part->graph, part->former)[k];
        first_backward_image(o, ctx, item, td_derived_factor(part, ctx, o, item));
    }
    if (part->node >= 0)
        dots_image(part, ctx, item);
}

static void between(const td_node_part *part, const td_context *ctx)
{
    size_t count = part->former < 0 ? 0 : part->graph->node_slice_length[part->former];
    td_phase_weights(ctx, part->span, between_task, part, count, true);
    if (part->former < 0)
        return;
    td_slices_sum(ctx, part->span, count);
    td_operations_unpack(td_node_operations(part->graph, part->former),
                         td_node_count(part->graph, part->former), ctx);
}

void td_derived_backward(td_graph *graph, const td_context *ctx, const td_span *span,
                         const td_mixture *mixture)
{
    (void) mixture;
    td_node_part part = { graph, span, -1, graph->nodes - 1 };
    TD_ASSERT(ctx->wants_weights);
    for (; part.node >= 0; part.former = part.node--) {
        td_operations operations = td_node_operations(graph, part.node);
        between(&part, ctx);
        dots_finish(graph, ctx, span, part.node);
        td_phase_weights(ctx, span, second_backward_task, &part,
                         graph->node_slice_length[part.node], false);
        td_norm_entry list[TD_MOST_TERMS];
        int count = td_node_count(graph, part.node);
        td_norms_gradient(ctx, span, list,
                          td_operations_inner_norms(operations, count, list));
    }
    between(&part, ctx);
}
