/* The auxiliary classifier: ReLU, 5x5 mean of stride 3, of stride 2 behind a stem for
 * larger images, 1x1 convolution to 128, batch norm, ReLU, 2x2 convolution to 768,
 * batch norm, ReLU, classifier (Liu et al. 2019, models of both evaluations; that for
 * ImageNet lacks the second batch norm, by a slip, says the published code).
 *
 * The mean leaves 2x2 pixels, so both convolutions are conv products of a few rows an
 * image; the work is a thousandth of the network's, and stays plain. */
#include "auxiliary.h"

#include <stdio.h>
#include <string.h>

enum { WINDOW = 5, SIDE = 2, PIXELS = SIDE * SIDE, MIDDLE = 128, WIDE = 768 };

static int stride_of(td_stem_kind kind)
{
    return kind == TD_STEM_IMAGENET ? 2 : 3;
}

bool td_auxiliary_takes(td_stem_kind kind, int side)
{
    return side >= WINDOW && (side - WINDOW) / stride_of(kind) + 1 == SIDE;
}

/* ---- building ----------------------------------------------------------- */

static void build_layer(td_auxiliary_layer *layer, td_builder *b, int index,
                        const int dims[4], int pixels)
{
    char name[64];
    layer->out = dims[0];
    layer->in = dims[1] * dims[2] * dims[3];
    layer->pixels = pixels;
    size_t rows = (size_t) (b->images * pixels);
    snprintf(name, sizeof name, "auxiliary_head.features.%d.weight", index);
    layer->slot = td_add_weight(b, name, dims, layer->in);
    td_needs_max(&b->needs->product_length, (size_t) layer->out * (size_t) layer->in);
    td_norm_build(&layer->norm, b, layer->out);
    snprintf(name, sizeof name, "auxiliary_head.features.%d", index + 1);
    td_norm_name_affine(&layer->norm, b, name);
    layer->coefs = td_coefs_build(b, layer->out);
    layer->x = TD_TAKE(b->arena, td_real, rows * (size_t) layer->in);
    layer->y = TD_TAKE(b->arena, td_real, rows * (size_t) layer->out);
    layer->d_y = TD_TAKE(b->arena, td_real, rows * (size_t) layer->out);
}

void td_auxiliary_build(td_auxiliary *head, td_builder *b, const td_output *source,
                        td_stem_kind kind, int classes)
{
    size_t images = (size_t) b->images;
    int in = source->channels, widest = in > MIDDLE ? in : MIDDLE;
    TD_ASSERT(td_auxiliary_takes(kind, source->extent.height) &&
              td_auxiliary_takes(kind, source->extent.width));
    head->source = source;
    head->stride = stride_of(kind);
    build_layer(&head->layer[0], b, 2, (int[4]){ MIDDLE, in, 1, 1 }, PIXELS);
    build_layer(&head->layer[1], b, 5, (int[4]){ WIDE, MIDDLE, SIDE, SIDE }, 1);
    head->features = TD_TAKE(b->arena, td_real, images * WIDE);
    head->d_features = TD_TAKE(b->arena, td_real, images * WIDE);
    head->d_x = TD_TAKE(b->arena, td_real, images * PIXELS * (size_t) widest);
    td_linear_build(&head->classifier, b, "auxiliary_head.classifier", WIDE, classes);
}

/* ---- the pool in front -------------------------------------------------- */

/* The first number of pixel (row, column) of a window, in a channel's plane. */
static int window_pixel(const td_auxiliary *head, int q, int row, int column)
{
    int y = q / SIDE * head->stride + row, x = q % SIDE * head->stride + column;
    return (y * head->source->extent.width + x) * TD_PLANE;
}

static td_real window_mean(const td_auxiliary *head, const td_real *plane, int q)
{
    double sum = 0.0;
    for (int row = 0; row < WINDOW; row++)
        for (int column = 0; column < WINDOW; column++) {
            td_real x = plane[window_pixel(head, q, row, column)];
            sum += x > 0 ? (double) x : 0.0;
        }
    return (td_real) (sum / (WINDOW * WINDOW));
}

static void pool(const td_auxiliary *head, int images)
{
    const td_output *source = head->source;
    const td_auxiliary_layer *layer = &head->layer[0];
#pragma omp parallel for schedule(static)
    for (int i = 0; i < images; i++)
        for (int c = 0; c < layer->in; c++) {
            const td_real *plane =
                td_output_value(source, i) + td_output_channel(source, c);
            for (int q = 0; q < PIXELS; q++)
                layer->x[(i * PIXELS + q) * layer->in + c] =
                    window_mean(head, plane, q);
        }
}

static void window_backward(const td_auxiliary *head, const td_real *plane,
                            td_real *grad, int q, td_real share)
{
    for (int row = 0; row < WINDOW; row++)
        for (int column = 0; column < WINDOW; column++) {
            int at = window_pixel(head, q, row, column);
            if (plane[at] > 0)
                grad[at] += share;
        }
}

static void pool_backward(const td_auxiliary *head, int images)
{
    const td_output *source = head->source;
    int in = head->layer[0].in;
#pragma omp parallel for schedule(static)
    for (int i = 0; i < images; i++)
        for (int c = 0; c < in; c++) {
            size_t offset = td_output_channel(source, c);
            for (int q = 0; q < PIXELS; q++)
                window_backward(head, td_output_value(source, i) + offset,
                                td_output_grad(source, i) + offset, q,
                                head->d_x[(i * PIXELS + q) * in + c] /
                                    (WINDOW * WINDOW));
        }
}

