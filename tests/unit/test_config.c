/* The table of keys: values, limits, messages, precedence, rules between keys. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comma_locale.h"
#include "some_settings.h"
#include "suite.h"
#include "taildart/config_help.h"
#include "taildart/config_nearest.h"

static td_status set(const char *key, const char *text)
{
    return td_settings_set(settings, key, text, TD_ORIGIN_OPTION);
}

static void accepts(const char *key, const char *text)
{
    ck_assert_msg(set(key, text) == TD_OK, "%s = %s: %s", key, text,
                  td_error_message());
}

/* Refused with the code, and the line names the key and what was found. */
static void refuses_with(td_status code, const char *key, const char *text)
{
    char before[TD_TEXT_BYTES], after[TD_TEXT_BYTES];
    td_settings_value(settings, key, before);
    td_status status = set(key, text);
    const char *message = td_error_message();
    char *found = td_format("%s: found \"%s\"; accepted: ", key, text);
    ck_assert_msg(status == code, "%s = %s gives %d", key, text, (int) status);
    ck_assert_msg(strncmp(message, found, strlen(found)) == 0, "message: %s", message);
    ck_assert_msg(strlen(message) > strlen(found), "nothing accepted: %s", message);
    td_free(found);
    td_settings_value(settings, key, after);
    ck_assert_str_eq(after, before);
}

static void refuses(const char *key, const char *text)
{
    refuses_with(TD_USAGE, key, text);
}

static void holds(const char *key, const char *text)
{
    char value[TD_TEXT_BYTES];
    td_settings_value(settings, key, value);
    ck_assert_msg(strcmp(value, text) == 0, "%s is %s, not %s", key, value, text);
}

static void says(const char *part)
{
    ck_assert_msg(strstr(td_error_message(), part) != NULL, "\"%s\" is not in: %s",
                  part, td_error_message());
}

/* ---- the table ------------------------------------------------------------------ */

/* The defaults are the published DARTS search and the page that describes the keys. */
START_TEST(test_defaults_are_the_published_search)
{
    const td_config *config = td_settings_config(settings);
    ck_assert_int_eq(config->seed, 2);
    ck_assert_int_eq(config->data.seed, 0);
    ck_assert(config->data.imbalance == 1.0 && config->data.train_share == 0.5);
    ck_assert(config->data.profile == TD_PROFILE_EXP);
    ck_assert(config->data.split == TD_SPLIT_STRATIFIED);
    ck_assert(config->data.crop_pad == 4 && config->data.flip);
    ck_assert_int_eq(config->net.channels, 16);
    ck_assert_int_eq(config->net.cells, 8);
    ck_assert_int_eq(config->net.nodes, 4);
    ck_assert_int_eq(config->search.epochs, 50);
    ck_assert_int_eq(config->search.batch, 64);
    ck_assert_int_eq(config->search.order, 1);
    ck_assert(config->weights.lr.shape == TD_SHAPE_COSINE);
    ck_assert(config->weights.lr.start == 0.025 && config->weights.lr.end == 0.001);
    ck_assert(config->weights.momentum == 0.9 && config->weights.decay == 3e-4);
    ck_assert(config->weights.clip == 5.0);
    ck_assert(config->arch.lr.shape == TD_SHAPE_CONSTANT);
    ck_assert(config->arch.lr.start == 3e-4 && config->arch.lr.end == 0.0);
    ck_assert(config->arch.lr.gamma == 0.97 && config->arch.lr.every == 15);
    ck_assert_int_eq(config->arch.lr.frozen_from, TD_NEVER);
    ck_assert(config->arch.betas[0] == 0.5 && config->arch.betas[1] == 0.999);
    ck_assert(config->arch.decay == 1e-3 && config->arch.interval == 1);
    ck_assert(!config->bbn.enabled && config->bbn.sampler == TD_SAMPLER_REVERSED);
    ck_assert(config->bbn.mixing.shape == TD_SHAPE_PARABOLIC);
    ck_assert(config->bbn.mixing.start == 1.0 && config->bbn.mixing.end == 0.0);
    ck_assert(config->checkpoint.minutes == 15.0);
    ck_assert(config->run.threads == 0 && config->run.resume == TD_RESUME_AUTO);
    ck_assert(config->bench.steps == 5 && config->bench.warmup == 1);
    ck_assert(config->bench.size == 32 && config->bench.image_channels == 3);
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
}
END_TEST

