/* ranks: 1 2 */
/* What a checkpoint keeps is what its network is judged and continued with: files of
 * other means and class orders, files of older versions, numbers that are not
 * finite. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bright_rows.h"
#include "ranks.h"
#include "taildart/base_file.h"
#include "taildart/base_signals.h"
#include "taildart/checkpoint.h"
#include "taildart/eval.h"
#include "taildart/formats.h"
#include "taildart/plan.h"
#include "taildart/run.h"
#include "taildart/sampling_split.h"
#include "taildart/store.h"

enum { CLASSES = 3, SIDE = 8, EACH = 12, COUNT = CLASSES * EACH, TEXT = 256 };
enum { BATCH = 16, ROUNDS = (COUNT - 1) / (2 * BATCH) + 1 }; /* on two ranks */

static char folder[TEXT]; /* of this program; the same on every rank */

static const char *in_folder(const char *name)
{
    static char path[4][2 * TEXT];
    static int next;
    char *out = path[next++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

/* ---- a data set ------------------------------------------------------------------ */

static void write_data(const char *name, const char *order, double mean, double std)
{
    bright_rows rows = { COUNT, SIDE, order, mean, std };
    TD_CHECK(bright_rows_write(in_folder(name), &rows) == TD_OK, "%s",
             td_error_message());
}

/* ---- runs and their evaluation --------------------------------------------------- */

static void set(td_settings *settings, const char *key, const char *value)
{
    td_status status = td_settings_set(settings, key, value, TD_ORIGIN_OPTION);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
}

static td_status search(const char *out, const char *data, const char *epochs)
{
    static const char *const keys[][2] = { { "net.channels", "4" },
                                           { "net.cells", "3" },
                                           { "net.nodes", "2" },
                                           { "search.batch", "6" },
                                           { "weights.lr.start", "0.1" } };
    td_settings *settings = rank == 0 ? td_settings_new(TD_FOR_SEARCH) : NULL;
    for (size_t i = 0; settings && i < sizeof keys / sizeof *keys; i++)
        set(settings, keys[i][0], keys[i][1]);
    if (settings) {
        set(settings, "search.epochs", epochs);
        set(settings, "run.out", in_folder(out));
        set(settings, "data.path", in_folder(data));
    }
    td_status status = td_job_run(TD_FOR_SEARCH, world, settings);
    td_settings_free(settings);
    return status;
}

/* \a from: a training whose classifier alone learns anew, or "".
 * \param [in] is_plan  a dry run */
static td_status train(const char *out, const char *data, const char *from,
                       bool is_plan)
{
    td_settings *settings = rank == 0 ? td_settings_new(TD_FOR_TRAIN) : NULL;
    char *text = NULL;
    if (settings) {
        set(settings, "search.batch", "6");
        set(settings, "search.epochs", "1");
        set(settings, "run.out", in_folder(out));
        set(settings, "data.path", in_folder(data));
        if (from[0])
            set(settings, "train.from", in_folder(from));
        else
            set(settings, "train.genotype", "DARTS_V1");
        set(settings, "net.channels", "4");
        set(settings, "net.cells", "3");
    }
    td_status status = !is_plan    ? td_job_run(TD_FOR_TRAIN, world, settings)
                       : rank == 0 ? td_plan_text(settings, &text)
                                   : TD_OK;
    td_free(text);
    td_settings_free(settings);
    return td_comm_verdict(world, status);
}

static td_status eval_part(const char *part, const char *checkpoint, const char *data,
                           const char *logits)
{
    char *paths[] = { td_strdup(in_folder(checkpoint)), td_strdup(in_folder(data)),
                      td_strdup(in_folder(logits)) };
    const td_eval_options options = { .checkpoint = paths[0],
                                      .data = paths[1],
                                      .logits = paths[2],
                                      .part = part,
                                      .batch = BATCH,
                                      .threads = 1 };
    td_status status = td_eval_run(world, rank == 0 ? &options : NULL);
    for (int i = 0; i < 3; i++)
        td_free(paths[i]);
    return status;
}

static td_status eval(const char *checkpoint, const char *data, const char *logits)
{
    return eval_part("test", checkpoint, data, logits);
}

/* A checkpoint after \a change, as `name`. */
static void save_changed(const char *from, const char *name,
                         void (*change)(td_checkpoint *))
{
    td_checkpoint *saved = NULL;
    if (rank != 0)
        return;
    TD_CHECK(td_checkpoint_load(&saved, in_folder(from)) == TD_OK, "%s",
             td_error_message());
    change(saved);
    TD_CHECK(td_checkpoint_save(saved, in_folder(name)) == TD_OK, "%s",
             td_error_message());
    td_checkpoint_free(saved);
}

static bool same_files(const char *a, const char *b)
{
    char *x = NULL, *y = NULL;
    size_t n = 0, m = 0;
    bool same = td_file_read(&x, &n, in_folder(a)) == TD_OK &&
                td_file_read(&y, &m, in_folder(b)) == TD_OK && n == m &&
                memcmp(x, y, n) == 0;
    td_free(x);
    td_free(y);
    return same;
}

static bool says(const char *words)
{
    return rank != 0 || strstr(td_error_message(), words) != NULL;
}

/* ---- tests ----------------------------------------------------------------------- */

START_TEST(test_other_means_and_orders_give_the_same_logits)
{
    CHECK_ALL(eval("run/checkpoint.h5", "data.h5", "own.h5") == TD_OK);
    CHECK_ALL(eval("run/checkpoint.h5", "mean.h5", "mean-logits.h5") == TD_OK);
    CHECK_ALL(eval("run/checkpoint.h5", "std.h5", "std-logits.h5") == TD_OK);
    CHECK_ALL(eval("run/checkpoint.h5", "order.h5", "order-logits.h5") == TD_OK);
    CHECK_ALL(same_files("own.h5", "mean-logits.h5"));
    CHECK_ALL(same_files("own.h5", "std-logits.h5"));
    CHECK_ALL(same_files("own.h5", "order-logits.h5"));
}
END_TEST

static int looks, last_look; /* 0: no last one */

static void count_looks(void *unused)
{
    (void) unused;
    if (++looks == last_look)
        td_signals_ask();
}

/* A job of many runs attends to the others meanwhile, and all may be asked to stop. */
START_TEST(test_an_evaluation_attends_to_others)
{
    td_signals_begin();
    td_signals_attend(count_looks, NULL);
    looks = last_look = 0;
    CHECK_ALL(eval("run/checkpoint.h5", "data.h5", "looked.h5") == TD_OK);
    CHECK_ALL(looks > ROUNDS); /* before a round, and when images are read */
    looks = 0;
    last_look = rank == size - 1 ? 2 : 0;
    CHECK_ALL(eval("run/checkpoint.h5", "data.h5", "stopped.h5") == TD_STOPPED);
    CHECK_ALL(says("stopped on request: the same command starts again"));
    CHECK_ALL(rank != 0 || access(in_folder("stopped.h5"), F_OK) != 0);
    td_signals_attend(NULL, NULL);
    td_signals_end();
    CHECK_ALL(eval("run/checkpoint.h5", "data.h5", "own.h5") == TD_OK);
}
END_TEST

static void make_older(td_checkpoint *c)
{
    c->has_statistics = false;
    c->net.is_known = false;
    td_free(c->texts.class_names);
    td_free(c->texts.command);
    td_free(c->texts.isa);
    c->texts.class_names = c->texts.command = c->texts.isa = NULL;
}

/* It is judged with the mean of the file, as it was then. */
START_TEST(test_older_checkpoints_serve)
{
    save_changed("run/checkpoint.h5", "older.h5", make_older);
    CHECK_ALL(eval("run/checkpoint.h5", "data.h5", "own.h5") == TD_OK);
    CHECK_ALL(eval("older.h5", "data.h5", "older-logits.h5") == TD_OK);
    CHECK_ALL(same_files("own.h5", "older-logits.h5"));
}
END_TEST

static void spoil_weight(td_checkpoint *c)
{
    const td_slot *slot = td_slots_find(c->state.weight_slots, "classifier.bias");
    c->state.weights[slot->offset + 1] = (td_real) NAN;
}

static void spoil_variance(td_checkpoint *c)
{
    c->state.running_var[0] = (td_real) INFINITY;
}

/* And features far above 1, or sums of terms that cancel stay finite now and then. */
static void make_weights_large(td_checkpoint *c)
{
    const td_slot *slot = td_slots_find(c->state.weight_slots, "classifier.weight");
    for (size_t i = 0; i < c->state.norm_slots->total; i++)
        c->state.running_var[i] = (td_real) 0;
    for (size_t i = 0; i < slot->count; i++)
        c->state.weights[slot->offset + i] = (td_real) 3e38 * (i % 2 ? 1 : -1);
}

START_TEST(test_numbers_that_are_not_finite_give_no_figure)
{
    save_changed("run/checkpoint.h5", "nan.h5", spoil_weight);
    CHECK_ALL(eval("nan.h5", "data.h5", "nan-logits.h5") == TD_CHECKPOINT);
    CHECK_ALL(says("/weights/classifier.bias holds numbers that are not finite"));
    save_changed("run/checkpoint.h5", "inf.h5", spoil_variance);
    CHECK_ALL(eval("inf.h5", "data.h5", "nan-logits.h5") == TD_CHECKPOINT);
    CHECK_ALL(says(".running_var holds numbers that are not finite"));
    save_changed("run/checkpoint.h5", "large.h5", make_weights_large);
    CHECK_ALL(eval("large.h5", "data.h5", "nan-logits.h5") == TD_CHECKPOINT);
    CHECK_ALL(says("its logits are not finite for 36 of 36 images"));
    CHECK_ALL(rank != 0 || access(in_folder("nan-logits.h5"), F_OK) != 0);
}
END_TEST

static void forge_size(td_checkpoint *c)
{
    c->net.channels = 4096;
}

START_TEST(test_a_network_larger_than_its_weights_is_not_built)
{
    save_changed("run/checkpoint.h5", "forged.h5", forge_size);
    CHECK_ALL(eval("forged.h5", "data.h5", "forged-logits.h5") == TD_CHECKPOINT);
    CHECK_ALL(says("a network of 4096 channels"));
}
END_TEST

static double mean_of(const char *checkpoint)
{
    td_checkpoint *saved = NULL;
    TD_CHECK(td_checkpoint_load(&saved, in_folder(checkpoint)) == TD_OK, "%s",
             td_error_message());
    double mean = saved->has_statistics ? saved->mean[0] : NAN;
    td_checkpoint_free(saved);
    return mean;
}

/* A file of the same pixels may say another mean: the run keeps its own. */
START_TEST(test_a_run_goes_on_with_its_mean_and_classes)
{
    CHECK_ALL(search("goes", "data.h5", "1") == TD_OK);
    CHECK_ALL(search("goes", "renamed.h5", "2") == TD_DATA);
    CHECK_ALL(says("'x', is none of the 3"));
    CHECK_ALL(search("goes", "permuted.h5", "2") == TD_DATA);
    CHECK_ALL(says("in another order"));
    CHECK_ALL(search("goes", "mean.h5", "2") == TD_OK);
    CHECK_ALL(rank != 0 || fabs(mean_of("goes/checkpoint.h5") - 0.25) < 1e-12);
}
END_TEST

static void damage(td_checkpoint *c)
{
    c->state.weights[0] = NAN;
}

/* A trunk sees images as it has learned them, whatever the data say of themselves. */
START_TEST(test_a_trunk_brings_its_mean)
{
    CHECK_ALL(train("trained", "data.h5", "", false) == TD_OK);
    CHECK_ALL(train("again", "mean.h5", "trained/checkpoint.h5", false) == TD_OK);
    CHECK_ALL(rank != 0 || fabs(mean_of("again/checkpoint.h5") - 0.25) < 1e-12);
}
END_TEST

/* What a start would refuse, a dry run does, too. */
START_TEST(test_a_damaged_trunk_is_refused)
{
    CHECK_ALL(train("trained", "data.h5", "", false) == TD_OK);
    save_changed("trained/checkpoint.h5", "damaged.h5", damage);
    CHECK_ALL(train("none", "data.h5", "damaged.h5", true) == TD_CHECKPOINT);
    CHECK_ALL(train("none", "data.h5", "damaged.h5", false) == TD_CHECKPOINT);
}
END_TEST

/* The half's labels are those of the run: names in another order deny them. */
START_TEST(test_a_half_is_judged_on_its_own_images_alone)
{
    CHECK_ALL(eval_part("arch", "run/checkpoint.h5", "data.h5", "half.h5") == TD_OK);
    CHECK_ALL(eval_part("arch", "run/checkpoint.h5", "permuted.h5", "no.h5") ==
              TD_DATA);
    CHECK_ALL(says("while the images are the same"));
}
END_TEST

/* ---- forged checkpoints ---------------------------------------------------------- */

static void forge_side(td_checkpoint *c)
{
    c->height = 2 * SIDE;
}

static void forge_index(td_checkpoint *c)
{
    c->half[TD_HALF_ARCH][0] = COUNT;
}

START_TEST(test_an_evaluation_believes_no_forged_number)
{
    save_changed("run/checkpoint.h5", "side.h5", forge_side);
    CHECK_ALL(eval("side.h5", "data.h5", "no.h5") == TD_CHECKPOINT);
    CHECK_ALL(says("was trained on images of"));
    save_changed("run/checkpoint.h5", "index.h5", forge_index);
    CHECK_ALL(eval_part("arch", "index.h5", "data.h5", "no.h5") == TD_CHECKPOINT);
    CHECK_ALL(says("arch_half"));
}
END_TEST

static void forge_step(td_checkpoint *c)
{
    c->progress.step = 1000;
}

static void forge_arch_steps(td_checkpoint *c)
{
    c->progress.arch_steps = 1000;
}

/* A run directory that somebody sent. */
static td_status go_on(const char *out, void (*change)(td_checkpoint *))
{
    char *checkpoint = td_format("%s/checkpoint.h5", out);
    TD_CHECK(rank != 0 || mkdir(in_folder(out), 0777) == 0, "%s stays", out);
    save_changed("run/checkpoint.h5", checkpoint, change);
    td_free(checkpoint);
    return search(out, "data.h5", "3");
}

START_TEST(test_a_run_does_not_go_on_from_what_cannot_be)
{
    CHECK_ALL(go_on("nan", spoil_weight) == TD_CHECKPOINT);
    CHECK_ALL(says("/weights/classifier.bias holds numbers that are not finite"));
    CHECK_ALL(go_on("step", forge_step) == TD_CHECKPOINT);
    CHECK_ALL(says("1000 steps"));
    CHECK_ALL(go_on("arch", forge_arch_steps) == TD_CHECKPOINT);
    CHECK_ALL(says("1000 architecture steps"));
}
END_TEST

/* ---- running them ---------------------------------------------------------------- */

static void make_files(void)
{
    snprintf(folder, sizeof folder, "/tmp/taildart-judged.XXXXXX");
    if (rank == 0) {
        TD_CHECK(mkdtemp(folder), "no temporary folder");
        write_data("data.h5", "abc", 0.25, 0.25);
        write_data("mean.h5", "abc", 0.29, 0.25);
        write_data("std.h5", "abc", 0.25, 0.29);
        write_data("order.h5", "cab", 0.25, 0.25);
    }
    td_comm_bcast(world, folder, sizeof folder);
}

/* The digest of pixels and labels is the same; the names are not. */
static void write_names(const char *name, const char *names)
{
    td_dataset *d = NULL;
    if (rank != 0)
        return;
    TD_CHECK(td_dataset_open(&d, in_folder("data.h5")) == TD_OK, "%s",
             td_error_message());
    for (int c = 0; c < CLASSES; c++)
        d->class_names[c][0] = names[c];
    TD_CHECK(td_dataset_write(d, in_folder(name)) == TD_OK, "%s", td_error_message());
    td_dataset_free(d);
}

static void remove_folder(void)
{
    char *command = td_format("rm -rf '%s'", folder);
    if (rank == 0)
        TD_CHECK(system(command) == 0, "%s stays", folder);
    td_free(command);
}

static void train_once(void)
{
    make_files();
    write_names("renamed.h5", "axc");
    write_names("permuted.h5", "bac");
    td_status began = search("run", "data.h5", "2");
    TD_CHECK(began == TD_OK, "%s", td_error_message());
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("search_judged");
    TCase *cases = tcase_create("judged");
    tcase_add_unchecked_fixture(cases, train_once, remove_folder);
    tcase_add_test(cases, test_other_means_and_orders_give_the_same_logits);
    tcase_add_test(cases, test_an_evaluation_attends_to_others);
    tcase_add_test(cases, test_older_checkpoints_serve);
    tcase_add_test(cases, test_numbers_that_are_not_finite_give_no_figure);
    tcase_add_test(cases, test_a_network_larger_than_its_weights_is_not_built);
    tcase_add_test(cases, test_a_run_goes_on_with_its_mean_and_classes);
    tcase_add_test(cases, test_a_trunk_brings_its_mean);
    tcase_add_test(cases, test_a_damaged_trunk_is_refused);
    tcase_add_test(cases, test_a_half_is_judged_on_its_own_images_alone);
    tcase_add_test(cases, test_an_evaluation_believes_no_forged_number);
    tcase_add_test(cases, test_a_run_does_not_go_on_from_what_cannot_be);
    suite_add_tcase(suite, cases);
    return suite;
}
