/* Words of a command line: options in the manner of GNU, operands, shorthands, help. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../src/cli/cli_internal.h"
#include "../../src/cli/help_topics.h"
#include "suite.h"
#include "taildart/optim.h"

static const td_cli_option own[] = {
    { "output", "FILE", "where to", 'o' },
    { "ranks", "P", "how many", 0 },
    { "list", NULL, "a switch", 'l' },
    { 0 },
};

static const td_cli_form form = {
    .name = "try",
    .operands = "IN OUT",
    .purpose = "Try things.",
    .options = own,
    .keys = TD_FOR_SEARCH,
    .examples = "taildart try a b\ntaildart try a b --list\n",
};

enum { MOST_WORDS = 24 };

static td_cli_line line;

static void tear_down(void)
{
    td_cli_clear(&line);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

/* The words of \a text, split at blanks, as a command line. */
static td_status scan(const td_cli_form *of, const char *text)
{
    static char copy[256];
    char *words[MOST_WORDS] = { "try" };
    int count = 1;
    td_cli_clear(&line);
    snprintf(copy, sizeof copy, "%s", text);
    for (char *at = copy; *at;) {
        ck_assert_int_lt(count, MOST_WORDS);
        words[count++] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    return td_cli_scan(&line, of, count, words);
}

static void accepts(const char *text)
{
    ck_assert_msg(scan(&form, text) == TD_OK, "%s: %s", text, td_error_message());
}

static void refuses(const char *text, const char *message)
{
    ck_assert_msg(scan(&form, text) == TD_USAGE, "%s", text);
    ck_assert_str_eq(td_error_message(), message);
    ck_assert_str_eq(td_error_hint_message(), "try `taildart try --help`");
}

static void gives(const char *option, const char *text)
{
    const char *value = td_cli_value(&line, option);
    ck_assert_msg(value && strcmp(value, text) == 0, "--%s is %s, not %s", option,
                  value ? value : "not given", text);
}

static void holds(const char *key, const char *text)
{
    char value[TD_TEXT_BYTES];
    td_settings_value(line.settings, key, value);
    ck_assert_msg(strcmp(value, text) == 0, "%s is %s, not %s", key, value, text);
}

/* ---- words ---------------------------------------------------------------------- */

START_TEST(test_values_stand_behind_or_in_the_word)
{
    accepts("a --output x b --ranks=3");
    gives("output", "x");
    gives("ranks", "3");
    ck_assert_ptr_null(td_cli_value(&line, "list"));
    ck_assert_str_eq(line.operand[0], "a");
    ck_assert_str_eq(line.operand[1], "b");
    accepts("a b --output=");
    gives("output", "");
    accepts("a b --output=x=y");
    gives("output", "x=y");
    accepts("a b --output --list"); /* a value is a value, whatever it looks like */
    gives("output", "--list");
    ck_assert_ptr_null(td_cli_value(&line, "list"));
}
END_TEST

START_TEST(test_last_of_repeated_options_wins)
{
    accepts("--output x a --output y b");
    gives("output", "y");
}
END_TEST

START_TEST(test_letters)
{
    accepts("a b -o x -l");
    gives("output", "x");
    gives("list", "");
    accepts("a b -lox");
    gives("output", "x");
    gives("list", "");
    refuses("a b -x", "try: unknown option -x");
    refuses("a b -o", "try: a value is missing behind option --output");
}
END_TEST

START_TEST(test_unique_beginnings)
{
    accepts("a b --outp x --ran 2 --vers");
    gives("output", "x");
    gives("ranks", "2");
    refuses("a b --out=x --o y", "try: several options begin with --o");
    refuses("a b --ver", "try: several options begin with --ver");
    accepts("a b --out x"); /* a whole name is not a beginning */
    gives("out", "x");
}
END_TEST

START_TEST(test_operands)
{
    accepts("-- --in -o");
    ck_assert_str_eq(line.operand[0], "--in");
    ck_assert_str_eq(line.operand[1], "-o");
    accepts("- b"); /* a lone dash is a word */
    ck_assert_str_eq(line.operand[0], "-");
    refuses("a", "try: OUT is missing");
    refuses("", "try: IN is missing");
    refuses("a b c", "try: unexpected word c");
    accepts("--help"); /* whoever asks for help need not know */
    ck_assert(line.help);
    accepts("--version");
    ck_assert(line.version);
}
END_TEST

START_TEST(test_mistakes_name_the_nearest_option)
{
    refuses("a b --ouptut x", "try: unknown option --ouptut; the nearest is --output");
    refuses("a b --imbalnce=3",
            "try: unknown option --imbalnce; the nearest is --imbalance");
    refuses("a b --lr 3", "try: unknown option --lr; the nearest key is --set "
                          "weights.lr.start=... or arch.lr.start=...");
    refuses("a b --learning-rate=3", "try: unknown option --learning-rate; the nearest "
                                     "key is --set weights.lr.start=...");
    refuses("a b --start=3", "try: unknown option --start; the nearest key is --set "
                             "weights.lr.start=..., arch.lr.start=..., "
                             "arch.temperature.start=... or 10 more");
    refuses("a b --wombats", "try: unknown option --wombats");
    refuses("a b --gpus 4", "try: unknown option --gpus: taildart runs on CPUs");
    refuses("a b --list=3", "try: no value is taken by option --list");
    refuses("a b --output", "try: a value is missing behind option --output");
}
END_TEST

START_TEST(test_whole_numbers)
{
    int64_t ranks = 7;
    accepts("a b");
    ck_assert_int_eq(td_cli_integer(&line, "ranks", 1, 9, &ranks), TD_OK);
    ck_assert_int_eq(ranks, 7);
    accepts("a b --ranks 9");
    ck_assert_int_eq(td_cli_integer(&line, "ranks", 1, 9, &ranks), TD_OK);
    ck_assert_int_eq(ranks, 9);
    const char *const wrong[] = { "0", "10", "x", "3x", "", "99999999999999999999" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char *words = td_format("a b --ranks=%s", wrong[i]);
        accepts(words);
        ck_assert_int_eq(td_cli_integer(&line, "ranks", 1, 9, &ranks), TD_USAGE);
        ck_assert_ptr_nonnull(strstr(td_error_message(), "--ranks: found"));
        ck_assert_ptr_nonnull(strstr(td_error_message(), "from 1 to 9"));
        ck_assert_int_eq(ranks, 9);
        td_free(words);
    }
}
END_TEST

/* ---- keys ----------------------------------------------------------------------- */

START_TEST(test_shorthands_are_keys)
{
    accepts("a b --data d.h5 --out o --epochs 3 --batch 8 --seed 9 --imbalance 10 "
            "--threads 2 --resume=must");
    ck_assert_ptr_null(line.settings);
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    holds("data.path", "d.h5");
    holds("run.out", "o");
    holds("search.epochs", "3");
    holds("search.batch", "8");
    holds("seed", "9");
    holds("data.imbalance", "10");
    holds("run.threads", "2");
    holds("run.resume", "must");
}
END_TEST

/* The same words mean the keys of the command. */
START_TEST(test_shorthands_of_a_training)
{
    td_cli_form training = form;
    training.keys = TD_FOR_TRAIN;
    ck_assert_int_eq(scan(&training, "a b --epochs 3 --batch 8 --genotype PDARTS"),
                     TD_OK);
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    holds("train.epochs", "3");
    holds("train.batch", "8");
    holds("train.genotype", "PDARTS");
    char *table = td_settings_table(line.settings);
    ck_assert_ptr_nonnull(strstr(table, "train.epochs"));
    ck_assert_ptr_null(strstr(table, "search.epochs"));
    td_free(table);
    ck_assert_int_eq(scan(&training, "a b --batch=0"), TD_OK);
    ck_assert_int_eq(td_cli_apply(&line), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "train.batch: found \"0\""));
    ck_assert_int_eq(scan(&form, "a b --genotype PDARTS"), TD_USAGE);
}
END_TEST