START_TEST(test_rows_are_complete_and_unique)
{
    ck_assert_int_gt(td_key_count(), 50);
    for (int i = 0; i < td_key_count(); i++) {
        const td_key *key = &td_keys[i];
        ck_assert_ptr_eq(td_key_find(key->name), key);
        ck_assert_msg(key->help && key->help[0] && key->unit, "%s", key->name);
        ck_assert_msg(key->commands != 0, "%s is read by no command", key->name);
        ck_assert_msg(!td_key_find_group(key->name), "%s is a group", key->name);
        for (int j = 0; j < i; j++) {
            ck_assert_msg(td_keys[j].offset != key->offset ||
                              !(td_keys[j].commands & key->commands),
                          "%s and %s share a place", key->name, td_keys[j].name);
            ck_assert_msg(!key->shorthand || !td_keys[j].shorthand ||
                              !(td_keys[j].commands & key->commands) ||
                              strcmp(key->shorthand, td_keys[j].shorthand) != 0,
                          "--%s stands for two keys", key->shorthand);
        }
    }
}
END_TEST

START_TEST(test_each_value_is_read_back_from_its_text)
{
    for (int i = 0; i < td_key_count(); i++) {
        char text[TD_TEXT_BYTES];
        td_settings_value(settings, td_keys[i].name, text);
        accepts(td_keys[i].name, text);
        holds(td_keys[i].name, text);
    }
    accepts("weights.lr.start", "0.1");
    holds("weights.lr.start", "0.1");
    accepts("weights.lr.start", "3.0e-4");
    holds("weights.lr.start", "0.0003");
    accepts("weights.clip", "0.30000000000000004"); /* 0.1 + 0.2, 17 digits */
    holds("weights.clip", "0.30000000000000004");
    accepts("seed", "9223372036854775807");
    holds("seed", "9223372036854775807");
}
END_TEST

/* A host program may have a decimal comma; files and options have a point. */
START_TEST(test_a_decimal_comma_changes_nothing)
{
    char *plain = td_settings_yaml(settings);
    comma_locale_set();
    td_settings *others = td_settings_new(TD_FOR_SEARCH);
    char *text = td_settings_yaml(others);
    ck_assert_str_eq(text, plain);
    ck_assert_int_eq(td_settings_read_text(others, "a file", text), TD_OK);
    td_settings_free(others);
    td_free(text);
    td_free(plain);
    accepts("weights.clip", "0.30000000000000004");
    holds("weights.clip", "0.30000000000000004");
    accepts("arch.betas", "0.5,0.999");
    holds("arch.betas", "[0.5, 0.999]");
    refuses("weights.clip", "0,5");
    refuses("weights.loss.margin", "1e-400"); /* no double is that small */
}
END_TEST

/* ---- values --------------------------------------------------------------------- */

START_TEST(test_whole_numbers)
{
    accepts("search.batch", "1");
    accepts("search.batch", "+96");
    ck_assert_int_eq(td_settings_config(settings)->search.batch, 96);
    const char *const wrong[] = { "0",           "-1",      "",
                                  " 64",         "64 ",     "6x4",
                                  "64.0",        "0x40",    "1e2",
                                  "99999999999", "abc",     "nan",
                                  "64\t",        "1048577", "99999999999999999999" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!strchr(wrong[i], '\t'))
            refuses("search.batch", wrong[i]);
    ck_assert_int_eq(set("search.batch", "64\t"), TD_USAGE);
    says("a whole number from 1 to 1048576 (images)");
    refuses("seed", "-1");
    refuses("seed", "9223372036854775808");
    refuses("net.nodes", "9");
    refuses("search.order", "3");
}
END_TEST

START_TEST(test_numbers)
{
    accepts("data.imbalance", "100");
    accepts("data.imbalance", "1");
    refuses("data.imbalance", "0.5");
    says("a number from 1 to 1000000000");
    const char *const wrong[] = { "inf", "nan", "-inf", "1e999", "",   " 2",
                                  "2 ",  "1,5", "2x",   "1e",    "--2" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses("data.imbalance", wrong[i]);
    refuses("weights.clip", "0");
    says("a number above 0");
    refuses("weights.clip", "inf"); /* no upper limit, and yet no number */
    accepts("weights.clip", "1e300");
    refuses("weights.momentum", "1");
    says("from 0 to below 1");
    accepts("weights.momentum", "0");
    refuses("bbn.mixing.start", "1.01");
    refuses("weights.lr.gamma", "0");
    accepts("weights.lr.gamma", "1");
}
END_TEST

/* Halves that cannot hold an image of each class are bad data, whoever notices. */
START_TEST(test_share_outside_its_limits_is_bad_data)
{
    refuses_with(TD_DATA, "data.train_share", "0");
    refuses_with(TD_DATA, "data.train_share", "1.5");
    says("above 0 and below 1");
    accepts("data.train_share", "0.999");
}
END_TEST

START_TEST(test_truth_values)
{
    accepts("bbn.enabled", "true");
    ck_assert(td_settings_config(settings)->bbn.enabled);
    accepts("bbn.enabled", "false");
    ck_assert(!td_settings_config(settings)->bbn.enabled);
    refuses("bbn.enabled", "yes");
    says("true or false");
    refuses("bbn.enabled", "1");
    refuses("bbn.enabled", "");
}
END_TEST

START_TEST(test_names)
{
    accepts("data.sampler", "class-balanced");
    ck_assert_int_eq(td_settings_config(settings)->data.sampler,
                     TD_SAMPLER_CLASS_BALANCED);
    refuses("data.sampler", "class_balanced");
    says("instance, class-balanced, square-root, reversed");
    accepts("weights.class_weights", "effective");
    accepts("weights.class_weights", "inverse-sqrt");
    ck_assert_int_eq(td_settings_config(settings)->weights.class_weights,
                     TD_WEIGHTING_INVERSE_SQRT);
    refuses("data.profile", "");
    accepts("run.resume", "must");
    ck_assert_int_eq(td_settings_config(settings)->run.resume, TD_RESUME_MUST);
}
END_TEST

/* A run has one name, whichever of its paths is given. */
START_TEST(test_a_run_is_its_checkpoint)
{
    static const char *const paths[][2] = { { "runs/a", "runs/a" },
                                            { "runs/a/", "runs/a" },
                                            { "runs/a/checkpoint.h5", "runs/a" },
                                            { "/checkpoint.h5", "/checkpoint.h5" },
                                            { "/", "/" },
                                            { "checkpoint.h5", "checkpoint.h5" },
                                            { "mycheckpoint.h5", "mycheckpoint.h5" },
                                            { "runs/a/best.h5", "runs/a/best.h5" } };
    td_settings_free(settings);
    settings = td_settings_new(TD_FOR_TRAIN);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        accepts("train.from", paths[i][0]);
        holds("train.from", paths[i][1]);
    }
}
END_TEST

