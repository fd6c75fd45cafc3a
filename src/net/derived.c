/* Through the edges of a derived cell, node by node.
 *
 * A node takes two phases, its edges' first units and their second ones; the next
 * node's first phase also adds the two edges up.  Backward it is three steps, as in the
 * supernet: the sums that batch norms need, second units, first units; the last one
 * shares a phase with the first one of the node before. */
#include "derived.h"

#include <string.h>

static td_choice *node_choices(const td_graph *graph, int node)
{
    return graph->choices + TD_GENES * node;
}

/* ---- building ----------------------------------------------------------- */

static void build_edges(td_graph *graph, td_builder *b, const td_graph_spec *spec)
{
    int count = TD_GENES * spec->nodes;
    graph->choices = td_malloc((size_t) count * sizeof *graph->choices);
    size_t lot = 0;
    for (int i = 0; i < count; i++) {
        td_gene gene = spec->genes[i];
        int node = i / TD_GENES;
        TD_ASSERT(gene.op > TD_OP_NONE && gene.state < spec->inputs + node);
        td_choice *choice = &graph->choices[i];
        *choice = (td_choice){ .op = gene.op,
                               .from = &graph->states[gene.state],
                               .to = &graph->states[spec->inputs + node],
                               .place = i % TD_GENES,
                               .path = spec->number * count + i };
        lot = i % TD_GENES == 0 ? 0 : lot;
        td_choice_build(choice, b, i, spec->channels, &lot);
    }
}

/* One node is at work at a time: outputs that are not kept lie in two places. */
static void build_work(td_graph *graph, td_builder *b)
{
    td_real *room[TD_GENES] = { NULL, NULL };
    bool is_needed[TD_GENES] = { false, false };
    int count = TD_GENES * graph->nodes;
    for (int i = 0; i < count; i++)
        is_needed[i % TD_GENES] |= !td_choice_is_kept(&graph->choices[i]);
    for (int k = 0; k < TD_GENES; k++)
        if (is_needed[k])
            room[k] = TD_TAKE(b->arena, td_real,
                              (size_t) b->images * td_extent_count(graph->node_extent));
    for (int i = 0; i < count; i++)
        if (!td_choice_is_kept(&graph->choices[i]))
            td_choice_place_output(&graph->choices[i], room[i % TD_GENES]);
}

static void pack(td_graph *graph, const td_context *ctx)
{
#pragma omp parallel for schedule(static)
    for (int i = 0; i < TD_GENES * graph->nodes; i++)
        td_choice_pack(&graph->choices[i], ctx);
}

/* ---- forward ------------------------------------------------------------ */

/* A node at work, and the one before it in this direction; −1 where there is none. */
typedef struct {
    const td_graph *graph;
    const td_span *span;
    int former, node;
} node_part;

static double factor_of(const node_part *part, const td_context *ctx,
                        const td_choice *choice, td_item item)
{
    return td_choice_factor(choice, ctx, part->span->first + item.image);
}

/* node = the sum of its two edges. */
static void sum_image(const node_part *part, const td_context *ctx, int node,
                      td_item item)
{
    const td_graph *graph = part->graph;
    const td_choice *choices = node_choices(graph, node);
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *start = scratch->channels[TD_GENES];
    td_extent extent = graph->node_extent;
    td_term terms[TD_GENES];
    memset(start, 0, (size_t) (extent.planes * TD_PLANE) * sizeof(td_real));
    for (int k = 0; k < TD_GENES; k++)
        terms[k] = td_choice_term(&choices[k], ctx, item,
                                  factor_of(part, ctx, &choices[k], item),
                                  scratch->channels[k], start);
    ctx->k->mix(td_state_value(choices[0].to, item.image), false, start, terms,
                TD_GENES, extent.planes, extent.height * extent.width);
}

static void first_task(const void *argument, const td_context *ctx, td_item item)
{
    const node_part *part = argument;
    if (part->former >= 0)
        sum_image(part, ctx, part->former, item);
    for (int k = 0; part->node >= 0 && k < TD_GENES; k++)
        td_choice_first_image(&node_choices(part->graph, part->node)[k], ctx, item);
}

static void second_task(const void *argument, const td_context *ctx, td_item item)
{
    const node_part *part = argument;
    for (int k = 0; k < TD_GENES; k++)
        td_choice_second_image(&node_choices(part->graph, part->node)[k], ctx, item);
}

static void first_finish(const td_graph *graph, const td_context *ctx,
                         const td_span *span, int node)
{
    for (int k = 0; k < TD_GENES; k++)
        td_choice_first_finish(&node_choices(graph, node)[k], ctx, span);
}

static void second_finish(const td_graph *graph, const td_context *ctx,
                          const td_span *span, int node)
{
    for (int k = 0; k < TD_GENES; k++)
        td_choice_second_finish(&node_choices(graph, node)[k], ctx, span);
}

static void forward(td_graph *graph, const td_context *ctx, const td_span *span,
                    const double *p)
{
    (void) p; /* nothing is mixed */
    node_part part = { graph, span, -1, 0 };
    for (; part.node < graph->nodes; part.former = part.node++) {
        td_phase(ctx, span, first_task, &part, 0);
        first_finish(graph, ctx, span, part.node);
        td_phase(ctx, span, second_task, &part, 0);
        second_finish(graph, ctx, span, part.node);
    }
    part.node = -1;
    td_phase(ctx, span, first_task, &part, 0);
}

/* ---- evaluation --------------------------------------------------------- */

