/* Check of the kind of a file before an output replaces it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_parts.h"

enum { HEAD_BYTES = 4096 };

static bool is_of(const char *start, const td_file_kind *kind)
{
    for (; kind->begin; kind++)
        if (strncmp(start, kind->begin, strlen(kind->begin)) == 0 &&
            (!kind->within || strstr(start, kind->within)))
            return true;
    return false;
}

td_status td_file_check_kind(const char *path, const td_file_kind *kinds,
                             const char *what)
{
    char start[HEAD_BYTES + 1] = "";
    struct stat about;
    int file = -1;
    TD_ASSERT(kinds && what);
    if (!path || td_file_descriptor_of(path) >= 0 || stat(path, &about) != 0 ||
        !S_ISREG(about.st_mode) || about.st_size == 0)
        return TD_OK;
    if (td_file_open(&file, NULL, path) == TD_OK) {
        ssize_t n = pread(file, start, HEAD_BYTES, 0);
        start[n > 0 ? n : 0] = '\0';
        close(file);
    }
    if (is_of(start, kinds))
        return TD_OK;
    return td_error(
        TD_USAGE,
        "%s: exists and is no %s, so it is not replaced: name another file, "
        "or remove it",
        path, what);
}

/* ---- entries of a folder --------------------------------------------------------- */

/* Whether every folder, or the top of a file system, has an entry of this name. */
static bool is_everywhere(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strcmp(name, "lost+found") == 0;
}

char *td_file_first_in(DIR *folder, bool (*counts)(const char *name, const void *data),
                       const void *data)
{
    char *first = NULL;
    TD_ASSERT(folder && counts);
    rewinddir(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *name = entry->d_name;
        if (is_everywhere(name) || (first && strcmp(first, name) <= 0) ||
            !counts(name, data))
            continue;
        td_free(first);
        first = td_strdup(name);
    }
    return first;
}
