/* Every gradient of the network against central differences, in double precision.
 *
 * The sources are those of the program, built with double; a step of 1e-6 leaves an error
 * near 1e-9, so 1e-6 of the largest gradient of a tensor tells right from wrong. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "taildart/base_random.h"
#include "taildart/net.h"

static const double step = 1e-6, tolerance = 1e-6;

/* A network with everything a pass needs. */
typedef struct {
    td_network *net;
    td_pass pass;
    int rows;
    size_t weight_count, alpha_count, logit_count;
    td_real *weights, *alphas, *images, *mean, *var;
    td_real *logits, *d_logits, *grads, *d_alphas;
} bench;

static void fill(td_real *x, size_t n, uint32_t shard, double scale)
{
    td_random key = { .seed = 7, .stream = TD_STREAM_SYNTHETIC, .shard = shard };
    for (size_t i = 0; i < n; i++)
        x[i] = scale * td_random_normal(&key, (uint32_t) i);
}

static td_real *numbers(size_t n)
{
    return td_malloc(n * sizeof(td_real));
}

static bench bench_new(td_net_spec spec, int groups, int per_group)
{
    bench b = { .rows = spec.two_branch ? per_group : groups * per_group };
    ck_assert_int_eq(td_network_new(&b.net, &spec, td_kernels_get(TD_ISA_GENERIC)),
                     TD_OK);
    b.weight_count = td_network_weights(b.net)->total;
    b.alpha_count = 2 * (size_t) td_edge_count(spec.nodes) * TD_NUM_OPS;
    b.logit_count = (size_t) (b.rows * spec.classes);
    size_t norms = td_network_norms(b.net)->total;
    size_t pixels = (size_t) (spec.height * spec.width * spec.image_channels);
    b.weights = numbers(b.weight_count);
    b.alphas = numbers(b.alpha_count);
    b.images = numbers((size_t) (groups * per_group) * pixels);
    b.mean = numbers(norms);
    b.var = numbers(norms);
    b.logits = numbers(b.logit_count);
    b.d_logits = numbers(b.logit_count);
    b.grads = numbers(b.weight_count);
    b.d_alphas = numbers(b.alpha_count);
    td_network_init(b.net, 3, b.weights);
    td_network_init_state(b.net, 3, b.mean, b.var, b.alphas);
    fill(b.alphas, b.alpha_count, 1, 0.5);
    fill(b.images, (size_t) (groups * per_group) * pixels, 2, 1.0);
    fill(b.d_logits, b.logit_count, 3, 1.0);
    b.pass = (td_pass){ .weights = b.weights,
                        .alphas = b.alphas,
                        .images = b.images,
                        .group_count = groups,
                        .mixing = 0.3,
                        .request = TD_GRAD_BOTH };
    for (int g = 0; g < groups; g++)
        b.pass.groups[g] = per_group;
    return b;
}

static void bench_free(bench *b)
{
    td_real *all[] = { b->weights, b->alphas,   b->images, b->mean,    b->var,
                       b->logits,  b->d_logits, b->grads,  b->d_alphas };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        td_free(all[i]);
    td_network_free(b->net);
}

/* A linear function of the logits stands for the loss. */
static double loss(bench *b)
{
    double sum = 0.0;
    td_network_forward(b->net, &b->pass, b->logits);
    for (size_t i = 0; i < b->logit_count; i++)
        sum += b->logits[i] * b->d_logits[i];
    return sum;
}

static double difference(bench *b, td_real *at)
{
    double here = *at;
    *at = here + step;
    double above = loss(b);
    *at = here - step;
    double below = loss(b);
    *at = here;
    return (above - below) / (2 * step);
}

/* Up to \a probes entries of an array against their differences. */
static void check_array(bench *b, const char *name, td_real *x, const td_real *grad,
                        size_t count, size_t probes)
{
    double largest = 1e-3;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(grad[i]));
    size_t stride = count > probes ? count / probes : 1;
    for (size_t i = stride / 2; i < count; i += stride) {
        double expected = difference(b, &x[i]), error = fabs(grad[i] - expected);
        ck_assert_msg(error <= tolerance * largest,
                      "%s[%zu]: %.10g, differences say %.10g", name, i, grad[i],
                      expected);
    }
}

