/* Attributes of a few numbers. */
#include "image.h"

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
