/* Gradients through every head, of both kinds of networks, with one branch and two. */
#include <stdlib.h>

#include "net_differences.h"
#include "suite.h"

static const double smallest_scale = 1e-3;

/* More features than classes by far, or just enough of them for a frame. */
static td_net_spec spec_of(int head, bool two_branch)
{
    return (td_net_spec){ .channels = 3,
                          .cells = 3,
                          .nodes = 1,
                          .classes = two_branch ? 25 : 4,
                          .image_channels = 1,
                          .height = 8,
                          .width = 8,
                          .batch = 3,
                          .two_branch = two_branch,
                          .head = (td_head_kind) head,
                          .head_scale = head == TD_HEAD_NORMALISED ? 30.0 : 2.0 };
}

START_TEST(test_one_branch)
{
    bench b = bench_new(spec_of(_i, false), 1, 3);
    check_gradients(&b);
}
END_TEST

START_TEST(test_two_branches)
{
    bench b = bench_new(spec_of(_i, true), 2, 3);
    check_gradients(&b);
}
END_TEST

START_TEST(test_running_statistics)
{
    bench b = bench_new(spec_of(_i, false), 1, 3);
    use_running_statistics(&b);
    check_gradients(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("heads, finite differences");
    TCase *cases = tcase_create("heads");
    tcase_add_loop_test(cases, test_one_branch, 0, TD_HEAD_COUNT);
    tcase_add_loop_test(cases, test_two_branches, 0, TD_HEAD_ETF); /* refused */
    tcase_add_loop_test(cases, test_running_statistics, 0, TD_HEAD_COUNT);
    suite_add_tcase(suite, cases);
    return suite;
}
