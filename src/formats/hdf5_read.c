/* taildart's own HDF5 file, read.  Files made by other programs are read as
 * well, but no number is changed on the way in: what is not an image in bytes or a
 * whole label is refused with its type and shape and what makes it right. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/hdf5.h"

static const char *const part_names[2] = {
    [TD_PART_TRAIN] = "train",
    [TD_PART_TEST] = "test",
};

bool td_data_is_hdf5(const char *path)
{
    static const unsigned char signature[8] = { 0x89, 'H',  'D',  'F',
                                                '\r', '\n', 0x1a, '\n' };
    unsigned char start[sizeof signature] = { 0 };
    char why[TD_FAULT_BYTES];
    FILE *file = td_file_open_stream(path, NULL, why, sizeof why);
    if (!file)
        return false;
    size_t got = fread(start, 1, sizeof start, file);
    fclose(file);
    return got == sizeof start && memcmp(start, signature, sizeof start) == 0;
}

/* ---- attributes and names -------------------------------------------------------- */

static void refuse_missing(td_h5 *h5, const char *name)
{
    td_h5_refuse(h5, name,
                 "missing: not a data set of taildart, or damaged: make it with "
                 "`taildart data import`");
}

static void read_sizes(td_h5 *h5, td_data_info *info)
{
    const struct {
        const char *name;
        int *value, most;
    } wanted[] = { { "classes", &info->classes, TD_MAX_CLASSES },
                   { "height", &info->height, TD_MAX_SIDE },
                   { "width", &info->width, TD_MAX_SIDE },
                   { "channels", &info->channels, TD_MAX_CHANNELS } };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && h5->ok; i++) {
        char label[64];
        snprintf(label, sizeof label, "attribute %s", wanted[i].name);
        if (!td_h5_has_attribute(h5, wanted[i].name))
            refuse_missing(h5, label);
        int64_t value = td_h5_attribute_integer(h5, wanted[i].name);
        if (value < 1 || value > wanted[i].most)
            td_h5_refuse(h5, NULL, "attribute %s is %" PRId64 ": accepted are 1 to %d",
                         wanted[i].name, value, wanted[i].most);
        *wanted[i].value = h5->ok ? (int) value : 0;
    }
}

static void read_statistics(td_h5 *h5, td_data_info *info)
{
    const struct {
        const char *name;
        double *values;
    } wanted[] = { { "mean", info->mean }, { "std", info->std } };
    for (int i = 0; i < 2 && h5->ok; i++) {
        char label[64];
        snprintf(label, sizeof label, "attribute %s", wanted[i].name);
        if (!td_h5_has_attribute(h5, wanted[i].name))
            refuse_missing(h5, label);
        td_h5_attribute_reals(h5, wanted[i].name, "channel", info->channels,
                              wanted[i].values);
    }
    for (int c = 0; c < info->channels && h5->ok; c++)
        if (!(info->mean[c] >= 0.0 && info->mean[c] <= 1.0) ||
            !(info->std[c] >= 0.0 && info->std[c] <= 1.0))
            td_h5_refuse(
                h5, NULL,
                "mean %g and std %g of channel %d: accepted are numbers from 0 "
                "to 1",
                info->mean[c], info->std[c], c);
}

/* Names and source are for people: without them the numbers and the path serve. */
static void read_names(td_h5 *h5, td_dataset *dataset)
{
    if (!h5->ok)
        return;
    td_class_names_init(dataset);
    if (td_h5_has_attribute(h5, "source")) {
        char *source = td_h5_attribute_text(h5, "source");
        if (source)
            snprintf(dataset->source, sizeof dataset->source, "%s", source);
        td_free(source);
    }
    if (td_h5_has(h5, "class_names"))
        td_h5_texts(h5, "/class_names", "class", (uint64_t) dataset->info.classes,
                    *dataset->class_names, TD_CLASS_NAME_BYTES);
}

/* ---- images ---------------------------------------------------------------------- */

static bool has_sides(const td_h5_array *array, int h, int w, int c,
                      const td_data_info *info)
{
    return array->rank == 4 && array->dims[h] == (hsize_t) info->height &&
           array->dims[w] == (hsize_t) info->width &&
           array->dims[c] == (hsize_t) info->channels;
}

