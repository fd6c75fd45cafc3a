/* Runs in a terminal, as a script of gnuplot and for TensorBoard. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "comma_locale.h"
#include "some_checkpoint.h"
#include "store_folder.h"
#include "suite.h"
#include "taildart/report_forms.h"

static const double epochs[] = { 1, 2, 3, 4 };

/* The chart of \a count lines over the first four epochs; for td_free. */
static char *chart_of(const double (*y)[4], int count, td_terminal_look look)
{
    static const char *const names[] = { "one", "two", "three" };
    td_terminal_line lines[3];
    td_text text = { 0 };
    for (int i = 0; i < count; i++)
        lines[i] = (td_terminal_line){ names[i], epochs, y[i], 4 };
    const td_terminal_picture picture = { "loss", NAN, NAN, lines, count };
    td_terminal_chart(&text, &picture, &look);
    return text.chars;
}

/* ---- charts of letters ----------------------------------------------------------- */

START_TEST(test_chart_of_ascii)
{
    static const double y[][4] = { { 0, 1, 2, 3 } };
    char *text = chart_of(y, 1, (td_terminal_look){ .columns = 24 });
    ck_assert_str_eq(text, "loss\n"
                           "      3 |          _'\n"
                           "        |         _\n"
                           "        |        -\n"
                           "      2 |       -\n"
                           "        |      -\n"
                           "        |     -\n"
                           "      1 |    -\n"
                           "        |   '\n"
                           "        | _'\n"
                           "      0 |_\n"
                           "        +------------\n"
                           "         1   2  3   4\n");
    td_free(text);
}
END_TEST

/* Steep lines have no gaps. */
START_TEST(test_chart_of_braille)
{
    static const double y[][4] = { { 0, 3, 0, 3 } };
    char *text = chart_of(y, 1, (td_terminal_look){ .columns = 24, .has_utf8 = true });
    ck_assert_str_eq(text, "loss\n"
                           "      3 ┤    ⣷      ⢸\n"
                           "        │   ⢰⠹⡀     ⡎\n"
                           "        │   ⡜ ⡇    ⢠⠃\n"
                           "      2 ┤  ⢀⠇ ⢸    ⡸\n"
                           "        │  ⡸  ⠘⡄  ⢀⠇\n"
                           "        │  ⡇   ⢇  ⢸\n"
                           "      1 ┤ ⢸    ⢸  ⡇\n"
                           "        │ ⡎    ⠈⡆⢰⠁\n"
                           "        │⢠⠃     ⢣⡜\n"
                           "      0 ┤⡸      ⢸⠇\n"
                           "        └────────────\n"
                           "         1   2  3   4\n");
    td_free(text);
}
END_TEST

/* By marks: where several meet, and behind the last point. */
START_TEST(test_lines_are_told_apart)
{
    static const double y[][4] = { { 0, 0, 0, 0 }, { 3, 3, 3, 3 }, { 0, NAN, 1, 1 } };
    char *text = chart_of(y, 3, (td_terminal_look){ .columns = 24 });
    ck_assert_str_eq(text, "loss\n"
                           "  1 one  2 two  3 three\n"
                           "  * several\n"
                           "      3 |2222222222222\n"
                           "        |\n"
                           "        |\n"
                           "      2 |\n"
                           "        |\n"
                           "        |\n"
                           "      1 |       333333\n"
                           "        |\n"
                           "        |\n"
                           "      0 |*111111111111\n"
                           "        +------------\n"
                           "         1   2  3   4\n");
    td_free(text);
}
END_TEST

START_TEST(test_colours_are_of_lines)
{
    static const double y[][4] = { { 0, 0, 0, 0 }, { 3, 3, 3, 3 } };
    td_terminal_look look = { .columns = 24, .has_colours = true };
    char *text = chart_of(y, 2, look);
    ck_assert_ptr_nonnull(strstr(text, "\033[34m1\033[0m one"));
    ck_assert_ptr_nonnull(strstr(text, "\033[33m2\033[0m two"));
    td_free(text);
    look.has_colours = false;
    text = chart_of(y, 2, look);
    ck_assert_ptr_null(strchr(text, '\033'));
    td_free(text);
}
END_TEST

