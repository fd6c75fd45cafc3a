/* What `data import` changes of a data set that is read: the order of its classes, a
 * test part held out, a long tail. */
#include <stdlib.h>
#include <string.h>

#include "data_internal.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_text.h"
#include "taildart/config_nearest.h"
#include "taildart/data_parts.h"
#include "taildart/sampling_split.h"

/* ---- order ----------------------------------------------------------------------- */

/* A class as it is sorted. */
typedef struct {
    const char *name;
    int64_t count;
    int class;
} sorted_class;

static int by_name(const void *a, const void *b)
{
    return td_text_compare(((const sorted_class *) a)->name,
                           ((const sorted_class *) b)->name);
}

/* The largest first. */
static int by_count(const void *a, const void *b)
{
    int64_t mine = ((const sorted_class *) a)->count;
    int64_t theirs = ((const sorted_class *) b)->count;
    if (mine != theirs)
        return mine > theirs ? -1 : 1;
    return by_name(a, b);
}

/* Counts are of the part to learn from, or of the test part where it is alone. */
static void sort_classes(const td_dataset *dataset, bool is_by_count, int *order)
{
    const td_data_info *info = &dataset->info;
    size_t classes = (size_t) info->classes;
    td_part part = info->train_count > 0 ? TD_PART_TRAIN : TD_PART_TEST;
    int64_t *counts = td_malloc(classes * sizeof *counts);
    sorted_class *sorted = td_malloc(classes * sizeof *sorted);
    td_class_counts(dataset->labels[part],
                    part == TD_PART_TRAIN ? info->train_count : info->test_count,
                    info->classes, counts);
    for (int c = 0; c < info->classes; c++)
        sorted[c] = (sorted_class){ dataset->class_names[c], counts[c], c };
    qsort(sorted, classes, sizeof *sorted, is_by_count ? by_count : by_name);
    for (int c = 0; c < info->classes; c++)
        order[c] = sorted[c].class;
    td_free(sorted);
    td_free(counts);
}

static int find_class(const td_dataset *dataset, const char *name)
{
    for (int c = 0; c < dataset->info.classes; c++)
        if (strcmp(dataset->class_names[c], name) == 0)
            return c;
    return -1;
}

static td_status refuse_name(const td_dataset *dataset,
                             const td_cli_data_change *change, int line,
                             const char *name)
{
    int classes = dataset->info.classes;
    const char **names = td_malloc((size_t) classes * sizeof *names);
    for (int c = 0; c < classes; c++)
        names[c] = dataset->class_names[c];
    td_status status = td_refuse_word(TD_DATA, name, names, classes,
                                      "%s: line %d: '%s' is no class of %s",
                                      change->order, line, name, change->path);
    td_free(names);
    return status;
}

/* A name a line; seen (classes), all false before. */
static td_status read_lines(const td_dataset *dataset, const td_cli_data_change *change,
                            bool *seen, int *order)
{
    int found = 0, number = 0;
    for (char *line = change->names; line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        number++;
        int c = find_class(dataset, line);
        if (*line && c < 0)
            return refuse_name(dataset, change, number, line);
        if (*line && seen[c])
            return td_error(TD_DATA, "%s: line %d: '%s' stands there twice",
                            change->order, number, line);
        if (*line) {
            seen[c] = true;
            order[found++] = c;
        }
        line = end;
    }
    for (int c = 0; c < dataset->info.classes; c++)
        if (!seen[c])
            return td_error(TD_DATA,
                            "%s: '%s' of %s is missing: name all %d classes, one a "
                            "line",
                            change->order, dataset->class_names[c], change->path,
                            dataset->info.classes);
    return TD_OK;
}

/* --order as it is given: a word, or a file, which is read before all images are. */
static td_status read_order(td_cli_data_change *change, const char *by)
{
    enum { MOST = 1 << 26 };
    change->order = by;
    if (!by || strcmp(by, "name") == 0 || strcmp(by, "count") == 0)
        return TD_OK;
    td_status status = td_file_read_given(&change->names, NULL, by, MOST);
    if (status != TD_OK)
        td_error_hint("--order takes name, count or a file with one class per line");
    return status;
}

static td_status change_order(td_dataset *dataset, const td_cli_data_change *change)
{
    td_status status = TD_OK;
    size_t classes = (size_t) dataset->info.classes;
    int *order = td_malloc(classes * sizeof *order);
    bool *seen = td_malloc(classes * sizeof *seen);
    if (change->names)
        status = read_lines(dataset, change, seen, order);
    else
        sort_classes(dataset, *change->order == 'c', order);
    if (status == TD_OK)
        td_dataset_order(dataset, order);
    td_free(seen);
    td_free(order);
    return status;
}

/* ---- test part ------------------------------------------------------------------- */

