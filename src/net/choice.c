/* An edge of a derived cell: one primitive with affine batch norms, bare pools (Liu et
 * al. 2019, 3.1), and drop path as a factor on its output (Larsson et al. 2017). */
#include "derived.h"

#include <stdio.h>
#include <string.h>

static bool is_convolution(const td_choice *choice)
{
    return choice->op >= TD_OP_SEP_CONV_3X3;
}

static bool is_separable(const td_choice *choice)
{
    return choice->op == TD_OP_SEP_CONV_3X3 || choice->op == TD_OP_SEP_CONV_5X5;
}

static bool is_pool(const td_choice *choice)
{
    return choice->op == TD_OP_MAX_POOL_3X3 || choice->op == TD_OP_AVG_POOL_3X3;
}

/* A skip_connect with weights, or the identity. */
static bool is_reducing_skip(const td_choice *choice)
{
    return choice->op == TD_OP_SKIP_CONNECT && choice->from->stride == 2;
}

static bool is_plain_skip(const td_choice *choice)
{
    return choice->op == TD_OP_SKIP_CONNECT && choice->from->stride == 1;
}

static int pixels_of(const td_choice *choice)
{
    return choice->to->extent.height * choice->to->extent.width;
}

/* The unit whose batch norm is the last one. */
static td_unit *last_unit(const td_choice *choice)
{
    const td_unit *unit = is_separable(choice) ? &choice->second : &choice->first;
    return (td_unit *) unit;
}

/* ---- building ----------------------------------------------------------- */

static void add_units(td_choice *choice, td_builder *b, const char *name, int channels,
                      size_t *lot)
{
    td_unit *first = &choice->first, *second = &choice->second;
    first->channels = second->channels = channels;
    first->room = choice->place;
    second->room = TD_GENES + choice->place;
    first->conv =
        td_unit_convolution(choice->op, choice->from->extent, choice->from->stride);
    first->is_kept = is_separable(choice) || b->recompute < TD_RECOMPUTE_DILATED;
    td_unit_build(first, b, name, 0, lot);
    if (!is_separable(choice))
        return;
    second->conv = td_unit_convolution(choice->op, first->out, 1);
    second->is_kept = b->recompute < TD_RECOMPUTE_ALL;
    td_unit_build(second, b, name, 4, lot);
    choice->inner = td_coefs_build(b, channels);
}

static void add_skip(td_choice *choice, td_builder *b, const char *name, int channels,
                     size_t *lot)
{
    choice->skip = (td_dense){ .in_channels = channels,
                               .part_channels = channels,
                               .out_channels = channels,
                               .factorized = true,
                               .in = choice->from->extent };
    td_dense_build(&choice->skip, b, name, lot);
    choice->skip_y = TD_TAKE(b->arena, td_real,
                             (size_t) b->images * td_extent_count(choice->skip.out));
    td_needs_max(&b->needs->padded, td_extent_padded_count(choice->from->extent));
}

void td_choice_build(td_choice *choice, td_builder *b, int gene, int channels,
                     size_t *lot)
{
    TD_ASSERT(choice->from && choice->to && choice->op > TD_OP_NONE);
    char name[16];
    td_extent from = choice->from->extent, to = choice->to->extent;
    snprintf(name, sizeof name, "_ops.%d", gene);
    if (is_convolution(choice))
        add_units(choice, b, name, channels, lot);
    if (is_reducing_skip(choice))
        add_skip(choice, b, name, channels, lot);
    if (choice->op == TD_OP_MAX_POOL_3X3)
        choice->argmax =
            TD_TAKE(b->arena, uint8_t, (size_t) b->images * td_extent_count(to));
    choice->coefs = td_coefs_build(b, channels);
    choice->lot = *lot;
    td_needs_max(&b->needs->lot, *lot);
    td_needs_max(&b->needs->image, td_extent_count(from));
    td_needs_max(&b->needs->state, td_extent_count(from));
    td_needs_max(&b->needs->channels, (size_t) (from.planes * TD_PLANE));
}

