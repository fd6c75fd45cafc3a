/* Tests that leak: 01-house.t asserts that they fail. */
#include "suite.h"

static void *kept;

START_TEST(test_that_leaks)
{
    kept = td_malloc(1);
}
END_TEST

static void keep(void)
{
    kept = td_malloc(1);
}

START_TEST(test_whose_fixture_leaks)
{
    ck_assert_ptr_nonnull(kept);
}
END_TEST

static void let_go(void)
{
    td_free(kept);
}

START_TEST(test_whose_fixture_does_not)
{
    ck_assert_ptr_nonnull(kept);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("leaky");
    TCase *alone = tcase_create("alone"), *leaves = tcase_create("leaves");
    TCase *returns = tcase_create("returns");
    tcase_add_test(alone, test_that_leaks);
    tcase_add_checked_fixture(leaves, keep, NULL);
    tcase_add_test(leaves, test_whose_fixture_leaks);
    tcase_add_checked_fixture(returns, keep, let_go);
    tcase_add_test(returns, test_whose_fixture_does_not);
    suite_add_tcase(suite, alone);
    suite_add_tcase(suite, leaves);
    suite_add_tcase(suite, returns);
    return suite;
}
