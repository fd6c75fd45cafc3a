/* The largest eigenvalue of a Hessian against the dense matrix, in double precision. */
#include "suite.h"
#include "tiny_curvature.h"

/* Where a ReLU or a maximum bends within a step, differences see the bend: steps are
 * small, as only double precision allows. */
START_TEST(test_the_dense_hessian_agrees)
{
    check_curvature(1e-7, 1e-9, 1e-6);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("curvature");
    TCase *tests = tcase_create("eigenvalue");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_the_dense_hessian_agrees);
    suite_add_tcase(suite, tests);
    return suite;
}
