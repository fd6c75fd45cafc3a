/* The Hessian of a tiny supernet's loss by its alphas: its largest eigenvalue as a
 * search finds it, beside that of the dense matrix. */
#ifndef TD_TINY_CURVATURE_H
#define TD_TINY_CURVATURE_H

#include <check.h>
#include <math.h>
#include <omp.h>
#include <string.h>

#include "taildart/arch.h"
#include "taildart/base_random.h"
#include "taildart/choice.h"
#include "taildart/net.h"

#include "some_arch.h"

enum { TINY_ALPHAS = 2 * 5 * TD_NUM_OPS, TINY_IMAGES = 6, TINY_CLASSES = 3 };

typedef struct {
    td_network *net;
    td_pass pass;
    td_real *weights, *images, *logits, *d_logits;
    double mixture[TINY_ALPHAS], d_mixture[TINY_ALPHAS];
    td_real at[TINY_ALPHAS], is_free[TINY_ALPHAS];
} tiny;

static inline td_real *tiny_normal(size_t n, uint32_t shard)
{
    td_random key = { .seed = 8, .stream = TD_STREAM_SYNTHETIC, .shard = shard };
    td_real *x = td_malloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++)
        x[i] = (td_real) td_random_normal(&key, (uint32_t) i);
    return x;
}

static const int tiny_group = TINY_IMAGES;

static inline tiny *tiny_new(void)
{
    tiny *t = td_malloc(sizeof *t);
    omp_set_num_threads(1); /* some hundred tiny passes */
    td_net_spec spec = { .channels = 3,
                         .cells = 3,
                         .nodes = 2,
                         .classes = TINY_CLASSES,
                         .image_channels = 1,
                         .height = 8,
                         .width = 8,
                         .batch = TINY_IMAGES };
    ck_assert_int_eq(td_network_new(&t->net, &spec, td_kernels_get(TD_ISA_GENERIC)),
                     TD_OK);
    t->weights = td_malloc(td_network_weights(t->net)->total * sizeof(td_real));
    td_network_init(t->net, 4, t->weights);
    t->images = tiny_normal((size_t) (TINY_IMAGES * spec.height * spec.width), 1);
    t->logits = td_malloc(TINY_IMAGES * TINY_CLASSES * sizeof(td_real));
    t->d_logits = td_malloc(TINY_IMAGES * TINY_CLASSES * sizeof(td_real));
    td_real *drawn = tiny_normal(TINY_ALPHAS, 2);
    for (int i = 0; i < TINY_ALPHAS; i++) {
        t->at[i] = drawn[i] / 2;
        t->is_free[i] = i % 11 != 4;
    }
    td_free(drawn);
    t->pass = (td_pass){ .weights = t->weights,
                         .mixture = t->mixture,
                         .images = t->images,
                         .groups = &tiny_group,
                         .group_count = 1,
                         .mixing = 1.0,
                         .request = TD_GRAD_ALPHAS };
    return t;
}

static inline void tiny_free(tiny *t)
{
    td_network_free(t->net);
    td_free(t->weights);
    td_free(t->images);
    td_free(t->logits);
    td_free(t->d_logits);
    td_free(t);
}

/* Of log Σ exp(logits) less the first one, as if all images were of class 0. */
static inline td_status tiny_gradient(void *context, const td_real *x, double *gradient)
{
    tiny *t = context;
    td_real d_alphas[TINY_ALPHAS] = { 0 };
    td_arch arch = softmax_arch(x, 5);
    td_arch_forward(&arch, t->mixture);
    td_network_forward(t->net, &t->pass, t->logits);
    for (int i = 0; i < TINY_IMAGES; i++) {
        double sum = 0.0;
        for (int c = 0; c < TINY_CLASSES; c++)
            sum += exp((double) t->logits[i * TINY_CLASSES + c]);
        for (int c = 0; c < TINY_CLASSES; c++)
            t->d_logits[i * TINY_CLASSES + c] =
                (td_real) (exp((double) t->logits[i * TINY_CLASSES + c]) / sum -
                           (c == 0));
    }
    td_network_backward(t->net, &t->pass, t->d_logits, NULL, t->d_mixture);
    td_arch_backward(&arch, d_alphas, NULL, t->d_mixture);
    for (int i = 0; i < TINY_ALPHAS; i++)
        gradient[i] = (double) d_alphas[i];
    return TD_OK;
}

