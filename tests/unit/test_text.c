/* The growing text: what is written stays whole across every enlargement. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_text.h"

START_TEST(test_formatted_parts_follow_each_other)
{
    td_text text = { 0 };
    td_text_write(&text, "%s %d", "node", 7);
    td_text_write(&text, "%s", "");
    td_text_write(&text, ".");
    ck_assert_str_eq(text.chars, "node 7.");
    ck_assert_uint_eq(text.length, 7);
    td_free(text.chars);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

START_TEST(test_long_text_is_complete)
{
    td_text text = { 0 };
    for (int i = 0; i < 5000; i++)
        td_text_write(&text, "%04d", i);
    ck_assert_uint_eq(text.length, 20000);
    ck_assert_uint_eq(strlen(text.chars), 20000);
    for (int i = 0; i < 5000; i++) {
        char digits[5] = { 0 };
        memcpy(digits, text.chars + 4 * i, 4);
        ck_assert_int_eq(strtol(digits, NULL, 10), i);
    }
    td_free(text.chars);
}
END_TEST

START_TEST(test_bytes_may_hold_anything)
{
    const char bytes[4] = { 'a', '\0', '%', 's' };
    td_text text = { 0 };
    td_text_write_bytes(&text, bytes, 0);
    ck_assert_str_eq(text.chars, "");
    for (int i = 0; i < 1000; i++)
        td_text_write_bytes(&text, bytes, sizeof bytes);
    ck_assert_uint_eq(text.length, 4000);
    ck_assert_mem_eq(text.chars + 3996, bytes, sizeof bytes);
    ck_assert_int_eq(text.chars[4000], '\0');
    td_free(text.chars);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    tcase_add_test(cases, test_formatted_parts_follow_each_other);
    tcase_add_test(cases, test_long_text_is_complete);
    tcase_add_test(cases, test_bytes_may_hold_anything);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
