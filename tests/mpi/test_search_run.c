/* ranks: 1 2 3 */
/* Whole searches on a tiny data set: what stops and continues ends in the same bits,
 * and what is refused leaves nothing behind. */
#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/run/run.h"
#include "ranks.h"
#include "taildart/base_signals.h"
#include "taildart/checkpoint.h"
#include "taildart/run.h"
#include "taildart/step_rows.h"
#include "taildart/store.h"

enum { CLASSES = 3, SIDE = 8, EACH = 42, TEXT = 256 };

static char folder[TEXT]; /* of this program; the same on every rank */

/* ---- a data set ----------------------------------------------------------------- */

static void put_be32(FILE *file, unsigned value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int) (value >> shift & 255), file);
}

static FILE *open_idx(const char *data, const char *name, unsigned magic)
{
    char *path = td_format("%s/%s", data, name);
    FILE *file = fopen(path, "wb");
    TD_CHECK(file, "%s cannot be written", path);
    put_be32(file, magic);
    put_be32(file, CLASSES * EACH);
    td_free(path);
    return file;
}

/* Class c is a bright row c over a pattern of the image's own. */
static void write_idx(const char *data, const char *part)
{
    char *images_name = td_format("%s-images-idx3-ubyte", part);
    char *labels_name = td_format("%s-labels-idx1-ubyte", part);
    FILE *images = open_idx(data, images_name, 2051);
    FILE *labels = open_idx(data, labels_name, 2049);
    put_be32(images, SIDE);
    put_be32(images, SIDE);
    for (int i = 0; i < CLASSES * EACH; i++) {
        fputc(i % CLASSES, labels);
        for (int p = 0; p < SIDE * SIDE; p++)
            fputc(p / SIDE % CLASSES == i % CLASSES ? 200 : (i * 31 + p * 17) % 97,
                  images);
    }
    fclose(images);
    fclose(labels);
    td_free(images_name);
    td_free(labels_name);
}

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/taildart-run.XXXXXX");
    if (rank == 0) {
        TD_CHECK(mkdtemp(folder), "no temporary folder");
        char *data = td_format("%s/data", folder);
        mkdir(data, 0700);
        write_idx(data, "train");
        write_idx(data, "t10k");
        td_free(data);
    }
    td_comm_bcast(world, folder, sizeof folder);
}

static void remove_folder(void)
{
    char *command = td_format("rm -rf '%s'", folder);
    if (rank == 0)
        TD_CHECK(system(command) == 0, "%s stays", folder);
    td_free(command);
}

/* ---- flushes to the disk -------------------------------------------------------- */

static int flushes;

int __real_fsync(int file);
int __wrap_fsync(int file);

int __wrap_fsync(int file)
{
    flushes++;
    return __real_fsync(file);
}

/* ---- runs ------------------------------------------------------------------------ */

static void set(td_settings *settings, const char *key, const char *value)
{
    td_status status = td_settings_set(settings, key, value, TD_ORIGIN_OPTION);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
}

/* Rank 0's settings of a small search in <folder>/<name>; NULL on the others. */
static td_settings *small(const char *name)
{
    static const char *const keys[][2] = {
        { "net.channels", "4" },   { "net.cells", "3" },
        { "net.nodes", "2" },      { "search.epochs", "2" },
        { "search.batch", "12" },  { "data.crop_pad", "1" },
        { "data.imbalance", "2" }, { "arch.lr.start", "0.01" },
    };
    if (rank != 0)
        return NULL;
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    char *out = td_format("%s/%s", folder, name), *data = td_format("%s/data", folder);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        set(settings, keys[i][0], keys[i][1]);
    set(settings, "run.out", out);
    set(settings, "data.path", data);
    td_free(out);
    td_free(data);
    return settings;
}

/* `key value key value … NULL` over small(). */
static td_status search(const char *name, const char *const *changes)
{
    td_settings *settings = small(name);
    for (int i = 0; settings && changes && changes[i]; i += 2)
        set(settings, changes[i], changes[i + 1]);
    td_status status = td_job_run(TD_FOR_SEARCH, world, settings);
    if (rank == 0)
        td_settings_free(settings);
    return status;
}

