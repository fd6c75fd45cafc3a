/* A network that is a head and nothing else: its images are the features.  For vectors
 * of heads, and for their finite differences. */
#ifndef BARE_HEAD_H
#define BARE_HEAD_H

#include <string.h>

#include "../../src/net/head.h"
#include "../../src/net/network.h"

typedef struct {
    td_head head;
    int images;       /* of the last pass */
    td_real *x, *d_x; /* (images, features) */
} bare_head;

static inline td_status bare_head_check(const td_net_spec *spec)
{
    (void) spec;
    return TD_OK;
}

static inline void *bare_head_build(td_network *net, td_builder *b)
{
    bare_head *n = td_malloc(sizeof *n);
    size_t numbers = (size_t) net->spec.batch * (size_t) net->spec.image_channels;
    td_head_build(&n->head, b, &net->spec, net->spec.image_channels, net->spec.batch);
    n->x = TD_TAKE(b->arena, td_real, numbers);
    n->d_x = TD_TAKE(b->arena, td_real, numbers);
    return n;
}

static inline void bare_head_free(void *body)
{
    td_free(body);
}

static inline void bare_head_forward(td_network *net, const td_context *ctx,
                                     td_real *logits)
{
    bare_head *n = net->body;
    n->images = ctx->span.images;
    memcpy(n->x, ctx->pass->images,
           (size_t) (n->images * net->spec.image_channels) * sizeof *n->x);
    td_head_forward(&n->head, ctx, logits, n->x, n->images);
}

static inline void bare_head_backward(td_network *net, const td_context *ctx,
                                      const td_real *d_logits, double *d_mixture)
{
    bare_head *n = net->body;
    TD_ASSERT(!d_mixture);
    td_head_backward(&n->head, ctx, n->d_x, d_logits, n->x, n->images);
}

static const td_network_kind bare_head_kind = {
    .name = "head",
    .check = bare_head_check,
    .build = bare_head_build,
    .clear = bare_head_free,
    .forward = bare_head_forward,
    .evaluate = bare_head_forward,
    .backward = bare_head_backward,
};

/* A head of so many features and classes.  \return for td_network_free */
static inline td_network *bare_head_new(const td_kernels *kernels, td_head_kind head,
                                        double scale, int dims, int classes, int batch)
{
    td_network *net = NULL;
    td_net_spec spec = { .channels = 1,
                         .cells = 1,
                         .classes = classes,
                         .image_channels = dims,
                         .height = 1,
                         .width = 1,
                         .batch = batch,
                         .head = head,
                         .head_scale = scale,
                         .kind = &bare_head_kind };
    td_status status = td_network_new(&net, &spec, kernels);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
    return net;
}

/* Forward, and backward of what \a slope makes of the logits: grads (learned) are added
 * to, NULL where they are not wanted.  \return d_features, borrowed */
typedef void bare_head_slope(void *context, td_real *d_logits, const td_real *logits);

static inline const td_real *bare_head_pass(td_network *net, const td_real *weights,
                                            const td_real *features, int n,
                                            bare_head_slope *slope, void *context,
                                            td_real *grads)
{
    size_t numbers = (size_t) n * (size_t) net->spec.classes;
    td_real *logits = td_malloc(2 * numbers * sizeof *logits);
    td_pass pass = { .weights = weights,
                     .images = features,
                     .groups = &n,
                     .group_count = 1,
                     .request = grads ? TD_GRAD_WEIGHTS : TD_GRAD_NONE };
    td_network_forward(net, &pass, logits);
    slope(context, logits + numbers, logits);
    td_network_backward(net, &pass, logits + numbers, grads, NULL);
    td_free(logits);
    return ((bare_head *) net->body)->d_x;
}

#endif