START_TEST(test_last_of_set_and_shorthand_wins)
{
    accepts("a b --set search.epochs=3 --epochs 4");
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    holds("search.epochs", "4");
    accepts("a b --epochs 4 --set search.epochs=3 --set net.cells=5");
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    holds("search.epochs", "3");
    holds("net.cells", "5");
    accepts("a b --set data.path=x=y");
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    holds("data.path", "x=y");
}
END_TEST

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    fclose(file);
}

START_TEST(test_options_beat_files_and_later_files_earlier)
{
    char first[] = "/tmp/taildart-cli-XXXXXX", second[] = "/tmp/taildart-cli-XXXXXX";
    close(mkstemp(first));
    close(mkstemp(second));
    write_file(first, "search: {epochs: 11, batch: 12}\nnet: {cells: 3}\n");
    write_file(second, "search: {epochs: 21}\n");
    char *words = td_format("a b --batch 5 --config %s --config %s", first, second);
    accepts(words);
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    holds("search.batch", "5");
    holds("search.epochs", "21");
    holds("net.cells", "3");
    td_free(words);
    remove(first);
    remove(second);
}
END_TEST

START_TEST(test_bad_values_are_refused)
{
    accepts("a b --set sed=1");
    ck_assert_int_eq(td_cli_apply(&line), TD_USAGE);
    ck_assert_str_eq(td_error_message(), "unknown key sed; the nearest is seed");
    accepts("a b --set seed");
    ck_assert_int_eq(td_cli_apply(&line), TD_USAGE);
    ck_assert_str_eq(td_error_message(), "--set: found \"seed\"; accepted: KEY=VALUE");
    accepts("a b --batch=0");
    ck_assert_int_eq(td_cli_apply(&line), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "search.batch: found \"0\""));
    accepts("a b --set bbn.sampler=instance");
    ck_assert_int_eq(td_cli_apply(&line), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "bbn.sampler"));
}
END_TEST