/* ---- a layer ------------------------------------------------------------ */

/* Where output (pixel, channel) of a row goes: the second layer and the classifier read
 * all pixels of a channel side by side, as the tensors [out][in][y][x] have them. */
static size_t next_index(const td_auxiliary_layer *layer, int image, int pixel, int c)
{
    return (size_t) ((image * layer->out + c) * layer->pixels + pixel);
}

/* Σ a and Σ a·b of an image's rows. */
static void sum_rows(const td_auxiliary_layer *layer, const td_context *ctx, int image,
                     const td_real *a, const td_real *b)
{
    td_sums sums = td_sums_at(ctx, image, 0);
    for (int c = 0; c < layer->out; c++) {
        double first = 0.0, second = 0.0;
        for (int q = 0; q < layer->pixels; q++) {
            size_t at = (size_t) ((image * layer->pixels + q) * layer->out + c);
            first += (double) a[at];
            second += (double) a[at] * (double) b[at];
        }
        sums.first[c] = first;
        sums.second[c] = second;
    }
}

/* next = ReLU(batch norm(x·Wᵀ)). */
static void layer_forward(td_auxiliary_layer *layer, const td_context *ctx,
                          const td_span *span, td_real *next)
{
    td_gemm_size size = { span->images * layer->pixels, layer->out, layer->in, false,
                          true };
    td_rows_product(ctx, layer->y, layer->x, td_weight_at(ctx, layer->slot), size,
                    layer->pixels, false);
    for (int i = 0; i < span->images; i++)
        sum_rows(layer, ctx, i, layer->y, layer->y);
    td_norm_entry entry = { .norm = &layer->norm, .pixels = layer->pixels };
    td_norms_finish(ctx, span, &entry, 1);
    for (int i = 0; i < span->images; i++) {
        size_t norm = td_norm_at(&layer->norm, td_span_group(span, i));
        for (int q = 0; q < layer->pixels; q++)
            for (int c = 0; c < layer->out; c++) {
                td_real y = layer->y[(i * layer->pixels + q) * layer->out + c];
                td_real z = layer->norm.scale[norm + (size_t) c] * y +
                            layer->norm.shift[norm + (size_t) c];
                next[next_index(layer, i, q, c)] = z > 0 ? z : 0;
            }
    }
}

/* d_y = the gradient behind the batch norm, from that of what comes out. */
static void mask_gradient(td_auxiliary_layer *layer, const td_span *span,
                          const td_real *next, const td_real *d_next)
{
    for (int i = 0; i < span->images; i++)
        for (int q = 0; q < layer->pixels; q++)
            for (int c = 0; c < layer->out; c++) {
                size_t from = next_index(layer, i, q, c);
                layer->d_y[(i * layer->pixels + q) * layer->out + c] =
                    next[from] > 0 ? d_next[from] : 0;
            }
}

static void norm_gradient(td_auxiliary_layer *layer, const td_context *ctx,
                          const td_span *span)
{
    td_norm_entry entry = {
        .norm = &layer->norm, .pixels = layer->pixels, .coefs = &layer->coefs, .p = 1.0
    };
    for (int i = 0; i < span->images; i++)
        sum_rows(layer, ctx, i, layer->d_y, layer->y);
    td_norms_gradient(ctx, span, &entry, 1);
    for (int i = 0; i < span->images; i++) {
        td_affine to = td_coefs_at(&layer->coefs, &layer->norm, td_span_group(span, i));
        for (int q = 0; q < layer->pixels; q++)
            for (int c = 0; c < layer->out; c++) {
                size_t k = (size_t) ((i * layer->pixels + q) * layer->out + c);
                layer->d_y[k] =
                    to.a[c] * layer->d_y[k] + to.b[c] * layer->y[k] + to.c[c];
            }
    }
}

/* d_x = the gradient of the layer's input. */
static void layer_backward(td_auxiliary_layer *layer, const td_context *ctx,
                           const td_span *span, const td_real *next,
                           const td_real *d_next, td_real *d_x)
{
    int rows = span->images * layer->pixels;
    td_gemm_size weights = { layer->out, layer->in, rows, true, false };
    td_gemm_size data = { rows, layer->in, layer->out, false, false };
    mask_gradient(layer, span, next, d_next);
    norm_gradient(layer, ctx, span);
    td_grads_add_product(ctx, layer->slot, layer->d_y, layer->x, weights,
                         layer->pixels);
    td_rows_product(ctx, d_x, layer->d_y, td_weight_at(ctx, layer->slot), data,
                    layer->pixels, false);
}

/* ---- the head ----------------------------------------------------------- */

void td_auxiliary_forward(td_auxiliary *head, const td_context *ctx,
                          const td_span *span, td_real *logits)
{
    pool(head, span->images);
    layer_forward(&head->layer[0], ctx, span, head->layer[1].x);
    layer_forward(&head->layer[1], ctx, span, head->features);
    td_linear_forward(&head->classifier, ctx, logits, head->features, span->images);
}

void td_auxiliary_backward(td_auxiliary *head, const td_context *ctx,
                           const td_span *span, const td_real *d_logits)
{
    td_linear_backward(&head->classifier, ctx, head->d_features, d_logits,
                       head->features, span->images);
    layer_backward(&head->layer[1], ctx, span, head->features, head->d_features,
                   head->d_x);
    layer_backward(&head->layer[0], ctx, span, head->layer[1].x, head->d_x, head->d_x);
    pool_backward(head, span->images);
}
