/* Gradients of a whole network against central differences, for the double builds.
 *
 * A step of 1e-6 leaves an error near 1e-9, so 1e-6 of the largest gradient of a tensor
 * tells right from wrong. */
#ifndef TD_NET_DIFFERENCES_H
#define TD_NET_DIFFERENCES_H

#include <check.h>
#include <math.h>

#include "some_arch.h"
#include "taildart/arch.h"
#include "taildart/base_random.h"
#include "taildart/net.h"

static const double step = 1e-6, tolerance = 1e-6;

/* Gradients of a tensor are held against its largest one, or this; whoever includes
 * this says what rounding leaves. */
static const double smallest_scale;

/* A network with everything a pass needs; counts are 0 where it has no such thing. */
typedef struct {
    td_network *net;
    td_pass pass;
    int rows, *groups;
    size_t weight_count, alpha_count, logit_count, auxiliary_count, path_count;
    td_real *weights, *alphas, *images, *mean, *var, *drop_path;
    td_real *logits, *d_logits, *auxiliary, *d_auxiliary, *grads, *d_alphas;
    double *mixture, *d_mixture;
} bench;

static inline void fill(td_real *x, size_t n, uint32_t shard, double scale)
{
    td_random key = { .seed = 7, .stream = TD_STREAM_SYNTHETIC, .shard = shard };
    for (size_t i = 0; i < n; i++)
        x[i] = scale * td_random_normal(&key, (uint32_t) i);
}

static inline td_real *numbers(size_t n)
{
    return td_malloc(n * sizeof(td_real));
}

static inline void bench_count(bench *b, const td_net_spec *spec, int images)
{
    b->weight_count = td_network_weights(b->net)->total;
    b->logit_count = (size_t) (b->rows * spec->classes);
    b->alpha_count = (size_t) (2 * td_network_edges(spec) * TD_NUM_OPS);
    b->path_count = (size_t) (td_network_path_rows(spec) * images);
    b->auxiliary_count = spec->auxiliary ? (size_t) (images * spec->classes) : 0;
}

static inline void bench_take(bench *b, size_t pixels)
{
    size_t norms = td_network_norms(b->net)->total;
    b->weights = numbers(b->weight_count);
    b->alphas = numbers(b->alpha_count);
    b->images = numbers(pixels);
    b->mean = numbers(norms);
    b->var = numbers(norms);
    b->drop_path = numbers(b->path_count);
    b->logits = numbers(b->logit_count);
    b->d_logits = numbers(b->logit_count);
    b->auxiliary = numbers(b->auxiliary_count);
    b->d_auxiliary = numbers(b->auxiliary_count);
    b->grads = numbers(b->weight_count);
    b->d_alphas = numbers(b->alpha_count);
    b->mixture = td_malloc(b->alpha_count * sizeof(double));
    b->d_mixture = td_malloc(b->alpha_count * sizeof(double));
}

static inline bench bench_new(td_net_spec spec, int groups, int per_group)
{
    int images = groups * per_group;
    bench b = { .rows = spec.two_branch ? per_group : images };
    size_t pixels = (size_t) (images * spec.height * spec.width * spec.image_channels);
    spec.groups = groups / (spec.two_branch ? 2 : 1);
    ck_assert_int_eq(td_network_new(&b.net, &spec, td_kernels_get(TD_ISA_GENERIC)),
                     TD_OK);
    bench_count(&b, &spec, images);
    bench_take(&b, pixels);
    b.groups = td_malloc((size_t) groups * sizeof *b.groups);
    for (int g = 0; g < groups; g++)
        b.groups[g] = per_group;
    td_network_init(b.net, 3, b.weights);
    td_network_init_state(b.net, 3, b.mean, b.var, b.alphas);
    fill(b.alphas, b.alpha_count, 1, 0.5);
    fill(b.images, pixels, 2, 1.0);
    fill(b.d_logits, b.logit_count, 3, 1.0);
    fill(b.d_auxiliary, b.auxiliary_count, 6, 0.4);
    b.pass = (td_pass){ .weights = b.weights,
                        .mixture = b.alpha_count ? b.mixture : NULL,
                        .images = b.images,
                        .groups = b.groups,
                        .group_count = groups,
                        .mixing = 0.3,
                        .request = b.alpha_count ? TD_GRAD_BOTH : TD_GRAD_WEIGHTS,
                        .auxiliary = spec.auxiliary ? b.auxiliary : NULL,
                        .d_auxiliary = spec.auxiliary ? b.d_auxiliary : NULL };
    return b;
}

