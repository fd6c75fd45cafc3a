/* Reading checkpoints through the one door to HDF5, which trusts nothing that a file
 * says of itself: its bytes are as they were written, but by whom? */
#include "image.h"

#include <limits.h>
#include <string.h>

#include "old_text.h"

/* What every checkpoint has.  An earlier taildart wrote all its texts with variable
 * length; a single one in a newer file was put there by another program. */
static const char oldest_text[] = "taildart_version";

void td_image_refuse(td_image *image, const char *name, const char *what)
{
    td_h5_refuse(&image->h5, name, "%s", what);
    image->ok = false;
}

/* What the door refused is refused here. */
static bool keep(td_image *image)
{
    image->ok = image->ok && image->h5.ok;
    return image->ok;
}

void td_image_open(td_image *image, const void *bytes, size_t n, const char *path)
{
    TD_ASSERT(path && (bytes || n == 0));
    *image = (td_image){ .ok = true, .bytes = n };
    td_h5_open_bytes(&image->h5, bytes, n, path, TD_CHECKPOINT);
    if (!keep(image))
        return;
    char *version = td_old_attribute(bytes, n, oldest_text);
    image->old = version ? bytes : NULL;
    td_free(version);
}

void td_image_close(td_image *image)
{
    td_h5_close(&image->h5);
}

/* ---- groups ------------------------------------------------------------------ */

size_t td_image_members(td_image *image, const char *group)
{
    size_t members = td_h5_members(&image->h5, group);
    return keep(image) ? members : 0;
}

void td_image_member(td_image *image, const char *group, size_t i, char *name,
                     size_t room)
{
    td_h5_member(&image->h5, group, i, name, room);
    keep(image);
}

bool td_image_has(td_image *image, const char *name)
{
    bool has = td_h5_has(&image->h5, name);
    return keep(image) && has;
}

/* ---- arrays ------------------------------------------------------------------ */

static bool type_is_right(const td_h5_array *found, td_image_type type)
{
    if (type == TD_IMAGE_INT64)
        return found->kind == H5T_INTEGER && found->size == sizeof(int64_t);
    return found->kind == H5T_FLOAT &&
           found->size == (type == TD_IMAGE_REAL ? sizeof(float) : sizeof(double));
}

/* Rank and dims; false where they do not fit our struct. */
static bool take_dims(const td_h5_array *found, td_image_array *array)
{
    bool ok = found->rank <= TD_IMAGE_RANK;
    array->rank = ok ? found->rank : 0;
    for (int i = 0; ok && i < found->rank; i++) {
        ok = found->dims[i] <= INT_MAX;
        array->dims[i] = found->dims[i];
    }
    return ok;
}

/* Open array->name and look at it; found is for td_h5_array_close in any case. */
static bool open_array(td_image *image, td_image_array *array, td_h5_array *found)
{
    if (!td_h5_array_open(&image->h5, found, array->name))
        return keep(image);
    if (!type_is_right(found, array->type))
        td_image_refuse(image, array->name, "holds another type of numbers");
    else if (!take_dims(found, array))
        td_image_refuse(image, array->name, "has a shape that cannot be");
    return image->ok;
}

void td_image_get_shape(td_image *image, td_image_array *array)
{
    td_h5_array found;
    open_array(image, array, &found);
    td_h5_array_close(&found);
}

bool td_image_is_alike(td_image *image, const td_image_array *array,
                       const td_image_array *like)
{
    if (array->rank == like->rank &&
        memcmp(array->dims, like->dims, (size_t) like->rank * sizeof *like->dims) == 0)
        return true;
    td_image_refuse(image, array->name, "has another shape than its like");
    return false;
}

void td_image_get_array(td_image *image, const td_image_array *array, void *data)
{
    td_image_array there = *array;
    td_h5_array found;
    TD_ASSERT(data || td_image_count(array) == 0);
    if (open_array(image, &there, &found) && td_image_is_alike(image, &there, array))
        td_h5_array_read(&image->h5, &found, td_image_memory_type(array->type), data);
    td_h5_array_close(&found);
    keep(image);
}

/* ---- texts and attributes ---------------------------------------------------- */

char *td_image_get_text(td_image *image, const char *name)
{
    char *text = NULL;
    if (image->old && td_image_has(image, name))
        text = td_old_text(image->old, image->bytes, image->h5.file, name);
    if (!text)
        text = td_h5_text(&image->h5, name);
    keep(image);
    return text;
}

int64_t td_image_get_integer(td_image *image, const char *name)
{
    int64_t value = td_h5_attribute_integer(&image->h5, name);
    return keep(image) ? value : 0;
}

char *td_image_get_word(td_image *image, const char *name)
{
    char *text = NULL;
    if (image->old && image->ok)
        text = td_old_attribute(image->old, image->bytes, name);
    if (!text)
        text = td_h5_attribute_text(&image->h5, name);
    keep(image);
    return text;
}

void td_image_get_numbers(td_image *image, const char *name, int n, double *values)
{
    td_h5_attribute_reals(&image->h5, name, "channel", n, values);
    keep(image);
}

bool td_image_has_attribute(td_image *image, const char *name)
{
    return td_h5_has_attribute(&image->h5, name);
}
