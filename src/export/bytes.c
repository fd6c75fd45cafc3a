/* Numbers as bytes of files that have an order of their own, whatever that of the
 * machine. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network.h"
#include "taildart/base_file.h"

void td_bytes_put(td_text *to, uint64_t value, int count)
{
    char bytes[8];
    TD_ASSERT(count >= 1 && count <= 8 && (count == 8 || value >> 8 * count == 0));
    for (int i = 0; i < count; i++)
        bytes[i] = (char) (value >> 8 * i & 0xff);
    td_text_write_bytes(to, bytes, (size_t) count);
}

void td_bytes_put_reals(td_text *to, const td_real *reals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float number = (float) reals[i];
        uint32_t bits;
        memcpy(&bits, &number, sizeof bits);
        td_bytes_put(to, bits, sizeof bits);
    }
}

bool td_bytes_are_at(const char *path, int64_t at, const char *bytes, size_t count)
{
    enum { MOST = 64 };
    char found[MOST];
    struct stat about;
    int file = -1;
    TD_ASSERT(count <= MOST);
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
        td_file_open(&file, NULL, path) != TD_OK)
        return false;
    ssize_t n = pread(file, found, count, at);
    close(file);
    return n == (ssize_t) count && memcmp(found, bytes, count) == 0;
}
