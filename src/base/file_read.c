/* Reading whole files. */
#include "file_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_memory.h"

static td_status cannot_read(const char *path)
{
    return td_error(TD_DATA, "%s: cannot be read: %s", path, strerror(errno));
}

/* ---- opening --------------------------------------------------------------------- */

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a named pipe"
           : S_ISCHR(mode)  ? "a device"
           : S_ISBLK(mode)  ? "a device"
           : S_ISSOCK(mode) ? "a socket"
                            : "something else";
}

/* The descriptor, or -1 with the reason in why. */
static int open_silently(const char *path, int64_t *bytes, char *why, size_t capacity)
{
    struct stat about;
    TD_ASSERT(path && why);
    /* Without O_NONBLOCK the open itself waits for somebody to write to a pipe. */
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool known = file >= 0 && fstat(file, &about) == 0;
    if (known && S_ISREG(about.st_mode)) {
        if (bytes)
            *bytes = (int64_t) about.st_size;
        return file;
    }
    if (known)
        snprintf(why, capacity, "cannot be read: it is %s, no regular file",
                 kind_of(about.st_mode));
    else
        snprintf(why, capacity, "cannot be read: %s", strerror(errno));
    if (file >= 0)
        close(file);
    return -1;
}

td_status td_file_open(int *file, int64_t *bytes, const char *path)
{
    char why[256];
    TD_ASSERT(file);
    *file = open_silently(path, bytes, why, sizeof why);
    return *file >= 0 ? TD_OK : td_error(TD_DATA, "%s: %s", path, why);
}

/* ---- bytes ----------------------------------------------------------------------- */

/* Bytes read so far; its capacity holds one more and the final 0. */
typedef struct {
    char *bytes;
    size_t count, capacity;
} buffer;

static void buffer_grow(buffer *b)
{
    TD_ASSERT(b->count < b->capacity);
    b->capacity *= 2;
    b->bytes = td_enlarge(b->bytes, b->count, b->capacity);
}

/* Read to the end, which a pipe does not tell beforehand, or until there is more than
 * \a most, which a growing file may reach.  \return false with errno */
static bool read_all(int file, buffer *b, size_t most)
{
    for (;;) {
        ssize_t n = read(file, b->bytes + b->count, b->capacity - b->count - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        b->count += (size_t) n;
        if (b->count > most) {
            errno = EFBIG;
            return false;
        }
        if (b->capacity - b->count < 2)
            buffer_grow(b);
    }
}

/* Read from the descriptor to the end and close it. */
static td_status read_open(char **bytes, size_t *n, const char *path, int file,
                           int64_t expected, size_t most)
{
    buffer b = { .capacity = expected > 0 ? (size_t) expected + 2 : 4096 };
    errno = EFBIG;
    bool ok = expected <= 0 || (size_t) expected <= most;
    if (ok) {
        b.bytes = td_malloc(b.capacity);
        ok = read_all(file, &b, most);
    }
    int reason = errno;
    close(file);
    if (!ok) {
        td_free(b.bytes);
        errno = reason;
        return cannot_read(path);
    }
    TD_ASSERT(b.count < b.capacity);
    b.bytes[b.count] = '\0';
    *bytes = b.bytes;
    if (n)
        *n = b.count;
    return TD_OK;
}

/* At most so many bytes: /dev/zero has no end. */
static td_status read_most(char **bytes, size_t *n, const char *path, size_t most)
{
    struct stat about;
    TD_ASSERT(bytes && path);
    *bytes = NULL;
    int file = td_file_open_patiently(path, O_RDONLY);
    if (file < 0)
        return cannot_read(path);
    int64_t expected = fstat(file, &about) == 0 ? (int64_t) about.st_size : 0;
    return read_open(bytes, n, path, file, expected, most);
}

td_status td_file_read(char **bytes, size_t *n, const char *path)
{
    return read_most(bytes, n, path, SIZE_MAX);
}

td_status td_file_read_regular(char **bytes, size_t *n, const char *path, size_t most)
{
    int file = -1;
    int64_t expected = 0;
    TD_ASSERT(bytes && path);
    *bytes = NULL;
    td_status status = td_file_open(&file, &expected, path);
    return status == TD_OK ? read_open(bytes, n, path, file, expected, most) : status;
}

td_status td_file_read_given(char **bytes, size_t *n, const char *path, size_t most)
{
    static const char devices[] = "/dev/";
    bool is_device = strncmp(path, devices, strlen(devices)) == 0;
    return is_device ? read_most(bytes, n, path, most)
                     : td_file_read_regular(bytes, n, path, most);
}

FILE *td_file_open_stream(const char *path, int64_t *bytes, char *why, size_t capacity)
{
    int file = open_silently(path, bytes, why, capacity);
    FILE *stream = file >= 0 ? fdopen(file, "rb") : NULL;
    if (file >= 0 && !stream) {
        snprintf(why, capacity, "cannot be read: no memory for it");
        close(file);
    }
    return stream;
}