bool td_choice_is_kept(const td_choice *choice)
{
    return !is_convolution(choice) || last_unit(choice)->is_kept;
}

void td_choice_place_output(td_choice *choice, td_real *y)
{
    TD_ASSERT(!td_choice_is_kept(choice));
    last_unit(choice)->y = y;
}

void td_choice_pack(td_choice *choice, const td_context *ctx)
{
    if (is_convolution(choice))
        td_unit_pack(&choice->first, ctx);
    if (is_separable(choice))
        td_unit_pack(&choice->second, ctx);
    if (is_reducing_skip(choice))
        td_matrix_pack(&choice->skip.matrix, ctx);
}

void td_choice_unpack(const td_choice *choice, const td_context *ctx)
{
    if (is_convolution(choice))
        td_unit_unpack(&choice->first, ctx);
    if (is_separable(choice))
        td_unit_unpack(&choice->second, ctx);
    if (is_reducing_skip(choice))
        td_matrix_unpack(&choice->skip.matrix, ctx);
}

/* ---- what it reads and gives -------------------------------------------- */

static const td_norm *norm_of(const td_choice *choice)
{
    if (is_convolution(choice))
        return &last_unit(choice)->norm;
    return is_reducing_skip(choice) ? &choice->skip.norm : NULL;
}

td_norm *td_choice_norm(td_choice *choice)
{
    return (td_norm *) norm_of(choice);
}

static td_real *skip_output(const td_choice *choice, int image)
{
    return choice->skip_y + (size_t) image * td_extent_count(choice->skip.out);
}

const td_real *td_choice_output(const td_choice *choice, const td_context *ctx,
                                int image)
{
    if (is_convolution(choice))
        return td_unit_output(last_unit(choice), ctx, image);
    return is_reducing_skip(choice) ? skip_output(choice, image) : NULL;
}

double td_choice_factor(const td_choice *choice, const td_context *ctx, int image)
{
    const td_real *factors = ctx->pass->drop_path;
    if (!factors || is_plain_skip(choice))
        return 1.0;
    return (
        double) factors[(size_t) choice->path * (size_t) ctx->images + (size_t) image];
}

/* ReLU(state) with its margin, in the thread's scratch. */
static const td_real *relu_of_state(const td_choice *choice, const td_context *ctx,
                                    td_item item)
{
    const td_state *state = choice->from;
    const td_norm *norm = state->behind;
    const td_real *value = td_state_value(state, item.image);
    td_real *r = td_padded_for(&td_thread_scratch(ctx)->r, state->extent);
    if (!norm) {
        ctx->k->relu_padded(r, value, state->extent);
        return r;
    }
    size_t at = td_norm_at(norm, item.group);
    ctx->k->norm_relu_padded(r, value, norm->scale + at, norm->shift + at,
                             state->extent);
    return r;
}

/* ---- forward ------------------------------------------------------------ */

static void skip_forward_image(const td_choice *choice, const td_context *ctx,
                               td_item item, const td_real *r)
{
    td_sums sums;
    td_dense_skip_image(&choice->skip, ctx, skip_output(choice, item.image),
                        td_sums_for(&sums, ctx, item.image, choice->place), r);
}

void td_choice_first_image(const td_choice *choice, const td_context *ctx, td_item item)
{
    if (is_convolution(choice))
        td_unit_forward_image(&choice->first, ctx, item.image, choice->place,
                              relu_of_state(choice, ctx, item));
    else if (is_reducing_skip(choice))
        skip_forward_image(choice, ctx, item, relu_of_state(choice, ctx, item));
}

void td_choice_first_finish(td_choice *choice, const td_context *ctx,
                            const td_span *span)
{
    int pixels = pixels_of(choice);
    if (is_convolution(choice))
        td_norm_finish(&choice->first.norm, ctx, span, choice->place, pixels);
    else if (is_reducing_skip(choice))
        td_norm_finish(&choice->skip.norm, ctx, span, choice->place, pixels);
}

