/* Configuration files: nesting, messages with file and line, round trips. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "some_settings.h"
#include "suite.h"
#include "taildart/base_text.h"

static void reads(const char *text)
{
    td_status status = td_settings_read_text(settings, "f.yaml", text);
    ck_assert_msg(status == TD_OK, "%s: %s", text, td_error_message());
}

static void refuses(const char *text, const char *message)
{
    td_status status = td_settings_read_text(settings, "f.yaml", text);
    ck_assert_msg(status == TD_USAGE, "%s gives %d", text, (int) status);
    ck_assert_msg(strncmp(td_error_message(), message, strlen(message)) == 0,
                  "message: %s\nwanted:  %s", td_error_message(), message);
}

static void holds(const char *key, const char *text)
{
    char value[TD_TEXT_BYTES];
    td_settings_value(settings, key, value);
    ck_assert_msg(strcmp(value, text) == 0, "%s is %s, not %s", key, value, text);
}

START_TEST(test_nested_groups)
{
    reads("seed: 7\n"
          "data: {path: a b.h5, imbalance: 1.0e2, flip: false}\n"
          "weights:\n"
          "  lr: {shape: linear, start: 0.5}\n"
          "  momentum: 0.5   # a comment\n"
          "arch:\n"
          "  betas: [0.25, 0.75]\n"
          "  lr:\n"
          "    frozen_from: never\n");
    holds("seed", "7");
    holds("data.path", "a b.h5");
    holds("data.imbalance", "100");
    holds("data.flip", "false");
    holds("weights.lr.shape", "linear");
    holds("weights.lr.start", "0.5");
    holds("weights.momentum", "0.5");
    holds("arch.betas", "[0.25, 0.75]");
    holds("arch.lr.frozen_from", "never");
    holds("net.cells", "8"); /* what the file leaves out stays */
}
END_TEST

START_TEST(test_empty_files_and_groups_change_nothing)
{
    reads("");
    reads("# only a comment\n");
    reads("data:\nnet: {}\nrun: {out: , threads: 0}\n");
    td_settings *fresh = td_settings_new(TD_FOR_SEARCH);
    ck_assert_ptr_null(td_settings_difference(settings, fresh));
    td_settings_free(fresh);
    holds("run.out", "");
}
END_TEST

START_TEST(test_a_key_given_twice)
{
    refuses("seed: 3\nnet: {cells: 5}\nseed: 4\n",
            "f.yaml:3: seed: given twice, first in line 1");
    refuses("net: {cells: 5}\nseed: 3\nnet: {nodes: 3}\n",
            "f.yaml:3: net: given twice, first in line 1");
    refuses("data:\n  seed: 3\ndata.seed: 4\n",
            "f.yaml:3: data.seed: given twice, first in line 2");
    refuses("data: {a: 1, a: 2, b: 1,\n b: 2}\n",
            "f.yaml:1: a: given twice, first in line 1");
}
END_TEST

START_TEST(test_dotted_names_and_anchors)
{
    reads("arch.lr.start: 0.5\nweights.lr: {start: &rate 0.125, end: *rate}\n");
    holds("arch.lr.start", "0.5");
    holds("weights.lr.start", "0.125");
    holds("weights.lr.end", "0.125");
}
END_TEST

START_TEST(test_unknown_keys_at_any_level)
{
    refuses("seed: 1\nsed: 2\n", "f.yaml:2: unknown key sed; the nearest is seed");
    refuses("data:\n  path: x\n  imbalnce: 3\n",
            "f.yaml:3: unknown key data.imbalnce; the nearest is data.imbalance");
    refuses("weights:\n  lr:\n    stat: 3\n",
            "f.yaml:3: unknown key weights.lr.stat; the nearest is weights.lr.start");
    refuses("wieghts: {lr: {start: 3}}",
            "f.yaml:1: unknown key wieghts; the nearest is weights");
    refuses("weights: {lr: {start: {x: 1}}}",
            "f.yaml:1: weights.lr.start: found keys below it");
}
END_TEST

START_TEST(test_values_out_of_range)
{
    refuses("\n\nsearch:\n  batch: 0\n",
            "f.yaml:4: search.batch: found \"0\"; accepted: a whole number from 1");
    refuses("arch: {betas: [0.5]}", "f.yaml:1: arch.betas: found \"[0.5]\"");
    refuses("arch: {betas: 0.5}", "f.yaml:1: arch.betas: found \"0.5\"");
    ck_assert_int_eq(
        td_settings_read_text(settings, "f.yaml", "data: {train_share: 1}"), TD_DATA);
}
END_TEST