/* What happens to this rank after each step, NULL for nothing: the program shows where
 * the epoch stands there, and tests.mk lets the linker pass that through here. */
static void (*fault)(td_search_state *state, const td_progress *progress);

void __real_td_job_print_live(td_job *job, const td_step_rates *rates);
void __wrap_td_job_print_live(td_job *job, const td_step_rates *rates);

void __wrap_td_job_print_live(td_job *job, const td_step_rates *rates)
{
    __real_td_job_print_live(job, rates);
    if (fault)
        fault(job->loop.state, &job->loop.progress);
}

/* After a first step, so that the next one is the last. */
static void ask_to_stop(td_search_state *state, const td_progress *progress)
{
    (void) state;
    (void) progress;
    if (!td_signals_stop())
        raise(SIGUSR2);
}

/* The same, stopped by a signal to the last rank. */
static td_status search_interrupted(const char *name, const char *const *changes)
{
    fault = rank == size - 1 ? ask_to_stop : NULL;
    td_status status = search(name, changes);
    fault = NULL;
    return status;
}

/* ---- comparing what runs leave --------------------------------------------------- */

static td_checkpoint *load(const char *name)
{
    td_checkpoint *checkpoint = NULL;
    char *path = td_format("%s/%s/checkpoint.h5", folder, name);
    td_status status = td_checkpoint_load(&checkpoint, path);
    TD_CHECK(status == TD_OK, "%s", td_error_message());
    td_free(path);
    return checkpoint;
}

static bool same(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n * sizeof(td_real)) == 0;
}

/* A field of a metrics row that time decides: seconds, images/s, comm_seconds,
 * memory, and all behind valid_ece. */
static bool is_timing(int column)
{
    return column == 1 || column == 2 || column == 18 || column == 19 || column > 20;
}

static bool same_history(const char *a, const char *b)
{
    for (int column = 0; *a && *b;) {
        size_t la = strcspn(a, ",\n"), lb = strcspn(b, ",\n");
        if (!is_timing(column) && (la != lb || memcmp(a, b, la) != 0))
            return false;
        column = a[la] == '\n' ? 0 : column + 1;
        a += la + 1;
        b += lb + 1;
    }
    return !*a && !*b;
}

/* Every number of the search's state and of its metrics. */
static bool same_checkpoints(const char *one, const char *other)
{
    if (rank != 0)
        return true;
    td_checkpoint *a = load(one), *b = load(other);
    bool ok = a->state.edges == b->state.edges;
    for (const td_state_row *row = td_state_rows; row->name; row++)
        ok =
            ok && same(*td_state_array(&a->state, row), *td_state_array(&b->state, row),
                       td_state_array_numbers(&a->state, row));
    ok = ok && a->state.adam_count == b->state.adam_count &&
         a->state.stage == b->state.stage && a->progress.epoch == b->progress.epoch &&
         a->progress.arch_steps == b->progress.arch_steps &&
         a->progress.images == b->progress.images &&
         same_history(a->texts.history, b->texts.history);
    td_checkpoint_free(a);
    td_checkpoint_free(b);
    return ok;
}

static int64_t steps_done(const char *name)
{
    int64_t done = 0;
    if (rank == 0) {
        td_checkpoint *checkpoint = load(name);
        done = checkpoint->progress.epoch * 1000 + checkpoint->progress.step;
        td_checkpoint_free(checkpoint);
    }
    td_comm_bcast(world, &done, sizeof done);
    return done;
}

static bool exists(const char *name)
{
    char *path = td_format("%s/%s", folder, name);
    bool found = access(path, F_OK) == 0;
    td_free(path);
    return found;
}

/* ---- going on where it stopped --------------------------------------------------- */

/* Stop three times, each time two steps further: within an epoch, before its
 * validation, within the next; and go on to the end. */
static void interrupt_and_compare(const char *whole, const char *broken,
                                  const char *const *changes)
{
    int64_t before = -1;
    CHECK_ALL(search(whole, changes) == TD_OK);
    for (int stop = 0; stop < 3; stop++) {
        CHECK_ALL(search_interrupted(broken, changes) == TD_STOPPED);
        int64_t now = steps_done(broken);
        CHECK_ALL(now > before && now < 2000);
        before = now;
    }
    CHECK_ALL(search(broken, changes) == TD_OK);
    CHECK_ALL(same_checkpoints(whole, broken));
}

