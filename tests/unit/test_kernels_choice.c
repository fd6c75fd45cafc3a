/* Which instruction set is chosen, and dense products. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "taildart/kernels.h"

static void unset_isa(void)
{
    unsetenv("TAILDART_ISA");
}

START_TEST(test_without_a_wish)
{
    td_isa chosen;
    ck_assert_int_eq(td_isa_select(&chosen, TD_ISA_GENERIC), TD_OK);
    ck_assert_int_eq(chosen, TD_ISA_GENERIC);
    setenv("TAILDART_ISA", "", 1);
    ck_assert_int_eq(td_isa_select(&chosen, td_isa_detect()), TD_OK);
    ck_assert_int_eq(chosen, td_isa_detect());
}
END_TEST

/* Those of this architecture up to the strongest. */
static bool should_run(td_isa isa)
{
#if defined(__aarch64__)
    return isa == TD_ISA_GENERIC || isa == TD_ISA_ARMV8_A;
#else
    return isa <= td_isa_detect() && isa < TD_ISA_ARMV8_A;
#endif
}

START_TEST(test_every_name)
{
    td_isa chosen, isa = (td_isa) _i;
    ck_assert_int_eq(td_isa_runs(isa), should_run(isa));
    setenv("TAILDART_ISA", td_isa_name(isa), 1);
    td_status status = td_isa_select(&chosen, td_isa_detect());
    if (should_run(isa)) {
        ck_assert_int_eq(status, TD_OK);
        ck_assert_int_eq(chosen, isa);
        ck_assert_str_eq(td_kernels_get(chosen)->isa, td_isa_name(isa));
    } else {
        ck_assert_int_eq(status, TD_USAGE);
        ck_assert_ptr_nonnull(strstr(td_error_message(), "does not run on this CPU"));
        ck_assert_ptr_nonnull(strstr(td_error_message(), "generic"));
    }
}
END_TEST

START_TEST(test_unknown_name)
{
    td_isa chosen;
    setenv("TAILDART_ISA", "avx2", 1);
    ck_assert_int_eq(td_isa_select(&chosen, td_isa_detect()), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "unknown"));
    ck_assert_ptr_nonnull(strstr(td_error_message(), td_isa_name(td_isa_detect())));
}
END_TEST

START_TEST(test_gemm)
{
    td_real a[6] = { 1, 2, 3, 4, 5, 6 }, b[6] = { 1, 0, 2, 1, 0, 3 },
            c[4] = { 1, 1, 1, 1 };
    td_gemm(c, a, b, (td_gemm_size){ 2, 2, 3, false, false }, true);
    ck_assert(c[0] == 6 && c[1] == 12 && c[2] == 15 && c[3] == 24);
    td_gemm(c, a, b, (td_gemm_size){ 2, 2, 3, true, true }, false);
    ck_assert(c[0] == 11 && c[1] == 16 && c[2] == 14 && c[3] == 20);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("choice of kernels");
    TCase *tests = tcase_create("choice");
    tcase_add_checked_fixture(tests, unset_isa, unset_isa);
    tcase_add_test(tests, test_without_a_wish);
    tcase_add_loop_test(tests, test_every_name, 0, TD_ISA_COUNT);
    tcase_add_test(tests, test_unknown_name);
    tcase_add_test(tests, test_gemm);
    suite_add_tcase(suite, tests);
    return suite;
}
