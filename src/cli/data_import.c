/* taildart data import: any known format as one HDF5 file. */
#include <stdio.h>
#include <sys/stat.h>

#include "data_internal.h"
#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/checkpoint.h"
#include "taildart/formats.h"

enum {
    LARGEST = 4096, /* side that --size accepts        */
    FIELD = 64      /* bytes of a field of a live line */
};

static const td_cli_option options[] = {
    { "size", "N", "crop to the middle square, shrink to NxN pixels", 0 },
    { "skip-small", NULL, "leave out pictures that are smaller than that", 0 },
    { "strict", NULL, "end at the first picture that cannot be read", 0 },
    { "test", NULL, "all of IN are test images, for eval: no training part", 0 },
    { "list", "FILE", "pictures are those of a list: path and class a line", 0 },
    { "test-list", "FILE", "those of the test part", 0 },
    { "test-share", "S", "hold out a share of each class as the test part", 0 },
    { "order", "BY", "order classes by name, count or a file of names", 0 },
    { "imbalance", "N", "keep the long tail that a run of data.imbalance N has", 0 },
    { "profile", "exp|step", "how it falls (data.profile) [exp]", 0 },
    { "largest", "N", "images of its largest class (data.largest) [all]", 0 },
    { "seed", "N", "which images --test-share and --imbalance take [0]", 0 },
    { 0 },
};

const td_cli_form td_cli_data_import_form = {
    .name = "data import",
    .operands = "IN OUT.h5",
    .purpose = "Write a data set as one HDF5 file.",
    .detail =
        "Such a file opens faster, and travels alone.\n"
        "IN is a folder or a file of IDX, CIFAR-10, CIFAR-100 (their archives of the\n"
        "binary version, too) or HDF5, or a folder of class folders of JPEG or PNG\n"
        "files; `taildart data --help` lists the names.  OUT.h5 is complete or not\n"
        "there; a former HDF5 file of that name is replaced.  With --list,\n"
        "--test-list or both IN is the folder that the paths of these lists begin at.",
    .options = options,
    .examples =
        "taildart data import /usr/share/datasets/fashion-mnist fashion-mnist.h5\n"
        "taildart data import cifar-10-binary.tar.gz cifar10.h5\n"
        "taildart data import photos photos.h5 --size 32 --skip-small\n"
        "taildart data import photos photos.h5 --size 32 --test-share 0.2\n"
        "taildart data import cifar10.h5 cifar10-lt.h5 --imbalance 100\n"
        "taildart data import more-photos more.h5 --size 32 --test\n",
};

/* Replace nothing but a data set: two inputs instead of input and output are easily
 * typed, and runs have HDF5 files, too. */
static td_status check_output(const char *path)
{
    struct stat entry;
    bool is_there =
        stat(path, &entry) == 0 && !(S_ISREG(entry.st_mode) && entry.st_size == 0);
    if (!is_there)
        return TD_OK;
    if (!S_ISREG(entry.st_mode))
        return td_error(TD_USAGE,
                        "data import: %s is no regular file, and a data set is written "
                        "to one: name another output",
                        path);
    if (!td_data_is_hdf5(path))
        return td_error(
            TD_USAGE, "data import: %s exists and is no HDF5 file: name another output",
            path);
    if (!td_checkpoint_is_one(path) &&
        (td_data_holds(path, "train/images") || td_data_holds(path, "test/images")))
        return TD_OK;
    return td_error(TD_USAGE,
                    "data import: %s exists and is no data set, so it is not replaced: "
                    "name another output, or remove it",
                    path);
}

/* ---- output ---------------------------------------------------------------------- */

/* Show the live line of a folder of pictures, five times a second. */
static void show_progress(const char *what, int64_t done, int64_t total)
{
    static const char *former;  /* the present pass  */
    static double began, shown; /* times of its first and last call       */
    double now = td_clock_seconds();
    if (what != former)
        began = now;
    else if (now < shown + 0.2)
        return;
    former = what;
    shown = now;
    double seconds = now - began;
    if (seconds < 0.1)
        return;
    double rate = (double) done / seconds;
    char left[FIELD], count[FIELD], speed[FIELD];
    snprintf(left, FIELD, "%.0f s left", (double) (total - done) / rate);
    snprintf(count, FIELD, "%s %lld of %lld images", what, (long long) done,
             (long long) total);
    snprintf(speed, FIELD, "%.0f images/s", rate);
    td_log_live((const char *const[]){ left, count, speed, NULL });
}

/* The files of one kind; of many the first ones. */
static void list_of(const td_data_reading *how, bool is_small, int64_t count)
{
    enum { MOST = 100 };
    int64_t shown = 0;
    for (const td_data_fault *fault = how->faults; fault && shown < MOST;
         fault = fault->next)
        if (fault->is_small == is_small) {
            td_log(TD_LOG_WARNING, "%s", fault->text);
            shown++;
        }
    if (count > shown)
        td_log(TD_LOG_WARNING, "and %lld more", (long long) (count - shown));
}