void td_choice_second_image(const td_choice *choice, const td_context *ctx,
                            td_item item)
{
    if (is_separable(choice))
        td_unit_forward_image(
            &choice->second, ctx, item.image, choice->place,
            td_unit_second_input(&choice->first, ctx, item.image, item.group));
}

void td_choice_second_finish(td_choice *choice, const td_context *ctx,
                             const td_span *span)
{
    if (is_separable(choice))
        td_norm_finish(&choice->second.norm, ctx, span, choice->place,
                       pixels_of(choice));
}

/* A pool in the thread's scratch. */
static const td_real *pool_image(const td_choice *choice, const td_context *ctx,
                                 td_item item)
{
    const td_state *from = choice->from;
    td_real *to = td_thread_scratch(ctx)->image[choice->place];
    const td_real *x = td_state_read(from, ctx, item.image, item.group);
    size_t at = (size_t) item.image * td_extent_count(choice->to->extent);
    if (choice->op == TD_OP_AVG_POOL_3X3)
        ctx->k->avg_pool(to, NULL, x, from->extent, from->stride);
    else
        ctx->k->max_pool(to, ctx->forgets ? NULL : choice->argmax + at, NULL, x,
                         from->extent, from->stride);
    return to;
}

td_term td_choice_term(const td_choice *choice, const td_context *ctx, td_item item,
                       double factor, td_real *a, td_real *start)
{
    const td_norm *norm =
        is_plain_skip(choice) ? choice->from->behind : norm_of(choice);
    int width = choice->to->extent.planes * TD_PLANE;
    td_real f = (td_real) factor;
    for (int c = 0; c < width; c++) {
        size_t at = norm ? td_norm_at(norm, item.group) + (size_t) c : 0;
        a[c] = norm ? f * norm->scale[at] : f;
        start[c] += norm ? f * norm->shift[at] : 0;
    }
    if (is_pool(choice))
        return (td_term){ pool_image(choice, ctx, item), a };
    if (is_plain_skip(choice))
        return (td_term){ td_state_value(choice->from, item.image), a };
    return (td_term){ td_choice_output(choice, ctx, item.image), a };
}

/* ---- backward ----------------------------------------------------------- */

void td_choice_recall_image(const td_choice *choice, const td_context *ctx,
                            td_item item)
{
    if (td_choice_is_kept(choice))
        return;
    const td_real *x =
        is_separable(choice)
            ? td_unit_second_input(&choice->first, ctx, item.image, item.group)
            : relu_of_state(choice, ctx, item);
    td_unit_forward_image(last_unit(choice), ctx, item.image, TD_NO_PLACE, x);
}

/* The gradient in front of the last batch norm for this image; factors in the thread's
 * scratch. */
static td_affine behind_norm(const td_choice *choice, const td_context *ctx,
                             td_item item, double factor)
{
    td_affine coefs = td_coefs_at(&choice->coefs, norm_of(choice), item.group);
    if (factor == 1.0)
        return coefs;
    td_real *a = td_thread_scratch(ctx)->channels[0];
    for (int c = 0; c < choice->to->extent.planes * TD_PLANE; c++)
        a[c] = (td_real) factor * coefs.a[c];
    coefs.a = a;
    return coefs;
}

/* gz, the gradient behind the first unit's batch norm, takes the place of the second
 * unit's output, which is not read again. */
void td_choice_second_backward_image(const td_choice *choice, const td_context *ctx,
                                     td_item item, double factor)
{
    if (!is_separable(choice))
        return;
    const td_unit *first = &choice->first, *second = &choice->second;
    td_real *dz = td_thread_scratch(ctx)->image[0];
    td_sums sums = td_sums_at(ctx, item.image, choice->place);
    size_t at = td_norm_at(&first->norm, item.group);
    td_unit_backward_image(
        second, ctx, item, td_state_grad(choice->to, item.image),
        behind_norm(choice, ctx, item, factor),
        td_unit_second_input(&choice->first, ctx, item.image, item.group), dz, false);
    ctx->k->norm_relu_data(td_unit_output(second, ctx, item.image), &sums, dz,
                           td_unit_output(first, ctx, item.image),
                           first->norm.scale + at, first->norm.shift + at,
                           first->out.planes, pixels_of(choice));
}