START_TEST(test_stopped_in_mid_epoch_equals_never_stopped)
{
    interrupt_and_compare("plain", "plain-broken", NULL);
}
END_TEST

START_TEST(test_the_same_with_two_branches_second_order_and_samplers)
{
    const char *const changes[] = { "bbn.enabled",
                                    "true",
                                    "search.order",
                                    "2",
                                    "arch.interval",
                                    "2",
                                    "data.sampler",
                                    "square-root",
                                    "weights.class_weights",
                                    "effective",
                                    "arch.class_weights",
                                    "inverse",
                                    NULL };
    interrupt_and_compare("bbn", "bbn-broken", changes);
}
END_TEST

/* The last stop is in the second stage, whose network is another. */
START_TEST(test_the_same_in_stages)
{
    const char *const changes[] = {
        "search.stages",
        "[{epoch: 1, cells: 4, keep: 3, skip_dropout: 0.5}]",
        "net.operations",
        "skip_connect, sep_conv_3x3, avg_pool_3x3, dil_conv_3x3",
        "arch.edge_weights",
        "true",
        "arch.relaxation",
        "gumbel",
        NULL
    };
    interrupt_and_compare("stages", "stages-broken", changes);
    if (rank > 0)
        return;
    td_checkpoint *checkpoint = load("stages");
    ck_assert_int_eq(checkpoint->state.stage, 1);
    ck_assert_int_eq(checkpoint->net.cells, 4);
    ck_assert_int_eq(td_search_state_operations(&checkpoint->state), 3 * 10);
    int skips = 0; /* that drop-out has to do with */
    for (int e = 0; e < 5; e++)
        skips += checkpoint->state.present[e * TD_NUM_OPS + TD_OP_SKIP_CONNECT] != 0;
    ck_assert_int_gt(skips, 0);
    td_checkpoint_free(checkpoint);
}
END_TEST

START_TEST(test_threads_do_not_change_a_bit)
{
    const char *const changes[] = { "run.threads", "3", NULL };
    CHECK_ALL(search("one-thread", NULL) == TD_OK);
    CHECK_ALL(search_interrupted("threads", NULL) == TD_STOPPED);
    CHECK_ALL(search("threads", changes) == TD_OK);
    CHECK_ALL(same_checkpoints("one-thread", "threads"));
}
END_TEST

START_TEST(test_a_finished_run_is_left_alone_until_it_gets_more_epochs)
{
    const char *const changes[] = { "search.epochs", "3", NULL };
    CHECK_ALL(search("finished", NULL) == TD_OK);
    CHECK_ALL(search("finished", NULL) == TD_OK);
    CHECK_ALL(steps_done("finished") == 2000);
    CHECK_ALL(search("finished", changes) == TD_OK);
    CHECK_ALL(steps_done("finished") == 3000);
}
END_TEST

/* ---- what a run leaves ----------------------------------------------------------- */

START_TEST(test_a_run_directory_is_complete)
{
    static const char *const files[] = { "config.yaml",  "checkpoint.h5",
                                         "metrics.csv",  "checkpoint.prev.h5",
                                         "genotype.txt", "genotype.json",
                                         "genotype.dot", "run.log" };
    CHECK_ALL(search("complete", NULL) == TD_OK);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char *name = td_format("complete/%s", files[i]);
        CHECK_ALL(exists(name));
        td_free(name);
    }
}
END_TEST

/* ---- what is refused ------------------------------------------------------------- */

static void refuse(const char *name, const char *key, const char *value,
                   td_status wanted, const char *text)
{
    const char *const changes[] = { key, value, NULL };
    td_status status = search(name, changes);
    if (status != wanted)
        fprintf(stderr, "rank %d: %s=%s: status %d, %s\n", rank, key, value,
                (int) status, td_error_message());
    CHECK_ALL(status == wanted);
    CHECK_ALL(strstr(td_error_message(), text) != NULL);
}