START_TEST(test_forms_have_the_shorthands_of_their_keys)
{
    td_cli_form other = form;
    other.keys = TD_FOR_BENCH;
    ck_assert_int_eq(scan(&other, "a b --batch 3 --seed 1 --threads 1"), TD_OK);
    ck_assert_int_eq(scan(&other, "a b --imbalance 3"), TD_USAGE);
    ck_assert_int_eq(scan(&other, "a b --epochs 3"), TD_USAGE);
    other.keys = TD_FOR_DRAWS; /* takes the command line of a search */
    ck_assert_int_eq(scan(&other, "a b --epochs 3 --out x --threads 1 --data d"),
                     TD_OK);
    other.keys = 0;
    ck_assert_int_eq(scan(&other, "a b --set seed=1"), TD_USAGE);
    ck_assert_int_eq(scan(&other, "a b --list"), TD_OK);
    ck_assert_int_eq(td_cli_apply(&line), TD_OK);
    ck_assert_ptr_null(line.settings);
}
END_TEST

/* ---- help ----------------------------------------------------------------------- */

START_TEST(test_help_shows_what_the_parser_takes)
{
    td_cli_option options[TD_CLI_OPTIONS];
    int count = td_cli_options(&form, options);
    char *help = td_cli_help(&form);
    for (int i = 0; i < count; i++) {
        char *option = td_format("--%s", options[i].name);
        ck_assert_msg(strstr(help, option), "%s is not in the help", option);
        td_free(option);
    }
    ck_assert_ptr_nonnull(strstr(help, "Usage: taildart try IN OUT [OPTION]...\n"));
    ck_assert_ptr_nonnull(strstr(help, "\n  taildart try a b --list\n"));
    ck_assert_ptr_nonnull(strstr(help, "`taildart help keys`"));
    td_free(help);
}
END_TEST

/* What does not fit into the screen is told where it is. */
START_TEST(test_help_is_a_screen)
{
    td_cli_form talks = form;
    talks.detail = "One line.\nAnd another.";
    talks.keys = 0;
    char *help = td_cli_help(&talks);
    ck_assert_ptr_nonnull(strstr(help, "\n\nOne line.\nAnd another.\n"));
    td_free(help);
    talks.detail = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18";
    help = td_cli_help(&talks);
    ck_assert_ptr_null(strstr(help, "\n18\n"));
    ck_assert_ptr_nonnull(strstr(help, "\nMore: `man taildart-try`\n"));
    td_free(help);
    talks.examples = "taildart try 1\n    --list\ntaildart try 2\ntaildart try 3\n"
                     "taildart try 4\n";
    help = td_cli_help(&talks);
    ck_assert_ptr_nonnull(strstr(help, "  taildart try 1\n      --list\n"));
    ck_assert_ptr_nonnull(strstr(help, "  taildart try 3\n"));
    ck_assert_ptr_null(strstr(help, "taildart try 4"));
    td_free(help);
}
END_TEST