static inline void bench_free(bench *b)
{
    td_real *all[] = { b->weights,   b->alphas,      b->images, b->mean,
                       b->var,       b->drop_path,   b->logits, b->d_logits,
                       b->auxiliary, b->d_auxiliary, b->grads,  b->d_alphas };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        td_free(all[i]);
    td_free(b->groups);
    td_free(b->mixture);
    td_free(b->d_mixture);
    td_network_free(b->net);
}

/* Evaluation with statistics that are not those of the images. */
static inline void use_running_statistics(bench *b)
{
    size_t norms = td_network_norms(b->net)->total;
    fill(b->mean, norms, 4, 0.1);
    fill(b->var, norms, 5, 0.2);
    for (size_t i = 0; i < norms; i++)
        b->var[i] = 1.0 + b->var[i] * b->var[i];
    b->pass.running_mean = b->mean;
    b->pass.running_var = b->var;
}

/* A linear function of all logits stands for the loss. */
static inline int bench_edges(const bench *b)
{
    return (int) (b->alpha_count / (2 * TD_NUM_OPS));
}

static inline double loss(bench *b)
{
    double sum = 0.0;
    td_arch arch = softmax_arch(b->alphas, bench_edges(b));
    td_arch_forward(&arch, b->mixture);
    td_network_forward(b->net, &b->pass, b->logits);
    for (size_t i = 0; i < b->logit_count; i++)
        sum += b->logits[i] * b->d_logits[i];
    for (size_t i = 0; i < b->auxiliary_count; i++)
        sum += b->auxiliary[i] * b->d_auxiliary[i];
    return sum;
}

static inline double difference(bench *b, td_real *at, double width)
{
    double here = *at;
    *at = here + width;
    double above = loss(b);
    *at = here - width;
    double below = loss(b);
    *at = here;
    return (above - below) / (2 * width);
}

/* Where a ReLU or a maximum bends within the step the difference is wrong; a much
 * smaller step passes by the bend, and is enough for gradients that bends show in. */
static inline void check_entry(bench *b, const char *name, size_t i, td_real *at,
                               double gradient, double margin)
{
    double expected = difference(b, at, step);
    if (fabs(gradient - expected) > margin)
        expected = difference(b, at, step / 16);
    ck_assert_msg(fabs(gradient - expected) <= margin,
                  "%s[%zu]: %.10g, differences say %.10g", name, i, gradient, expected);
}

/* Up to \a probes entries of an array against their differences. */
static inline void check_array(bench *b, const char *name, td_real *x,
                               const td_real *grad, size_t count, size_t probes)
{
    double largest = smallest_scale;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(grad[i]));
    size_t stride = count > probes ? count / probes : 1;
    for (size_t i = stride / 2; i < count; i += stride)
        check_entry(b, name, i, &x[i], grad[i], tolerance * largest);
}

/* What the address sanitizer can find in a pass it finds in each: there, every eighth
 * tensor is enough. */
#ifdef __SANITIZE_ADDRESS__
enum { ALPHA_PROBES = 5, SLOT_STRIDE = 8 };
#else
enum { ALPHA_PROBES = 40, SLOT_STRIDE = 1 };
#endif

/* Of everything; frees the bench. */
static inline void check_gradients(bench *b)
{
    const td_slots *slots = td_network_weights(b->net);
    loss(b);
    td_network_backward(b->net, &b->pass, b->d_logits, b->grads,
                        b->alpha_count ? b->d_mixture : NULL);
    td_arch arch = softmax_arch(b->alphas, bench_edges(b));
    td_arch_backward(&arch, b->d_alphas, NULL, b->d_mixture);
    check_array(b, "alphas", b->alphas, b->d_alphas, b->alpha_count, ALPHA_PROBES);
    for (int s = 0; s < slots->count; s += SLOT_STRIDE) {
        const td_slot *slot = &slots->slots[s];
        if (slot->is_fixed)
            continue;
        check_array(b, slot->name, b->weights + slot->offset, b->grads + slot->offset,
                    slot->count, 2);
    }
    bench_free(b);
}

#endif
