/* Files that are complete or absent.
 *
 * The order is what counts: bytes to a temporary name, fsync, rename, fsync of the
 * folder.  Rename alone is atomic for other processes, but after a power cut it may
 * have reached the disk before the bytes have.
 */
#include "file_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "taildart/base_signals.h"

void td_file_ignore_limit(void)
{
    signal(SIGXFSZ, SIG_IGN);
}

td_status td_file_cannot_write(const char *path)
{
    return td_error(TD_FAILED, "%s: cannot be written: %s", path, strerror(errno));
}

/* ---- temporary names ----------------------------------------------------------- */

#define SUFFIX ".tmp"

/* Bytes of the name that a temporary one repeats: the whole stays below NAME_MAX. */
enum { STEM = 200, ATTEMPTS = 100 };

/* ".NAME.PID-xxxxxxxx.tmp" beside \a path, another one at every call; for td_free. */
static char *temporary_name(const char *path)
{
    static unsigned int count;
    struct timespec now;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    clock_gettime(CLOCK_REALTIME, &now);
    unsigned int salt = (unsigned int) now.tv_nsec ^ (unsigned int) now.tv_sec << 12;
    return td_format("%.*s.%.*s.%ld-%08x" SUFFIX, (int) (name - path), path, STEM, name,
                     (long) getpid(), salt + 0x9e3779b9U * count++);
}

bool td_file_is_left_over(const char *entry, const char *name)
{
    size_t stem = strnlen(name, STEM);
    TD_ASSERT(stem > 0);
    if (entry[0] != '.' || strncmp(entry + 1, name, stem) != 0)
        return false;
    const char *at = entry + 1 + stem;
    if (*at++ != '.')
        return false;
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || at[digits] != '-')
        return false;
    at += digits + 1;
    return strspn(at, "0123456789abcdef") == 8 && strcmp(at + 8, SUFFIX) == 0;
}

/* Create a new file; one that exists under the name is never taken.
 * \param [out] temporary  for td_free
 * \return -1 with errno */
static int open_temporary(char **temporary, const char *path)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        *temporary = temporary_name(path);
        int file = open(*temporary,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (file >= 0)
            td_signals_guard(*temporary);
        if (file >= 0 || errno != EEXIST)
            return file;
        td_free(*temporary);
        *temporary = NULL;
    }
    return -1;
}

void td_file_forget(char *temporary)
{
    td_signals_release(temporary);
    td_free(temporary);
}

/* ---- bytes --------------------------------------------------------------------- */

int td_file_open_patiently(const char *path, int flags)
{
    int file = -1;
    do
        file = open(path, flags | O_CLOEXEC, 0666);
    while (file < 0 && errno == EINTR);
    return file;
}

bool td_file_write_all(int file, td_file_part part)
{
    const char *bytes = part.bytes;
    for (size_t done = 0; done < part.count;) {
        ssize_t n = write(file, bytes + done, part.count - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* 0 does not happen on files; it must not loop for ever */
            return false;
        done += (size_t) n;
    }
    return true;
}

/* Flush to the disk; file systems that cannot do so say EINVAL. */
static bool flush(int file)
{
    while (fsync(file) != 0)
        if (errno != EINTR)
            return errno == EINVAL || errno == ENOTSUP;
    return true;
}

/* After EINTR Linux has closed the file. */
bool td_file_close(int file, bool ok)
{
    int reason = errno;
    if (close(file) != 0 && errno != EINTR && ok)
        return false;
    errno = reason;
    return ok;
}

/* \param [in] flushes  whether the bytes are on the disk on return */
static char *write_temporary(const char *path, const td_file_part *parts, int count,
                             bool flushes)
{
    char *temporary = NULL;
    int file = open_temporary(&temporary, path);
    if (file < 0) {
        int reason = errno;
        td_free(temporary);
        errno = reason;
        return NULL;
    }
    bool ok = true;
    for (int i = 0; ok && i < count; i++)
        ok = td_file_write_all(file, parts[i]);
    ok = td_file_close(file, ok && (!flushes || flush(file)));
    if (ok)
        return temporary;
    int reason = errno;
    unlink(temporary);
    td_file_forget(temporary);
    errno = reason;
    return NULL;
}

char *td_file_write_temporary(const char *path, const td_file_part *parts, int count)
{
    return write_temporary(path, parts, count, true);
}

/* ---- replacing ----------------------------------------------------------------- */

/* Give the file at \a path a second name.  \return for td_free; NULL with errno */
static char *link_temporary(const char *path)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        char *temporary = temporary_name(path);
        if (link(path, temporary) == 0)
            return temporary;
        int reason = errno;
        td_free(temporary);
        errno = reason;
        if (reason != EEXIST)
            break;
    }
    return NULL;
}

