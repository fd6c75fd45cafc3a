/* IDX data sets (LeCun's MNIST page): a magic number 0 0 8 d for d dimensions of
 * unsigned bytes, the dimensions as big-endian 32-bit numbers, then the bytes; images
 * and labels of each part in files of their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idx.h"
#include "taildart/base_log.h"

enum { BYTES = 256 };

/* ---- images and labels ----------------------------------------------------------- */

static td_status take_shape(td_data_info *info, const td_idx_file *idx)
{
    int64_t height = idx->size[1], width = idx->size[2];
    if (idx->size[0] == 0 || height == 0 || width == 0 || height > TD_MAX_SIDE ||
        width > TD_MAX_SIDE)
        return td_error(TD_DATA,
                        "%s: %lld images of %lldx%lld pixels: accepted are 1 image and "
                        "more, of sides from 1 to %d",
                        idx->path, (long long) idx->size[0], (long long) height,
                        (long long) width, TD_MAX_SIDE);
    if (info->height != 0 && (info->height != height || info->width != width))
        return td_error(TD_DATA,
                        "%s: images of %lldx%lld pixels, but those for training have "
                        "%dx%d",
                        idx->path, (long long) height, (long long) width, info->height,
                        info->width);
    info->height = (int) height;
    info->width = (int) width;
    info->channels = 1;
    return TD_OK;
}

static td_status read_images(td_dataset *dataset, td_part part, const char *path,
                             const td_data_reading *how)
{
    td_data_info *info = &dataset->info;
    td_idx_file idx;
    td_status status = td_idx_begin(&idx, path, TD_IDX_IMAGES);
    if (status == TD_OK)
        status = take_shape(info, &idx);
    if (status == TD_OK && how->depth == TD_READ_PIXELS)
        status = td_idx_bytes(&idx, (size_t) idx.size[0] * td_image_bytes(info),
                              &dataset->images[part]);
    td_packed_close(idx.file);
    int64_t *count = part == TD_PART_TRAIN ? &info->train_count : &info->test_count;
    *count = idx.size[0];
    return status;
}

static td_status read_labels(td_dataset *dataset, td_part part, const char *path,
                             const char *images_path)
{
    const td_data_info *info = &dataset->info;
    int64_t images = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    td_idx_file idx;
    uint8_t *bytes = NULL;
    td_status status = td_idx_begin(&idx, path, TD_IDX_LABELS);
    if (status == TD_OK && idx.size[0] != images)
        status =
            td_error(TD_DATA,
                     "%s: %lld labels for %lld images in %s: the two are not of "
                     "one data set, or one is damaged: fetch both again",
                     path, (long long) idx.size[0], (long long) images, images_path);
    if (status == TD_OK)
        status = td_idx_bytes(&idx, (size_t) images, &bytes);
    td_packed_close(idx.file);
    if (status == TD_OK) {
        dataset->labels[part] = td_malloc((size_t) images * sizeof(int32_t));
        for (int64_t i = 0; i < images; i++)
            dataset->labels[part][i] = bytes[i];
    }
    td_free(bytes);
    return status;
}

static td_status read_part(td_dataset *dataset, td_part part, const td_idx_files *files,
                           const td_data_reading *how)
{
    const char *images = files->path[part][TD_IDX_IMAGES];
    const char *labels = files->path[part][TD_IDX_LABELS];
    if (!*images)
        return TD_OK;
    td_status status = read_images(dataset, part, images, how);
    return status == TD_OK ? read_labels(dataset, part, labels, images) : status;
}

/* Swap rows and columns of square images, in place. */
static void transpose(uint8_t *images, int64_t count, size_t side)
{
    for (int64_t i = 0; i < count; i++, images += side * side)
        for (size_t y = 1; y < side; y++)
            for (size_t x = 0; x < y; x++) {
                uint8_t lower = images[y * side + x];
                images[y * side + x] = images[x * side + y];
                images[x * side + y] = lower;
            }
}