START_TEST(test_wrong_nesting)
{
    refuses("data: cifar.h5", "f.yaml:1: data: found a value; it takes keys");
    refuses("weights: [1]", "f.yaml:1: weights: found a value; it takes keys");
    refuses("seed: [1]", "f.yaml:1: seed: found a list");
    refuses("seed: {a: 1}", "f.yaml:1: seed: found keys below it");
    refuses("- 1\n- 2\n", "f.yaml:1: the file: found a value");
    refuses("arch: {betas: [[1, 2], 3]}", "f.yaml:1: arch.betas: found a nested list");
    refuses("? [a, b]\n: 1\n", "f.yaml:1: the file: a key must be a plain name");
    refuses("data: {? {a: 1} : 2}", "f.yaml:1: data: a key must be a plain name");
}
END_TEST

/* ---- files of others ------------------------------------------------------------- */

/* What holds itself, or grows a hundredfold, would be followed until memory ends. */
START_TEST(test_maps_and_lists_are_not_repeated)
{
    refuses("&a [*a]\n", "f.yaml:1: *a repeats a map or a list");
    refuses("data: &d\n  seed: 1\nnet: *d\n", "f.yaml:3: *d repeats a map or a list");
    refuses("data: &d {seed: *d}\n", "f.yaml:1: *d repeats a map or a list");
    refuses("data: {<<: {seed: 1}}\n", "f.yaml:1: <<: nothing is merged");
}
END_TEST

START_TEST(test_tags_are_refused)
{
    refuses("seed: 1\ndata: !!python/object:os.system {path: x}\n",
            "f.yaml:2: found the tag tag:yaml.org,2002:python/object:os.system");
    refuses("seed: !!int 1\n", "f.yaml:1: found the tag ");
}
END_TEST

START_TEST(test_depth_and_length_have_an_end)
{
    td_text text = { 0 };
    for (int i = 0; i < 100000; i++)
        td_text_write(&text, "[");
    refuses(text.chars, "f.yaml:1: nested deeper than 16");
    text.length = 0;
    for (int i = 0; i < 3000; i++)
        td_text_write(&text, "%*sa:\n", i, "");
    td_text_write(&text, "\n"); /* 4.5 MB */
    refuses(text.chars, "f.yaml: 45");
    text.length = 0;
    td_text_write(&text, "data: {path: \"");
    for (int i = 0; i < 5000; i++)
        td_text_write(&text, "x");
    td_text_write(&text, "\"}\n");
    refuses(text.chars, "f.yaml:1: found a value above 4096 bytes");
    td_free(text.chars);
}
END_TEST

/* 80,000 lines: every pair of keys compared would take longer than anybody waits. */
START_TEST(test_many_lines)
{
    td_text text = { 0 };
    for (int i = 0; i < 80000; i++)
        td_text_write(&text, "k%d: 1\n", i);
    refuses(text.chars, "f.yaml:1: unknown key k0");
    text.length = 0;
    for (int i = 0; i < 80000; i++)
        td_text_write(&text, "# a\nseed: 1\n");
    refuses(text.chars, "f.yaml:4: seed: given twice, first in line 2");
    td_free(text.chars);
}
END_TEST

/* A mark of the byte order, line ends of another system and none at the end are
 * read. */
START_TEST(test_other_systems_files)
{
    reads("\xef\xbb\xbfseed: 5\r\nnet:\r\n  cells: 7\r\ndata: {path: \"a\\x1bb\"}");
    holds("seed", "5");
    holds("net.cells", "7");
    holds("data.path", "a\x1b"
                       "b");
}
END_TEST

START_TEST(test_broken_yaml)
{
    refuses("seed: 1\ndata: {path: \"x\n", "f.yaml:3: not valid YAML: ");
    refuses("seed: 1\n\tnet: 2\n", "f.yaml:2: not valid YAML: ");
    ck_assert_ptr_nonnull(strstr(td_error_message(), "(a tab; indent with blanks)"));
    refuses("seed: 1\nnet: \x01\n", "f.yaml:2: not a YAML file: ");
    refuses("seed: \xff\n", "f.yaml:1: not a YAML file: ");
    refuses("seed: *missing\n", "f.yaml:1: not valid YAML: ");
    refuses("seed: 1\n---\nseed: 2\n", "f.yaml:2: a second document begins");
    refuses("seed: \"1\\0 2\"\n", "f.yaml:1: found a byte of value 0");
    holds("seed", "2"); /* nothing of a broken file was taken */
}
END_TEST

