/* taildart's own HDF5 file, written: built in memory, then written under
 * another name and renamed, so that it is complete or not there.  HDF5 itself never
 * writes to the disk: it crashes at the end of the program when the disk was full. */
#include <hdf5.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_file.h"

/* ---- pieces ---------------------------------------------------------------------- */

/* An attribute of `count` numbers; 0 for a single one without dimensions. */
static bool write_numbers(hid_t file, const char *name, hid_t stored, hid_t type,
                          int count, const void *values)
{
    TD_ASSERT(count >= 0 && values);
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

/* The checks of a part's images; for td_free, NULL for no such part. */
static uint32_t *make_checks(const td_dataset *dataset, td_part part)
{
    const td_data_info *info = &dataset->info;
    int64_t n = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    size_t bytes = td_image_bytes(info);
    uint32_t *checks = n > 0 ? td_malloc((size_t) n * sizeof *checks) : NULL;
    for (int64_t i = 0; i < n; i++)
        checks[i] = td_image_check(dataset->images[part] + (size_t) i * bytes, bytes);
    return checks;
}

/* What lets a start read only what it draws. */
static bool write_index(hid_t file, const td_dataset *dataset,
                        uint32_t *const checks[2])
{
    char pixels[TD_DIGEST_TEXT], rest[TD_DIGEST_TEXT];
    hid_t digits = string_type(TD_DIGEST_TEXT - 1);
    td_dataset digested = *dataset; /* borrowed */
    td_data_digest(&digested);
    td_digest_write(pixels, digested.info.digest);
    td_hdf5_index_digest(rest, dataset, checks, pixels);
    bool ok = write_numbers(file, TD_INDEX_PIXELS, digits, digits, 0, pixels) &&
              write_numbers(file, TD_INDEX_REST, digits, digits, 0, rest);
    H5Tclose(digits);
    return ok;
}

static bool write_facts(hid_t file, const td_dataset *dataset)
{
    const td_data_info *info = &dataset->info;
    size_t length = strlen(dataset->source);
    hid_t text = string_type(length ? length : 1);
    hid_t digits = string_type(TD_DIGEST_TEXT - 1);
    char digest[TD_DIGEST_TEXT];
    td_hdf5_digest(digest, dataset);
    hid_t whole = H5T_STD_I32LE, real = H5T_IEEE_F64LE;
    /* The digest first: damage that hides it hides what a data set must have, too. */
    bool ok =
        write_numbers(file, "digest", digits, digits, 0, digest) &&
        write_numbers(file, "classes", whole, H5T_NATIVE_INT, 0, &info->classes) &&
        write_numbers(file, "height", whole, H5T_NATIVE_INT, 0, &info->height) &&
        write_numbers(file, "width", whole, H5T_NATIVE_INT, 0, &info->width) &&
        write_numbers(file, "channels", whole, H5T_NATIVE_INT, 0, &info->channels) &&
        (info->train_count == 0 || /* which they are of */
         (write_numbers(file, "mean", real, H5T_NATIVE_DOUBLE, info->channels,
                        info->mean) &&
          write_numbers(file, "std", real, H5T_NATIVE_DOUBLE, info->channels,
                        info->std))) &&
        write_numbers(file, "source", text, text, 0, dataset->source);
    H5Tclose(digits);
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

static bool write_part(hid_t file, const td_dataset *dataset, td_part part,
                       const uint32_t *checks)
{
    TD_ASSERT(dataset->images[part] && dataset->labels[part]);
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
                          dataset->labels[part]) &&
              write_array(group, TD_INDEX_CHECKS, H5T_STD_U32LE, H5T_NATIVE_UINT32, 1,
                          size, checks);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

static bool write_parts(hid_t file, const td_dataset *dataset)
{
    uint32_t *const checks[2] = { make_checks(dataset, TD_PART_TRAIN),
                                  make_checks(dataset, TD_PART_TEST) };
    bool ok = write_facts(file, dataset) && write_index(file, dataset, checks) &&
              write_names(file, dataset);
    for (int part = 0; ok && part < 2; part++)
        ok = !checks[part] || write_part(file, dataset, (td_part) part, checks[part]);
    td_free(checks[TD_PART_TRAIN]);
    td_free(checks[TD_PART_TEST]);
    return ok;
}

/* The bytes of the file, for td_free; NULL where HDF5 fails. */
static uint8_t *build_image(const td_dataset *dataset, size_t *bytes)
{
    enum { GROWTH = 1 << 24 };
    uint8_t *image = NULL;
    hid_t memory = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(memory, GROWTH, false);
    hid_t file = H5Fcreate("in memory", H5F_ACC_TRUNC, H5P_DEFAULT, memory);
    H5Pclose(memory);
    if (file < 0)
        return NULL;
    bool ok = write_parts(file, dataset) && H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0;
    ssize_t size = ok ? H5Fget_file_image(file, NULL, 0) : -1;
    if (size > 0) {
        *bytes = (size_t) size;
        image = td_malloc(*bytes);
        TD_CHECK(H5Fget_file_image(file, image, *bytes) == size,
                 "HDF5 does not hand out %zu bytes that it announced", *bytes);
    }
    H5Fclose(file);
    return image;
}

/* ---- to disk --------------------------------------------------------------------- */

td_status td_dataset_write(const td_dataset *dataset, const char *path)
{
    size_t bytes = 0;
    TD_ASSERT(dataset->class_names);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    uint8_t *image = build_image(dataset, &bytes);
    if (!image)
        return td_error(
            TD_FAILED,
            "%s: HDF5 cannot build it in memory, beside the images: fewer or "
            "smaller ones, or a host with more memory",
            path);
    td_status status = td_file_write(path, image, bytes);
    td_free(image);
    return status;
}

/* ---- what may be replaced -------------------------------------------------------- */

bool td_data_holds(const char *path, const char *member)
{
    td_h5 h5;
    if (!td_data_is_hdf5(path))
        return false;
    bool found = td_h5_open(&h5, path, TD_DATA) && td_h5_has(&h5, member);
    td_h5_close(&h5);
    return found;
}
