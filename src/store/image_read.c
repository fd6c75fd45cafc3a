/* Reading an HDF5 file from memory, trusting nothing that it says of itself: its bytes
 * are as they were written, but by whom? */
#include "image.h"

#include <limits.h>
#include <string.h>

void td_image_refuse(td_image *image, const char *name, const char *what)
{
    if (image->ok)
        td_error(TD_CHECKPOINT, "%s: %s: %s", image->path, name, what);
    image->ok = false;
}

void td_image_open(td_image *image, const void *bytes, size_t n, const char *path)
{
    TD_ASSERT(path && (bytes || n == 0));
    *image = (td_image){ .ok = true, .bytes = n, .path = path };
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we speak for ourselves */
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    bool ready = H5Pset_fapl_core(access, 1 << 20, false) >= 0 &&
                 H5Pset_file_image(access, (void *) bytes, n) >= 0; /* it copies */
    image->file = ready ? H5Fopen("checkpoint", H5F_ACC_RDONLY, access) : -1;
    H5Pclose(access);
    if (image->file < 0)
        td_image_refuse(image, "/", "not an HDF5 file");
}

void td_image_close(td_image *image)
{
    if (image->file >= 0)
        H5Fclose(image->file);
    image->file = -1;
}

/* ---- groups ------------------------------------------------------------------ */

size_t td_image_members(td_image *image, const char *group)
{
    H5G_info_t info = { 0 };
    if (!image->ok)
        return 0;
    if (H5Gget_info_by_name(image->file, group, &info, H5P_DEFAULT) < 0)
        td_image_refuse(image, group, "missing");
    return image->ok ? (size_t) info.nlinks : 0;
}

void td_image_member(td_image *image, const char *group, size_t i, char *name,
                     size_t room)
{
    TD_ASSERT(room > 0);
    name[0] = '\0';
    if (!image->ok)
        return;
    ssize_t length = H5Lget_name_by_idx(image->file, group, H5_INDEX_CRT_ORDER,
                                        H5_ITER_INC, i, name, room, H5P_DEFAULT);
    if (length <= 0)
        td_image_refuse(image, group, "the order of its members is not recorded");
    else if ((size_t) length >= room)
        td_image_refuse(image, group, "a name in it is too long");
}

bool td_image_has(td_image *image, const char *name)
{
    return image->ok && H5Lexists(image->file, name, H5P_DEFAULT) > 0;
}

/* ---- arrays ------------------------------------------------------------------ */

static bool type_is_right(hid_t set, td_image_type type)
{
    hid_t found = H5Dget_type(set);
    H5T_class_t class = H5Tget_class(found);
    size_t size = H5Tget_size(found);
    H5Tclose(found);
    if (type == TD_IMAGE_INT64)
        return class == H5T_INTEGER && size == sizeof(int64_t);
    return class == H5T_FLOAT &&
           size == (type == TD_IMAGE_REAL ? sizeof(float) : sizeof(double));
}

/* Rank and dims; false where they do not fit our struct, or into the file. */
static bool read_dims(hid_t set, td_image_array *array, size_t most)
{
    hid_t space = H5Dget_space(set);
    bool ok = H5Sget_simple_extent_type(space) != H5S_NULL;
    array->rank = H5Sget_simple_extent_ndims(space);
    ok = ok && array->rank >= 0 && array->rank <= TD_IMAGE_RANK;
    if (ok && array->rank > 0)
        ok = H5Sget_simple_extent_dims(space, array->dims, NULL) == array->rank;
    H5Sclose(space);
    size_t count = 1;
    for (int i = 0; ok && i < array->rank; i++) {
        ok = array->dims[i] <= INT_MAX && array->dims[i] * count <= most;
        count *= array->dims[i];
    }
    return ok;
}

/* Whether the numbers are really there: a few bytes can promise a large array. */
static bool storage_is_whole(hid_t set, const td_image_array *array)
{
    size_t size = array->type == TD_IMAGE_REAL ? sizeof(float) : sizeof(int64_t);
    return H5Dget_storage_size(set) == td_image_count(array) * size;
}

