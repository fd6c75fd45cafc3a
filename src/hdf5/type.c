/* Types of HDF5 arrays and attributes: those supported, and the names of the others.
 *
 * Strings and lists of variable length lie in a heap of their own, and libhdf5 takes
 * its sizes and indices from the file as they are: one changed byte makes it write
 * beyond its memory or never end.  h5py writes str as such, so the message has a
 * fix. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

static const char *class_name(H5T_class_t class)
{
    switch (class) {
    case H5T_TIME:
        return "time";
    case H5T_BITFIELD:
        return "bit field";
    case H5T_OPAQUE:
        return "opaque";
    case H5T_COMPOUND:
        return "compound";
    case H5T_REFERENCE:
        return "reference";
    case H5T_ENUM:
        return "enumeration or bool";
    case H5T_VLEN:
        return "list of variable length";
    case H5T_ARRAY:
        return "array in an array";
    default:
        return "unknown type";
    }
}

void td_h5_type_write(char out[64], hid_t type)
{
    H5T_class_t class = H5Tget_class(type);
    size_t size = H5Tget_size(type);
    if (class == H5T_INTEGER)
        snprintf(out, 64, "%sint%zu", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "",
                 8 * size);
    else if (class == H5T_FLOAT)
        snprintf(out, 64, "float%zu", 8 * size);
    else if (class == H5T_STRING && H5Tis_variable_str(type) != 0)
        snprintf(out, 64, "string of variable length");
    else if (class == H5T_STRING)
        snprintf(out, 64, "string of %zu bytes", size);
    else
        snprintf(out, 64, "%s", class_name(class));
}

/* Whether a type has whole bytes, all used, in little or big endian order: HDF5 could
 * convert others, but only damaged files have them. */
static bool is_plain(hid_t type, H5T_class_t class)
{
    static const size_t sizes[] = { 1, 2, 4, 8 };
    H5T_order_t order = H5Tget_order(type);
    size_t size = H5Tget_size(type);
    if (class == H5T_FLOAT)
        return H5Tequal(type, H5T_IEEE_F32LE) > 0 ||
               H5Tequal(type, H5T_IEEE_F64LE) > 0 ||
               H5Tequal(type, H5T_IEEE_F32BE) > 0 || H5Tequal(type, H5T_IEEE_F64BE) > 0;
    if (class == H5T_STRING)
        return size > 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (size == sizes[i])
            return (order == H5T_ORDER_LE || order == H5T_ORDER_BE) &&
                   H5Tget_precision(type) == 8 * size && H5Tget_offset(type) == 0;
    return false;
}

bool td_h5_type_check(td_h5 *h5, const char *name, hid_t type, const char *fix)
{
    char words[64];
    H5T_class_t class = H5Tget_class(type);
    td_h5_type_write(words, type);
    if (class == H5T_STRING && H5Tis_variable_str(type) != 0)
        td_h5_refuse(h5, name,
                     "holds strings of variable length, read are those of a fixed "
                     "length; h5py: %s",
                     fix);
    else if (H5Tcommitted(type) != 0)
        td_h5_refuse(h5, name, "has a named (committed) type, read are plain ones");
    else if (class != H5T_INTEGER && class != H5T_FLOAT && class != H5T_STRING)
        td_h5_refuse(h5, name,
                     "holds the type '%s', read are whole numbers, float32, float64 "
                     "and strings of fixed length%s",
                     words,
                     class == H5T_ENUM ? "; h5py: .astype('int32'), of images "
                                         "(images * 255).astype('uint8')"
                                       : "");
    else if (!is_plain(type, class))
        td_h5_refuse(h5, name,
                     "holds %s of an unusual form, read are the plain types of C",
                     words);
    return h5->ok;
}
