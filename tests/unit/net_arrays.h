/* Shared by tests of networks in single precision: a network's arrays, passes over
 * them, and what holds for supernets and derived networks alike. */
#ifndef TD_NET_ARRAYS_H
#define TD_NET_ARRAYS_H

#include <check.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "some_arch.h"
#include "taildart/arch.h"
#include "taildart/base_random.h"
#include "taildart/net.h"

/* ---- building ----------------------------------------------------------- */

static inline td_network *net_new(td_net_spec spec)
{
    td_network *net = NULL;
    ck_assert_int_eq(td_network_new(&net, &spec, td_kernels_get(td_isa_detect())),
                     TD_OK);
    return net;
}

static inline td_real *normal(size_t n, uint32_t shard, double scale)
{
    td_random key = { .seed = 5, .stream = TD_STREAM_SYNTHETIC, .shard = shard };
    td_real *x = td_malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (td_real) (scale * td_random_normal(&key, (uint32_t) i));
    return x;
}

/* Counts are 0 where a network has no such thing. */
typedef struct {
    td_real *weights, *alphas, *images, *logits, *d_logits, *grads, *d_alphas;
    td_real *drop_path, *auxiliary, *d_auxiliary;
    double *mixture, *d_mixture;
    size_t weight_count, alpha_count, logit_count, path_count, auxiliary_count;
} arrays;

static inline int arrays_edges(const arrays *a)
{
    return (int) (a->alpha_count / (2 * TD_NUM_OPS));
}

static inline void arrays_count(arrays *a, const td_network *net, int images, int rows)
{
    const td_net_spec *spec = td_network_spec(net);
    a->weight_count = td_network_weights(net)->total;
    a->logit_count = (size_t) (rows * spec->classes);
    a->path_count = (size_t) (td_network_path_rows(spec) * images);
    if (!spec->genotype)
        a->alpha_count = 2 * (size_t) td_edge_count(spec->nodes) * TD_NUM_OPS;
    if (spec->auxiliary)
        a->auxiliary_count = (size_t) (images * spec->classes);
}

/* Drop path drops three of ten. */
static inline td_real *drawn_drop_path(size_t n)
{
    td_random key = { .seed = 6, .stream = TD_STREAM_SYNTHETIC };
    td_real *factors = td_malloc(n * sizeof *factors);
    for (size_t i = 0; i < n; i++)
        factors[i] = td_random_unit(&key, (uint32_t) i) < 0.3 ? 0 : (td_real) (1 / 0.7);
    return factors;
}

static inline arrays arrays_new(const td_network *net, int images, int rows)
{
    const td_net_spec *spec = td_network_spec(net);
    arrays a = { 0 };
    arrays_count(&a, net, images, rows);
    a.weights = td_malloc(a.weight_count * sizeof(td_real));
    td_network_init(net, 1, a.weights);
    a.alphas = normal(a.alpha_count, 1, 0.5);
    a.images = normal(
        (size_t) (images * spec->height * spec->width * spec->image_channels), 2, 1.0);
    a.logits = td_malloc(a.logit_count * sizeof(td_real));
    a.d_logits = normal(a.logit_count, 3, 1.0);
    a.grads = td_malloc(a.weight_count * sizeof(td_real));
    a.d_alphas = td_malloc(a.alpha_count * sizeof(td_real));
    td_arch arch = softmax_arch(a.alphas, arrays_edges(&a));
    a.mixture = td_arch_weights(&arch);
    a.d_mixture = td_malloc(a.alpha_count * sizeof(double));
    a.drop_path = drawn_drop_path(a.path_count);
    a.auxiliary = td_malloc(a.auxiliary_count * sizeof(td_real));
    a.d_auxiliary = normal(a.auxiliary_count, 6, 0.4);
    return a;
}

static inline void arrays_free(arrays *a)
{
    td_real *all[] = { a->weights,   a->alphas,     a->images,   a->logits,
                       a->d_logits,  a->grads,      a->d_alphas, a->drop_path,
                       a->auxiliary, a->d_auxiliary };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        td_free(all[i]);
    td_free(a->mixture);
    td_free(a->d_mixture);
}

/* ---- a pass ------------------------------------------------------------- */

