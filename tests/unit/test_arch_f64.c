/* Gradients of the architecture through a small supernet against central differences,
 * relaxation by relaxation, at fixed draws, in double precision. */
#include <string.h>

#include "net_differences.h"
#include "small_supernet.h"
#include "suite.h"

static const double smallest_scale = 1e-3;

enum { EDGES = 5, TABLES = 2 * EDGES * TD_NUM_OPS };

/* A supernet with an architecture. */
typedef struct {
    bench b;
    td_arch arch;
    td_real betas[2 * EDGES], d_betas[2 * EDGES];
} searched;

static const uint8_t some_present[2 * EDGES] = { 0xff, 0x7d, 0xff, 0x18, 0xf3,
                                                 0xff, 0x2d, 0x70, 0xff, 0x3f };

static searched *searched_new(const td_relaxation *relaxation, const td_arch_draw *draw)
{
    searched *s = td_malloc(sizeof *s);
    s->b = bench_new(small, 1, 3);
    s->b.pass.request = TD_GRAD_ALPHAS;
    s->b.pass.present = some_present;
    s->arch = arch_of(relaxation, s->b.alphas, EDGES);
    s->arch.present = some_present;
    s->arch.temperature = 0.7;
    s->arch.draw = draw;
    fill(s->betas, 2 * EDGES, 9, 0.5);
    return s;
}

static void searched_free(searched *s)
{
    bench_free(&s->b);
    td_free(s);
}

/* At the weights in b.mixture. */
static double loss_of_mixture(searched *s)
{
    double sum = 0.0;
    td_network_forward(s->b.net, &s->b.pass, s->b.logits);
    for (size_t i = 0; i < s->b.logit_count; i++)
        sum += s->b.logits[i] * s->b.d_logits[i];
    return sum;
}

static double loss_of_alphas(searched *s)
{
    td_arch_forward(&s->arch, s->b.mixture);
    return loss_of_mixture(s);
}

static void gradients(searched *s)
{
    loss_of_alphas(s);
    td_network_backward(s->b.net, &s->b.pass, s->b.d_logits, NULL, s->b.d_mixture);
    td_arch_backward(&s->arch, s->b.d_alphas, s->d_betas, s->b.d_mixture);
}