START_TEST(test_schedules_take_what_they_can_do)
{
    const char *const shapes[] = {
        "constant",       "linear",      "rising_linear", "cosine",
        "quarter_cosine", "parabolic",   "rising",        "tent",
        "symmetric",      "exponential", "step"
    };
    for (int i = 0; i < (int) (sizeof shapes / sizeof *shapes); i++) {
        accepts("weights.lr.shape", shapes[i]);
        accepts("bbn.mixing.shape", shapes[i]);
        accepts("arch.lr.shape", shapes[i]);
        ck_assert_int_eq(td_settings_config(settings)->weights.lr.shape, i);
    }
    accepts("arch.lr.shape", "coupled");
    ck_assert_int_eq(td_settings_config(settings)->arch.lr.shape, TD_SHAPE_COUPLED);
    refuses("weights.lr.shape", "coupled");
    refuses("weights.lr.shape", "beta");
    refuses("arch.lr.shape", "beta");
    ck_assert_ptr_nonnull(td_key_find("weights.lr.scale"));
    ck_assert_ptr_null(td_key_find("arch.lr.scale"));
    ck_assert_ptr_null(td_key_find("bbn.mixing.warmup"));
    ck_assert_ptr_null(td_key_find("weights.lr.frozen_from"));
}
END_TEST