void td_choice_second_backward_finish(td_choice *choice, const td_context *ctx,
                                      const td_span *span)
{
    td_sums_place at = { ctx,  span, choice->place, choice->place, pixels_of(choice),
                         false };
    if (is_separable(choice))
        td_norm_gradient(&choice->first.norm, &choice->inner, at, 1.0);
}

/* dr, the gradient of ReLU(state). */
static void convolution_backward(const td_choice *choice, const td_context *ctx,
                                 td_item item, double factor, const td_real *r,
                                 td_real *dr)
{
    const td_unit *first = &choice->first;
    bool has_two = is_separable(choice);
    const td_real *g = has_two ? td_unit_output(&choice->second, ctx, item.image)
                               : td_state_grad(choice->to, item.image);
    td_affine behind = has_two ? td_coefs_at(&choice->inner, &first->norm, item.group)
                               : behind_norm(choice, ctx, item, factor);
    td_unit_backward_image(first, ctx, item, g, behind, r, dr, false);
}

static void skip_backward(const td_choice *choice, const td_context *ctx, td_item item,
                          double factor, const td_real *r, td_real *dr)
{
    memset(dr, 0, td_extent_count(choice->skip.in) * sizeof(td_real));
    td_dense_skip_backward_image(
        &choice->skip, ctx, item, td_state_grad(choice->to, item.image),
        skip_output(choice, item.image), behind_norm(choice, ctx, item, factor), r, dr);
}

/* out = or += factor·g, g the node's gradient. */
static void scaled_gradient(const td_choice *choice, const td_context *ctx,
                            td_item item, double factor, td_real *out, bool add)
{
    td_scratch *scratch = td_thread_scratch(ctx);
    td_real *a = scratch->channels[0], *zero = scratch->channels[1];
    int planes = choice->to->extent.planes;
    for (int c = 0; c < planes * TD_PLANE; c++) {
        a[c] = (td_real) factor;
        zero[c] = 0;
    }
    td_term term = { td_state_grad(choice->to, item.image), a };
    ctx->k->mix(out, add, zero, &term, 1, planes, pixels_of(choice));
}

static void pool_backward(const td_choice *choice, const td_context *ctx, td_item item,
                          double factor, td_real *grad)
{
    const td_state *from = choice->from;
    const td_real *gm = td_state_grad(choice->to, item.image);
    td_real *room = td_thread_scratch(ctx)->image[0];
    size_t at = (size_t) item.image * td_extent_count(choice->to->extent);
    if (factor != 1.0) {
        scaled_gradient(choice, ctx, item, factor, room, false);
        gm = room;
    }
    if (choice->op == TD_OP_AVG_POOL_3X3)
        ctx->k->avg_pool_data(grad, gm, from->extent, from->stride);
    else
        ctx->k->max_pool_data(grad, gm, choice->argmax + at, from->extent,
                              from->stride);
}

void td_choice_first_backward_image(const td_choice *choice, const td_context *ctx,
                                    td_item item, double factor)
{
    const td_state *from = choice->from;
    td_real *grad = td_state_grad(from, item.image);
    td_real *dr = td_thread_scratch(ctx)->image[0];
    TD_ASSERT(item.lot);
    if (is_pool(choice)) {
        pool_backward(choice, ctx, item, factor, grad);
        return;
    }
    if (is_plain_skip(choice)) {
        scaled_gradient(choice, ctx, item, factor, grad, true);
        return;
    }
    const td_real *r = relu_of_state(choice, ctx, item);
    if (is_convolution(choice))
        convolution_backward(choice, ctx, item, factor, r, dr);
    else
        skip_backward(choice, ctx, item, factor, r, dr);
    ctx->k->relu_data(grad, dr, td_state_read(from, ctx, item.image, item.group),
                      td_extent_count(from->extent));
}
