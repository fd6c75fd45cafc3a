/* taildart's own HDF5 file, read (DESIGN, 3).  Files made by other programs are read as
 * well: numbers of any size, strings of fixed or variable length. */
#include <hdf5.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

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
    FILE *file = td_regular_open(path, NULL, why);
    if (!file)
        return false;
    size_t got = fread(start, 1, sizeof start, file);
    fclose(file);
    return got == sizeof start && memcmp(start, signature, sizeof start) == 0;
}

static td_status missing(const char *path, const char *what)
{
    return td_error(
        TD_DATA,
        "%s: no readable %s: not a data set of taildart, or damaged: make it "
        "with `taildart data import`",
        path, what);
}

static bool has_link(hid_t file, const char *name)
{
    return H5Lexists(file, name, H5P_DEFAULT) > 0;
}

/* ---- attributes ------------------------------------------------------------------ */

/* `count` numbers of an attribute as `type`. */
static bool read_numbers(hid_t file, const char *name, hid_t type, int count, void *out)
{
    TD_ASSERT(count > 0);
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    bool ok = space >= 0 && H5Sget_simple_extent_npoints(space) == count &&
              H5Aread(attribute, type, out) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (attribute >= 0)
        H5Aclose(attribute);
    return ok;
}

static td_status read_shape(hid_t file, const char *path, td_data_info *info)
{
    const struct {
        const char *name;
        int *value, most;
    } wanted[] = { { "classes", &info->classes, TD_MAX_CLASSES },
                   { "height", &info->height, TD_MAX_SIDE },
                   { "width", &info->width, TD_MAX_SIDE },
                   { "channels", &info->channels, TD_MAX_CHANNELS } };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        char what[64];
        snprintf(what, sizeof what, "attribute %s", wanted[i].name);
        if (!read_numbers(file, wanted[i].name, H5T_NATIVE_INT, 1, wanted[i].value))
            return missing(path, what);
        if (*wanted[i].value < 1 || *wanted[i].value > wanted[i].most)
            return td_error(TD_DATA, "%s: attribute %s is %d: accepted are 1 to %d",
                            path, wanted[i].name, *wanted[i].value, wanted[i].most);
    }
    return TD_OK;
}

static td_status read_statistics(hid_t file, const char *path, td_data_info *info)
{
    TD_ASSERT(info->channels >= 1 && info->channels <= TD_MAX_CHANNELS);
    if (!read_numbers(file, "mean", H5T_NATIVE_DOUBLE, info->channels, info->mean))
        return missing(path, "attribute mean with a number for each channel");
    if (!read_numbers(file, "std", H5T_NATIVE_DOUBLE, info->channels, info->std))
        return missing(path, "attribute std with a number for each channel");
    for (int c = 0; c < info->channels; c++)
        if (!(info->mean[c] >= 0.0 && info->mean[c] <= 1.0) ||
            !(info->std[c] >= 0.0 && info->std[c] <= 1.0))
            return td_error(
                TD_DATA,
                "%s: mean %g and std %g of channel %d: accepted are numbers "
                "from 0 to 1",
                path, info->mean[c], info->std[c], c);
    return TD_OK;
}

/* ---- strings --------------------------------------------------------------------- */

/* `count` strings into rows of `bytes` bytes, from a variable-length source. */
static bool take_variable(hid_t object, bool is_attribute, hid_t type, hid_t space,
                          size_t count, char *rows, size_t bytes)
{
    char **texts = td_malloc(count * sizeof *texts);
    bool ok = (is_attribute
                   ? H5Aread(object, type, texts)
                   : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts)) >= 0;
    for (size_t i = 0; ok && i < count; i++)
        if (texts[i])
            snprintf(rows + i * bytes, bytes, "%s", texts[i]);
    if (ok)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
    td_free(texts);
    return ok;
}

/* The same from strings of fixed length, which HDF5 cuts or fills to `bytes`. */
static bool take_fixed(hid_t object, bool is_attribute, hid_t source, char *rows,
                       size_t bytes)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, bytes);
    H5Tset_cset(type, H5Tget_cset(source));
    bool ok = (is_attribute
                   ? H5Aread(object, type, rows)
                   : H5Dread(object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows)) >= 0;
    H5Tclose(type);
    return ok;
}

static bool read_strings(hid_t object, bool is_attribute, int count, char *rows,
                         size_t bytes)
{
    TD_ASSERT(count > 0 && bytes > 0);
    hid_t type = is_attribute ? H5Aget_type(object) : H5Dget_type(object);
    hid_t space = is_attribute ? H5Aget_space(object) : H5Dget_space(object);
    bool ok = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
              H5Sget_simple_extent_npoints(space) == count;
    if (ok && H5Tis_variable_str(type) > 0)
        ok = take_variable(object, is_attribute, type, space, (size_t) count, rows,
                           bytes);
    else if (ok)
        ok = take_fixed(object, is_attribute, type, rows, bytes);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    return ok;
}