/* Column by column; rows and columns of what does not move are 0. */
static inline void dense_hessian(tiny *t, double step, double decay,
                                 double h[TINY_ALPHAS][TINY_ALPHAS])
{
    for (int j = 0; j < TINY_ALPHAS; j++) {
        td_real moved[TINY_ALPHAS];
        double above[TINY_ALPHAS], below[TINY_ALPHAS];
        memcpy(moved, t->at, sizeof moved);
        moved[j] = t->at[j] + (td_real) step;
        tiny_gradient(t, moved, above);
        moved[j] = t->at[j] - (td_real) step;
        tiny_gradient(t, moved, below);
        for (int i = 0; i < TINY_ALPHAS; i++) {
            bool is_free = t->is_free[i] != 0 && t->is_free[j] != 0;
            h[i][j] = is_free ? (above[i] - below[i]) / (2 * step) : 0.0;
        }
        h[j][j] += t->is_free[j] != 0 ? decay : -1e3;
    }
}

/* One rotation of Jacobi's method, which makes h[p][q] zero. */
static inline void rotate(double h[TINY_ALPHAS][TINY_ALPHAS], int p, int q)
{
    double theta = 0.5 * atan2(2 * h[p][q], h[q][q] - h[p][p]);
    double c = cos(theta), s = sin(theta);
    for (int k = 0; k < TINY_ALPHAS; k++) {
        double a = h[p][k], b = h[q][k];
        h[p][k] = c * a - s * b;
        h[q][k] = s * a + c * b;
    }
    for (int k = 0; k < TINY_ALPHAS; k++) {
        double a = h[k][p], b = h[k][q];
        h[k][p] = c * a - s * b;
        h[k][q] = s * a + c * b;
    }
}

static inline double largest_eigenvalue(double h[TINY_ALPHAS][TINY_ALPHAS])
{
    double largest = -INFINITY;
    for (int i = 0; i < TINY_ALPHAS; i++)
        for (int j = 0; j < i; j++)
            h[i][j] = h[j][i] = 0.5 * (h[i][j] + h[j][i]);
    for (int sweep = 0; sweep < 12; sweep++)
        for (int p = 0; p < TINY_ALPHAS; p++)
            for (int q = p + 1; q < TINY_ALPHAS; q++)
                rotate(h, p, q);
    for (int i = 0; i < TINY_ALPHAS; i++)
        largest = fmax(largest, h[i][i]);
    return largest;
}

static int tiny_passes;

static inline td_status counted_gradient(void *context, const td_real *x, double *to)
{
    tiny_passes++;
    return tiny_gradient(context, x, to);
}

/* At a point, and at its negative, where other operations lead. */
static inline void check_curvature(double step, double settled, double tolerance)
{
    static double h[TINY_ALPHAS][TINY_ALPHAS];
    tiny *t = tiny_new();
    for (int turn = 0; turn < 2; turn++) {
        td_curvature curvature = { .gradient = counted_gradient,
                                   .context = t,
                                   .n = TINY_ALPHAS,
                                   .at = t->at,
                                   .is_free = t->is_free,
                                   .decay = 1e-3,
                                   .step = step,
                                   .tolerance = settled,
                                   .seed = 5 };
        double found, right;
        tiny_passes = 0;
        ck_assert_int_eq(td_dominant_eigenvalue(&found, &curvature), TD_OK);
        dense_hessian(t, step, 1e-3, h);
        right = largest_eigenvalue(h);
        ck_assert_msg(fabs(found - right) <= tolerance * right,
                      "%.12g, the dense one has %.12g", found, right);
        ck_assert_msg(tiny_passes <= 80, "%d passes", tiny_passes);
        for (int i = 0; i < TINY_ALPHAS; i++)
            t->at[i] = -t->at[i];
    }
    tiny_free(t);
}

#endif