static void put_upright(td_dataset *dataset, const td_idx_files *files)
{
    const td_data_info *info = &dataset->info;
    const int64_t counts[2] = { info->train_count, info->test_count };
    const char *path = files->path[TD_PART_TRAIN][TD_IDX_IMAGES];
    if (!files->is_transposed || info->height != info->width)
        return;
    for (int part = 0; part < 2; part++)
        if (dataset->images[part])
            transpose(dataset->images[part], counts[part], (size_t) info->height);
    td_log(TD_LOG_NOTE, "%s: EMNIST stores images transposed: they are put upright",
           *path ? path : files->path[TD_PART_TEST][TD_IDX_IMAGES]);
}

/* ---- classes --------------------------------------------------------------------- */

/* The files do not say how many classes there are: the labels from the first on without
 * a gap are.  Beyond the ten of the MNIST family a single image founds no class: it is
 * far more likely a damaged label. */
typedef struct {
    int64_t counts[2][BYTES]; /* images of each label, by td_part */
    int first, classes;       /* labels first … first+classes-1   */
} label_range;

static int64_t count_of(const td_dataset *dataset, int part)
{
    return part == TD_PART_TRAIN ? dataset->info.train_count : dataset->info.test_count;
}

/* EMNIST's letters count from 1. */
static void find_range(label_range *range, const td_dataset *dataset)
{
    *range = (label_range){ 0 };
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < count_of(dataset, part); i++)
            range->counts[part][dataset->labels[part][i]]++;
    const int64_t *train = range->counts[TD_PART_TRAIN];
    range->first = train[0] == 0 && train[1] > 0 && range->counts[TD_PART_TEST][0] == 0;
    int label = range->first;
    while (label < BYTES && train[label] >= (label < 10 ? 1 : 2))
        label++;
    range->classes = label - range->first;
}

/* Of test images alone a class may be absent: the labels up to the highest are taken,
 * and keep their numbers as names. */
static void find_test_range(label_range *range)
{
    const int64_t *test = range->counts[TD_PART_TEST];
    range->first = test[0] == 0;
    for (int label = range->first; label < BYTES; label++)
        if (test[label] > 0)
            range->classes = label - range->first + 1;
}

static td_status check_part(const td_dataset *dataset, int part, const char *path,
                            const label_range *range)
{
    int first = range->first, last = first + range->classes - 1;
    for (int64_t i = 0; i < count_of(dataset, part); i++) {
        int label = dataset->labels[part][i];
        if (label >= first && label <= last)
            continue;
        if (range->counts[TD_PART_TRAIN][label] > 0)
            return td_error(
                TD_DATA,
                "%s: label %d of image %lld is out of range: the %d classes "
                "are %d to %d, and %lld training images have label %d: "
                "number the classes without a gap, or fetch the file again",
                path, label, (long long) i, range->classes, first, last,
                (long long) (last + 1 < BYTES ? range->counts[TD_PART_TRAIN][last + 1]
                                              : 0),
                last + 1);
        return td_error(TD_DATA,
                        "%s: label %d of image %lld is out of range: the %d classes "
                        "are %d to %d, and no training image has label %d",
                        path, label, (long long) i, range->classes, first, last, label);
    }
    return TD_OK;
}

/* Labels from 1 become classes from 0 that keep their number as a name. */
static void take_range(td_dataset *dataset, const label_range *range, const char *path)
{
    dataset->info.classes = range->classes;
    td_class_names_init(dataset);
    if (range->first == 0)
        return;
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < count_of(dataset, part); i++)
            dataset->labels[part][i] -= range->first;
    for (int c = 0; c < range->classes; c++)
        snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%d", range->first + c);
    td_log(
        TD_LOG_NOTE,
        "%s: labels count from 1 to %d: they become classes 0 to %d, and their names",
        path, range->classes, range->classes - 1);
}

/* "1 65 97": a label and the codes of its characters, of which the first is the name.
 * Labels behind the last one count for nothing: of test images alone it may be absent.
 * \return whether the line has that form and its label is new; blank ones are fine */