static inline td_pass pass_of(const arrays *a, int groups, const int *images)
{
    td_pass pass = { .weights = a->weights,
                     .mixture = a->mixture,
                     .images = a->images,
                     .groups = images,
                     .group_count = groups,
                     .mixing = 1.0,
                     .request = a->alpha_count ? TD_GRAD_BOTH : TD_GRAD_WEIGHTS,
                     .drop_path = a->path_count ? a->drop_path : NULL,
                     .auxiliary = a->auxiliary_count ? a->auxiliary : NULL,
                     .d_auxiliary = a->auxiliary_count ? a->d_auxiliary : NULL };
    return pass;
}

static inline void run_both_ways(td_network *net, const td_pass *pass, arrays *a)
{
    td_network_forward(net, pass, a->logits);
    td_network_backward(net, pass, a->d_logits, a->grads,
                        a->alpha_count ? a->d_mixture : NULL);
    td_arch arch = softmax_arch(a->alphas, arrays_edges(a));
    td_arch_backward(&arch, a->d_alphas, NULL, a->d_mixture);
}

static inline void check_bits(const td_real *one, const td_real *other, size_t count)
{
    ck_assert_mem_eq(one, other, count * sizeof *one);
}

static inline void check_same_bits(arrays one, arrays other)
{
    check_bits(one.logits, other.logits, one.logit_count);
    check_bits(one.auxiliary, other.auxiliary, one.auxiliary_count);
    check_bits(one.grads, other.grads, one.weight_count);
    check_bits(one.d_alphas, other.d_alphas, one.alpha_count);
    arrays_free(&one);
    arrays_free(&other);
}

static inline void check_close(const td_real *one, const td_real *other, size_t count,
                               double tolerance)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs((double) (one[i] - other[i])) <= tolerance,
                      "[%zu]: %.9g and %.9g", i, (double) one[i], (double) other[i]);
}

/* ---- batch norms that others share -------------------------------------- */

/* As if another rank with the same images added its sums. */
static inline void double_totals(void *calls, double *totals, size_t count)
{
    ck_assert(!omp_in_parallel() && count > 0);
    for (size_t i = 0; i < count; i++)
        totals[i] *= 2.0;
    ++*(int *) calls;
}

/* Twice the same images are the same means, deviations and gradients; the unbiased
 * variance knows that there were more. */
static inline void check_shared_norms(td_net_spec spec, int least_calls)
{
    td_network *net = net_new(spec);
    size_t norms = td_network_norms(net)->total;
    arrays a = arrays_new(net, 3, 3), b = arrays_new(net, 3, 3);
    td_real *mean = normal(norms, 4, 1), *var = normal(norms, 4, 1);
    td_real *mean_shared = normal(norms, 4, 1), *var_shared = normal(norms, 4, 1);
    int calls = 0;
    td_pass alone = pass_of(&a, 1, (int[]){ 3 }), shared = pass_of(&b, 1, (int[]){ 3 });
    run_both_ways(net, &alone, &a);
    td_network_statistics(net, 0, 0, mean, var);
    shared.sum_norms = double_totals;
    shared.norms_context = &calls;
    run_both_ways(net, &shared, &b);
    td_network_statistics(net, 0, 0, mean_shared, var_shared);
    ck_assert_int_ge(calls, least_calls);
    check_close(mean, mean_shared, norms, 0.0);
    for (size_t i = 0; i < norms; i++) /* m/(m − 1) of more values is smaller */
        ck_assert(var_shared[i] <= var[i]);
    ck_assert(memcmp(var, var_shared, norms * sizeof *var) != 0);
    /* gradients are of this rank's images alone: nothing counts twice */
    check_same_bits(a, b);
    td_free(mean);
    td_free(var);
    td_free(mean_shared);
    td_free(var_shared);
    td_network_free(net);
}

/* Without a backward pass to come an evaluation takes the images one by one; what it
 * says is what the way of training says with the same statistics. */
static inline void check_ways_of_evaluation(td_net_spec spec, double tolerance)
{
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, 3, 3);
    size_t norms = td_network_norms(net)->total;
    td_real *mean = normal(norms, 4, 0.1), *var = normal(norms, 5, 0.1);
    td_real *by_phases = td_malloc(a.logit_count * sizeof *by_phases);
    for (size_t i = 0; i < norms; i++)
        var[i] = (td_real) exp((double) var[i]);
    td_pass pass = pass_of(&a, 1, (int[]){ 3 });
    pass.running_mean = mean;
    pass.running_var = var;
    pass.drop_path = NULL; /* both are for training only */
    pass.auxiliary = NULL;
    pass.request = TD_GRAD_NONE; /* first, when nothing has been left behind */
    td_network_forward(net, &pass, a.logits);
    pass.request = TD_GRAD_WEIGHTS;
    td_network_forward(net, &pass, by_phases);
    check_close(a.logits, by_phases, a.logit_count, tolerance);
    ck_assert(a.logits[0] != a.logits[spec.classes]);
    td_free(mean);
    td_free(var);
    td_free(by_phases);
    arrays_free(&a);
    td_network_free(net);
}