/* Open array->name and look at it; -1 after a refusal. */
static hid_t open_array(td_image *image, td_image_array *array)
{
    if (!image->ok)
        return -1;
    hid_t set = H5Dopen2(image->file, array->name, H5P_DEFAULT);
    if (set < 0)
        td_image_refuse(image, array->name, "missing");
    else if (!type_is_right(set, array->type))
        td_image_refuse(image, array->name, "holds another type of numbers");
    else if (!read_dims(set, array, image->bytes))
        td_image_refuse(image, array->name, "has a shape that cannot be");
    else if (!storage_is_whole(set, array))
        td_image_refuse(image, array->name, "holds fewer numbers than its shape");
    if (image->ok || set < 0)
        return set;
    H5Dclose(set);
    return -1;
}

void td_image_get_shape(td_image *image, td_image_array *array)
{
    hid_t set = open_array(image, array);
    if (set >= 0)
        H5Dclose(set);
}

static bool is_same_shape(const td_image_array *a, const td_image_array *b)
{
    return a->rank == b->rank &&
           memcmp(a->dims, b->dims, (size_t) a->rank * sizeof *a->dims) == 0;
}

void td_image_get_array(td_image *image, const td_image_array *array, void *data)
{
    td_image_array found = *array;
    hid_t set = open_array(image, &found);
    TD_ASSERT(data || td_image_count(array) == 0);
    if (set < 0)
        return;
    if (!is_same_shape(&found, array))
        td_image_refuse(image, array->name, "has another shape than its like");
    else if (td_image_count(array) > 0 &&
             H5Dread(set, td_image_memory_type(array->type), H5S_ALL, H5S_ALL,
                     H5P_DEFAULT, data) < 0)
        td_image_refuse(image, array->name, "cannot be read");
    H5Dclose(set);
}

/* ---- texts and attributes ---------------------------------------------------- */

/* Whether \a type and \a space are those of one string of any length. */
static bool is_text(hid_t type, hid_t space)
{
    return H5Tis_variable_str(type) > 0 && H5Sget_simple_extent_npoints(space) == 1;
}

/* Our own copy of a string that HDF5 allocated. */
static char *take_text(char *theirs)
{
    char *text = td_strdup(theirs ? theirs : "");
    H5free_memory(theirs);
    return text;
}

char *td_image_get_text(td_image *image, const char *name)
{
    char *theirs = NULL;
    if (!image->ok)
        return NULL;
    hid_t set = H5Dopen2(image->file, name, H5P_DEFAULT);
    if (set < 0) {
        td_image_refuse(image, name, "missing");
        return NULL;
    }
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    if (!is_text(type, space))
        td_image_refuse(image, name, "not a text");
    else if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, (void *) &theirs) < 0)
        td_image_refuse(image, name, "cannot be read");
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(set);
    return image->ok ? take_text(theirs) : NULL;
}

static hid_t open_attribute(td_image *image, const char *name)
{
    if (!image->ok)
        return -1;
    hid_t attribute = H5Aopen(image->file, name, H5P_DEFAULT);
    if (attribute < 0)
        td_image_refuse(image, name, "missing");
    return attribute;
}

int64_t td_image_get_integer(td_image *image, const char *name)
{
    int64_t value = 0;
    hid_t attribute = open_attribute(image, name);
    if (attribute < 0)
        return 0;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (H5Tget_class(type) != H5T_INTEGER || H5Sget_simple_extent_npoints(space) != 1 ||
        H5Aread(attribute, H5T_NATIVE_INT64, &value) < 0)
        td_image_refuse(image, name, "not an integer");
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return value;
}

char *td_image_get_word(td_image *image, const char *name)
{
    char *theirs = NULL;
    hid_t attribute = open_attribute(image, name);
    if (attribute < 0)
        return NULL;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (!is_text(type, space) || H5Aread(attribute, type, (void *) &theirs) < 0)
        td_image_refuse(image, name, "not a text");
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return image->ok ? take_text(theirs) : NULL;
}

bool td_image_has_attribute(td_image *image, const char *name)
{
    return image->ok && H5Aexists(image->file, name) > 0;
}