START_TEST(test_a_refused_start_writes_nothing)
{
    refuse("none", "data.path", "/nowhere/at/all", TD_DATA, "/nowhere/at/all");
    refuse("none", "data.shards", "7", TD_USAGE, "7");
    refuse("none", "data.imbalance", "1000", TD_DATA, "class");
    refuse("none", "run.resume", "must", TD_CHECKPOINT, "no checkpoint");
    CHECK_ALL(!exists("none"));
}
END_TEST

START_TEST(test_other_settings_do_not_continue_a_run)
{
    CHECK_ALL(search("other", NULL) == TD_OK);
    refuse("other", "weights.decay", "0.25", TD_USAGE, "weights.decay");
    refuse("other", "net.channels", "8", TD_USAGE, "net.channels");
    refuse("other", "run.resume", "never", TD_USAGE, "run.resume");
}
END_TEST

/* The step at which it was stopped is none of an epoch with larger batches. */
START_TEST(test_other_settings_without_a_config_file)
{
    CHECK_ALL(search_interrupted("bare", NULL) == TD_STOPPED);
    CHECK_ALL(search_interrupted("bare", NULL) == TD_STOPPED);
    CHECK_ALL(search_interrupted("bare", NULL) == TD_STOPPED);
    char *path = td_format("%s/bare/config.yaml", folder);
    if (rank == 0)
        unlink(path);
    td_free(path);
    refuse("bare", "search.batch", "60", TD_USAGE, "search.batch: '60'");
    CHECK_ALL(search("bare", NULL) == TD_OK);
}
END_TEST

static void copy_file(const char *from, const char *to)
{
    char *command = td_format("cd '%s' && cp '%s' '%s'", folder, from, to);
    if (rank == 0)
        TD_CHECK(system(command) == 0, "%s cannot be copied", from);
    td_comm_barrier(world);
    td_free(command);
}

START_TEST(test_the_checkpoint_of_another_network_is_refused)
{
    const char *const wide[] = { "net.channels", "8", NULL };
    CHECK_ALL(search("narrow", NULL) == TD_OK);
    CHECK_ALL(search("wide", wide) == TD_OK);
    copy_file("narrow/checkpoint.h5", "wide/checkpoint.h5");
    CHECK_ALL(search("wide", wide) == TD_CHECKPOINT);
}
END_TEST

START_TEST(test_other_images_do_not_continue_a_run)
{
    char *data = td_format("%s/other-data", folder);
    CHECK_ALL(search("images", NULL) == TD_OK);
    if (rank == 0) {
        mkdir(data, 0700);
        write_idx(data, "t10k");
    }
    copy_file("data/train-labels-idx1-ubyte", "other-data/train-labels-idx1-ubyte");
    copy_file("data/train-images-idx3-ubyte", "other-data/train-images-idx3-ubyte");
    if (rank == 0) {
        char *path = td_format("%s/train-images-idx3-ubyte", data);
        FILE *file = fopen(path, "r+b");
        fseek(file, 100, SEEK_SET);
        fputc(1, file);
        fclose(file);
        td_free(path);
    }
    refuse("images", "data.path", data, TD_USAGE, "data.path");
    td_free(data);
}
END_TEST

START_TEST(test_a_directory_in_use_is_refused)
{
    td_run *run = NULL;
    char *path = td_format("%s/used", folder);
    CHECK_ALL(search("used", NULL) == TD_OK);
    if (rank == 0)
        TD_CHECK(td_run_begin(&run, path, 0) == TD_OK, "%s", td_error_message());
    td_comm_barrier(world);
    CHECK_ALL(search("used", NULL) == TD_USAGE);
    if (rank == 0)
        td_run_end(run);
    td_free(path);
}
END_TEST

/* ---- what goes wrong under way --------------------------------------------------- */

enum { FAULT_STEP = 2 };

/* A bit of the last rank flips, as memory without ECC does it. */
static void flip(td_search_state *state, const td_progress *progress)
{
    if (rank == size - 1 && progress->epoch == 0 && progress->step == FAULT_STEP)
        state->weights[3] += 1;
}

static void flip_and_stop(td_search_state *state, const td_progress *progress)
{
    flip(state, progress);
    if (rank == 0 && progress->epoch == 0 && progress->step == FAULT_STEP)
        kill(getpid(), SIGUSR2);
}