static inline void check_no_allocation(td_net_spec spec)
{
    td_network *net = net_new(spec);
    arrays a = arrays_new(net, 6, 6);
    td_pass pass = pass_of(&a, 1, (int[]){ 6 });
    td_real *first = td_malloc(a.weight_count * sizeof *first);
    long before = td_base_malloc_count();
    for (int i = 0; i < 2; i++) {
        memcpy(first, a.grads, a.weight_count * sizeof *first);
        memset(a.grads, 0, a.weight_count * sizeof *first);
        run_both_ways(net, &pass, &a);
    }
    ck_assert_int_eq(td_base_malloc_count(), before);
    check_bits(first, a.grads, a.weight_count);
    td_free(first);
    arrays_free(&a);
    td_network_free(net);
}

/* ---- two branches ------------------------------------------------------- */

/* A plain network and its like with two branches. */
typedef struct {
    td_network *plain, *two;
    arrays a, b;
    size_t features; /* of one branch */
} twins;

static inline bool is_classifier(const td_slot *slot)
{
    return strcmp(slot->name, "classifier.weight") == 0;
}

/* The plain classifier is twice the conventional half of the other. */
static inline void twins_share_weights(twins *t)
{
    const td_slots *from = td_network_weights(t->plain),
                   *to = td_network_weights(t->two);
    size_t f = t->features;
    for (int s = 0; s < from->count; s++) {
        const td_slot *slot = &from->slots[s], *target = td_slots_find(to, slot->name);
        td_real *x = t->b.weights + target->offset, *y = t->a.weights + slot->offset;
        if (!is_classifier(slot))
            memcpy(x, y, target->count * sizeof *x);
        else
            for (size_t i = 0; i < slot->count; i++)
                y[i] = 2 * x[i / f * 2 * f + i % f];
    }
}

/* What the plain network says that gradient \a i of a slot of the other should be; 0
 * for all that only the re-balancing branch has. */
static inline double twin_gradient(const twins *t, const td_slot *slot, size_t i)
{
    const td_slot *twin = td_slots_find(td_network_weights(t->plain), slot->name);
    size_t f = t->features, row = i / (2 * f), c = i % (2 * f);
    if (!twin)
        return 0.0;
    const td_real *grads = t->a.grads + twin->offset;
    if (is_classifier(slot))
        return c < f ? 2 * (double) grads[row * f + c] : 0.0;
    return (double) grads[i];
}

static inline void check_twin_gradients(const twins *t)
{
    const td_slots *slots = td_network_weights(t->two);
    for (int s = 0; s < slots->count; s++) {
        const td_slot *slot = &slots->slots[s];
        for (size_t i = 0; i < slot->count; i++) {
            double here = (double) t->b.grads[slot->offset + i];
            double right = twin_gradient(t, slot, i);
            ck_assert_msg(fabs(here - right) <= 1e-4 * fmax(1.0, fabs(right)),
                          "%s[%zu]: %g, not %g", slot->name, i, here, right);
        }
    }
}

/* At m = 1 the two-branch network is the plain one with classifier 2·W_c. */
static inline void check_mixing_one(td_net_spec spec)
{
    twins t = { .plain = net_new(spec) };
    spec.two_branch = true;
    t.two = net_new(spec);
    t.a = arrays_new(t.plain, 3, 3);
    t.b = arrays_new(t.two, 6, 3);
    t.features =
        (size_t) td_slots_find(td_network_weights(t.plain), "classifier.weight")
            ->dims[1];
    twins_share_weights(&t);
    td_pass one = pass_of(&t.a, 1, (int[]){ 3 }),
            pair = pass_of(&t.b, 2, (int[]){ 3, 3 });
    one.drop_path = pair.drop_path = NULL; /* the draws differ */
    run_both_ways(t.plain, &one, &t.a);
    run_both_ways(t.two, &pair, &t.b);
    check_close(t.a.logits, t.b.logits, t.a.logit_count, 1e-6);
    check_close(t.a.d_alphas, t.b.d_alphas, t.a.alpha_count, 1e-5);
    check_twin_gradients(&t);
    arrays_free(&t.a);
    arrays_free(&t.b);
    td_network_free(t.plain);
    td_network_free(t.two);
}

#endif