/* Whatever the numbers, no line is longer than the terminal. */
START_TEST(test_charts_fit)
{
    static const double odd[][4] = { { 1e-300, 1e300, NAN, -1e29 },
                                     { INFINITY, -INFINITY, 5, 1e-9 },
                                     { NAN, NAN, NAN, NAN } };
    for (int columns = 24; columns <= 200; columns += 11)
        for (int count = 1; count <= 3; count++) {
            td_terminal_look look = { .columns = columns };
            char *text = chart_of(odd, count, look);
            for (const char *at = text; *at; at += strcspn(at, "\n") + 1)
                ck_assert_uint_le(strcspn(at, "\n"), (size_t) columns);
            td_free(text);
        }
    for (int columns = 0; columns < 24; columns++) /* drawn as in one of 24 */
        td_free(chart_of(odd, 3, (td_terminal_look){ .columns = columns }));
    char *text = chart_of(odd + 2, 1, (td_terminal_look){ .columns = 80 });
    ck_assert_str_eq(text, "loss\n  nothing is known of it yet\n");
    td_free(text);
}
END_TEST

START_TEST(test_look_is_the_environments)
{
    setenv("LC_ALL", "", 1);
    setenv("LC_CTYPE", "de_DE.utf8", 1);
    setenv("LANG", "C", 1);
    ck_assert(td_terminal_look_now().has_utf8);
    setenv("LC_ALL", "C", 1);
    ck_assert(!td_terminal_look_now().has_utf8);
    setenv("LC_ALL", "en_US.UTF-8", 1);
    ck_assert(td_terminal_look_now().has_utf8);
    setenv("LC_ALL", "en_US.ISO-8859-1", 1);
    ck_assert(!td_terminal_look_now().has_utf8);
}
END_TEST

/* ---- runs ------------------------------------------------------------------------ */

static td_slots weights, norms;
static td_checkpoint checkpoint;
static td_report_run run, other;

static void set_up(void)
{
    static td_metrics rows[2];
    folder_make();
    some_slots(&weights, &norms);
    checkpoint = some_checkpoint(&weights, &norms, 100);
    for (int i = 0; i < 2; i++) {
        double *numbers =
            (double *) ((char *) &rows[i] + offsetof(td_metrics, seconds));
        size_t count =
            (sizeof rows[i] - offsetof(td_metrics, seconds)) / sizeof *numbers;
        for (size_t k = 0; k < count; k++)
            numbers[k] = NAN;
        rows[i].epoch = i;
        rows[i].seconds = 10 + i;
        rows[i].train_loss = 2.5 - i;
        rows[i].valid_balanced_top1 = 0.25;
    }
    run = (td_report_run){ .name = "runs/it's `id` \"a\"",
                           .checkpoint = &checkpoint,
                           .rows = rows,
                           .row_count = 2,
                           .epochs = 5 };
    other = run;
    other.name = "runs/b/c";
}

static void tear_down(void)
{
    clear_checkpoint(&checkpoint);
    folder_remove();
}

START_TEST(test_names_lose_what_all_have)
{
    td_report_run *runs[] = { &run, &other };
    ck_assert_str_eq(td_report_short_name(runs, 2, 1), "b/c");
    ck_assert_str_eq(td_report_short_name(runs, 2, 0), "it's `id` \"a\"");
    ck_assert_str_eq(td_report_short_name(runs + 1, 1, 0), "c");
    run.name = "b";
    ck_assert_str_eq(td_report_short_name(runs, 2, 1), "runs/b/c");
    ck_assert_str_eq(td_report_short_name(runs, 2, 0), "b");
}
END_TEST