static double largest_of(const td_real *x, int n)
{
    double most = smallest_scale;
    for (int i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

/* Every \a apart-th of the numbers. */
static void check_by(searched *s, td_real *x, const td_real *found, int n, int apart)
{
    double scale = largest_of(found, n);
    for (int i = 0; i < n; i += apart) {
        double before = x[i];
        x[i] = before + step;
        double above = loss_of_alphas(s);
        x[i] = before - step;
        double below = loss_of_alphas(s);
        x[i] = before;
        double slope = (above - below) / (2.0 * step);
        ck_assert_msg(fabs(slope - found[i]) <= 10 * tolerance * scale,
                      "number %d: %.9g, by differences %.9g", i, found[i], slope);
    }
}

/* Smooth in alpha: sigmoid without draws, gumbel with them, dirichlet's mean. */
START_TEST(test_smooth_relaxations)
{
    static const td_relaxation *const kinds[] = { &td_relaxation_softmax,
                                                  &td_relaxation_sigmoid,
                                                  &td_relaxation_gumbel,
                                                  &td_relaxation_dirichlet };
    const td_arch_draw draw = { 7, 1, 4, NULL };
    searched *s =
        searched_new(kinds[_i], kinds[_i] == &td_relaxation_gumbel ? &draw : NULL);
    gradients(s);
    check_by(s, s->b.alphas, s->b.d_alphas, TABLES, 3);
    searched_free(s);
}
END_TEST

START_TEST(test_edge_weights_and_bonus)
{
    searched *s = searched_new(&td_relaxation_softmax, NULL);
    s->arch.betas = s->betas;
    s->arch.skip_bonus = 0.3;
    gradients(s);
    check_by(s, s->b.alphas, s->b.d_alphas, TABLES, 5);
    check_by(s, s->betas, s->d_betas, 2 * EDGES, 1);
    searched_free(s);
}
END_TEST

/* ---- one-hot ones ---------------------------------------------------------------- */

/* Straight through: the gradient of Σ dp·p of the soft weights, dp 0 where nothing was
 * computed. */
START_TEST(test_gdas_goes_straight_through)
{
    const td_arch_draw draw = { 7, 1, 4, NULL };
    uint8_t single[2 * EDGES];
    searched *s = searched_new(&td_relaxation_gdas, &draw);
    td_arch_forward(&s->arch, s->b.mixture);
    s->b.pass.present = td_arch_computed(&s->arch, single, s->b.mixture);
    ck_assert_ptr_eq(s->b.pass.present, single);
    gradients(s);
    for (int i = 0; i < TABLES; i++)
        ck_assert(s->b.mixture[i] != 0.0 || s->b.d_mixture[i] == 0.0);
    s->arch.relaxation = &td_relaxation_gumbel;
    for (int i = 0; i < TABLES; i++) {
        double slope = 0.0, before = s->b.alphas[i];
        for (int side = -1; side <= 1; side += 2) {
            s->b.alphas[i] = before + side * step;
            td_arch_forward(&s->arch, s->b.mixture);
            for (int k = 0; k < TABLES; k++)
                slope += side * s->b.mixture[k] * s->b.d_mixture[k] / (2.0 * step);
        }
        s->b.alphas[i] = before;
        ck_assert(fabs(slope - s->b.d_alphas[i]) <=
                  10 * tolerance * largest_of(s->b.d_alphas, TABLES));
    }
    searched_free(s);
}
END_TEST

/* ---- a draw of a Dirichlet ------------------------------------------------------- */

/* The distribution of Beta(a, b) at x by Simpson's rule: with t = x·v^(4/a) the
 * integrand begins like v³, and x stays below 1. */
static double beta_distribution(double x, double a, double b)
{
    enum { PARTS = 1000 };
    double sum = 0.0;
    for (int i = 0; i <= PARTS; i++) {
        double v = (double) i / PARTS, t = x * pow(v, 4.0 / a);
        double weight = i == 0 || i == PARTS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum += weight * v * v * v * pow(1.0 - t, b - 1.0);
    }
    double integral = 4.0 * pow(x, a) / a * sum / (3.0 * PARTS);
    return integral * exp(lgamma(a + b) - lgamma(a) - lgamma(b));
}

/* Where Beta(a, b) has the quantile that Beta(from, b) has at x. */
static double same_quantile(double x, double from, double a, double b)
{
    double wanted = beta_distribution(x, from, b), low = x * 0.99, high = x * 1.01;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2.0;
        *(beta_distribution(middle, a, b) < wanted ? &low : &high) = middle;
    }
    return (low + high) / 2.0;
}

static double concentration(double alpha)
{
    return alpha > 0 ? alpha + 1 : exp(alpha);
}

/* The sample of an edge once alpha \a k has moved by \a by: its own number keeps its
 * quantile, the others shrink in proportion. */
static void move_sample(searched *s, double *sample, int edge, int k, double by)
{
    const td_real *alpha = s->b.alphas + edge * TD_NUM_OPS;
    double *x = sample + edge * TD_NUM_OPS, before = x[k], rest = 0.0;
    for (int j = 0; j < TD_NUM_OPS; j++)
        rest += j != k && some_present[edge] >> j & 1 ? concentration(alpha[j]) : 0.0;
    double now = same_quantile(before, concentration(alpha[k]),
                               concentration(alpha[k] + by), rest);
    for (int j = 0; j < TD_NUM_OPS; j++)
        x[j] = j == k ? now : x[j] * (1.0 - now) / (1.0 - before);
}

START_TEST(test_dirichlet_keeps_quantiles)
{
    double sample[TABLES], moved[TABLES];
    const td_arch_draw drawn = { 7, 1, 4, NULL };
    td_arch_draw given = { .given = sample };
    searched *s = searched_new(&td_relaxation_dirichlet, &drawn);
    td_arch_forward(&s->arch, sample);
    s->arch.draw = &given;
    gradients(s);
    for (int edge = 0; edge < 2 * EDGES; edge += 3)
        for (int k = 0; k < TD_NUM_OPS; k++) {
            const double h = 1e-6;
            int at = edge * TD_NUM_OPS + k;
            double slope = 0.0;
            if (!(some_present[edge] >> k & 1) || sample[at] < 1e-3)
                continue;
            for (int side = -1; side <= 1; side += 2) {
                memcpy(moved, sample, sizeof moved);
                move_sample(s, moved, edge, k, side * h);
                memcpy(s->b.mixture, moved, sizeof moved);
                slope += side * loss_of_mixture(s) / (2.0 * h);
            }
            ck_assert_msg(fabs(slope - s->b.d_alphas[at]) <=
                              2e-5 * largest_of(s->b.d_alphas, TABLES),
                          "number %d: %.9g, by differences %.9g", at, s->b.d_alphas[at],
                          slope);
        }
    searched_free(s);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("arch_f64");
    TCase *tests = tcase_create("through a supernet");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, test_smooth_relaxations, 0, 4);
    tcase_add_test(tests, test_edge_weights_and_bonus);
    tcase_add_test(tests, test_gdas_goes_straight_through);
    tcase_add_test(tests, test_dirichlet_keeps_quantiles);
    suite_add_tcase(suite, tests);
    return suite;
}
