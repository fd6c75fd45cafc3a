/* Tensors as bytes of files, and what files begin with. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network.h"
#include "taildart/base_file.h"

void td_bytes_put_reals(td_text *to, const td_real *reals, size_t count)
{
    for (size_t i = 0; i < count; i++)
        td_bytes_put_float(to, (float) reals[i]);
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