START_TEST(test_files)
{
    char path[] = "/tmp/taildart-config-XXXXXX";
    int descriptor = mkstemp(path);
    const char *text = "seed: 11\n";
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, strlen(text)), (ssize_t) strlen(text));
    close(descriptor);
    ck_assert_int_eq(td_settings_read_file(settings, path), TD_OK);
    holds("seed", "11");
    unlink(path);
    ck_assert_int_eq(td_settings_read_file(settings, path), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), path));
    ck_assert_ptr_nonnull(strstr(td_error_message(), "No such file"));
    ck_assert_int_eq(td_settings_read_file(settings, "/tmp"), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "/tmp"));
}
END_TEST

/* ---- round trips ---------------------------------------------------------------- */

static void survives(const td_settings *original)
{
    char *yaml = td_settings_yaml(original);
    td_settings *again = td_settings_new(TD_FOR_SEARCH);
    td_status status = td_settings_read_text(again, "saved", yaml);
    ck_assert_msg(status == TD_OK, "%s\n%s", td_error_message(), yaml);
    for (int i = 0; i < td_key_count(); i++) {
        char before[TD_TEXT_BYTES], after[TD_TEXT_BYTES];
        if (!(td_keys[i].commands & TD_FOR_SEARCH))
            continue;
        td_settings_value(original, td_keys[i].name, before);
        td_settings_value(again, td_keys[i].name, after);
        ck_assert_str_eq(after, before);
    }
    ck_assert_mem_eq(td_settings_config(original), td_settings_config(again),
                     sizeof(td_config));
    td_settings_free(again);
    td_free(yaml);
}

START_TEST(test_configuration_survives_yaml)
{
    survives(settings);
    reads("seed: 9223372036854775807\n"
          "weights: {lr: {start: 0.30000000000000004, end: 1.0e-300}}\n"
          "arch: {betas: [0.1, 0.9999999999999999], lr: {frozen_from: 12}}\n"
          "bbn: {enabled: true, mixing: {shape: tent}}\n"
          "data: {sampler: class-balanced, flip: false}\n");
    survives(settings);
}
END_TEST

START_TEST(test_texts_survive_yaml)
{
    const char *const texts[] = {
        "a: b",     "#x",   "'q' \"d\"", "- x",   " blank ", "{a}",           "[1, 2]",
        "true",     "~",    "tab\there", "ü/😀",   "a\\b",    "new\nline",     "%x",
        "\xc2\x85", "null", "@a",        "*a &b", "",        "\xe2\x80\xa8 x"
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_eq(
            td_settings_set(settings, "data.path", texts[i], TD_ORIGIN_OPTION), TD_OK);
        survives(settings);
    }
    char longest[TD_TEXT_BYTES] = "";
    for (int i = 0; i < TD_TEXT_BYTES - 1; i++)
        longest[i] = i % 7 == 3 ? ' ' : 'x';
    td_settings_set(settings, "run.out", longest, TD_ORIGIN_OPTION);
    survives(settings);
    char *yaml = td_settings_yaml(settings);
    /* On a line of its own, for grep and sed. */
    ck_assert_ptr_nonnull(strstr(yaml, longest));
    td_free(yaml);
}
END_TEST

START_TEST(test_saved_configuration_holds_the_keys_of_the_command)
{
    char *yaml = td_settings_yaml(settings);
    ck_assert_ptr_nonnull(strstr(yaml, "imbalance: 1\n"));
    ck_assert_ptr_nonnull(strstr(yaml, "    frozen_from: never\n"));
    ck_assert_ptr_null(strstr(yaml, "bench"));
    td_free(yaml);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("config_yaml");
    TCase *cases = tcase_create("yaml");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, test_nested_groups);
    tcase_add_test(cases, test_empty_files_and_groups_change_nothing);
    tcase_add_test(cases, test_a_key_given_twice);
    tcase_add_test(cases, test_dotted_names_and_anchors);
    tcase_add_test(cases, test_unknown_keys_at_any_level);
    tcase_add_test(cases, test_values_out_of_range);
    tcase_add_test(cases, test_wrong_nesting);
    tcase_add_test(cases, test_maps_and_lists_are_not_repeated);
    tcase_add_test(cases, test_tags_are_refused);
    tcase_add_test(cases, test_depth_and_length_have_an_end);
    tcase_add_test(cases, test_many_lines);
    tcase_add_test(cases, test_other_systems_files);
    tcase_add_test(cases, test_broken_yaml);
    tcase_add_test(cases, test_files);
    tcase_add_test(cases, test_configuration_survives_yaml);
    tcase_add_test(cases, test_texts_survive_yaml);
    tcase_add_test(cases, test_saved_configuration_holds_the_keys_of_the_command);
    suite_add_tcase(suite, cases);
    return suite;
}