/* Names and source are for people: without them the numbers and the path serve. */
static td_status read_names(hid_t file, const char *path, td_dataset *dataset)
{
    td_class_names_init(dataset);
    if (H5Aexists(file, "source") > 0) {
        hid_t source = H5Aopen(file, "source", H5P_DEFAULT);
        read_strings(source, true, 1, dataset->source, sizeof dataset->source);
        H5Aclose(source);
    }
    if (!has_link(file, "class_names"))
        return TD_OK;
    hid_t names = H5Dopen2(file, "class_names", H5P_DEFAULT);
    bool ok = names >= 0 && read_strings(names, false, dataset->info.classes,
                                         *dataset->class_names, TD_CLASS_NAME_BYTES);
    if (names >= 0)
        H5Dclose(names);
    return ok ? TD_OK : missing(path, "/class_names with a string for each class");
}

/* ---- arrays ---------------------------------------------------------------------- */

/* Whether an array has this rank and these sizes, the first one (-1) being free. */
static bool has_shape(hid_t array, int rank, const hsize_t *size, hsize_t *count)
{
    TD_ASSERT(rank >= 1 && (rank == 1 || size));
    hsize_t found[H5S_MAX_RANK] = { 0 };
    hid_t space = H5Dget_space(array);
    bool ok = space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
              H5Sget_simple_extent_dims(space, found, NULL) == rank;
    for (int i = 1; i < rank; i++)
        ok = ok && found[i] == size[i];
    if (space >= 0)
        H5Sclose(space);
    *count = found[0];
    return ok;
}

static bool is_bytes(hid_t array)
{
    hid_t type = H5Dget_type(array);
    bool ok = H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == 1 &&
              H5Tget_sign(type) == H5T_SGN_NONE;
    H5Tclose(type);
    return ok;
}

static td_status read_images(hid_t file, const char *path, td_dataset *dataset,
                             td_part part, bool shapes_only)
{
    td_data_info *info = &dataset->info;
    const hsize_t size[4] = { 0, (hsize_t) info->height, (hsize_t) info->width,
                              (hsize_t) info->channels };
    char name[32];
    hsize_t count = 0;
    snprintf(name, sizeof name, "/%s/images", part_names[part]);
    hid_t array = has_link(file, name) ? H5Dopen2(file, name, H5P_DEFAULT) : -1;
    if (array < 0)
        return missing(path, name);
    td_status status = TD_OK;
    if (!has_shape(array, 4, size, &count) || count == 0 || count > INT32_MAX ||
        !is_bytes(array))
        status = td_error(TD_DATA,
                          "%s: %s is not an array of unsigned bytes [n,%d,%d,%d], as "
                          "the attributes announce",
                          path, name, info->height, info->width, info->channels);
    if (status == TD_OK && !shapes_only) {
        dataset->images[part] = td_malloc(count * td_image_bytes(info));
        if (H5Dread(array, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                    dataset->images[part]) < 0)
            status = missing(path, name);
    }
    H5Dclose(array);
    *(part == TD_PART_TRAIN ? &info->train_count : &info->test_count) = (int64_t) count;
    return status;
}

static td_status read_labels(hid_t file, const char *path, td_dataset *dataset,
                             td_part part)
{
    const td_data_info *info = &dataset->info;
    int64_t n = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    char name[32];
    hsize_t count = 0;
    snprintf(name, sizeof name, "/%s/labels", part_names[part]);
    hid_t array = has_link(file, name) ? H5Dopen2(file, name, H5P_DEFAULT) : -1;
    if (array < 0)
        return missing(path, name);
    td_status status = TD_OK;
    if (!has_shape(array, 1, NULL, &count) || count != (hsize_t) n)
        status = td_error(TD_DATA, "%s: %s holds %llu labels for %lld images", path,
                          name, (unsigned long long) count, (long long) n);
    if (status == TD_OK) {
        dataset->labels[part] = td_malloc((size_t) n * sizeof(int32_t));
        if (H5Dread(array, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                    dataset->labels[part]) < 0)
            status = missing(path, name);
    }
    H5Dclose(array);
    return status == TD_OK
               ? td_labels_check(dataset->labels[part], n, info->classes, path)
               : status;
}

static td_status read_file(hid_t file, const char *path, td_dataset *dataset,
                           bool shapes_only)
{
    td_status status = read_shape(file, path, &dataset->info);
    if (status == TD_OK)
        status = read_statistics(file, path, &dataset->info);
    if (status == TD_OK)
        status = read_names(file, path, dataset);
    for (int part = 0; part < 2 && status == TD_OK; part++) {
        if (part == TD_PART_TEST && !has_link(file, part_names[part]))
            break;
        status = read_images(file, path, dataset, (td_part) part, shapes_only);
        if (status == TD_OK)
            status = read_labels(file, path, dataset, (td_part) part);
    }
    return status;
}

td_status td_hdf5_read(td_dataset *dataset, const char *path, bool shapes_only)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* users get our one line, not its stack */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return td_error(TD_DATA,
                        "%s: an HDF5 file that cannot be opened: truncated or damaged, "
                        "make it anew",
                        path);
    td_status status = read_file(file, path, dataset, shapes_only);
    H5Fclose(file);
    return status;
}