static void check_images(td_h5 *h5, const td_h5_array *array, const td_data_info *info)
{
    char words[128];
    if (!h5->ok)
        return;
    td_h5_array_write(words, array);
    bool is_bytes = array->kind == H5T_INTEGER && array->size == 1 && !array->is_signed;
    if (!has_sides(array, 1, 2, 3, info) && has_sides(array, 2, 3, 1, info))
        td_h5_refuse(h5, array->name,
                     "is %s, channels first; needed are uint8 [n,%d,%d,%d]: "
                     "images.transpose(0, 2, 3, 1)",
                     words, info->height, info->width, info->channels);
    else if (!has_sides(array, 1, 2, 3, info))
        td_h5_refuse(h5, array->name,
                     "is %s, not an array of unsigned bytes [n,%d,%d,%d], as the "
                     "attributes announce",
                     words, info->height, info->width, info->channels);
    else if (!is_bytes)
        td_h5_refuse(
            h5, array->name,
            "is %s, not an array of unsigned bytes (uint8, 0 to 255): %s", words,
            array->kind == H5T_FLOAT
                ? "of numbers from 0 to 1 (images * 255).round().astype('uint8')"
                : "scale them to 0 … 255, then images.astype('uint8')");
    else if (array->dims[0] == 0 || array->dims[0] > INT32_MAX)
        td_h5_refuse(h5, array->name, "holds %llu images: accepted are 1 to %d",
                     (unsigned long long) array->dims[0], INT32_MAX);
}

/* Where the images lie, if as plain bytes. */
static void find_images(const td_h5 *h5, const td_h5_array *array,
                        const td_data_info *info, td_pixel_map *map)
{
    td_h5_plain plain;
    if (!td_h5_plain_find(h5, array, &plain))
        return;
    *map = (td_pixel_map){
        .count = (int64_t) array->dims[0],
        .height = info->height,
        .width = info->width,
        .channels = info->channels,
        .file_bytes = (int64_t) h5->bytes,
        .each = plain.each,
        .pieces = plain.pieces,
        .at = plain.at, /* owned by the map from now on */
    };
    snprintf(map->path, sizeof map->path, "%s", h5->path);
}

static void open_images(td_h5 *h5, td_h5_array *array, const td_data_info *info,
                        td_part part, char name[32])
{
    snprintf(name, 32, "/%s/images", part_names[part]);
    if (h5->ok && !td_h5_has(h5, name))
        refuse_missing(h5, name);
    td_h5_array_open(h5, array, name);
    check_images(h5, array, info);
}

/* \param [out] map  where they lie; NULL: nobody asks */
static void read_shape(td_h5 *h5, td_dataset *dataset, td_part part, td_pixel_map *map)
{
    td_data_info *info = &dataset->info;
    td_h5_array array;
    char name[32];
    open_images(h5, &array, info, part, name);
    if (h5->ok && map)
        find_images(h5, &array, info, map);
    *(part == TD_PART_TRAIN ? &info->train_count : &info->test_count) =
        h5->ok ? (int64_t) array.dims[0] : 0;
    td_h5_array_close(&array);
}

static void read_pixels(td_h5 *h5, td_dataset *dataset, td_part part)
{
    td_h5_array array;
    char name[32];
    open_images(h5, &array, &dataset->info, part, name);
    if (h5->ok) {
        dataset->images[part] = td_malloc((size_t) array.count);
        td_h5_array_read(h5, &array, H5T_NATIVE_UINT8, dataset->images[part]);
    }
    td_h5_array_close(&array);
}

/* ---- labels ---------------------------------------------------------------------- */

/* Refuse labels that are no whole numbers, naming the first that would be cut. */
static void refuse_reals(td_h5 *h5, const td_h5_array *array)
{
    char words[128], example[64] = "";
    double *values = td_malloc((size_t) array->count * sizeof *values);
    td_h5_array_write(words, array);
    td_h5_array_read(h5, array, H5T_NATIVE_DOUBLE, values);
    for (uint64_t i = 0; i < array->count && !*example; i++)
        if (!(values[i] == floor(values[i])))
            snprintf(example, sizeof example, " (%g of image %" PRIu64 ")", values[i],
                     i);
    td_free(values);
    td_h5_refuse(h5, array->name,
                 "is %s%s, whole numbers are needed, int32: labels.astype('int32')%s",
                 words, example, *example ? ", once they are whole" : "");
}

