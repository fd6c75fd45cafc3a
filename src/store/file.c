/* Files that are complete or absent.
 *
 * The order is what counts: bytes to a temporary name, fsync, rename, fsync of the
 * folder.  Rename alone is atomic for other processes, but after a power cut it may
 * have reached the disk before the bytes have.
 */
#include "store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void td_file_ignore_limit(void)
{
    signal(SIGXFSZ, SIG_IGN);
}

static td_status cannot_write(const char *path)
{
    return td_error(TD_FAILED, "%s: cannot be written: %s", path, strerror(errno));
}

/* ---- writing ----------------------------------------------------------------- */

/* All of it, whatever write() takes at a time. */
static bool write_part(int file, td_part part)
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

static bool write_and_flush(int file, const td_part *parts, int count)
{
    for (int i = 0; i < count; i++)
        if (!write_part(file, parts[i]))
            return false;
    return fsync(file) == 0;
}

/* Write \a temporary whole; false with errno, and nothing left, when that fails. */
static bool write_temporary(const char *temporary, const td_part *parts, int count)
{
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    bool ok = write_and_flush(file, parts, count);
    int reason = errno;
    /* Network file systems may report a full disk as late as this. */
    if (close(file) != 0 && ok) {
        reason = errno;
        ok = false;
    }
    if (!ok)
        unlink(temporary);
    errno = reason;
    return ok;
}

/* Keep the file at \a path as \a backup, too.  A second name and a rename over the old
 * backup: there is a file at \a path throughout. */
static bool keep_backup(const char *path, const char *backup, const char *temporary)
{
    if (link(path, temporary) != 0) {
        if (errno == ENOENT) /* nothing to keep */
            return true;
        return rename(path, backup) == 0; /* a file system without hard links */
    }
    bool ok = rename(temporary, backup) == 0;
    int reason = errno;
    unlink(temporary); /* still there if both names were the same file already */
    errno = reason;
    return ok;
}

/* The rename itself has to reach the disk.  File systems that cannot flush a folder say
 * EINVAL: nothing better is to be had from them. */
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
    bool ok = fsync(file) == 0 || errno == EINVAL || errno == ENOTSUP;
    close(file);
    return ok;
}

td_status td_file_replace(const char *path, const td_part *parts, int count,
                          const char *backup)
{
    TD_ASSERT(path && path[0] != '\0' && count > 0);
    td_file_ignore_limit();
    char *temporary = td_format("%s.%ld" TD_TEMPORARY, path, (long) getpid());
    char *second = td_format("%s.%ld.old" TD_TEMPORARY, path, (long) getpid());
    bool ok = write_temporary(temporary, parts, count);
    if (ok) {
        ok = (!backup || keep_backup(path, backup, second)) &&
             rename(temporary, path) == 0 && flush_folder(path);
        int reason = errno;
        unlink(temporary);
        errno = reason;
    }
    td_status status = ok ? TD_OK : cannot_write(path);
    td_free(second);
    td_free(temporary);
    return status;
}

/* Devices and pipes are written to, not replaced. */
static bool is_special(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode) &&
           !S_ISDIR(about.st_mode);
}

static td_status write_through(const char *path, td_part part)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = file >= 0 && write_part(file, part);
    int reason = errno;
    if (file >= 0 && close(file) != 0 && ok) {
        reason = errno;
        ok = false;
    }
    errno = reason;
    return ok ? TD_OK : cannot_write(path);
}

td_status td_file_write(const char *path, const void *bytes, size_t n)
{
    td_part whole = { bytes, n };
    TD_ASSERT(n == 0 || bytes);
    if (is_special(path))
        return write_through(path, whole);
    char behind_links[PATH_MAX];
    const char *file = realpath(path, behind_links) ? behind_links : path;
    return td_file_replace(file, &whole, 1, NULL);
}

bool td_file_is_same(const char *a, const char *b)
{
    struct stat first, second;
    TD_ASSERT(a && b);
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &first) == 0 && stat(b, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

td_status td_file_keep_apart(const char *output, const char *other)
{
    struct stat about;
    if (!output || !other || !td_file_is_same(output, other))
        return TD_OK;
    if (stat(output, &about) == 0 && !S_ISREG(about.st_mode))
        return TD_OK; /* nothing in it is lost: a device, or a folder, which cannot be
                         written to anyway */
    return td_error(
        TD_USAGE, "%s: would be written over; choose another name to write to", other);
}

td_status td_file_try(const char *path)
{
    TD_ASSERT(path);
    struct stat about;
    if (is_special(path))
        return access(path, W_OK) == 0 ? TD_OK : cannot_write(path);
    char *temporary = td_format("%s.%ld" TD_TEMPORARY, path, (long) getpid());
    bool ok = path[0] != '\0' && write_temporary(temporary, NULL, 0);
    int reason = path[0] != '\0' ? errno : ENOENT;
    if (ok)
        unlink(temporary);
    td_free(temporary);
    if (ok && stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        ok = false;
        reason = EISDIR;
    }
    errno = reason;
    return ok ? TD_OK : cannot_write(path);
}

/* ---- reading ----------------------------------------------------------------- */

/* Bytes read so far, with room for one more and the final 0. */
typedef struct {
    char *bytes;
    size_t count, room;
} buffer;

static void buffer_grow(buffer *b)
{
    TD_ASSERT(b->count < b->room);
    size_t room = 2 * b->room;
    char *larger = td_malloc(room);
    memcpy(larger, b->bytes, b->count);
    td_free(b->bytes);
    b->bytes = larger;
    b->room = room;
}

/* Until the end, which a pipe does not tell beforehand. */
static bool read_all(int file, buffer *b)
{
    for (;;) {
        ssize_t n = read(file, b->bytes + b->count, b->room - b->count - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        b->count += (size_t) n;
        if (b->room - b->count < 2)
            buffer_grow(b);
    }
}

static bool read_file(const char *path, buffer *b)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    b->room = 4096;
    if (fstat(file, &about) == 0 && about.st_size > 0)
        b->room = (size_t) about.st_size + 2;
    b->bytes = td_malloc(b->room);
    bool ok = read_all(file, b);
    int reason = errno;
    close(file);
    errno = reason;
    return ok;
}

td_status td_file_read(char **bytes, size_t *n, const char *path)
{
    TD_ASSERT(bytes && path);
    buffer b = { 0 };
    *bytes = NULL;
    if (!read_file(path, &b)) {
        td_free(b.bytes);
        return td_error(TD_DATA, "%s: cannot be read: %s", path, strerror(errno));
    }
    TD_ASSERT(b.count < b.room);
    b.bytes[b.count] = '\0';
    *bytes = b.bytes;
    if (n)
        *n = b.count;
    return TD_OK;
}
