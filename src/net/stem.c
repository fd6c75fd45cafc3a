/* Stems: what lies between images and cells (Liu et al. 2019, the networks for CIFAR-10
 * and for ImageNet).
 *
 * cifar: a 3x3 convolution and a batch norm, no ReLU.  imagenet: three convolutions of
 * stride 2 with batch norms and ReLUs between; cells read what the second and the third
 * put out, so the sides of the first one's are halved once more by the first cell, a
 * cell behind a reduction.
 *
 * Sides are halved by stem and cells: images whose sides do not allow it get zeros
 * around them, which is the mean colour, since pixels are normalised. */
#include "ends.h"
#include "taildart/net.h"

enum {
    REDUCTIONS = 2, /* of the cells, which halve the sides, too */
    CIFAR_WIDER = 3 /* times the channels of the first cells */
};

int td_stem_halvings(td_stem_kind kind)
{
    return kind == TD_STEM_IMAGENET ? 3 : 0;
}

int td_stem_step(td_stem_kind kind)
{
    return 1 << (td_stem_halvings(kind) + REDUCTIONS);
}

int td_stem_side(td_stem_kind kind, int side)
{
    int step = td_stem_step(kind);
    TD_ASSERT(side > 0);
    return (side + step - 1) / step * step;
}

int td_stem_margin(td_stem_kind kind, int side)
{
    return (td_stem_side(kind, side) - side) / 2;
}

const td_output *td_stem_output(const td_stem *stem, int back)
{
    int at = stem->outputs - back;
    TD_ASSERT(back >= 1 && at < stem->outputs);
    return &stem->output[at > 0 ? at : 0];
}

/* ---- building ----------------------------------------------------------- */

static td_dense first_layer(td_stem_kind kind, int channels, td_image_size image)
{
    td_extent in = { 0, td_stem_side(kind, image.height),
                     td_stem_side(kind, image.width) };
    return (td_dense){ .image = image,
                       .top = td_stem_margin(kind, image.height),
                       .left = td_stem_margin(kind, image.width),
                       .in = in,
                       .in_channels = image.channels,
                       .channels = channels,
                       .stride = kind == TD_STEM_IMAGENET ? 2 : 1 };
}

static td_dense next_layer(const td_dense *before, int channels)
{
    return (td_dense){ .in = before->out,
                       .in_channels = before->channels,
                       .channels = channels,
                       .stride = 2 };
}

/* A layer whose normalised output cells read. */
static void build_output(td_stem *stem, td_builder *b, const td_dense *layer)
{
    td_output *output = &stem->output[stem->outputs++];
    size_t count = (size_t) b->images * td_extent_count(layer->out);
    output->extent = layer->out;
    output->channels = output->part_channels = layer->channels;
    output->value = TD_TAKE(b->arena, td_real, count);
}

static void build_cifar(td_stem *stem, td_builder *b)
{
    td_dense_build(&stem->layer[0], b, "stem.0", "stem.1");
    build_output(stem, b, &stem->layer[0]);
    stem->layers = 1;
}

static void build_imagenet(td_stem *stem, td_builder *b, int channels)
{
    td_dense *layer = stem->layer;
    td_dense_build(&layer[0], b, "stem0.0", "stem0.1");
    layer[1] = next_layer(&layer[0], channels);
    td_dense_build(&layer[1], b, "stem0.3", "stem0.4");
    build_output(stem, b, &layer[1]);
    layer[2] = next_layer(&layer[1], channels);
    td_dense_build(&layer[2], b, "stem1.1", "stem1.2");
    build_output(stem, b, &layer[2]);
    stem->layers = 3;
    stem->d_first =
        TD_TAKE(b->arena, td_real, (size_t) b->images * td_extent_count(layer[0].out));
}

void td_stem_build(td_stem *stem, td_builder *b, td_stem_kind kind, int channels,
                   td_image_size image)
{
    int widest = kind == TD_STEM_IMAGENET ? channels / 2 : CIFAR_WIDER * channels;
    TD_ASSERT(widest >= 1 && image.channels >= 1 && stem->outputs == 0);
    stem->layer[0] = first_layer(kind, widest, image);
    if (kind == TD_STEM_IMAGENET)
        build_imagenet(stem, b, channels);
    else
        build_cifar(stem, b);
}

void td_stem_pack(td_stem *stem, const td_context *ctx)
{
    for (int i = 0; i < stem->layers; i++)
        td_matrix_pack(&stem->layer[i].matrix, ctx);
}

/* ---- forward ------------------------------------------------------------ */

/* What a layer behind the first reads: ReLU of the batch norm of the one before, with a
 * margin, in the thread's scratch. */
static const td_real *padded_input(const td_stem *stem, const td_context *ctx,
                                   int layer, int slot, int group)
{
    const td_dense *before = &stem->layer[layer - 1];
    td_real *r = td_padded_for(&td_thread_scratch(ctx)->r, before->out);
    size_t at = td_norm_at(&before->norm, group);
    if (layer == 1)
        ctx->k->norm_relu_padded(r, td_dense_y(before, slot), before->norm.scale + at,
                                 before->norm.shift + at, before->out);
    else
        ctx->k->relu_padded(r, td_output_value(&stem->output[0], slot), before->out);
    return r;
}