static void check_labels(td_h5 *h5, const td_h5_array *array, const td_data_info *info,
                         int64_t n)
{
    char words[128];
    if (!h5->ok)
        return;
    td_h5_array_write(words, array);
    if (array->rank == 2 && array->dims[0] == (hsize_t) n && array->dims[1] > 1)
        td_h5_refuse(h5, array->name,
                     "is %s%s: one number per image is needed, int32 [%" PRId64
                     "]: labels.argmax(axis=1)",
                     words,
                     array->dims[1] == (hsize_t) info->classes ? ", one-hot"
                                                               : ", one-hot perhaps",
                     n);
    else if (array->rank != 1)
        td_h5_refuse(h5, array->name,
                     "is %s: one number per image is needed, int32 [%" PRId64 "]%s",
                     words, n, array->count == (uint64_t) n ? ": labels.ravel()" : "");
    else if (array->count != (uint64_t) n)
        td_h5_refuse(h5, array->name, "holds %" PRIu64 " labels for %" PRId64 " images",
                     array->count, n);
    else if (array->kind == H5T_FLOAT)
        refuse_reals(h5, array);
    else if (array->kind != H5T_INTEGER)
        td_h5_refuse(h5, array->name, "is %s, whole numbers are needed, int32", words);
}

/* In 64 bits, since HDF5 cuts what does not fit in silence. */
static void take_labels(td_h5 *h5, const td_h5_array *array, int classes, int32_t *out)
{
    int64_t *values = td_malloc((size_t) array->count * sizeof *values);
    td_h5_array_read(h5, array, H5T_NATIVE_INT64, values);
    for (uint64_t i = 0; i < array->count && h5->ok; i++) {
        if (values[i] < 0 || values[i] >= classes)
            td_h5_refuse(h5, array->name,
                         "label %" PRId64 " of image %" PRIu64
                         " is out of range: the %d classes are 0 to %d",
                         values[i], i, classes, classes - 1);
        out[i] = h5->ok ? (int32_t) values[i] : 0;
    }
    td_free(values);
}

static void read_labels(td_h5 *h5, td_dataset *dataset, td_part part)
{
    const td_data_info *info = &dataset->info;
    int64_t n = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    td_h5_array array;
    char name[32];
    snprintf(name, sizeof name, "/%s/labels", part_names[part]);
    if (h5->ok && !td_h5_has(h5, name))
        refuse_missing(h5, name);
    td_h5_array_open(h5, &array, name);
    check_labels(h5, &array, info, n);
    if (h5->ok) {
        dataset->labels[part] = td_malloc((size_t) n * sizeof(int32_t));
        take_labels(h5, &array, info->classes, dataset->labels[part]);
    }
    td_h5_array_close(&array);
}

/* ---- the file -------------------------------------------------------------------- */

/* Pixels stay in the file if those of all parts can. */
static bool are_left(const bool has[2], td_pixel_map *maps)
{
    bool all = maps != NULL;
    for (int part = 0; maps && part < 2; part++)
        all = all && (!has[part] || maps[part].count > 0);
    for (int part = 0; maps && !all && part < 2; part++)
        td_pixel_map_clear(&maps[part]);
    return all;
}

static void read_file(td_h5 *h5, td_dataset *dataset, td_data_reading *how)
{
    /* A file of test images alone has no mean of training images. */
    bool has[2] = { td_h5_has(h5, part_names[0]), td_h5_has(h5, part_names[1]) };
    has[TD_PART_TRAIN] = has[TD_PART_TRAIN] || !has[TD_PART_TEST];
    read_sizes(h5, &dataset->info);
    if (has[TD_PART_TRAIN])
        read_statistics(h5, &dataset->info);
    read_names(h5, dataset);
    for (int part = 0; part < 2 && h5->ok; part++) {
        if (!has[part])
            continue;
        read_shape(h5, dataset, (td_part) part, how->maps ? &how->maps[part] : NULL);
        read_labels(h5, dataset, (td_part) part);
    }
    if (!h5->ok || how->depth != TD_READ_PIXELS)
        return;
    if (are_left(has, how->maps)) {
        td_hdf5_judge(h5, dataset, how->maps);
        return;
    }
    for (int part = 0; part < 2 && h5->ok; part++)
        if (has[part])
            read_pixels(h5, dataset, (td_part) part);
    td_hdf5_compare(h5, dataset);
}

/* Whether the file is as it was. */
static void check_stands(td_h5 *h5, const struct stat *before)
{
    struct stat now;
    if (stat(h5->path, &now) != 0 || now.st_size != before->st_size ||
        now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        td_h5_refuse(
            h5, NULL,
            "changed while it was read: start again when nothing writes to it");
}

td_status td_hdf5_read(td_dataset *dataset, const char *path, td_data_reading *how)
{
    td_h5 h5;
    struct stat before = { 0 };
    bool is_there = stat(path, &before) == 0;
    if (td_h5_open(&h5, path, TD_DATA))
        read_file(&h5, dataset, how);
    if (h5.ok && is_there)
        check_stands(&h5, &before);
    td_h5_close(&h5);
    return h5.ok ? TD_OK : TD_DATA;
}
