#include "taildart/checkpoint_logits.h"

#include <sys/stat.h>

#include "image.h"
#include "taildart/base_file.h"
#include "taildart/checkpoint.h"
#include "taildart/formats.h"

td_status td_logits_write(const char *path, const td_real *logits, int64_t n,
                          int classes)
{
    TD_ASSERT(logits && n > 0 && classes > 0);
    td_image image;
    td_image_array array = {
        .name = "logits",
        .type = TD_IMAGE_REAL,
        .rank = 2,
        .dims = { (hsize_t) n, (hsize_t) classes },
    };
    size_t bytes;
    td_image_new(&image);
    td_image_put_array(&image, &array, logits);
    void *file = td_image_finish(&image, &bytes);
    if (!file)
        return td_error(TD_FAILED, "%s: HDF5 cannot build it in memory", path);
    td_status status = td_file_write(path, file, bytes);
    td_free(file);
    return status;
}

td_status td_logits_check(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0 ||
        (!td_checkpoint_is_one(path) && td_data_holds(path, "logits")))
        return TD_OK;
    return td_error(TD_USAGE,
                    "%s: exists and is no file of logits, so it is not replaced: name "
                    "another file, or remove it",
                    path);
}