static td_status search_with(const char *name, const char *const *changes,
                             void (*what)(td_search_state *, const td_progress *))
{
    fault = what;
    td_status status = search(name, changes);
    fault = NULL;
    return status;
}

/* The state that is continued is the last one that was equal on all ranks. */
START_TEST(test_a_replica_that_differs_is_not_saved_in_mid_epoch)
{
    const char *const eager[] = { "checkpoint.minutes", "0", NULL };
    if (size == 1)
        return;
    CHECK_ALL(search("sound", eager) == TD_OK);
    CHECK_ALL(search_with("flipped", eager, flip) == TD_DIVERGED);
    CHECK_ALL(strstr(td_error_message(), "weights") != NULL);
    CHECK_ALL(strstr(td_error_hint_message(), "last checkpoint") != NULL);
    CHECK_ALL(steps_done("flipped") == FAULT_STEP - 1);
    CHECK_ALL(search("flipped", eager) == TD_OK);
    CHECK_ALL(same_checkpoints("sound", "flipped"));
}
END_TEST

START_TEST(test_a_replica_that_differs_is_not_saved_on_a_stop)
{
    if (size == 1)
        return;
    CHECK_ALL(search("steady", NULL) == TD_OK);
    CHECK_ALL(search_with("stopped", NULL, flip_and_stop) == TD_DIVERGED);
    CHECK_ALL(!exists("stopped/checkpoint.h5"));
    CHECK_ALL(search("stopped", NULL) == TD_OK);
    CHECK_ALL(same_checkpoints("steady", "stopped"));
}
END_TEST

static td_run *intruder; /* rank 0 */

/* Somebody moves the directory away and begins another run under its name. */
static void replace_directory(td_search_state *state, const td_progress *progress)
{
    (void) state;
    if (rank != 0 || progress->epoch != 0 || progress->step != FAULT_STEP)
        return;
    char *path = td_format("%s/taken", folder), *aside = td_format("%s/moved", folder);
    TD_CHECK(rename(path, aside) == 0, "%s cannot be moved", path);
    TD_CHECK(td_run_begin(&intruder, path, 0) == TD_OK, "%s", td_error_message());
    td_free(path);
    td_free(aside);
}

static void check_taken(const char *minutes)
{
    const char *const changes[] = { "checkpoint.minutes", minutes, NULL };
    static const char *const files[] = { "config.yaml", "checkpoint.h5", "metrics.csv",
                                         "genotype.txt" };
    CHECK_ALL(search_with("taken", changes, replace_directory) == TD_FAILED);
    CHECK_ALL(strstr(td_error_message(), "another run") != NULL);
    td_comm_barrier(world);
    CHECK_ALL(exists("taken/run.lock") && exists("moved/run.lock"));
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char *name = td_format("taken/%s", files[i]);
        CHECK_ALL(!exists(name));
        td_free(name);
    }
    td_run_end(intruder);
    intruder = NULL;
    char *command = td_format("cd '%s' && rm -rf taken moved", folder);
    if (rank == 0)
        TD_CHECK(system(command) == 0, "folders stay");
    td_comm_barrier(world);
    td_free(command);
}

START_TEST(test_a_run_whose_directory_is_taken_leaves_it_alone)
{
    check_taken("0");    /* it would save next in mid-epoch */
    check_taken("1000"); /* at the end of the epoch         */
}
END_TEST

/* ---- a disk that is full for a while --------------------------------------------- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = { bytes, RLIM_INFINITY };
    if (rank == 0)
        TD_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0, "no limit of file sizes");
}

/* No checkpoint fits on the disk in the first epoch; in the second it has room, and the
 * run is stopped. */
static void fill_disk(td_search_state *state, const td_progress *progress)
{
    (void) state;
    limit_files(progress->epoch == 0 ? 5000 : RLIM_INFINITY);
    if (rank == 0 && progress->epoch == 1 && progress->step == 1)
        kill(getpid(), SIGUSR2);
}

