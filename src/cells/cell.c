/* A cell: two input layers that bring the outputs of the two cells before to its
 * channels and size, and a graph whose nodes side by side are its output.  In a derived
 * cell the edges normalise what the input layers put out. */
#include "cells.h"

#include <stdio.h>
#include <string.h>

/* ---- outputs ------------------------------------------------------------ */

size_t td_output_count(const td_output *output, int images)
{
    return (size_t) images * td_extent_count(output->extent);
}

td_real *td_output_value(const td_output *output, int image)
{
    TD_ASSERT(output->value && image >= 0);
    return output->value + (size_t) image * td_extent_count(output->extent);
}

td_real *td_output_grad(const td_output *output, int image)
{
    TD_ASSERT(output->grad && image >= 0);
    return output->grad + (size_t) image * td_extent_count(output->extent);
}

/* ---- building ----------------------------------------------------------- */

static void build_pre(td_cell *cell, td_builder *b, int s, const td_cell_plan *plan)
{
    char name[16];
    const td_output *source = cell->source[s];
    td_conv1x1 *pre = &cell->pre[s];
    snprintf(name, sizeof name, "preprocess%d", s);
    *pre = (td_conv1x1){ .in_channels = source->channels,
                         .part_channels = source->part_channels,
                         .out_channels = plan->channels,
                         .factorized = s == 0 && plan->after_reduction,
                         .in = source->extent };
    td_conv1x1_build(pre, b, name, &cell->slice_length);
    cell->coefs[s] = td_coefs_build(b, plan->channels);
}

static void build_output(td_cell *cell, td_builder *b, int nodes)
{
    td_extent node = cell->graph.node_extent;
    td_output *output = &cell->output;
    output->extent = (td_extent){ nodes * node.planes, node.height, node.width };
    output->part_channels = cell->graph.channels;
    output->channels = nodes * cell->graph.channels;
    output->needs_grad = true;
    size_t count = (size_t) b->images * td_extent_count(output->extent);
    output->value = TD_TAKE(b->arena, td_real, count);
    td_graph_set_values(&cell->graph, output->value);
}

void td_cell_set_grads(td_cell *cell, td_real *grad)
{
    cell->output.grad = grad;
    td_graph_set_grads(&cell->graph, grad);
}

void td_cell_build(td_cell *cell, td_builder *b, td_cell_plan plan,
                   const td_output *before_last, const td_output *last)
{
    TD_ASSERT(before_last && last && plan.channels > 0);
    cell->reduction = plan.reduction;
    cell->first_weight = b->registry->weights.count;
    cell->source[0] = before_last;
    cell->source[1] = last;
    for (int s = 0; s < TD_INPUTS; s++)
        build_pre(cell, b, s, &plan);
    TD_ASSERT(cell->pre[0].out.height == cell->pre[1].out.height);
    TD_ASSERT(cell->pre[0].out.width == cell->pre[1].out.width);
    td_needs_max(&b->needs->slice_length, cell->slice_length);
    td_graph_build(&cell->graph, b,
                   (td_graph_spec){ .inputs = TD_INPUTS,
                                    .nodes = plan.nodes,
                                    .channels = plan.channels,
                                    .stride = plan.reduction ? 2 : 1,
                                    .input = cell->pre[1].out,
                                    .is_numbered = true,
                                    .chosen = plan.chosen,
                                    .path_rows = plan.path_rows,
                                    .without = plan.without,
                                    .has_noise = plan.has_noise,
                                    .adds_skips = plan.adds_skips,
                                    .table = plan.reduction,
                                    .number = plan.number });
    for (int s = 0; s < TD_INPUTS && !cell->graph.kind->has_normalised_inputs; s++)
        cell->graph.states[s].behind = &cell->pre[s].norm;
    build_output(cell, b, plan.nodes);
}

void td_cell_build_work(td_cell *cell, td_builder *b)
{
    td_graph_build_work(&cell->graph, b);
}

void td_cell_free(td_cell *cell)
{
    td_graph_free(&cell->graph);
}

void td_cell_begin(td_cell *cell, const td_context *ctx, const uint8_t *present)
{
    for (int s = 0; !ctx->pass->has_weights_of_last && s < TD_INPUTS; s++)
        td_matrix_pack(&cell->pre[s].matrix, ctx);
    td_graph_begin(&cell->graph, ctx, present);
}