static td_status hold_out(td_dataset *dataset, const td_cli_data_change *change)
{
    uint64_t seed = (uint64_t) td_settings_config(change->settings)->data.seed;
    const td_data_info *info = &dataset->info;
    if (info->test_count > 0)
        return td_error(TD_USAGE,
                        "data import: --test-share, but %s has %lld test images: leave "
                        "--test-share out, or give the training part alone",
                        change->path, (long long) info->test_count);
    int small = td_dataset_hold_out(dataset, change->test_share, seed);
    if (info->test_count == 0)
        return td_error(TD_DATA,
                        "%s: no class has three images, so none can be held out for a "
                        "test: leave --test-share out, or add images",
                        change->path);
    if (small > 0)
        td_log(TD_LOG_NOTE,
               "%d of %d classes have fewer than three images and give none to the "
               "test part",
               small, info->classes);
    return TD_OK;
}

/* ---- long tail ------------------------------------------------------------------- */

static int by_index(const void *a, const void *b)
{
    int64_t mine = *(const int64_t *) a, theirs = *(const int64_t *) b;
    return mine < theirs ? -1 : mine > theirs;
}

/* Both halves together are what a run keeps. */
static void keep_selected(td_dataset *dataset, const td_selection *selection)
{
    int64_t n = selection->half_count[0] + selection->half_count[1], count = 0;
    int64_t *kept = td_malloc((size_t) n * sizeof *kept);
    for (int h = 0; h < 2; h++)
        for (int64_t i = 0; i < selection->half_count[h]; i++)
            kept[count++] = selection->half[h][i];
    qsort(kept, (size_t) n, sizeof *kept, by_index);
    td_dataset_keep(dataset, kept, n);
    td_free(kept);
}

static td_status cut_tail(td_dataset *dataset, const td_settings *settings)
{
    td_selection *selection = NULL;
    td_status status =
        td_selection_of(&selection, td_settings_config(settings), dataset);
    if (status != TD_OK)
        return status;
    keep_selected(dataset, selection);
    td_selection_free(selection);
    return TD_OK;
}

/* ---- all of them ----------------------------------------------------------------- */

/* Options that are keys of a run. */
static const struct {
    const char *option, *key;
} tail_options[] = {
    { "imbalance", "data.imbalance" },
    { "profile", "data.profile" },
    { "largest", "data.largest" },
    { "seed", "data.seed" },
};

td_status td_cli_data_change_read(td_cli_data_change *change, const td_cli_line *line)
{
    double share = 0;
    td_status status = td_cli_real(line, "test-share", 0, 1, &share);
    *change = (td_cli_data_change){
        .path = line->operand[0],
        .test_share = share,
        .cuts_tail = td_cli_value(line, "imbalance") || td_cli_value(line, "largest"),
        .settings = td_settings_new(TD_FOR_INFO),
    };
    if (status == TD_OK)
        status = td_settings_set(change->settings, "data.path", change->path,
                                 TD_ORIGIN_OPTION);
    if (status == TD_OK)
        status = read_order(change, td_cli_value(line, "order"));
    for (size_t i = 0; i < sizeof tail_options / sizeof *tail_options; i++) {
        const char *text = td_cli_value(line, tail_options[i].option);
        if (text && status == TD_OK)
            status = td_settings_set(change->settings, tail_options[i].key, text,
                                     TD_ORIGIN_OPTION);
    }
    bool is_test = td_cli_value(line, "test") != NULL;
    if (status == TD_OK && is_test && (share > 0 || change->cuts_tail))
        status = td_error(TD_USAGE,
                          "data import: --test makes test images of all, so there is "
                          "nothing to hold out and no tail to cut: leave it out");
    if (status == TD_OK && td_cli_value(line, "profile") && !change->cuts_tail)
        status = td_error(TD_USAGE, "data import: --profile is of a tail: give "
                                    "--imbalance N, too");
    return status;
}

td_status td_cli_data_change_apply(td_dataset *dataset,
                                   const td_cli_data_change *change)
{
    td_status status = TD_OK;
    if (change->order)
        status = change_order(dataset, change);
    if (status == TD_OK && change->test_share > 0)
        status = hold_out(dataset, change);
    if (status == TD_OK && change->cuts_tail)
        status = cut_tail(dataset, change->settings);
    return status;
}

void td_cli_data_change_tell(const td_cli_data_change *change,
                             const td_data_info *before, const td_data_info *after)
{
    long long seed = td_settings_config(change->settings)->data.seed;
    long long held = change->test_share > 0 ? after->test_count : 0;
    if (held > 0)
        td_log(TD_LOG_INFO, "held     %lld of %lld images as the test part, seed %lld",
               held, (long long) before->train_count, seed);
    if (change->cuts_tail)
        td_log(TD_LOG_INFO, "kept     %lld of %lld training images, seed %lld",
               (long long) after->train_count, (long long) before->train_count - held,
               seed);
}

void td_cli_data_change_clear(td_cli_data_change *change)
{
    td_settings_free(change->settings);
    td_free(change->names);
    *change = (td_cli_data_change){ 0 };
}