static td_status train(const char *name)
{
    static const char *const keys[][2] = {
        { "net.channels", "4" },
        { "net.cells", "3" },
        { "train.epochs", "2" },
        { "train.batch", "12" },
        { "train.auxiliary", "false" },
        { "data.train_share", "0.5" },
        { "checkpoint.minutes", "0" },
        { "train.genotype",
          "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0)], "
          "normal_concat=range(2, 3), reduce=[('max_pool_3x3', 0), ('skip_connect', "
          "1)], reduce_concat=range(2, 3))" },
    };
    td_settings *settings = rank == 0 ? td_settings_new(TD_FOR_TRAIN) : NULL;
    char *out = td_format("%s/%s", folder, name), *data = td_format("%s/data", folder);
    for (size_t i = 0; settings && i < sizeof keys / sizeof keys[0]; i++)
        set(settings, keys[i][0], keys[i][1]);
    if (settings) {
        set(settings, "run.out", out);
        set(settings, "data.path", data);
    }
    td_status status = td_job_run(TD_FOR_TRAIN, world, settings);
    if (rank == 0)
        td_settings_free(settings);
    td_free(out);
    td_free(data);
    return status;
}

START_TEST(test_best_that_failed_to_save_is_tried_again)
{
    fault = fill_disk; /* its warnings are meant */
    td_status status = train("best");
    fault = NULL;
    limit_files(RLIM_INFINITY);
    CHECK_ALL(status == TD_STOPPED);
    int64_t where[2] = { -1, -1 };
    char *path = td_format("%s/best/best.h5", folder);
    td_checkpoint *best = NULL;
    if (rank == 0 && td_checkpoint_load(&best, path) == TD_OK) {
        where[0] = best->progress.epoch;
        where[1] = best->progress.step;
    }
    td_comm_bcast(world, where, sizeof where);
    CHECK_ALL(where[0] == 1 && where[1] == 0); /* as it was at the end of the first */
    td_checkpoint_free(best);
    td_free(path);
}
END_TEST

/* ---- main ------------------------------------------------------------------------ */

/* The checkpoint and its folder; all else can be made again. */
START_TEST(test_an_epoch_waits_for_the_disk_twice)
{
    static const char *const longer[] = { "search.epochs", "4", NULL };
    flushes = 0;
    CHECK_ALL(search("short", NULL) == TD_OK);
    int of_two = flushes;
    flushes = 0;
    CHECK_ALL(search("long", longer) == TD_OK);
    CHECK_ALL(rank == 0 ? flushes - of_two == 2 * 2 : flushes == 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("search_run");
    TCase *going_on = tcase_create("going on");
    tcase_add_unchecked_fixture(going_on, make_folder, NULL);
    tcase_add_test(going_on, test_stopped_in_mid_epoch_equals_never_stopped);
    tcase_add_test(going_on, test_the_same_with_two_branches_second_order_and_samplers);
    tcase_add_test(going_on, test_the_same_in_stages);
    tcase_add_test(going_on, test_threads_do_not_change_a_bit);
    tcase_add_test(going_on,
                   test_a_finished_run_is_left_alone_until_it_gets_more_epochs);
    tcase_add_test(going_on, test_a_run_directory_is_complete);
    tcase_add_test(going_on, test_an_epoch_waits_for_the_disk_twice);
    suite_add_tcase(suite, going_on);
    TCase *refused = tcase_create("refused");
    tcase_add_test(refused, test_a_refused_start_writes_nothing);
    tcase_add_test(refused, test_other_settings_do_not_continue_a_run);
    tcase_add_test(refused, test_the_checkpoint_of_another_network_is_refused);
    tcase_add_test(refused, test_other_images_do_not_continue_a_run);
    tcase_add_test(refused, test_a_directory_in_use_is_refused);
    tcase_add_test(refused, test_other_settings_without_a_config_file);
    suite_add_tcase(suite, refused);
    TCase *under_way = tcase_create("under way");
    tcase_add_unchecked_fixture(under_way, NULL, remove_folder);
    tcase_add_test(under_way, test_a_replica_that_differs_is_not_saved_in_mid_epoch);
    tcase_add_test(under_way, test_a_replica_that_differs_is_not_saved_on_a_stop);
    tcase_add_test(under_way, test_a_run_whose_directory_is_taken_leaves_it_alone);
    tcase_add_test(under_way, test_best_that_failed_to_save_is_tried_again);
    suite_add_tcase(suite, under_way);
    return suite;
}