START_TEST(test_pairs)
{
    const double *betas = td_settings_config(settings)->arch.betas;
    accepts("arch.betas", "0.9,0.99");
    ck_assert(betas[0] == 0.9 && betas[1] == 0.99);
    accepts("arch.betas", "[ 0.5 , 0.25 ]");
    ck_assert(betas[0] == 0.5 && betas[1] == 0.25);
    holds("arch.betas", "[0.5, 0.25]");
    const char *const wrong[] = { "0.5",         "[0.5]",     "[0.5, 0.9",
                                  "0.5, 0.9]",   "[0.5, 1]",  "[-0.1, 0]",
                                  "[0.5,0.9,1]", "",          "[0.5, nan]",
                                  "[,]",         "[0.5 0.9]", "[0.5, 0.9]x" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuses("arch.betas", wrong[i]);
}
END_TEST

START_TEST(test_never)
{
    accepts("arch.lr.frozen_from", "30");
    ck_assert_int_eq(td_settings_config(settings)->arch.lr.frozen_from, 30);
    holds("arch.lr.frozen_from", "30");
    accepts("arch.lr.frozen_from", "never");
    ck_assert_int_eq(td_settings_config(settings)->arch.lr.frozen_from, TD_NEVER);
    holds("arch.lr.frozen_from", "never");
    refuses("arch.lr.frozen_from", "-1");
    refuses("arch.lr.frozen_from", "always");
    says(", or never");
    refuses("arch.lr.frozen_until", "never");
}
END_TEST

START_TEST(test_texts)
{
    char longest[TD_TEXT_BYTES + 1];
    memset(longest, 'x', sizeof longest);
    longest[TD_TEXT_BYTES] = '\0';
    ck_assert_int_eq(set("data.path", longest), TD_USAGE);
    says("data.path: found \"xxx");
    says("at most 4095 bytes");
    longest[TD_TEXT_BYTES - 1] = '\0';
    accepts("data.path", longest);
    accepts("data.path", "/data/größe 1: #x.h5");
    holds("data.path", "/data/größe 1: #x.h5");
    ck_assert_int_eq(set("data.path", "\xff\xfe"), TD_USAGE); /* cannot be saved */
    accepts("data.path", "");
}
END_TEST

/* A message is one line, whatever was typed. */
START_TEST(test_messages_are_one_line)
{
    ck_assert_int_eq(set("seed", "1\n2"), TD_USAGE);
    ck_assert_ptr_null(strchr(td_error_message(), '\n'));
    says("1\\x0a2");
    ck_assert_int_eq(set("se\ned", "1"), TD_USAGE);
    ck_assert_ptr_null(strchr(td_error_message(), '\n'));
}
END_TEST

/* ---- unknown keys --------------------------------------------------------------- */

START_TEST(test_distances)
{
    ck_assert_int_eq(td_edit_distance("", ""), 0);
    ck_assert_int_eq(td_edit_distance("abc", ""), 3);
    ck_assert_int_eq(td_edit_distance("", "ab"), 2);
    ck_assert_int_eq(td_edit_distance("kitten", "sitting"), 3);
    ck_assert_int_eq(td_edit_distance("serach", "search"), 1); /* a swap counts once */
    ck_assert_int_eq(td_edit_distance("a", "b"), 1);
    const char *const words[] = { "data", "search", "eval" };
    ck_assert_str_eq(td_nearest("saerch", words, 3), "search");
    ck_assert_str_eq(td_nearest("evla", words, 3), "eval");
    ck_assert_str_eq(td_nearest("dat", words, 3), "data");
}
END_TEST

START_TEST(test_only_what_is_near_is_proposed)
{
    const char *words[25] = { "data", "search", "eval" };
    for (int i = 3; i < 25; i++)
        words[i] = "more";
    char *near = td_nearest_or_all("dato", words, 3);
    char *all = td_nearest_or_all("yaml", words, 3);
    char *many = td_nearest_or_all("foo", words, 25);
    ck_assert_str_eq(near, "the nearest is data");
    ck_assert_str_eq(all, "accepted: data, search, eval");
    ck_assert_ptr_nonnull(strstr(many, "more, more and 5 more"));
    td_free(near);
    td_free(all);
    td_free(many);
}
END_TEST

START_TEST(test_words_are_refused_with_what_was_meant)
{
    const char *const words[] = { "data", "search", "eval" };
    td_status status =
        td_refuse_word(TD_DATA, "dato", words, 3, "%s: found \"%s\"", "--to", "dato");
    ck_assert_int_eq(status, TD_DATA);
    ck_assert_str_eq(td_error_message(), "--to: found \"dato\"; the nearest is data");
    td_refuse_word(TD_USAGE, "yaml", words, 3, "no command");
    ck_assert_str_eq(td_error_message(), "no command; accepted: data, search, eval");
}
END_TEST

START_TEST(test_unknown_keys_name_their_neighbour)
{
    const char *const pairs[][2] = {
        { "data.imbalnce", "data.imbalance" },
        { "imbalance", "data.imbalance" },
        { "weights.lr.stat", "weights.lr.start" },
        { "weigths.lr", "weights.lr" },
        { "serach.epochs", "search.epochs" },
        { "bnn.enabled", "bbn.enabled" },
        { "epochs", "search.epochs" },
        { "Seed", "seed" },
        { "net.chanels", "net.channels" },
        { "lr", "weights.lr.start or arch.lr.start" },
        { "lr.end", "weights.lr.end or arch.lr.end" },
        { "class-weights", "weights.class_weights or arch.class_weights" },
        { "mixing", "bbn.mixing.start" },
        { "loss", "weights.loss.kind or arch.loss.kind" },
        { "frozen", "arch.lr.frozen_until or arch.lr.frozen_from" },
        { "batch_size", "search.batch" },
        { "drop_path_prob", "train.drop_path.start" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *line =
            td_format("unknown key %s; the nearest is %s", pairs[i][0], pairs[i][1]);
        ck_assert_int_eq(set(pairs[i][0], "1"), TD_USAGE);
        ck_assert_str_eq(td_error_message(), line);
        td_free(line);
    }
    ck_assert_int_eq(set("weights.lr", "1"), TD_USAGE);
    says("weights.lr is a group of keys");
    says("weights.lr.shape");
}
END_TEST

/* ---- precedence ----------------------------------------------------------------- */

START_TEST(test_options_beat_files_in_any_order)
{
    const char *file = "search: {epochs: 7, batch: 8}";
    accepts("search.epochs", "3");
    ck_assert_int_eq(td_settings_read_text(settings, "f.yaml", file), TD_OK);
    holds("search.epochs", "3");
    holds("search.batch", "8");
    accepts("search.batch", "16");
    accepts("search.batch", "32");
    holds("search.batch", "32");
    ck_assert_int_eq(td_settings_read_text(settings, "g.yaml", "net: {cells: 5}"),
                     TD_OK);
    ck_assert_int_eq(td_settings_read_text(settings, "h.yaml", "net: {cells: 6}"),
                     TD_OK);
    holds("net.cells", "6");
}
END_TEST

START_TEST(test_beaten_values_are_checked_all_the_same)
{
    accepts("search.epochs", "3");
    ck_assert_int_eq(td_settings_read_text(settings, "f.yaml", "search: {epochs: x}"),
                     TD_USAGE);
    says("f.yaml:1: search.epochs: found \"x\"");
}
END_TEST

static bool line_shows(const char *table, const char *key, const char *value,
                       const char *unit, const char *origin)
{
    const char *line = strstr(table, key);
    char found[4][64] = { "" };
    ck_assert_msg(line != NULL, "no line %s", key);
    ck_assert_int_eq(
        sscanf(line, "%63s %63s %63s %63s", found[0], found[1], found[2], found[3]), 4);
    return strcmp(found[0], key) == 0 && strcmp(found[1], value) == 0 &&
           strcmp(found[2], unit) == 0 && strcmp(found[3], origin) == 0;
}

START_TEST(test_table_shows_value_unit_and_origin)
{
    accepts("search.epochs", "3");
    ck_assert_int_eq(td_settings_read_text(settings, "f", "search: {batch: 8}"), TD_OK);
    char *table = td_settings_table(settings);
    ck_assert(line_shows(table, "search.epochs", "3", "epochs", "option"));
    ck_assert(line_shows(table, "search.batch", "8", "images", "file"));
    ck_assert(line_shows(table, "net.cells", "8", "cells", "default"));
    ck_assert(line_shows(table, "data.path", "-", "-", "default"));
    ck_assert_ptr_null(strstr(table, "bench."));
    for (int i = 0; i < td_key_count(); i++)
        if (td_keys[i].commands & TD_FOR_SEARCH)
            ck_assert_msg(strstr(table, td_keys[i].name), "%s", td_keys[i].name);
    td_free(table);
}
END_TEST

/* In place: a line that was broken in the column of the words is one again. */
static char *unbroken(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        bool breaks = strncmp(from, "\n                          ", 27) == 0;
        *to = breaks ? ' ' : *from;
        from += breaks ? 27 : 1;
    }
    *to = '\0';
    return text;
}

START_TEST(test_help_tells_all_about_each_key)
{
    char *help = unbroken(td_keys_help(NULL));
    for (int i = 0; i < td_key_count(); i++) {
        const td_key *key = &td_keys[i];
        char *values = td_key_values(key), *readers = td_key_readers(key);
        const char *at = strstr(help, key->help);
        ck_assert_msg(at && strstr(at, values) && strstr(at, readers), "%s", key->name);
        ck_assert_msg(strlen(key->help) > 8, "%s", key->name);
        td_free(readers);
        td_free(values);
    }
    ck_assert_ptr_nonnull(strstr(help, "a whole number from 1 to 1048576 (images); "));
    td_free(help);
}
END_TEST

START_TEST(test_no_two_keys_have_the_same_help)
{
    for (int i = 0; i < td_key_count(); i++)
        for (int k = 0; k < i; k++)
            ck_assert_msg(strcmp(td_keys[i].help, td_keys[k].help) != 0 ||
                              td_keys[i].offset == td_keys[k].offset,
                          "%s, %s", td_keys[i].name, td_keys[k].name);
}
END_TEST

/* Each key has a use, each member of a use a key, and none is a group's name. */
START_TEST(test_uses_are_complete)
{
    for (int i = 0; i < td_key_count(); i++)
        ck_assert_msg(td_key_use_of(&td_keys[i]), "%s", td_keys[i].name);
    for (int u = 0; u < td_key_use_count(); u++) {
        char members[256];
        snprintf(members, sizeof members, "%s", td_key_uses[u].members);
        for (char *word = strtok(members, " "); word; word = strtok(NULL, " ")) {
            bool is_used = false;
            for (int i = 0; i < td_key_count(); i++)
                is_used |= strncmp(td_keys[i].name, word, strlen(word)) == 0 &&
                           td_key_use_of(&td_keys[i]) == &td_key_uses[u];
            ck_assert_msg(is_used, "%s", word);
        }
        ck_assert_ptr_null(td_key_find(td_key_uses[u].name));
        ck_assert_int_le(strlen(td_key_uses[u].title), 58); /* a line of 80 */
    }
}
END_TEST

START_TEST(test_help_of_a_group)
{
    char *help = td_keys_help("weights.lr");
    ck_assert_ptr_nonnull(strstr(help, "\n  weights.lr.warmup "));
    ck_assert_ptr_null(strstr(help, "weights.decay"));
    td_free(help);
    help = td_keys_help("lr"); /* of both steps, each below its title */
    ck_assert_ptr_nonnull(strstr(help, "\n  arch.lr.start "));
    ck_assert_ptr_nonnull(strstr(help, "The weight step"));
    ck_assert_ptr_null(strstr(help, "arch.decay"));
    td_free(help);
    help = td_keys_help("ranks");
    ck_assert_ptr_nonnull(strstr(help, "\n  run.threads "));
    ck_assert_ptr_null(strstr(help, "run.out"));
    td_free(help);
    ck_assert_ptr_null(td_keys_help("l"));
    ck_assert_ptr_null(td_keys_help(""));
}
END_TEST

START_TEST(test_help_of_a_key)
{
    char *help = td_key_help(td_key_find("search.batch"));
    ck_assert_str_eq(help,
                     "search.batch\n"
                     "  images of a step over all ranks; of each branch where there "
                     "are two\n\n"
                     "  accepts    a whole number from 1 to 1048576 (images)\n"
                     "  unit       images\n"
                     "  default    64\n"
                     "  read by    search, eval, bench, data draws\n"
                     "  as option  --set search.batch=64, --batch VALUE\n"
                     "  in a file  search: {batch: 64}\n"
                     "  group      searching\n");
    td_free(help);
    help = td_key_help(td_key_find("data.train_share"));
    ck_assert_ptr_nonnull(strstr(help, "above 0 and below 1; by train 1, too\n"));
    ck_assert_ptr_nonnull(strstr(help, "default    0.5 (train: 1)\n"));
    td_free(help);
}
END_TEST

/* ---- rules between keys --------------------------------------------------------- */

START_TEST(test_branch_keys_need_branches)
{
    const char *const keys[][2] = {
        { "bbn.sampler", "instance" }, { "bbn.mixing.shape", "linear" },
        { "bbn.mixing.start", "0.5" }, { "bbn.mixing.end", "0.5" },
        { "bbn.mixing.gamma", "0.5" }, { "bbn.mixing.every", "3" }
    };
    accepts("bbn.sampler", "reversed"); /* said, but the default */
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        td_settings *one = td_settings_new(TD_FOR_SEARCH);
        td_settings_set(one, keys[i][0], keys[i][1], TD_ORIGIN_FILE);
        ck_assert_int_eq(td_settings_check(one), TD_USAGE);
        says(keys[i][0]);
        says("bbn.enabled is false");
        td_settings_set(one, "bbn.enabled", "true", TD_ORIGIN_OPTION);
        ck_assert_int_eq(td_settings_check(one), TD_OK);
        td_settings_free(one);
    }
}
END_TEST