static void check_gradients(bench *b)
{
    const td_slots *slots = td_network_weights(b->net);
    loss(b);
    td_network_backward(b->net, &b->pass, b->d_logits, b->grads, b->d_alphas);
    check_array(b, "alphas", b->alphas, b->d_alphas, b->alpha_count, 40);
    for (int s = 0; s < slots->count; s++) {
        const td_slot *slot = &slots->slots[s];
        check_array(b, slot->name, b->weights + slot->offset, b->grads + slot->offset,
                    slot->count, 2);
    }
    bench_free(b);
}

START_TEST(test_plain_network)
{
    td_net_spec spec = { .channels = 3,
                         .cells = 3,
                         .nodes = 2,
                         .classes = 4,
                         .image_channels = 3,
                         .height = 8,
                         .width = 12,
                         .batch = 3 };
    bench b = bench_new(spec, 1, 3);
    check_gradients(&b);
}
END_TEST

START_TEST(test_two_groups)
{
    td_net_spec spec = { .channels = 2,
                         .cells = 2,
                         .nodes = 2,
                         .classes = 3,
                         .image_channels = 1,
                         .height = 8,
                         .width = 8,
                         .batch = 6 };
    bench b = bench_new(spec, 2, 3);
    check_gradients(&b);
}
END_TEST

START_TEST(test_two_branches)
{
    td_net_spec spec = { .channels = 3,
                         .cells = 4,
                         .nodes = 1,
                         .classes = 3,
                         .image_channels = 1,
                         .height = 8,
                         .width = 8,
                         .batch = 3,
                         .two_branch = true };
    bench b = bench_new(spec, 2, 3);
    check_gradients(&b);
}
END_TEST

START_TEST(test_more_than_a_plane_of_channels)
{
    td_net_spec spec = { .channels = 18,
                         .cells = 1,
                         .nodes = 1,
                         .classes = 3,
                         .image_channels = 3,
                         .height = 4,
                         .width = 8,
                         .batch = 3 };
    bench b = bench_new(spec, 1, 3);
    check_gradients(&b);
}
END_TEST

START_TEST(test_running_statistics_are_constants)
{
    td_net_spec spec = { .channels = 4,
                         .cells = 3,
                         .nodes = 1,
                         .classes = 3,
                         .image_channels = 1,
                         .height = 8,
                         .width = 8,
                         .batch = 2 };
    bench b = bench_new(spec, 1, 2);
    size_t norms = td_network_norms(b.net)->total;
    fill(b.mean, norms, 4, 0.1);
    fill(b.var, norms, 5, 0.2);
    for (size_t i = 0; i < norms; i++)
        b.var[i] = 1.0 + b.var[i] * b.var[i];
    b.pass.running_mean = b.mean;
    b.pass.running_var = b.var;
    check_gradients(&b);
}
END_TEST

/* The same pass asked for one kind of gradient gives the same numbers. */
START_TEST(test_requests_agree)
{
    td_net_spec spec = { .channels = 3,
                         .cells = 3,
                         .nodes = 2,
                         .classes = 4,
                         .image_channels = 3,
                         .height = 8,
                         .width = 8,
                         .batch = 3 };
    bench b = bench_new(spec, 1, 3);
    td_real *grads = numbers(b.weight_count), *d_alphas = numbers(b.alpha_count);
    loss(&b);
    td_network_backward(b.net, &b.pass, b.d_logits, b.grads, b.d_alphas);
    b.pass.request = TD_GRAD_ALPHAS;
    loss(&b);
    td_network_backward(b.net, &b.pass, b.d_logits, NULL, d_alphas);
    b.pass.request = TD_GRAD_WEIGHTS;
    loss(&b);
    td_network_backward(b.net, &b.pass, b.d_logits, grads, NULL);
    for (size_t i = 0; i < b.alpha_count; i++)
        ck_assert(d_alphas[i] == b.d_alphas[i]);
    for (size_t i = 0; i < b.weight_count; i++)
        ck_assert(grads[i] == b.grads[i]);
    td_free(grads);
    td_free(d_alphas);
    bench_free(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net gradients");
    TCase *tests = tcase_create("differences");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, test_plain_network);
    tcase_add_test(tests, test_two_groups);
    tcase_add_test(tests, test_two_branches);
    tcase_add_test(tests, test_more_than_a_plane_of_channels);
    tcase_add_test(tests, test_running_statistics_are_constants);
    tcase_add_test(tests, test_requests_agree);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed || td_base_live_blocks() ? EXIT_FAILURE : EXIT_SUCCESS;
}