static void evaluate_begin(td_graph *graph, const td_context *ctx, const td_span *span,
                           const double *p)
{
    (void) p;
    for (int node = 0; node < graph->nodes; node++) {
        first_finish(graph, ctx, span, node);
        second_finish(graph, ctx, span, node);
    }
}

static void evaluate_image(const td_graph *graph, const td_context *ctx, int slot)
{
    td_span span = { .images = 1 };
    td_item item = { .image = slot };
    node_part part = { graph, &span, -1, 0 };
    for (; part.node < graph->nodes; part.node++) {
        first_task(&part, ctx, item);
        second_task(&part, ctx, item);
        sum_image(&part, ctx, part.node, item);
    }
}

/* ---- backward ----------------------------------------------------------- */

/* Σ g, and Σ g·y of both edges, as far as they have batch norms, times their
 * factors. */
static void dots_image(const node_part *part, const td_context *ctx, td_item item)
{
    td_choice *choices = node_choices(part->graph, part->node);
    td_extent extent = part->graph->node_extent;
    int pixels = extent.height * extent.width, count = 0,
        width = extent.planes * TD_PLANE;
    const td_real *g = td_state_grad(choices[0].to, item.image), *y[TD_GENES];
    double *dots[TD_GENES], *sum = td_sums_at(ctx, item.image, TD_PLACE_GRADIENT).first;
    for (int k = 0; k < TD_GENES; k++) {
        td_choice_recall_image(&choices[k], ctx, item);
        if (!td_choice_norm(&choices[k]))
            continue;
        y[count] = td_choice_output(&choices[k], ctx, item.image);
        dots[count++] = td_sums_at(ctx, item.image, k).second;
    }
    if (count == 0)
        return;
    ctx->k->sum(sum, g, extent.planes, pixels);
    ctx->k->dots(dots, g, y, count, extent.planes, pixels);
    for (int k = 0; k < TD_GENES; k++) {
        td_sums sums = td_sums_at(ctx, item.image, k);
        double factor = factor_of(part, ctx, &choices[k], item);
        for (int c = 0; td_choice_norm(&choices[k]) && c < width; c++) {
            sums.first[c] = factor * sum[c];
            sums.second[c] *= factor;
        }
    }
}

static void dots_finish(const td_graph *graph, const td_context *ctx,
                        const td_span *span, int node)
{
    td_extent extent = graph->node_extent;
    for (int k = 0; k < TD_GENES; k++) {
        td_choice *choice = &node_choices(graph, node)[k];
        td_norm *norm = td_choice_norm(choice);
        td_sums_place at = { ctx, span, k, k, extent.height * extent.width, false };
        if (norm)
            td_norm_gradient(norm, &choice->coefs, at, 1.0);
    }
}

static void second_backward_task(const void *argument, const td_context *ctx,
                                 td_item item)
{
    const node_part *part = argument;
    for (int k = 0; k < TD_GENES; k++) {
        const td_choice *choice = &node_choices(part->graph, part->node)[k];
        td_choice_second_backward_image(choice, ctx, item,
                                        factor_of(part, ctx, choice, item));
    }
}

/* Gradients of the inputs start from 0. */
static void clear_inputs_image(const td_graph *graph, td_item item)
{
    for (int s = 0; s < graph->inputs; s++)
        memset(td_state_grad(&graph->states[s], item.image), 0,
               graph->states[s].step * sizeof(td_real));
}

/* The rest of the former node and the beginning of the next. */
static void between_task(const void *argument, const td_context *ctx, td_item item)
{
    const node_part *part = argument;
    if (part->former < 0)
        clear_inputs_image(part->graph, item);
    for (int k = 0; part->former >= 0 && k < TD_GENES; k++) {
        const td_choice *choice = &node_choices(part->graph, part->former)[k];
        td_choice_first_backward_image(choice, ctx, item,
                                       factor_of(part, ctx, choice, item));
    }
    if (part->node >= 0)
        dots_image(part, ctx, item);
}

static void between(const node_part *part, const td_context *ctx)
{
    td_phase(ctx, part->span, between_task, part, 0);
    if (part->former < 0)
        return;
    const td_choice *choices = node_choices(part->graph, part->former);
    td_lots_sum(ctx, part->span, choices[TD_GENES - 1].lot);
    for (int k = 0; k < TD_GENES; k++)
        td_choice_unpack(&choices[k], ctx);
}

/* Gradients of both input states come of it, whoever wants them. */
static void backward(td_graph *graph, const td_context *ctx, const td_span *span,
                     const td_mixture *mixture)
{
    (void) mixture;
    node_part part = { graph, span, -1, graph->nodes - 1 };
    TD_ASSERT(ctx->grads);
    for (; part.node >= 0; part.former = part.node--) {
        td_choice *choices = node_choices(graph, part.node);
        between(&part, ctx);
        dots_finish(graph, ctx, span, part.node);
        td_phase(ctx, span, second_backward_task, &part, choices[TD_GENES - 1].lot);
        for (int k = 0; k < TD_GENES; k++)
            td_choice_second_backward_finish(&choices[k], ctx, span);
    }
    between(&part, ctx);
}

const td_graph_kind td_derived_kind = {
    .has_normalised_inputs = false,
    .build_edges = build_edges,
    .build_work = build_work,
    .pack = pack,
    .forward = forward,
    .evaluate_begin = evaluate_begin,
    .evaluate_image = evaluate_image,
    .backward = backward,
};