START_TEST(test_coupled_needs_branches)
{
    accepts("arch.lr.shape", "coupled");
    ck_assert_int_eq(td_settings_check(settings), TD_USAGE);
    says("arch.lr.shape");
    accepts("bbn.enabled", "true");
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    accepts("bbn.mixing.shape", "coupled"); /* a ratio that follows itself */
    ck_assert_int_eq(td_settings_check(settings), TD_USAGE);
    says("bbn.mixing.shape");
    accepts("bbn.mixing.shape", "beta"); /* a rate that follows no epoch */
    ck_assert_int_eq(td_settings_check(settings), TD_USAGE);
    says("arch.lr.shape");
    accepts("arch.lr.shape", "cosine");
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
}
END_TEST

START_TEST(test_freezes_leave_epochs)
{
    accepts("arch.lr.frozen_until", "10");
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    accepts("arch.lr.frozen_from", "11");
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
    accepts("arch.lr.frozen_from", "10");
    ck_assert_int_eq(td_settings_check(settings), TD_USAGE);
    says("arch.lr.frozen_until");
}
END_TEST

START_TEST(test_required_texts)
{
    ck_assert_int_eq(td_settings_require(settings, "run.out"), TD_USAGE);
    says("run.out");
    says("--out");
    accepts("run.out", "runs/a");
    ck_assert_int_eq(td_settings_require(settings, "run.out"), TD_OK);
}
END_TEST