/* The height of a curve in a column, from 0 to 1; the column has one character. */
static double height_at(char rows[TD_CLI_CURVE_ROWS][TD_CLI_CURVE + 1], int x)
{
    static const char levels[] = "_-'";
    int found = -1;
    for (int r = 0; r < TD_CLI_CURVE_ROWS; r++) {
        if (rows[r][x] == ' ')
            continue;
        ck_assert_int_eq(found, -1);
        ck_assert_ptr_nonnull(strchr(levels, rows[r][x]));
        found = 3 * (TD_CLI_CURVE_ROWS - 1 - r) +
                (int) (strchr(levels, rows[r][x]) - levels);
    }
    ck_assert_int_ge(found, 0);
    return (double) found / (3 * TD_CLI_CURVE_ROWS - 1);
}

/* Curves are what runs get: in a column, as high as the schedule, to half a step. */
START_TEST(test_curves_are_the_schedules)
{
    for (int shape = 0; shape < TD_SHAPE_EXPONENTIAL; shape++) {
        const td_schedule schedule = { .shape = shape, .start = 1.0 };
        char rows[TD_CLI_CURVE_ROWS][TD_CLI_CURVE + 1];
        td_cli_draw_shape((td_shape) shape, rows);
        for (int x = 0; x < TD_CLI_CURVE; x++) {
            double height = height_at(rows, x), least = 1.0;
            for (int e = 0; e <= 340; e++) { /* of 340 epochs, a column apart 20 */
                double value = td_schedule_value(&schedule, e, 340, 1.0);
                double off = height > value ? height - value : value - height;
                if (e > 20 * x - 10 && e < 20 * x + 10 && off < least)
                    least = off;
            }
            ck_assert_msg(least < 0.5 / 11 + 1e-9, "shape %d, column %d", shape, x);
        }
    }
}
END_TEST

START_TEST(test_curves_with_numbers_fall)
{
    static const td_shape shapes[] = { TD_SHAPE_EXPONENTIAL, TD_SHAPE_STEP,
                                       TD_SHAPE_COUPLED };
    for (int i = 0; i < 3; i++) {
        char rows[TD_CLI_CURVE_ROWS][TD_CLI_CURVE + 1];
        td_cli_draw_shape(shapes[i], rows);
        ck_assert(height_at(rows, 0) == 1.0);
        for (int x = 1; x < TD_CLI_CURVE; x++)
            ck_assert(height_at(rows, x) <= height_at(rows, x - 1));
        ck_assert(height_at(rows, TD_CLI_CURVE - 1) < 0.2);
    }
}
END_TEST

START_TEST(test_commands_describe_themselves)
{
    const td_cli_form *const forms[] = { &td_cli_search_form,   &td_cli_train_form,
                                         &td_cli_genotype_form, &td_cli_eval_form,
                                         &td_cli_bench_form,    &td_cli_report_form,
                                         &td_cli_study_form };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *examples = forms[i]->examples;
        int lines = 0;
        for (const char *at = examples; (at = strchr(at, '\n')) != NULL; at++)
            lines++;
        ck_assert_msg(lines >= 2, "%s has %d examples", forms[i]->name, lines);
        ck_assert_msg(strstr(examples, forms[i]->name), "%s", forms[i]->name);
        ck_assert(examples[strlen(examples) - 1] == '\n');
        ck_assert(forms[i]->purpose[0] != '\0');
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("cli");
    TCase *cases = tcase_create("cli");
    tcase_add_checked_fixture(cases, NULL, tear_down);
    tcase_add_test(cases, test_values_stand_behind_or_in_the_word);
    tcase_add_test(cases, test_last_of_repeated_options_wins);
    tcase_add_test(cases, test_letters);
    tcase_add_test(cases, test_unique_beginnings);
    tcase_add_test(cases, test_operands);
    tcase_add_test(cases, test_mistakes_name_the_nearest_option);
    tcase_add_test(cases, test_whole_numbers);
    tcase_add_test(cases, test_shorthands_are_keys);
    tcase_add_test(cases, test_shorthands_of_a_training);
    tcase_add_test(cases, test_last_of_set_and_shorthand_wins);
    tcase_add_test(cases, test_options_beat_files_and_later_files_earlier);
    tcase_add_test(cases, test_bad_values_are_refused);
    tcase_add_test(cases, test_forms_have_the_shorthands_of_their_keys);
    tcase_add_test(cases, test_help_shows_what_the_parser_takes);
    tcase_add_test(cases, test_help_is_a_screen);
    tcase_add_test(cases, test_curves_are_the_schedules);
    tcase_add_test(cases, test_curves_with_numbers_fall);
    tcase_add_test(cases, test_commands_describe_themselves);
    suite_add_tcase(suite, cases);
    return suite;
}