/* gnuplot runs what stands in backquotes between double quotes. */
START_TEST(test_script_quotes_names)
{
    td_report_run *runs[] = { &run, &other };
    comma_locale_set();
    char *script = td_report_gnuplot(runs, 2);
    ck_assert_ptr_nonnull(strstr(script, "title 'it''s `id` \"a\": training'"));
    ck_assert_ptr_nonnull(strstr(script, "$run_1 << EOD\n1 NaN 2.5 NaN 0.25 NaN"));
    ck_assert_ptr_null(strstr(script, "entropy"));
    ck_assert_ptr_nonnull(strstr(script, "set xrange [1:2]\nset xtics 1,1,2\n"));
    td_free(script);
    run.row_count = other.row_count = 1;
    script = td_report_gnuplot(runs, 2);
    ck_assert_ptr_nonnull(strstr(script, "set xrange [0:2]\nset xtics 1,1,1\n"));
    ck_assert_ptr_nonnull(
        strstr(script, "set title 'loss (nats)'\nset yrange [2.2:2.8]\n"));
    td_free(script);
}
END_TEST

START_TEST(test_term_says_what_is_not_there)
{
    td_report_run *runs[] = { &run, &other };
    td_terminal_look look = { .columns = 60 };
    char *text = td_report_term(runs, 2, &look);
    ck_assert_ptr_nonnull(strstr(text, "runs/b/c\n  2 of 5 epochs, balanced 0.2500"));
    ck_assert_ptr_nonnull(strstr(text, "\ntraining: loss (nats)\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nvalidation, balanced: accuracy"));
    ck_assert_ptr_nonnull(strstr(text, "\ncell of b/c: not derived yet\n"));
    td_free(text);
}
END_TEST

/* The first record by TensorFlow's own bytes; then as many as there are rows. */
START_TEST(test_events_are_records)
{
    static const unsigned char begin[] = { 0x18, 0,    0,    0,    0,    0, 0, 0,
                                           0xa3, 0x7f, 0x4b, 0x22, 0x09, 0, 0 };
    td_text file = td_report_events(&run, 121.0);
    int records = 0;
    ck_assert_uint_gt(file.length, sizeof begin);
    ck_assert_mem_eq(file.chars, begin, sizeof begin);
    for (size_t at = 0; at < file.length; records++)
        at += 16 + (unsigned char) file.chars[at] +
              256 * (size_t) (unsigned char) file.chars[at + 1];
    ck_assert_int_eq(records, 3);
    td_free(file.chars);
}
END_TEST

/* The number of a record's event that begins with its field 1, a double. */
static double time_at(const td_text *file, size_t at)
{
    double time;
    ck_assert_int_eq(file->chars[at + 12], 0x09);
    memcpy(&time, file->chars + at + 13, sizeof time);
    return time;
}

/* Nobody knows when a run without its files ended: it began at 0. */
START_TEST(test_events_without_a_time)
{
    td_text file = td_report_events(&run, 0);
    size_t first = 16 + (size_t) (unsigned char) file.chars[0];
    ck_assert_double_eq(time_at(&file, 0), 0);
    ck_assert_double_eq(time_at(&file, first), 10);
    td_free(file.chars);
}
END_TEST

/* Nor are infinities told, or what is one in single precision. */
START_TEST(test_events_are_finite)
{
    td_text file = td_report_events(&run, 121);
    size_t length = file.length;
    td_free(file.chars);
    run.rows[0].valid_loss = INFINITY;
    run.rows[1].valid_loss = 1e300;
    file = td_report_events(&run, 121);
    ck_assert_uint_eq(file.length, length);
    td_free(file.chars);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("report forms");
    TCase *charts = tcase_create("charts"), *runs = tcase_create("runs");
    tcase_add_test(charts, test_chart_of_ascii);
    tcase_add_test(charts, test_chart_of_braille);
    tcase_add_test(charts, test_lines_are_told_apart);
    tcase_add_test(charts, test_colours_are_of_lines);
    tcase_add_test(charts, test_charts_fit);
    tcase_add_test(charts, test_look_is_the_environments);
    tcase_add_checked_fixture(runs, set_up, tear_down);
    tcase_add_test(runs, test_names_lose_what_all_have);
    tcase_add_test(runs, test_script_quotes_names);
    tcase_add_test(runs, test_term_says_what_is_not_there);
    tcase_add_test(runs, test_events_are_records);
    tcase_add_test(runs, test_events_without_a_time);
    tcase_add_test(runs, test_events_are_finite);
    suite_add_tcase(suite, charts);
    suite_add_tcase(suite, runs);
    return suite;
}