/* ---- a continued run ------------------------------------------------------------ */

START_TEST(test_what_may_differ_on_resume)
{
    const char *const free_keys[][2] = {
        { "search.epochs", "60" },     { "run.out", "x" },
        { "run.threads", "2" },        { "run.resume", "must" },
        { "checkpoint.minutes", "1" }, { "bench.steps", "9" },
        { "bench.size", "8" },         { "data.path", "moved.h5" },
    };
    td_settings *saved = td_settings_new(TD_FOR_SEARCH);
    ck_assert_ptr_null(td_settings_difference(settings, saved));
    for (size_t i = 0; i < sizeof free_keys / sizeof *free_keys; i++)
        accepts(free_keys[i][0], free_keys[i][1]);
    ck_assert_ptr_null(td_settings_difference(settings, saved));
    accepts("arch.betas", "[0.5, 0.99]");
    ck_assert_str_eq(td_settings_difference(settings, saved), "arch.betas");
    accepts("data.imbalance", "10"); /* the first of the table is named */
    ck_assert_str_eq(td_settings_difference(settings, saved), "data.imbalance");
    td_settings_free(saved);
}
END_TEST

START_TEST(test_origin_is_no_difference)
{
    td_settings *saved = td_settings_new(TD_FOR_SEARCH);
    accepts("search.batch", "64");
    ck_assert_ptr_null(td_settings_difference(settings, saved));
    td_settings_free(saved);
}
END_TEST