static bool take_name(td_class_name *names, const label_range *range, const char *line)
{
    char *end = NULL, *behind = NULL;
    if (line[strspn(line, " \t\r\n")] == '\0')
        return true;
    long label = strtol(line, &end, 10), code = strtol(end, &behind, 10);
    if (end == line || behind == end || code <= ' ' || code >= 127 ||
        label < range->first)
        return false;
    if (label >= range->first + range->classes)
        return true;
    char *name = names[label - range->first];
    bool is_new = *name == '\0';
    snprintf(name, TD_CLASS_NAME_BYTES, "%c", (int) code);
    return is_new;
}

static td_status read_names(td_class_name *names, const label_range *range,
                            const char *path)
{
    char line[256];
    FILE *file = NULL;
    td_status status = td_data_file_open(&file, path, NULL);
    for (int n = 1; status == TD_OK && fgets(line, sizeof line, file); n++)
        if (!take_name(names, range, line))
            status = td_error(TD_DATA,
                              "%s:%d: no label from %d on, once, with the codes of its "
                              "characters: fetch the file again, or move it away",
                              path, n, range->first);
    for (int c = 0; c < range->classes && status == TD_OK; c++)
        if (names[c][0] == '\0')
            status = td_error(TD_DATA,
                              "%s: no name of label %d: fetch the file again, or move "
                              "it away",
                              path, range->first + c);
    if (file)
        fclose(file);
    return status;
}

/* EMNIST tells the characters in a file of its own. */
static td_status take_names(td_dataset *dataset, const label_range *range,
                            const char *path)
{
    size_t bytes = (size_t) range->classes * sizeof(td_class_name);
    td_class_name *names = td_malloc(bytes);
    td_status status = read_names(names, range, path);
    if (status == TD_OK)
        memcpy(dataset->class_names, names, bytes);
    td_free(names);
    return status;
}

/* Neither 0 nor 1 begins the labels of the part that decides. */
static td_status refuse_start(const label_range *range, const char *path)
{
    if (range->counts[TD_PART_TRAIN][1] > 0 && range->counts[TD_PART_TEST][0] > 0)
        return td_error(TD_DATA,
                        "%s: no training image has label 0, and %lld test images do: "
                        "one part counts from 1, the other from 0; number both alike",
                        path, (long long) range->counts[TD_PART_TEST][0]);
    return td_error(
        TD_DATA,
        "%s: no image has label 0, nor 1: number the classes from 0 without "
        "a gap",
        path);
}

static td_status take_classes(td_dataset *dataset, const td_idx_files *files)
{
    label_range range;
    td_status status = TD_OK;
    int first = dataset->info.train_count > 0 ? TD_PART_TRAIN : TD_PART_TEST;
    find_range(&range, dataset);
    if (dataset->info.train_count == 0)
        find_test_range(&range);
    if (range.classes == 0)
        return refuse_start(&range, files->path[first][TD_IDX_LABELS]);
    for (int part = 0; part < 2 && status == TD_OK; part++)
        status = check_part(dataset, part, files->path[part][TD_IDX_LABELS], &range);
    if (status == TD_OK)
        take_range(dataset, &range, files->path[first][TD_IDX_LABELS]);
    return status == TD_OK && *files->names ? take_names(dataset, &range, files->names)
                                            : status;
}

td_status td_idx_read(td_dataset *dataset, const char *path, td_data_reading *how)
{
    td_idx_files *files = td_malloc(sizeof *files);
    td_status status = td_idx_find(files, path);
    for (int part = 0; part < 2 && status == TD_OK; part++)
        status = read_part(dataset, (td_part) part, files, how);
    if (status == TD_OK)
        status = take_classes(dataset, files);
    if (status == TD_OK && how->depth == TD_READ_PIXELS) {
        put_upright(dataset, files);
        td_data_measure(dataset);
    }
    td_free(files);
    return status;
}
