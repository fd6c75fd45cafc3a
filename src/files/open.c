/* Opening the files of data sets, whose errors are of the data. */
#include <errno.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/files.h"

td_status td_data_file_open(FILE **file, const char *path, int64_t *size)
{
    char why[TD_FAULT_BYTES];
    *file = td_file_open_stream(path, size, why, sizeof why);
    return *file ? TD_OK : td_error(TD_DATA, "%s: %s", path, why);
}

/* Only what is known to be absent is: of a path that may not be looked at, the one who
 * opens it says why. */
bool td_path_join(char *out, const char *folder, const char *name)
{
    snprintf(out, TD_PATH_BYTES, "%s/%s", folder, name);
    return access(out, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}
