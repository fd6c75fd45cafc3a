/* Every gradient of the supernet against central differences, in double precision: the
 * sources are those of the program. */
#include <stdlib.h>

#include "net_differences.h"
#include "suite.h"

static const double smallest_scale = 1e-3;

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

/* Two heads on one trunk; with running statistics both see the same images. */
START_TEST(test_two_heads)
{
    td_net_spec spec = { .channels = 3,
                         .cells = 3,
                         .nodes = 1,
                         .classes = 3,
                         .image_channels = 1,
                         .height = 8,
                         .width = 8,
                         .batch = 3,
                         .two_branch = true,
                         .split = TD_BRANCH_HEAD };
    bench b = bench_new(spec, _i == 0 ? 2 : 1, 3);
    if (_i == 1)
        use_running_statistics(&b);
    check_gradients(&b);
}
END_TEST

static const td_net_spec small = { .channels = 3,
                                   .cells = 3,
                                   .nodes = 2,
                                   .classes = 4,
                                   .image_channels = 1,
                                   .height = 8,
                                   .width = 8,
                                   .batch = 3 };

/* Edges with one pool, with a skip alone, with one convolution, and with nothing. */
START_TEST(test_masked_edges)
{
    td_net_spec spec = small;
    const uint8_t only[5] = { 1 << TD_OP_MAX_POOL_3X3 | 1 << TD_OP_DIL_CONV_5X5,
                              1 << TD_OP_SKIP_CONNECT, 1 << TD_OP_SEP_CONV_3X3,
                              1 << TD_OP_AVG_POOL_3X3 | 1 << TD_OP_SKIP_CONNECT, 0 };
    for (int e = 0; e < 5; e++) {
        spec.without[0][e] = (uint8_t) ~only[(e + _i) % 5];
        spec.without[1][e] = (uint8_t) ~only[(2 * e + _i) % 5];
    }
    bench b = bench_new(spec, 1, 3);
    check_gradients(&b);
}
END_TEST

/* The same edges by the word of the pass, which may change from pass to pass. */
START_TEST(test_operations_of_a_pass)
{
    td_net_spec spec = small;
    static const uint8_t present[10] = { 0xff, 0x12, 0x80, 0x0c, 0x00,
                                         0x08, 0x56, 0xff, 0x04, 0x22 };
    bench b = bench_new(spec, 1, 3);
    b.pass.present = present;
    check_gradients(&b);
}
END_TEST

/* Forward, backward and what is computed again leave out the same numbers. */
START_TEST(test_dropout_on_skips)
{
    td_net_spec spec = small;
    static const int32_t places[6] = { 5, 17, 2, ~5, ~17, ~2 };
    spec.two_branch = _i == 2;
    spec.recompute = _i ? TD_RECOMPUTE_ALL : TD_RECOMPUTE_NONE;
    spec.drops_skips = true;
    bench b = bench_new(spec, spec.two_branch ? 2 : 1, 3);
    b.pass.noise = (td_noise_key){ 3, 1, 7, places };
    double whole = loss(&b);
    b.pass.skip_dropout = 0.4;
    double thinned = loss(&b);
    b.pass.noise.step = 8;
    double other = loss(&b);
    ck_assert(fabs(thinned - whole) > 1e-6 && fabs(other - thinned) > 1e-6);
    b.pass.noise.step = 7;
    ck_assert(loss(&b) == thinned);
    check_gradients(&b);
}
END_TEST

/* A skip connection beside all operations, beside some, in an evaluation. */
START_TEST(test_skip_connections_beside)
{
    td_net_spec spec = small;
    static const int32_t places[3] = { 5, 17, 2 };
    static const uint8_t present[10] = { 0xff, 0x12, 0x80, 0x0c, 0x00,
                                         0x08, 0x00, 0xff, 0x04, 0x22 };
    spec.batch = 6;
    spec.two_branch = _i == 2;
    spec.drops_skips = _i == 4;
    spec.adds_skips = true;
    bench b = bench_new(spec, _i == 2 ? 2 : 1, 3);
    if (_i == 1)
        b.pass.present = present;
    if (_i == 3)
        use_running_statistics(&b);
    if (_i == 4) { /* which leaves those beside whole */
        b.pass.noise = (td_noise_key){ 3, 1, 7, places };
        b.pass.skip_dropout = 0.4;
    }
    check_gradients(&b);
}
END_TEST

/* Zeros around images whose sides cannot be halved twice; three convolutions before the
 * first cell, which reads two of them. */
START_TEST(test_stems)
{
    static const struct {
        td_stem_kind stem;
        int channels, cells, height, width;
    } samples[] = { { TD_STEM_CIFAR, 3, 1, 5, 6 },
                    { TD_STEM_IMAGENET, 2, 3, 32, 64 },
                    { TD_STEM_IMAGENET, 4, 1, 50, 32 } };
    td_net_spec spec = small;
    spec.stem = samples[_i].stem;
    spec.channels = samples[_i].channels;
    spec.cells = samples[_i].cells;
    spec.height = samples[_i].height;
    spec.width = samples[_i].width;
    spec.nodes = 1;
    bench b = bench_new(spec, 1, 3);
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
    use_running_statistics(&b);
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

Suite *test_suite(void)
{
    Suite *suite = suite_create("net gradients");
    TCase *tests = tcase_create("differences");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, test_plain_network);
    tcase_add_test(tests, test_two_groups);
    tcase_add_test(tests, test_two_branches);
    tcase_add_loop_test(tests, test_two_heads, 0, 2);
    tcase_add_loop_test(tests, test_masked_edges, 0, 5);
    tcase_add_test(tests, test_operations_of_a_pass);
    tcase_add_loop_test(tests, test_dropout_on_skips, 0, 3);
    tcase_add_loop_test(tests, test_skip_connections_beside, 0, 5);
    tcase_add_loop_test(tests, test_stems, 0, 3);
    tcase_add_test(tests, test_more_than_a_plane_of_channels);
    tcase_add_test(tests, test_running_statistics_are_constants);
    tcase_add_test(tests, test_requests_agree);
    suite_add_tcase(suite, tests);
    return suite;
}
