/* Another kind of network through the same doors: plan, passes, gradients. */
#include "net_differences.h"
#include "plain_network.h"
#include "suite.h"

static const double smallest_scale = 1e-3;

static const td_net_spec plain_spec = { .channels = 2,
                                        .cells = 1,
                                        .nodes = 1,
                                        .classes = 3,
                                        .image_channels = 1,
                                        .height = 6,
                                        .width = 5,
                                        .batch = 6,
                                        .kind = &plain_kind };

START_TEST(test_gradients)
{
    bench b = bench_new(plain_spec, _i, 6 / _i);
    check_gradients(&b);
}
END_TEST

START_TEST(test_evaluation)
{
    bench b = bench_new(plain_spec, 1, 6);
    use_running_statistics(&b);
    check_gradients(&b);
}
END_TEST

START_TEST(test_what_layers_register)
{
    bench b = bench_new(plain_spec, 1, 2);
    const td_slots *weights = td_network_weights(b.net);
    td_net_plan plan;
    ck_assert(td_slots_find(weights, "_ops.4.op.1.weight"));
    ck_assert(!td_slots_find(weights, "_ops.5.op.1.weight"));
    ck_assert_int_eq(td_network_plan(&plan, &plain_spec, 1), TD_OK);
    ck_assert_uint_eq(plan.parameters, weights->total);
    /* stem, two units of 6 channels, classifier; images are padded to 8x8 */
    double flops = 2.0 * 64 * 9 * 6 + 2 * (2.0 * 64 * 6 * (9 + 6)) + 2.0 * 6 * 3;
    ck_assert(td_network_flops(b.net) == flops);
    ck_assert_int_eq(td_network_edges(&plain_spec), 0);
    bench_free(&b);
}
END_TEST

START_TEST(test_its_own_check)
{
    td_net_spec spec = plain_spec;
    td_network *net = NULL;
    spec.two_branch = true;
    ck_assert_int_eq(td_network_new(&net, &spec, td_kernels_get(TD_ISA_GENERIC)),
                     TD_USAGE);
    ck_assert_str_eq(td_error_message(), "bbn.enabled: a plain network has one branch");
    ck_assert_ptr_null(net);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("kind of network");
    TCase *tests = tcase_create("plain");
    tcase_add_loop_test(tests, test_gradients, 1, 3);
    tcase_add_test(tests, test_evaluation);
    tcase_add_test(tests, test_what_layers_register);
    tcase_add_test(tests, test_its_own_check);
    suite_add_tcase(suite, tests);
    return suite;
}
