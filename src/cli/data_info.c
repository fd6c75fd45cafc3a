/* taildart data info: a data set, or its long tail, in figures. */
#include <stdio.h>
#include <string.h>

#include "data_internal.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/formats.h"
#include "taildart/sampling_split.h"

const td_cli_form td_cli_data_info_form = {
    .name = "data info",
    .operands = "IN",
    .purpose = "Show a data set: shapes, classes, imbalance, mean, digest.",
    .detail =
        "With options, the images that a search with the same options would keep\n"
        "(column \"kept\") and its two halves are shown as well; the imbalance is "
        "then\n"
        "that of the images kept.  Classes that a search refuses (few) and those\n"
        "without test images (untested) are named.  Mean and deviation are of all\n"
        "training images, in units of 0 to 1.  Of a folder of pictures of several\n"
        "sizes these are shown, with the import that makes one size.",
    .keys = TD_FOR_INFO,
    .examples = "taildart data info photos\n"
                "taildart data info /usr/share/datasets/fashion-mnist\n"
                "taildart data info cifar10.h5 --imbalance 100\n"
                "taildart data info cifar10.h5 --imbalance 50 --set data.split=index\n",
};

/* ---- figures --------------------------------------------------------------------- */

static void print_numbers(const char *name, const double *values, int count)
{
    printf("%-10s", name);
    for (int i = 0; i < count; i++)
        printf(" %.6f", values[i]);
    printf("\n");
}

static void print_shape(const td_dataset *dataset, const td_picture_sizes *sizes)
{
    const td_data_info *info = &dataset->info;
    if (info->height > 0)
        printf("%-10s %dx%dx%d (height, width, channels)\n", "shape", info->height,
               info->width, info->channels);
    else
        printf("%-10s heights %d to %d, widths %d to %d, %s\n", "sizes",
               sizes->least_height, sizes->most_height, sizes->least_width,
               sizes->most_width, info->channels == 1 ? "grey" : "colour");
}

/* What the shell takes as one word: in quotes unless it is one without. */
static char *shell_word(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789/._-+,:@%";
    td_text word = { 0 };
    if (*text && strspn(text, plain) == strlen(text))
        return td_strdup(text);
    td_text_write(&word, "'");
    for (; *text; text++)
        if (*text == '\'')
            td_text_write(&word, "'\\''");
        else
            td_text_write_bytes(&word, text, 1);
    td_text_write(&word, "'");
    return word.chars;
}

/* "photos/" -> "photos.h5", in the folder where the command is typed. */
static char *output_name(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (length == start || path[start] == '.' || path[start] == '-')
        return td_strdup("data.h5");
    return td_format("%.*s.h5", (int) (length - start), path + start);
}

/* Without a test part, and some class has three images. */
static bool can_hold_out(const td_data_info *info)
{
    return info->test_count == 0 && info->train_count > 2 * (int64_t) info->classes;
}

/* The command that makes one size of pictures of several. */
static void print_import(const td_dataset *dataset, const char *path,
                         const td_picture_sizes *sizes)
{
    char *name = output_name(path), *in = shell_word(path), *out = shell_word(name);
    bool skips;
    int size = td_picture_sizes_advice(sizes, &skips);
    if (dataset->info.height == 0)
        td_print("%-10s taildart data import %s %s --size %d%s%s", "import", in, out,
                 size, skips ? " --skip-small" : "",
                 can_hold_out(&dataset->info) ? " --test-share 0.2" : "");
    if (dataset->info.height == 0 && skips)
        td_print("%-10s %lld %s below %dx%d, which --skip-small leaves out", "small",
                 (long long) sizes->below_usual,
                 td_noun(sizes->below_usual, "picture is", "pictures are"), size, size);
    td_free(name);
    td_free(in);
    td_free(out);
}

static void print_facts(const td_dataset *dataset, const char *path,
                        const td_picture_sizes *sizes)
{
    const td_data_info *info = &dataset->info;
    td_print("%-10s %s", "data", path);
    td_print("%-10s %s", "source", dataset->source);
    print_shape(dataset, sizes);
    printf("%-10s %lld\n", "training", (long long) info->train_count);
    printf("%-10s %lld\n", "test", (long long) info->test_count);
    printf("%-10s %d\n", "classes", info->classes);
    print_import(dataset, path, sizes);
    if (info->height == 0) { /* no pixels were read */
        td_print("%-10s heads of files alone: an import finds those cut short", "read");
        return;
    }
    if (info->train_count > 0) { /* they are of the training images */
        print_numbers("mean", info->mean, info->channels);
        print_numbers("std", info->std, info->channels);
    }
    printf("%-10s ", "digest");
    for (size_t i = 0; i < sizeof info->digest; i++)
        printf("%02x", info->digest[i]);
    printf("\n");
}