/* What was left out: also where the import is refused, since both can be mended at
 * once. */
static void list_faults(const td_data_reading *how)
{
    int64_t bad = how->fault_count, small = how->small_count;
    if (bad > 0)
        td_log(TD_LOG_WARNING,
               "%lld file%s cannot be read and %s left out:", (long long) bad,
               bad == 1 ? "" : "s", bad == 1 ? "is" : "are");
    list_of(how, false, bad);
    if (small > 0)
        td_log(TD_LOG_WARNING,
               "%lld picture%s smaller than --size %d and left out:", (long long) small,
               small == 1 ? " is" : "s are", how->size);
    list_of(how, true, small);
}

/* Report what was read in so many seconds. */
static void report_read(const td_data_info *info, const char *in, double seconds)
{
    td_log(TD_LOG_INFO,
           "read     %s: %lld training and %lld test images, %dx%dx%d, "
           "%d classes",
           in, (long long) info->train_count, (long long) info->test_count,
           info->height, info->width, info->channels, info->classes);
    td_log(TD_LOG_INFO, "         in %.1f s (%.0f images/s)", seconds,
           (double) (info->train_count + info->test_count) / (seconds + 1e-6));
}

static void report_written(const char *out)
{
    struct stat entry;
    if (stat(out, &entry) == 0)
        td_log(TD_LOG_INFO, "written  %s: %.1f MB", out, 1e-6 * (double) entry.st_size);
}

/* ---- the command ----------------------------------------------------------------- */

/* Change what was read, write and report; seconds: of reading. */
static td_status write_changed(td_dataset *dataset, const char *in, const char *out,
                               const td_cli_data_change *change, double seconds)
{
    td_data_info before = dataset->info;
    td_status status = td_cli_data_change_apply(dataset, change);
    if (status == TD_OK) {
        td_log_live((const char *const[]){ "writing", out, NULL });
        status = td_dataset_write(dataset, out);
    }
    td_log_live(NULL);
    if (status != TD_OK)
        return status;
    report_read(&before, in, seconds);
    td_cli_data_change_tell(change, &before, &dataset->info);
    report_written(out);
    return TD_OK;
}

static td_status import(const char *in, const char *out, td_data_reading *how,
                        const td_cli_data_change *change)
{
    td_dataset *dataset = NULL;
    td_memory_purpose("the images", "an import holds all of them at once: a smaller "
                                    "--size, fewer images or a host with more memory");
    td_log_live((const char *const[]){ "reading", in, NULL });
    double start = td_clock_seconds();
    td_status status = td_dataset_read(&dataset, in, how);
    double seconds = td_clock_seconds() - start;
    td_log_live(NULL);
    if (status == TD_OK && how->purpose == TD_DATA_TEST &&
        dataset->info.train_count > 0)
        status = td_error(TD_USAGE,
                          "data import: --test, but %s has a training part: "
                          "leave --test out, or name the test part alone",
                          in);
    if (status == TD_OK)
        status = write_changed(dataset, in, out, change, seconds);
    if (status == TD_OK || !how->strict)
        list_faults(how);
    td_dataset_free(dataset);
    return status;
}

/* Nothing is read before all options are known to be good. */
static td_status import_as(const td_cli_line *line, td_data_reading *how)
{
    const char *in = line->operand[0], *out = line->operand[1];
    int64_t size = 0;
    td_cli_data_change change;
    td_status status = td_cli_data_change_read(&change, line);
    if (status == TD_OK)
        status = td_cli_integer(line, "size", 1, LARGEST, &size);
    how->size = (int) size;
    if (status == TD_OK && how->skip_small && size == 0)
        status = td_error(TD_USAGE, "data import: --skip-small goes with --size");
    if (status == TD_OK)
        status = td_file_keep_apart(out, in);
    if (status == TD_OK)
        status = check_output(out);
    if (status == TD_OK)
        status = td_file_try(out); /* before minutes of reading */
    if (status == TD_OK)
        status = import(in, out, how, &change);
    td_cli_data_change_clear(&change);
    return status;
}

td_status td_cli_data_import(const td_cli_line *line)
{
    td_data_purpose purpose = td_cli_value(line, "test") ? TD_DATA_TEST : TD_DATA_ANY;
    td_data_reading how = { .purpose = purpose,
                            .skip_small = td_cli_value(line, "skip-small") != NULL,
                            .strict = td_cli_value(line, "strict") != NULL,
                            .tell = show_progress };
    how.lists[TD_PART_TRAIN] = td_cli_value(line, "list");
    how.lists[TD_PART_TEST] = td_cli_value(line, "test-list");
    if (purpose == TD_DATA_TEST && !how.lists[TD_PART_TEST]) {
        how.lists[TD_PART_TEST] = how.lists[TD_PART_TRAIN];
        how.lists[TD_PART_TRAIN] = NULL;
    }
    td_status status = import_as(line, &how);
    td_data_reading_clear(&how);
    return status;
}