/* ---- training -------------------------------------------------------------------- */

static void set_up_training(void)
{
    settings = td_settings_new(TD_FOR_TRAIN);
}

/* The published CIFAR-10 evaluation of DARTS. */
START_TEST(test_defaults_are_the_published_training)
{
    const td_config *config = td_settings_config(settings);
    holds("train.epochs", "600");
    holds("train.batch", "96");
    holds("net.channels", "36");
    holds("net.cells", "20");
    ck_assert(config->search.epochs == 600 && config->search.batch == 96);
    ck_assert(config->weights.lr.shape == TD_SHAPE_COSINE);
    ck_assert(config->weights.lr.start == 0.025 && config->weights.lr.end == 0.0);
    ck_assert(config->data.train_share == 1.0);
    ck_assert(config->train.auxiliary && config->train.auxiliary_weight == 0.4);
    ck_assert(config->train.drop_path.shape == TD_SHAPE_RISING_LINEAR);
    ck_assert(config->train.drop_path.start == 0.2 &&
              config->train.drop_path.end == 0.0);
    ck_assert_str_eq(config->train.genotype, "");
    ck_assert_int_eq(config->arch.lr.frozen_from, 0);
    ck_assert_str_eq(td_config_batch_key(config), "train.batch");
    ck_assert_int_eq(td_settings_check(settings), TD_OK);
}
END_TEST

START_TEST(test_a_training_takes_all_images)
{
    accepts("data.train_share", "1");
    refuses_with(TD_DATA, "data.train_share", "0");
    refuses_with(TD_DATA, "data.train_share", "1.5");
    says("above 0 and at most 1");
    td_settings *search = td_settings_new(TD_FOR_SEARCH);
    ck_assert_int_eq(td_settings_set(search, "data.train_share", "1", TD_ORIGIN_OPTION),
                     TD_DATA);
    says("data.train_share: found \"1\"; accepted: a number above 0 and below 1");
    td_settings_free(search);
}
END_TEST

/* Reading \a text leaves every value of a command as it was. */
static void changes_nothing(td_config_command command, const char *text)
{
    td_settings *before = td_settings_new(command), *after = td_settings_new(command);
    td_status status = td_settings_read_text(after, "f.yaml", text);
    ck_assert_msg(status == TD_OK, "%s: %s", text, td_error_message());
    ck_assert_mem_eq(td_settings_config(after), td_settings_config(before),
                     sizeof(td_config));
    char *table = td_settings_table(after);
    ck_assert_ptr_null(strstr(table, " file\n"));
    td_free(table);
    td_settings_free(before);
    td_settings_free(after);
}

START_TEST(test_keys_of_the_other_command_are_checked_alone)
{
    const char *const train = "train:\n  epochs: 7\n  batch: 8\n  genotype: PDARTS\n"
                              "  auxiliary: false\n  auxiliary_weight: 1\n"
                              "  drop_path: {shape: constant, start: 0.5, end: 0.1}\n";
    const char *const search = "search: {epochs: 7, batch: 8, order: 2}\n"
                               "net: {nodes: 3}\narch: {interval: 3, decay: 1, "
                               "lr: {start: 0.5, frozen_until: 2}}\n";
    changes_nothing(TD_FOR_SEARCH, train);
    changes_nothing(TD_FOR_TRAIN, search);
    ck_assert_int_eq(td_settings_read_text(settings, "f", "search: {batch: 0}"),
                     TD_USAGE);
    says("search.batch: found \"0\"");
    td_settings *other = td_settings_new(TD_FOR_SEARCH);
    ck_assert_int_eq(td_settings_read_text(other, "f", "train: {epochs: 0}"), TD_USAGE);
    says("train.epochs: found \"0\"");
    ck_assert_int_eq(
        td_settings_read_text(other, "f", "train: {drop_path: {start: 1}}"), TD_USAGE);
    says("train.drop_path.start: found \"1\"");
    td_settings_free(other);
}
END_TEST

