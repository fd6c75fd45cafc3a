/* The growing text: what is written stays whole across every enlargement; numbers in
 * texts. */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "comma_locale.h"
#include "suite.h"
#include "taildart/base_number.h"
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

/* ---- words of others ------------------------------------------------------------- */

static void check_shown(const char *words, const char *expected)
{
    char out[256];
    td_text text = { 0 };
    td_text_show(out, sizeof out, words);
    ck_assert_str_eq(out, expected);
    td_text_write_shown(&text, words, "");
    ck_assert_str_eq(text.chars, expected);
    td_free(text.chars);
}

START_TEST(test_what_could_steer_a_terminal_is_shown)
{
    check_shown("plain words, 100 %", "plain words, 100 %");
    check_shown("", "");
    check_shown("Gr\xc3\xb6\xc3\x9f"
                "e \xe2\x82\xac \xf0\x9f\x90\xb1",
                "Gr\xc3\xb6\xc3\x9f"
                "e \xe2\x82\xac \xf0\x9f\x90\xb1");
    check_shown("a\x1b[31mb", "a\\x1b[31mb");
    check_shown("two\nlines\ttab\rreturn\bback\a", "two\\x0alines\\x09tab\\x0dreturn"
                                                   "\\x08back\\x07");
    check_shown("\x7f", "\\x7f");
    check_shown("\xc2\x9b"
                "31m",
                "\\xc2\\x9b31m"); /* CSI as one character of C1 */
    check_shown("\xe2\x80\xae"
                "gpj.exe",
                "\\xe2\\x80\\xaegpj.exe"); /* writes to the left from here on */
}
END_TEST