/* ---- forward ------------------------------------------------------------ */

static int pre_pixels(const td_cell *cell)
{
    return cell->pre[0].out.height * cell->pre[0].out.width;
}

/* The product's input, ReLU(x) or its phases, in the thread's scratch. */
static const td_real *pre_input(const td_cell *cell, const td_context *ctx, int s,
                                const td_real *x)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    const td_conv1x1 *pre = &cell->pre[s];
    ctx->k->relu(scratch->image[0], x, td_extent_count(pre->in));
    return td_conv1x1_input(pre, ctx, scratch->image[1], scratch->image[0], 0);
}

/* y into the state's place, where it is normalised once its statistics are known. */
static void pre_forward_image(const td_cell *cell, const td_context *ctx, int s,
                              int image, int source_image)
{
    const td_matrix *matrix = &cell->pre[s].matrix;
    td_sums sums;
    const td_real *x =
        pre_input(cell, ctx, s, td_output_value(cell->source[s], source_image));
    ctx->k->pointwise(td_state_value(&cell->graph.states[s], image),
                      td_sums_for(&sums, ctx, image, s), x, matrix->packed, matrix->in,
                      cell->pre[s].out.planes, pre_pixels(cell));
}

static void normalise_image(const td_cell *cell, const td_context *ctx, int s,
                            int image, int group)
{
    const td_norm *norm = &cell->pre[s].norm;
    size_t at = td_norm_at(norm, group);
    td_real *y = td_state_value(&cell->graph.states[s], image);
    td_term term = { y, norm->inv + at };
    ctx->k->combine(y, false, norm->shift + at, &term, 1, norm->planes,
                    pre_pixels(cell));
}

typedef struct {
    const td_cell *cell;
    const td_span *span;
} cell_part;

static void pre_task(const void *part, const td_context *ctx, td_item item)
{
    const cell_part *p = part;
    for (int s = 0; s < TD_INPUTS; s++)
        pre_forward_image(p->cell, ctx, s, item.image, p->span->first + item.image);
}

static void normalise_task(const void *part, const td_context *ctx, td_item item)
{
    for (int s = 0; s < TD_INPUTS; s++)
        normalise_image(part, ctx, s, item.image, item.group);
}

static void pre_finish(td_cell *cell, const td_context *ctx, const td_span *span)
{
    td_norm_entry list[TD_INPUTS];
    for (int s = 0; s < TD_INPUTS; s++)
        list[s] = (td_norm_entry){ .norm = &cell->pre[s].norm,
                                   .first = s,
                                   .second = s,
                                   .pixels = pre_pixels(cell) };
    td_norms_finish(ctx, span, list, TD_INPUTS);
}

void td_cell_forward(td_cell *cell, const td_context *ctx, const td_span *span,
                     const double *p)
{
    cell_part part = { cell, span };
    td_phase(ctx, span, pre_task, &part);
    pre_finish(cell, ctx, span);
    if (cell->graph.kind->has_normalised_inputs)
        td_phase(ctx, span, normalise_task, cell);
    cell->graph.kind->forward(&cell->graph, ctx, span, p);
}

void td_cell_evaluate_begin(td_cell *cell, const td_context *ctx, const td_span *span,
                            const double *p)
{
    pre_finish(cell, ctx, span);
    cell->graph.kind->evaluate_begin(&cell->graph, ctx, span, p);
}

void td_cell_evaluate_image(const td_cell *cell, const td_context *ctx, int slot)
{
    for (int s = 0; s < TD_INPUTS; s++) {
        pre_forward_image(cell, ctx, s, slot, slot);
        if (cell->graph.kind->has_normalised_inputs)
            normalise_image(cell, ctx, s, slot, 0);
    }
    cell->graph.kind->evaluate_image(&cell->graph, ctx, slot);
}

/* ---- backward ----------------------------------------------------------- */

/* Whether anything below an input layer still wants a gradient. */
static bool wants_source(const td_cell *cell, const td_context *ctx, int s)
{
    return ctx->wants_weights || cell->source[s]->needs_grad;
}

/* The state holds ŷ, so that Σ g·ŷ is what its batch norm needs; in a derived cell it
 * holds y. */
