/* Files under names that the user typed. */
#include "file_parts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A new descriptor gets the lowest free number.  Opened for the other direction, so
 * that a closed stdout remains an error and does not swallow what is printed. */
void td_file_keep_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        int direction = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", direction) != stream)
            return; /* no such device: it stays as it was */
    }
}

int td_file_descriptor_of(const char *path)
{
    static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t length = strlen(folders[i]);
        if (strncmp(path, folders[i], length) == 0 && isdigit((uint8_t) path[length]))
            return (int) strtol(path + length, NULL, 10);
    }
    return -1;
}

/* Whether \a path is a device, a pipe or open already: written to, not replaced. */
static bool is_special(const char *path)
{
    struct stat about;
    return td_file_descriptor_of(path) >= 0 ||
           (stat(path, &about) == 0 && !S_ISREG(about.st_mode) &&
            !S_ISDIR(about.st_mode));
}

/* Write to an open descriptor by a copy of it: opened a second time, the file would be
 * written from its beginning, over what the shell's `>>` keeps. */
static td_status write_through(const char *path, td_file_part part)
{
    int known = td_file_descriptor_of(path);
    fflush(stdout); /* in the order of writing */
    int file = known >= 0 ? fcntl(known, F_DUPFD_CLOEXEC, 0)
                          : td_file_open_patiently(path, O_WRONLY);
    bool ok = file >= 0 && td_file_close(file, td_file_write_all(file, part));
    return ok ? TD_OK : td_file_cannot_write(path);
}

/* Resolve \a path and its links.  A link that leads nowhere is refused: its owner did
 * not mean a file in its place.
 * \param [out] target  (PATH_MAX) */
static td_status follow(const char *path, char *target)
{
    struct stat about;
    if (path[0] != '\0' && realpath(path, target))
        return TD_OK;
    int reason = path[0] != '\0' ? errno : ENOENT;
    if (lstat(path, &about) == 0 && S_ISLNK(about.st_mode))
        return td_error(TD_FAILED,
                        "%s: cannot be written: it is a link that leads nowhere (%s)",
                        path, strerror(reason));
    errno = path[0] == '\0' ? ENOENT : strlen(path) >= PATH_MAX ? ENAMETOOLONG : 0;
    if (errno != 0)
        return td_file_cannot_write(path);
    memcpy(target, path, strlen(path) + 1);
    return TD_OK;
}

td_status td_file_write(const char *path, const void *bytes, size_t n)
{
    td_file_part whole = { bytes, n };
    char target[PATH_MAX];
    TD_ASSERT(n == 0 || bytes);
    if (is_special(path))
        return write_through(path, whole);
    td_status status = follow(path, target);
    return status == TD_OK ? td_file_replace(target, &whole, 1, NULL) : status;
}

td_status td_file_try(const char *path)
{
    TD_ASSERT(path);
    struct stat about;
    char target[PATH_MAX];
    if (is_special(path))
        return access(path, W_OK) == 0 ? TD_OK : td_file_cannot_write(path);
    td_status status = follow(path, target);
    if (status != TD_OK)
        return status;
    char *temporary = td_file_write_temporary(target, NULL, 0);
    if (!temporary)
        return td_file_cannot_write(path);
    unlink(temporary);
    td_file_forget(temporary);
    errno = EISDIR;
    bool is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    return is_folder ? td_file_cannot_write(path) : TD_OK;
}

/* ---- inputs and outputs ---------------------------------------------------------- */

static bool is_one_entry(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Split \a path.  \param [out] folder  (PATH_MAX)  \return the name in it */
static const char *split(const char *path, char *folder)
{
    const char *slash = strrchr(path, '/');
    size_t bytes = slash ? (size_t) (slash - path) + 1 : 0;
    if (bytes >= PATH_MAX)
        bytes = 0;
    memcpy(folder, slash ? path : ".", slash ? bytes : 1);
    folder[slash ? bytes : 1] = '\0';
    return slash ? slash + 1 : path;
}

/* Two ways to write the name of a file that is still to be made. */
static bool is_one_name(const char *a, const char *b)
{
    char first[PATH_MAX], second[PATH_MAX];
    return strcmp(split(a, first), split(b, second)) == 0 &&
           is_one_entry(first, second);
}

/* Whether two names are of one file. */
static bool is_same(const char *a, const char *b)
{
    TD_ASSERT(a && b);
    return strcmp(a, b) == 0 || is_one_entry(a, b) || is_one_name(a, b);
}

td_status td_file_keep_apart(const char *output, const char *other)
{
    struct stat about;
    if (!output || !other || !is_same(output, other))
        return TD_OK;
    if (stat(output, &about) == 0 && !S_ISREG(about.st_mode))
        return TD_OK; /* nothing in it is lost: a device, or a folder, which cannot be
                         written to anyway */
    return td_error(
        TD_USAGE, "%s: would be written over; choose another name to write to", other);
}