START_TEST(test_bytes_that_are_no_utf8_are_shown)
{
    check_shown("\xff\xfe", "\\xff\\xfe");
    check_shown("\x9b"
                "31m",
                "\\x9b31m");
    check_shown("\xc0\x9b", "\\xc0\\x9b");          /* longer than need be */
    check_shown("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate         */
    check_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    check_shown("cut \xe2\x82", "cut \\xe2\\x82");
}
END_TEST

START_TEST(test_what_is_shown_fits_and_is_cut_behind_a_character)
{
    char out[12];
    td_text_show(out, sizeof out, "12345678901");
    ck_assert_str_eq(out, "12345678901");
    td_text_show(out, sizeof out, "123456789012");
    ck_assert_str_eq(out, "12345678...");
    td_text_show(out, sizeof out, "123456\x1b\x1b");
    ck_assert_str_eq(out, "123456...");
    td_text_show(out, sizeof out, "1234567\xc3\xb6\xc3\xb6\xc3\xb6");
    ck_assert_str_eq(out, "1234567...");
}
END_TEST

START_TEST(test_kept_characters_stay)
{
    td_text text = { 0 };
    td_text_write_shown(&text, "a\n\tb\x1b", "\n\t");
    ck_assert_str_eq(text.chars, "a\n\tb\\x1b");
    td_free(text.chars);
}
END_TEST

START_TEST(test_errors_and_hints_only_print)
{
    ck_assert_int_eq(td_error(TD_DATA, "%s: no such file", "a\x1b]0;owned\a"), TD_DATA);
    td_error_hint("try %s", "b\nc");
    ck_assert_str_eq(td_error_message(), "a\\x1b]0;owned\\x07: no such file");
    ck_assert_str_eq(td_error_hint_message(), "try b\\x0ac");
    td_error(TD_USAGE, "f:1: %s", td_error_message()); /* quoted again, it stays so */
    ck_assert_str_eq(td_error_message(), "f:1: a\\x1b]0;owned\\x07: no such file");
}
END_TEST

/* Each comes before the next one, and stands for itself. */
START_TEST(test_names_are_compared_as_people_list_them)
{
    static const char *const names[] = {
        "2", "10", "100", "", "-x", "1a", "Cat", "cat"
    };
    for (size_t a = 0; a < sizeof names / sizeof *names; a++)
        for (size_t b = 0; b < sizeof names / sizeof *names; b++) {
            int order = td_text_compare(names[a], names[b]);
            ck_assert_msg(a < b   ? order < 0
                          : a > b ? order > 0
                                  : order == 0,
                          "'%s' and '%s': %d", names[a], names[b], order);
        }
}
END_TEST

/* ---- lines of CSV ---------------------------------------------------------------- */

static void check_line(char **at, const char *first, const char *second, int fields)
{
    char *found[2] = { "", "" };
    ck_assert_int_eq(td_text_read_csv(at, found, 2), fields);
    ck_assert_str_eq(found[0], first);
    ck_assert_str_eq(found[1], second);
}

START_TEST(test_fields_of_csv_come_back)
{
    td_text text = { 0 };
    td_text_write_csv(&text, "a, \"b\"");
    td_text_write(&text, ",");
    td_text_write_csv(&text, "c d");
    td_text_write(&text, "\n\none,,3,4\r\n\"cut,1\r\n\"x\"y,");
    char *at = text.chars;
    check_line(&at, "a, \"b\"", "c d", 2);
    check_line(&at, "", "", 1);
    check_line(&at, "one", "", 4);
    check_line(&at, "cut,1", "", 1);
    check_line(&at, "xy", "", 2);
    ck_assert_str_eq(at, "");
    check_line(&at, "", "", 1);
    td_free(text.chars);
}
END_TEST

/* ---- numbers --------------------------------------------------------------------- */

START_TEST(test_numbers_are_read_with_a_point)
{
    static const char *const none[] = { "", " ", "1,5", "1.5 ", "1.5s", "words" };
    const char *words = "none";
    double value;
    comma_locale_set();
    ck_assert(td_number_read(&value, "1.5") && value == 1.5);
    ck_assert(td_number_read(&value, "-2e-3") && value == -2e-3);
    ck_assert(td_number_read(&value, "inf") && isinf(value));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        value = 7;
        ck_assert_msg(!td_number_read(&value, none[i]) && isnan(value), "'%s': %g",
                      none[i], value);
    }
    errno = EINVAL;
    ck_assert_str_eq(td_number_read_first(&value, "0.25 0.5"), " 0.5");
    ck_assert(value == 0.25 && errno == 0);
    ck_assert_str_eq(td_number_read_first(&value, "1e400"), "");
    ck_assert(isinf(value) && errno == ERANGE);
    ck_assert_ptr_eq(td_number_read_first(&value, words), words);
    ck_assert(isnan(value));
}
END_TEST

static void check_written(const char *wanted)
{
    char out[8];
    snprintf(out, sizeof out, "%.1f", 1.5);
    ck_assert_str_eq(out, wanted);
}

/* Within pairs, also nested ones, and not behind them. */
START_TEST(test_numbers_are_written_with_a_point)
{
    const char *usual = comma_locale_set() ? "1,5" : "1.5";
    check_written(usual);
    void *outer = td_numbers_plain();
    void *inner = td_numbers_plain();
    check_written("1.5");
    td_numbers_restore(inner);
    check_written("1.5");
    td_numbers_restore(outer);
    check_written(usual);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    tcase_add_test(cases, test_formatted_parts_follow_each_other);
    tcase_add_test(cases, test_long_text_is_complete);
    tcase_add_test(cases, test_bytes_may_hold_anything);
    tcase_add_test(cases, test_what_could_steer_a_terminal_is_shown);
    tcase_add_test(cases, test_bytes_that_are_no_utf8_are_shown);
    tcase_add_test(cases, test_what_is_shown_fits_and_is_cut_behind_a_character);
    tcase_add_test(cases, test_kept_characters_stay);
    tcase_add_test(cases, test_errors_and_hints_only_print);
    tcase_add_test(cases, test_names_are_compared_as_people_list_them);
    tcase_add_test(cases, test_fields_of_csv_come_back);
    tcase_add_test(cases, test_numbers_are_read_with_a_point);
    tcase_add_test(cases, test_numbers_are_written_with_a_point);
    suite_add_tcase(suite, cases);
    return suite;
}
