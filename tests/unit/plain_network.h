/* A kind of network that only tests have: a stem, one edge with a skip and a separable
 * convolution, a classifier.  It stands for any other network that comes. */
#ifndef TD_PLAIN_NETWORK_H
#define TD_PLAIN_NETWORK_H

#include "../../src/net/ends.h"
#include "../../src/net/network.h"

typedef struct {
    td_stem stem;
    td_graph graph;
    td_output output; /* the graph's only node */
    td_linear classifier;
    td_real *x, *d_x;      /* (images, channels) the classifier's input */
    double p[TD_NUM_OPS];  /* what both operations weigh: 1 */
    double dp[TD_NUM_OPS]; /* of no interest */
} plain_network;

static inline td_status plain_check(const td_net_spec *spec)
{
    if (spec->two_branch)
        return td_error(TD_USAGE, "bbn.enabled: a plain network has one branch");
    return TD_OK;
}

static inline void plain_build_edge(plain_network *n, td_builder *b)
{
    static const uint8_t without[1] = { (uint8_t) ~(1 << TD_OP_SKIP_CONNECT |
                                                    1 << TD_OP_SEP_CONV_3X3) };
    td_output *in = &n->stem.output[0];
    td_graph_build(&n->graph, b,
                   (td_graph_spec){ .inputs = 1,
                                    .nodes = 1,
                                    .channels = in->channels,
                                    .stride = 1,
                                    .input = in->extent,
                                    .without = without });
    td_graph_build_work(&n->graph, b);
    n->output = *in;
    n->output.value = TD_TAKE(b->arena, td_real, td_output_count(in, b->images));
    n->output.grad = TD_TAKE(b->arena, td_real, td_output_count(in, b->images));
    td_graph_set_values(&n->graph, n->output.value);
    td_graph_set_grads(&n->graph, n->output.grad);
    n->graph.states[0].value = in->value;
    in->grad = n->graph.states[0].grad;
}

static inline void *plain_build(td_network *net, td_builder *b)
{
    plain_network *n = td_malloc(sizeof *n);
    n->p[TD_OP_SKIP_CONNECT] = n->p[TD_OP_SEP_CONV_3X3] = 1.0;
    td_stem_build(&n->stem, b, net->spec.stem, net->spec.channels,
                  td_network_image_size(&net->spec));
    plain_build_edge(n, b);
    int channels = n->output.channels;
    td_linear_build(&n->classifier, b, "classifier", channels, net->spec.classes);
    n->x = TD_TAKE(b->arena, td_real, (size_t) (b->images * channels));
    n->d_x = TD_TAKE(b->arena, td_real, (size_t) (b->images * channels));
    return n;
}

static inline void plain_free(void *body)
{
    plain_network *n = body;
    td_graph_free(&n->graph);
    td_free(n);
}

static inline td_features plain_features(const plain_network *n, td_real *rows,
                                         int images)
{
    return (td_features){
        .rows = rows, .pitch = n->output.channels, .count = images, .scale = 1.0
    };
}

/* Evaluation too: image by image would save memory, and is not asked for here. */
static inline void plain_forward(td_network *net, const td_context *ctx,
                                 td_real *logits)
{
    plain_network *n = net->body;
    td_span span = ctx->span;
    td_context whole = *ctx;
    whole.is_inference = false;
    td_stem_pack(&n->stem, ctx);
    td_graph_begin(&n->graph, ctx, NULL);
    td_stem_forward(&n->stem, &whole, &span);
    n->graph.kind->forward(&n->graph, &whole, &span, n->p);
    td_features_read(plain_features(n, n->x, span.images), &n->output);
    td_linear_forward(&n->classifier, ctx, logits, n->x, span.images);
}

static inline void plain_backward(td_network *net, const td_context *ctx,
                                  const td_real *d_logits, double *d_mixture)
{
    plain_network *n = net->body;
    td_span span = ctx->span;
    td_mixture mixture = { n->p, n->dp, { true, false } };
    TD_ASSERT(!d_mixture);
    td_linear_backward(&n->classifier, ctx, n->d_x, d_logits, n->x, span.images);
    td_features_backward(plain_features(n, n->d_x, span.images), &n->output);
    n->graph.kind->backward(&n->graph, ctx, &span, &mixture);
    td_stem_backward(&n->stem, ctx, &span);
}

static const td_network_kind plain_kind = {
    .name = "plain",
    .check = plain_check,
    .build = plain_build,
    .clear = plain_free,
    .forward = plain_forward,
    .evaluate = plain_forward,
    .backward = plain_backward,
};

#endif
