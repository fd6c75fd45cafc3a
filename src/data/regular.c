/* Regular files and what else a path may name: a pipe would make its reader wait, a
 * device never end. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a named pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* O_NONBLOCK: a pipe without a writer opens at once, and means nothing for files. */
FILE *td_regular_open(const char *path, int64_t *size, char *why)
{
    struct stat entry;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool is_known = file >= 0 ? fstat(file, &entry) == 0
                              : errno == ENXIO && stat(path, &entry) == 0;
    if (!is_known)
        snprintf(why, TD_FAULT_BYTES, "cannot be opened: %s", strerror(errno));
    else if (!S_ISREG(entry.st_mode))
        snprintf(why, TD_FAULT_BYTES, "%s, but a regular file is needed",
                 kind_of(entry.st_mode));
    FILE *stream =
        is_known && file >= 0 && S_ISREG(entry.st_mode) ? fdopen(file, "rb") : NULL;
    if (stream && size)
        *size = entry.st_size;
    if (!stream && file >= 0)
        close(file);
    return stream;
}

td_status td_data_file_open(FILE **file, const char *path, int64_t *size)
{
    char why[TD_FAULT_BYTES];
    *file = td_regular_open(path, size, why);
    return *file ? TD_OK : td_error(TD_DATA, "%s: %s", path, why);
}

/* Only what is known to be absent is: of a path that may not be looked at, the one who
 * opens it says why. */
bool td_path_join(char *out, const char *folder, const char *name)
{
    snprintf(out, TD_PATH_BYTES, "%s/%s", folder, name);
    return access(out, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}