static void sums_task(const void *part, const td_context *ctx, td_item item)
{
    const td_cell *cell = part;
    for (int s = 0; s < TD_INPUTS; s++) {
        const td_state *state = &cell->graph.states[s];
        const td_real *g = td_state_grad(state, item.image);
        td_sums sums = td_sums_at(ctx, item.image, s);
        int planes = cell->pre[s].out.planes, pixels = pre_pixels(cell);
        ctx->k->sum(sums.first, g, planes, pixels);
        const td_real *value = td_state_value(state, item.image);
        ctx->k->dots(&sums.second, g, &value, 1, planes, pixels);
    }
}

static void sums_finish(td_cell *cell, const td_context *ctx, const td_span *span)
{
    td_norm_entry list[TD_INPUTS];
    for (int s = 0; s < TD_INPUTS; s++)
        list[s] =
            (td_norm_entry){ .norm = &cell->pre[s].norm,
                             .first = s,
                             .second = s,
                             .pixels = pre_pixels(cell),
                             .coefs = &cell->coefs[s],
                             .p = 1.0,
                             .of_normalised = cell->graph.kind->has_normalised_inputs };
    td_norms_gradient(ctx, span, list, TD_INPUTS);
}

/* The source's gradient += [x > 0]·(Wᵀ gy), spread over the phases where factorized. */
static void source_backward_image(const td_cell *cell, const td_context *ctx, int s,
                                  int source_image, const td_real *gy)
{
    TD_ASSERT(gy != td_thread_scratch(ctx)->image[0]);
    td_scratch *scratch = td_thread_scratch(ctx);
    const td_conv1x1 *pre = &cell->pre[s];
    size_t count = td_extent_count(pre->in);
    td_real *dx = scratch->image[0], *whole = scratch->image[1];
    ctx->k->pointwise(dx, NULL, gy, pre->matrix.transposed, pre->matrix.out,
                      td_channels_planes(pre->matrix.in), pre_pixels(cell));
    if (pre->factorized) {
        memset(whole, 0, count * sizeof(td_real));
        ctx->k->halve_data(whole, dx, pre->in);
        dx = whole;
    }
    ctx->k->relu_data(td_output_grad(cell->source[s], source_image), dx,
                      td_output_value(cell->source[s], source_image), count);
}

static void pre_backward_image(const td_cell *cell, const td_context *ctx, int s,
                               td_item item, int source_image)
{
    const td_conv1x1 *pre = &cell->pre[s];
    const td_state *state = &cell->graph.states[s];
    td_affine coefs = td_coefs_at(&cell->coefs[s], &pre->norm, item.group);
    td_real *gy = td_thread_scratch(ctx)->image[2];
    ctx->k->affine(gy, td_state_grad(state, item.image),
                   td_state_value(state, item.image), &coefs, pre->out.planes,
                   pre_pixels(cell));
    if (item.slice) {
        const td_real *x =
            pre_input(cell, ctx, s, td_output_value(cell->source[s], source_image));
        ctx->k->pointwise_weights(item.slice + pre->matrix.slice_offset, gy, x,
                                  pre->matrix.in, pre->out.planes, pre_pixels(cell));
    }
    source_backward_image(cell, ctx, s, source_image, gy);
}

static void pre_backward_task(const void *part, const td_context *ctx, td_item item)
{
    const cell_part *p = part;
    for (int s = 0; s < TD_INPUTS; s++)
        if (wants_source(p->cell, ctx, s))
            pre_backward_image(p->cell, ctx, s, item, p->span->first + item.image);
}

static void inputs_backward(td_cell *cell, const td_context *ctx, const td_span *span)
{
    cell_part part = { cell, span };
    td_phase(ctx, span, sums_task, cell);
    sums_finish(cell, ctx, span);
    td_phase_weights(ctx, span, pre_backward_task, &part, cell->slice_length, false);
    if (!ctx->wants_weights)
        return;
    td_slices_sum(ctx, span, cell->slice_length);
    for (int s = 0; s < TD_INPUTS; s++)
        td_matrix_unpack(&cell->pre[s].matrix, ctx);
}

void td_cell_backward(td_cell *cell, const td_context *ctx, const td_span *span,
                      const double *p, double *dp)
{
    td_mixture mixture = { p,
                           dp,
                           { wants_source(cell, ctx, 0), wants_source(cell, ctx, 1) } };
    cell->graph.kind->backward(&cell->graph, ctx, span, &mixture);
    if (mixture.input_grad[0] || mixture.input_grad[1])
        inputs_backward(cell, ctx, span);
}
