/* taildart's own HDF5 file, written (DESIGN, 3): under another name first, so that the
 * file is complete or not there. */
#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* ---- pieces ---------------------------------------------------------------------- */

/* An attribute of `count` numbers; 0 for a single one without dimensions. */
static bool write_numbers(hid_t file, const char *name, hid_t stored, hid_t type,
                          int count, const void *values)
{
    hsize_t size = (hsize_t) count;
    hid_t space = count ? H5Screate_simple(1, &size, NULL) : H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(file, name, stored, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = attribute >= 0 && H5Awrite(attribute, type, values) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
    return ok;
}

static hid_t string_type(size_t bytes)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, bytes);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static bool write_array(hid_t group, const char *name, hid_t stored, hid_t type,
                        int rank, const hsize_t *size, const void *values)
{
    hid_t space = H5Screate_simple(rank, size, NULL);
    hid_t array =
        H5Dcreate2(group, name, stored, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool ok =
        array >= 0 && H5Dwrite(array, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    if (array >= 0 && H5Dclose(array) < 0)
        ok = false;
    H5Sclose(space);
    return ok;
}

/* ---- the file -------------------------------------------------------------------- */

static bool write_facts(hid_t file, const td_dataset *dataset)
{
    const td_data_info *info = &dataset->info;
    size_t length = strlen(dataset->source);
    hid_t text = string_type(length ? length : 1);
    hid_t whole = H5T_STD_I32LE, real = H5T_IEEE_F64LE;
    bool ok =
        write_numbers(file, "classes", whole, H5T_NATIVE_INT, 0, &info->classes) &&
        write_numbers(file, "height", whole, H5T_NATIVE_INT, 0, &info->height) &&
        write_numbers(file, "width", whole, H5T_NATIVE_INT, 0, &info->width) &&
        write_numbers(file, "channels", whole, H5T_NATIVE_INT, 0, &info->channels) &&
        write_numbers(file, "mean", real, H5T_NATIVE_DOUBLE, info->channels,
                      info->mean) &&
        write_numbers(file, "std", real, H5T_NATIVE_DOUBLE, info->channels,
                      info->std) &&
        write_numbers(file, "source", text, text, 0, dataset->source);
    H5Tclose(text);
    return ok;
}

static bool write_names(hid_t file, const td_dataset *dataset)
{
    hsize_t classes = (hsize_t) dataset->info.classes;
    hid_t text = string_type(TD_CLASS_NAME_BYTES);
    bool ok =
        write_array(file, "class_names", text, text, 1, &classes, dataset->class_names);
    H5Tclose(text);
    return ok;
}

static bool write_part(hid_t file, const td_dataset *dataset, td_part part)
{
    const td_data_info *info = &dataset->info;
    int64_t n = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    const hsize_t size[4] = { (hsize_t) n, (hsize_t) info->height,
                              (hsize_t) info->width, (hsize_t) info->channels };
    hid_t group = H5Gcreate2(file, part == TD_PART_TRAIN ? "train" : "test",
                             H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = group >= 0 &&
              write_array(group, "images", H5T_STD_U8LE, H5T_NATIVE_UINT8, 4, size,
                          dataset->images[part]) &&
              write_array(group, "labels", H5T_STD_I32LE, H5T_NATIVE_INT32, 1, size,
                          dataset->labels[part]);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

static bool write_file(const td_dataset *dataset, const char *path)
{
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (file < 0)
        return false;
    bool ok =
        write_facts(file, dataset) && write_names(file, dataset) &&
        write_part(file, dataset, TD_PART_TRAIN) &&
        (dataset->info.test_count == 0 || write_part(file, dataset, TD_PART_TEST));
    return H5Fclose(file) >= 0 && ok;
}

/* To disk before the name changes hands, so that a power cut leaves the old or the new
 * file, never an empty one. */
static bool sync_path(const char *path)
{
    int file = open(path, O_RDONLY);
    if (file < 0)
        return false;
    bool ok = fsync(file) == 0;
    return close(file) == 0 && ok;
}

td_status td_dataset_write(const td_dataset *dataset, const char *path)
{
    TD_ASSERT(dataset->images[TD_PART_TRAIN] && dataset->class_names);
    char *temporary = td_format("%s.%ld.tmp", path, (long) getpid());
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    errno = 0;
    bool ok = write_file(dataset, temporary) && sync_path(temporary) &&
              rename(temporary, path) == 0;
    int reason = errno;
    if (!ok)
        unlink(temporary);
    td_free(temporary);
    if (!ok)
        return td_error(TD_FAILED, "%s: cannot be written: %s", path,
                        reason ? strerror(reason) : "HDF5 gave no reason");
    return TD_OK;
}