/* Keep the file at \a path as \a backup, too.  A second name and a rename over the old
 * backup: there is a file at \a path throughout. */
static bool keep_backup(const char *path, const char *backup)
{
    char *second = link_temporary(path);
    if (!second && errno == ENOENT) /* nothing to keep */
        return true;
    if (!second) /* a file system without hard links */
        return rename(path, backup) == 0;
    bool ok = rename(second, backup) == 0;
    int reason = errno;
    unlink(second); /* still there if both names were the same file already */
    td_free(second);
    errno = reason;
    return ok;
}

/* Flush the folder of \a path: the rename itself has to reach the disk. */
static bool flush_folder(const char *path)
{
    char *folder = td_strdup(path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    int file = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    td_free(folder);
    if (file < 0)
        return true; /* it may be written but not read */
    bool ok = flush(file);
    int reason = errno;
    close(file);
    errno = reason;
    return ok;
}

static td_status replace(const char *path, const td_file_part *parts, int count,
                         const char *backup, bool flushes)
{
    TD_ASSERT(path && path[0] != '\0' && count > 0);
    td_file_ignore_limit();
    char *temporary = write_temporary(path, parts, count, flushes);
    if (!temporary)
        return td_file_cannot_write(path);
    bool moved = (!backup || keep_backup(path, backup)) && rename(temporary, path) == 0;
    bool ok = moved && (!flushes || flush_folder(path));
    int reason = errno;
    if (!moved)
        unlink(temporary);
    td_file_forget(temporary);
    errno = reason;
    return ok ? TD_OK : td_file_cannot_write(path);
}

td_status td_file_replace(const char *path, const td_file_part *parts, int count,
                          const char *backup)
{
    return replace(path, parts, count, backup, true);
}

td_status td_file_replace_soon(const char *path, const void *bytes, size_t n)
{
    td_file_part whole = { bytes, n };
    return replace(path, &whole, 1, NULL, false);
}

/* ---- files of ours ------------------------------------------------------------- */

td_status td_file_open_own(int *file, const char *path, int flags)
{
    struct stat about;
    /* A pipe without a reader is an error at once, not a wait. */
    *file = open(path, flags | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                 0666);
    if (*file < 0 && errno == ELOOP)
        return td_error(TD_FAILED,
                        "%s: is a link, and nothing is written through it: remove it",
                        path);
    if (*file >= 0 && fstat(*file, &about) == 0 && S_ISREG(about.st_mode))
        return TD_OK;
    if (*file < 0)
        return td_file_cannot_write(path);
    close(*file);
    *file = -1;
    return td_error(TD_FAILED, "%s: cannot be written: it is no regular file", path);
}

/* Append all bytes or none: half a row on a full disk would spoil the next one. */
static bool append_whole(int file, td_file_part part)
{
    off_t end = lseek(file, 0, SEEK_END);
    if (end >= 0 && td_file_write_all(file, part))
        return true;
    int reason = errno;
    if (end >= 0 && ftruncate(file, end) != 0)
        reason = errno;
    errno = reason;
    return false;
}

td_status td_file_append(const char *path, const void *bytes, size_t n)
{
    int file = -1;
    td_file_ignore_limit();
    td_status status = td_file_open_own(&file, path, O_WRONLY | O_APPEND);
    if (status != TD_OK)
        return status;
    bool ok = td_file_close(file, append_whole(file, (td_file_part){ bytes, n }));
    return ok ? TD_OK : td_file_cannot_write(path);
}

td_status td_file_flush(const char *path)
{
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return TD_OK;
    bool ok = td_file_close(file, flush(file));
    return ok ? TD_OK : td_file_cannot_write(path);
}