/* Print the largest class over the smallest. */
static void print_imbalance(const int64_t *counts, int classes)
{
    int64_t most = counts[0], least = counts[0];
    for (int c = 1; c < classes; c++) {
        most = counts[c] > most ? counts[c] : most;
        least = counts[c] < least ? counts[c] : least;
    }
    if (least > 0)
        printf("%-10s %.6g (%lld over %lld images)\n", "imbalance",
               (double) most / (double) least, (long long) most, (long long) least);
    else
        printf("%-10s infinite (%lld images over none)\n", "imbalance",
               (long long) most);
}

/* Print the classes that a search refuses, and those without test images. */
static void print_scarce(const td_dataset *dataset, const int64_t *train,
                         const int64_t *test)
{
    enum { NEED = 2 }; /* one a half */
    int classes = dataset->info.classes;
    char *few = td_class_list(dataset, train, classes, NEED);
    char *untested =
        dataset->info.test_count > 0 ? td_class_list(dataset, test, classes, 1) : NULL;
    if (few)
        td_print("%-10s fewer than %d training images, which a search refuses: %s",
                 "few", NEED, few);
    if (untested)
        td_print("%-10s no test images: %s", "untested", untested);
    td_free(few);
    td_free(untested);
}

static void print_total(const char *name, const td_selection *selection)
{
    int64_t weights = selection->half_count[TD_HALF_WEIGHTS];
    int64_t arch = selection->half_count[TD_HALF_ARCH];
    printf("%-10s %lld = %lld for the weights + %lld for the architecture\n", name,
           (long long) (weights + arch), (long long) weights, (long long) arch);
}

/* ---- classes --------------------------------------------------------------------- */

/* Print one line per class; selection is NULL without a tail. */
static void print_classes(const td_dataset *dataset, const int64_t *train,
                          const int64_t *test, const td_selection *selection)
{
    printf("\n%5s  %-16s %8s %8s", "class", "name", "train", "test");
    printf(selection ? " %8s %8s %8s\n" : "\n", "kept", "weights", "arch");
    for (int c = 0; c < dataset->info.classes; c++) {
        char kept[3 * 24] = "";
        if (selection)
            snprintf(kept, sizeof kept, " %8lld %8lld %8lld",
                     (long long) selection->counts[c],
                     (long long) selection->half_classes[TD_HALF_WEIGHTS][c],
                     (long long) selection->half_classes[TD_HALF_ARCH][c]);
        td_print("%5d  %-16s %8lld %8lld%s", c, dataset->class_names[c],
                 (long long) train[c], (long long) test[c], kept);
    }
}

static void print_all(const td_dataset *dataset, const char *path,
                      const td_picture_sizes *sizes, const td_selection *selection)
{
    const td_data_info *info = &dataset->info;
    int64_t *train = td_malloc((size_t) info->classes * sizeof *train);
    int64_t *test = td_malloc((size_t) info->classes * sizeof *test);
    if (info->train_count > 0)
        td_class_counts(dataset->labels[TD_PART_TRAIN], info->train_count,
                        info->classes, train);
    if (info->test_count > 0)
        td_class_counts(dataset->labels[TD_PART_TEST], info->test_count, info->classes,
                        test);
    print_facts(dataset, path, sizes);
    if (selection)
        print_total("kept", selection);
    if (info->train_count > 0) {
        print_imbalance(selection ? selection->counts : train, info->classes);
        print_scarce(dataset, train, test);
    }
    print_classes(dataset, train, test, selection);
    td_free(train);
    td_free(test);
}

/* ---- the command ----------------------------------------------------------------- */

static bool asks_for_tail(const td_cli_line *line)
{
    return td_cli_value(line, "imbalance") || td_cli_value(line, "set") ||
           td_cli_value(line, "config");
}

td_status td_cli_data_info(const td_cli_line *line)
{
    const char *path = line->operand[0];
    td_dataset *dataset = NULL;
    td_selection *selection = NULL;
    td_picture_sizes sizes = { 0 };
    td_log_to_stderr(true);
    td_status status =
        td_settings_set(line->settings, "data.path", path, TD_ORIGIN_OPTION);
    if (status == TD_OK)
        status = td_dataset_open_sizes(
            &dataset, &sizes, path, asks_for_tail(line) ? TD_DATA_TRAIN : TD_DATA_ANY);
    if (status == TD_OK && asks_for_tail(line))
        status =
            td_selection_of(&selection, td_settings_config(line->settings), dataset);
    if (status == TD_OK)
        print_all(dataset, path, &sizes, selection);
    td_selection_free(selection);
    td_dataset_free(dataset);
    return status;
}