START_TEST(test_suggestions_are_keys_of_the_command)
{
    static const struct {
        const char *name;
        unsigned readers;
        const char *meant; /* NULL: nothing is alike */
    } rows[] = {
        { "lr", TD_FOR_TRAIN, "--weights.lr.start=" },
        { "epochs", TD_FOR_TRAIN, "--train.epochs=" },
        { "batch_size", TD_FOR_TRAIN, "--train.batch=" },
        { "epochs", TD_FOR_BENCH, "--search.epochs= or --train.epochs=" },
        { "epochs", 0, "--search.epochs= or --train.epochs=" },
        { "gamma", TD_FOR_TRAIN,
          "--train.drop_path.gamma=, --weights.lr.gamma=, --weights.loss.gamma= or 1 "
          "more" },
        { "ar", TD_FOR_SEARCH, NULL }, /* of `arch`, but no word of it */
        { "wombats", TD_FOR_SEARCH, NULL },
        { "net.wombats", TD_FOR_SEARCH, NULL },
        { "", TD_FOR_SEARCH, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *meant = td_key_suggest(rows[i].name, rows[i].readers, "--", "=");
        const char *wanted = rows[i].meant;
        ck_assert_msg(wanted ? meant && strcmp(meant, wanted) == 0 : !meant, "%s: %s",
                      rows[i].name, meant ? meant : "nothing");
        td_free(meant);
    }
    ck_assert_ptr_null(td_key_ending("batch_size", TD_FOR_SEARCH, "", ""));
    ck_assert_ptr_null(td_key_ending("epochs", TD_FOR_BENCH, "", ""));
    ck_assert_int_eq(set("wombats", "1"), TD_USAGE);
    ck_assert_str_eq(td_error_message(), "unknown key wombats");
    ck_assert_int_eq(set("run.GPU", "1"), TD_USAGE);
    ck_assert_str_eq(td_error_message(), "unknown key run.GPU: taildart runs on CPUs");
}
END_TEST

static TCase *values(void)
{
    TCase *cases = tcase_create("values");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, test_defaults_are_the_published_search);
    tcase_add_test(cases, test_rows_are_complete_and_unique);
    tcase_add_test(cases, test_each_value_is_read_back_from_its_text);
    tcase_add_test(cases, test_a_decimal_comma_changes_nothing);
    tcase_add_test(cases, test_whole_numbers);
    tcase_add_test(cases, test_numbers);
    tcase_add_test(cases, test_share_outside_its_limits_is_bad_data);
    tcase_add_test(cases, test_truth_values);
    tcase_add_test(cases, test_a_run_is_its_checkpoint);
    tcase_add_test(cases, test_names);
    tcase_add_test(cases, test_schedules_take_what_they_can_do);
    tcase_add_test(cases, test_pairs);
    tcase_add_test(cases, test_never);
    tcase_add_test(cases, test_texts);
    tcase_add_test(cases, test_messages_are_one_line);
    tcase_add_test(cases, test_distances);
    tcase_add_test(cases, test_only_what_is_near_is_proposed);
    tcase_add_test(cases, test_words_are_refused_with_what_was_meant);
    tcase_add_test(cases, test_unknown_keys_name_their_neighbour);
    tcase_add_test(cases, test_suggestions_are_keys_of_the_command);
    return cases;
}

static TCase *whole(void)
{
    TCase *cases = tcase_create("whole");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, test_options_beat_files_in_any_order);
    tcase_add_test(cases, test_beaten_values_are_checked_all_the_same);
    tcase_add_test(cases, test_table_shows_value_unit_and_origin);
    tcase_add_test(cases, test_help_tells_all_about_each_key);
    tcase_add_test(cases, test_no_two_keys_have_the_same_help);
    tcase_add_test(cases, test_uses_are_complete);
    tcase_add_test(cases, test_help_of_a_group);
    tcase_add_test(cases, test_help_of_a_key);
    tcase_add_test(cases, test_branch_keys_need_branches);
    tcase_add_test(cases, test_coupled_needs_branches);
    tcase_add_test(cases, test_freezes_leave_epochs);
    tcase_add_test(cases, test_required_texts);
    tcase_add_test(cases, test_what_may_differ_on_resume);
    tcase_add_test(cases, test_origin_is_no_difference);
    return cases;
}

/* A bench of a genotype has no operations to choose from. */
START_TEST(test_a_bench_of_a_genotype_reads_no_operations)
{
    td_settings *bench = td_settings_new(TD_FOR_BENCH);
    td_settings_set(bench, "net.operations", "s2", TD_ORIGIN_OPTION);
    ck_assert_int_eq(td_settings_check(bench), TD_OK);
    td_settings_set(bench, "train.genotype", "DARTS_V1", TD_ORIGIN_OPTION);
    ck_assert_int_eq(td_settings_check(bench), TD_USAGE);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "net.operations: found \"s2\""));
    td_settings_free(bench);
}
END_TEST

static TCase *training(void)
{
    TCase *cases = tcase_create("training");
    tcase_add_checked_fixture(cases, set_up_training, tear_down);
    tcase_add_test(cases, test_defaults_are_the_published_training);
    tcase_add_test(cases, test_a_training_takes_all_images);
    tcase_add_test(cases, test_keys_of_the_other_command_are_checked_alone);
    tcase_add_test(cases, test_a_bench_of_a_genotype_reads_no_operations);
    return cases;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("config");
    suite_add_tcase(suite, values());
    suite_add_tcase(suite, whole());
    suite_add_tcase(suite, training());
    return suite;
}
