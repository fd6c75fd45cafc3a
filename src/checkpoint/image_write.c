/* Building an HDF5 file in memory: the core driver without a file behind it, so that
 * HDF5 never touches the disk half-way and its file locks do not matter. */
#include "image.h"

#include <string.h>

enum { GROWTH = 1 << 22 };

size_t td_image_count(const td_image_array *array)
{
    size_t count = 1;
    for (int i = 0; i < array->rank; i++)
        count *= array->dims[i];
    return count;
}

/* A failed call (all of HDF5 returns negative values then) is remembered. */
static hid_t check(td_image *image, hid_t result)
{
    if (result < 0)
        image->ok = false;
    return result;
}

static hid_t file_type(td_image_type type)
{
    return type == TD_IMAGE_REAL     ? H5T_IEEE_F32LE
           : type == TD_IMAGE_DOUBLE ? H5T_IEEE_F64LE
                                     : H5T_STD_I64LE;
}

hid_t td_image_memory_type(td_image_type type)
{
    hid_t real =
        sizeof(td_real) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
    return type == TD_IMAGE_REAL     ? real
           : type == TD_IMAGE_DOUBLE ? H5T_NATIVE_DOUBLE
                                     : H5T_NATIVE_INT64;
}

/* Properties of what is made: no times, so that equal states give equal bytes. */
static hid_t timeless(td_image *image, hid_t class)
{
    hid_t list = check(image, H5Pcreate(class));
    check(image, H5Pset_obj_track_times(list, false));
    return list;
}

void td_image_new(td_image *image)
{
    *image = (td_image){ .ok = true };
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we speak for ourselves */
    hid_t access = check(image, H5Pcreate(H5P_FILE_ACCESS));
    hid_t create = timeless(image, H5P_FILE_CREATE);
    check(image, H5Pset_fapl_core(access, GROWTH, false));
    /* The oldest format that serves, HDF5's default: H5Fget_file_image of 1.10 spoils
     * the checksum in the superblock of newer ones. */
    image->file =
        check(image, H5Fcreate("checkpoint in memory", H5F_ACC_TRUNC, create, access));
    H5Pclose(create);
    H5Pclose(access);
    image->create = timeless(image, H5P_DATASET_CREATE);
}

void td_image_put_group(td_image *image, const char *name)
{
    TD_ASSERT(name[0] == '/');
    if (!image->ok)
        return;
    hid_t create = timeless(image, H5P_GROUP_CREATE);
    check(image, H5Pset_link_creation_order(create, H5P_CRT_ORDER_TRACKED |
                                                        H5P_CRT_ORDER_INDEXED));
    hid_t group =
        check(image, H5Gcreate2(image->file, name, H5P_DEFAULT, create, H5P_DEFAULT));
    H5Gclose(group);
    H5Pclose(create);
}

/* A dataset of \a type over \a space, both given back here. */
static void put_dataset(td_image *image, const char *name, hid_t types[2], hid_t space,
                        const void *data)
{
    hid_t set = check(image, H5Dcreate2(image->file, name, types[0], space, H5P_DEFAULT,
                                        image->create, H5P_DEFAULT));
    check(image, H5Dwrite(set, types[1], H5S_ALL, H5S_ALL, H5P_DEFAULT, data));
    H5Dclose(set);
    H5Sclose(space);
}

void td_image_put_array(td_image *image, const td_image_array *array, const void *data)
{
    const int nothing = 0; /* HDF5 takes no NULL, not even for no numbers */
    TD_ASSERT(array->name[0] != '\0');
    if (!image->ok)
        return;
    TD_ASSERT(array->rank >= 0 && array->rank <= TD_IMAGE_RANK);
    TD_ASSERT(data || td_image_count(array) == 0);
    hid_t types[] = { file_type(array->type), td_image_memory_type(array->type) };
    hid_t space = check(image, array->rank == 0
                                   ? H5Screate(H5S_SCALAR)
                                   : H5Screate_simple(array->rank, array->dims, NULL));
    put_dataset(image, array->name, types, space, data ? data : &nothing);
}

/* Strings of a fixed length in UTF-8: those of any length are not safe to read. */
static hid_t string_type(td_image *image, const char *text)
{
    size_t length = strlen(text);
    hid_t type = check(image, H5Tcopy(H5T_C_S1));
    check(image, H5Tset_size(type, length > 0 ? length : 1));
    check(image, H5Tset_strpad(type, H5T_STR_NULLPAD));
    check(image, H5Tset_cset(type, H5T_CSET_UTF8));
    return type;
}

void td_image_put_text(td_image *image, const char *name, const char *text)
{
    if (!image->ok)
        return;
    TD_ASSERT(text);
    hid_t type = string_type(image, text);
    hid_t types[] = { type, type };
    put_dataset(image, name, types, check(image, H5Screate(H5S_SCALAR)), text);
    H5Tclose(type);
}

static void put_attribute(td_image *image, const char *name, hid_t types[2],
                          const void *data)
{
    hid_t space = check(image, H5Screate(H5S_SCALAR));
    hid_t attribute = check(image, H5Acreate2(image->file, name, types[0], space,
                                              H5P_DEFAULT, H5P_DEFAULT));
    check(image, H5Awrite(attribute, types[1], data));
    H5Aclose(attribute);
    H5Sclose(space);
}

void td_image_put_integer(td_image *image, const char *name, int64_t value)
{
    if (!image->ok)
        return;
    hid_t types[] = { H5T_STD_I64LE, H5T_NATIVE_INT64 };
    put_attribute(image, name, types, &value);
}

void td_image_put_word(td_image *image, const char *name, const char *text)
{
    if (!image->ok)
        return;
    TD_ASSERT(text);
    hid_t type = string_type(image, text);
    hid_t types[] = { type, type };
    put_attribute(image, name, types, text);
    H5Tclose(type);
}

void td_image_put_numbers(td_image *image, const char *name, int n,
                          const double *values)
{
    hsize_t size = (hsize_t) n;
    TD_ASSERT(n > 0 && values);
    if (!image->ok)
        return;
    hid_t space = H5Screate_simple(1, &size, NULL);
    hid_t attribute =
        H5Acreate2(image->file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    image->ok = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_DOUBLE, values) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
}

void *td_image_finish(td_image *image, size_t *n)
{
    void *bytes = NULL;
    check(image, H5Fflush(image->file, H5F_SCOPE_GLOBAL));
    ssize_t size = image->ok ? H5Fget_file_image(image->file, NULL, 0) : -1;
    if (size > 0) {
        bytes = td_malloc((size_t) size);
        image->ok = H5Fget_file_image(image->file, bytes, (size_t) size) == size;
    }
    H5Pclose(image->create);
    H5Fclose(image->file);
    *n = size > 0 ? (size_t) size : 0;
    if (image->ok && size > 0)
        return bytes;
    td_free(bytes);
    return NULL;
}