/* The output that a layer ends in; NULL: it has none. */
static const td_output *output_of(const td_stem *stem, int layer)
{
    int at = layer - (stem->layers - stem->outputs);
    return at >= 0 ? &stem->output[at] : NULL;
}

/* Convolution \a layer of an image whose layer before it is normalised now. */
static void convolve(const td_stem *stem, const td_context *ctx, int layer, int slot,
                     td_item item)
{
    if (layer == 0)
        td_dense_read_image(&stem->layer[0], ctx, slot, item.image);
    else
        td_dense_read_planes(&stem->layer[layer], ctx, slot,
                             padded_input(stem, ctx, layer, slot, item.group));
}

static void scale(const td_stem *stem, const td_context *ctx, int layer, int slot,
                  int group)
{
    const td_output *output = output_of(stem, layer);
    if (output)
        td_dense_scale(&stem->layer[layer], ctx, td_output_value(output, slot), slot,
                       group);
}

/* A layer of a pass. */
typedef struct {
    const td_stem *stem;
    int layer;
} stem_part;

static void convolve_task(const void *part, const td_context *ctx, td_item item)
{
    const stem_part *p = part;
    convolve(p->stem, ctx, p->layer, item.image, item);
}

static void scale_task(const void *part, const td_context *ctx, td_item item)
{
    const stem_part *p = part;
    scale(p->stem, ctx, p->layer, item.image, item.group);
}

static void finish(td_stem *stem, const td_context *ctx, const td_span *span, int layer)
{
    td_norm_entry entry = td_dense_norm(&stem->layer[layer]);
    td_norms_finish(ctx, span, &entry, 1);
}

void td_stem_forward(td_stem *stem, const td_context *ctx, const td_span *span)
{
    for (int i = 0; i < stem->layers; i++) {
        stem_part part = { stem, i };
        td_phase(ctx, span, convolve_task, &part);
        finish(stem, ctx, span, i);
        if (output_of(stem, i))
            td_phase(ctx, span, scale_task, &part);
    }
}

void td_stem_evaluate_begin(td_stem *stem, const td_context *ctx, const td_span *span)
{
    for (int i = 0; i < stem->layers; i++)
        finish(stem, ctx, span, i);
}

void td_stem_evaluate_image(const td_stem *stem, const td_context *ctx, int slot,
                            int image)
{
    for (int i = 0; i < stem->layers; i++) {
        convolve(stem, ctx, i, slot, (td_item){ .image = image });
        scale(stem, ctx, i, slot, 0);
    }
}

/* ---- backward ----------------------------------------------------------- */

/* The gradient behind a layer's batch norm. */
static td_real *gradient_of(const td_stem *stem, int layer, int image)
{
    const td_output *output = output_of(stem, layer);
    if (output)
        return td_output_grad(output, image);
    return stem->d_first + (size_t) image * td_extent_count(stem->layer[layer].out);
}

static void sums_task(const void *part, const td_context *ctx, td_item item)
{
    const stem_part *p = part;
    td_dense_sum(&p->stem->layer[p->layer], ctx,
                 gradient_of(p->stem, p->layer, item.image), item.image);
}

/* Through the ReLU to the layer before: what it put out has other readers, too, or its
 * batch norm wants the sums at once. */
static void pass_on(const td_stem *stem, const td_context *ctx, int layer, td_item item,
                    const td_real *dr)
{
    const td_dense *before = &stem->layer[layer - 1];
    td_real *to = gradient_of(stem, layer - 1, item.image);
    const td_output *output = output_of(stem, layer - 1);
    if (output) {
        ctx->k->relu_data(to, dr, td_output_value(output, item.image),
                          td_extent_count(before->out));
        return;
    }
    td_sums sums = td_sums_at(ctx, item.image, 0);
    size_t at = td_norm_at(&before->norm, item.group);
    ctx->k->norm_relu_data(to, &sums, dr, td_dense_y(before, item.image),
                           before->norm.scale + at, before->norm.shift + at,
                           before->out.planes, td_dense_pixels(before));
}

static void backward_task(const void *part, const td_context *ctx, td_item item)
{
    const stem_part *p = part;
    const td_stem *stem = p->stem;
    const td_real *padded =
        p->layer > 0 ? padded_input(stem, ctx, p->layer, item.image, item.group) : NULL;
    const td_real *dr =
        td_dense_backward(&stem->layer[p->layer], ctx, item,
                          gradient_of(stem, p->layer, item.image), padded);
    if (dr)
        pass_on(stem, ctx, p->layer, item, dr);
}

static void layer_backward(td_stem *stem, const td_context *ctx, const td_span *span,
                           int layer)
{
    td_dense *d = &stem->layer[layer];
    stem_part part = { stem, layer };
    td_norm_entry entry = td_dense_norm(d);
    size_t count = td_dense_slice(d);
    if (output_of(stem, layer)) /* of others the layer behind has made them */
        td_phase(ctx, span, sums_task, &part);
    td_norms_gradient(ctx, span, &entry, 1);
    td_phase_weights(ctx, span, backward_task, &part, count, false);
    td_slices_sum(ctx, span, count);
    td_matrix_unpack(&d->matrix, ctx);
}

void td_stem_backward(td_stem *stem, const td_context *ctx, const td_span *span)
{
    TD_ASSERT(ctx->wants_weights);
    for (int i = stem->layers - 1; i >= 0; i--)
        layer_backward(stem, ctx, span, i);
}
