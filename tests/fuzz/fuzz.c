#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_log.h"
#include "taildart/data.h"

enum { NAMES = 16 };

static char folder[256];
static char *paths[NAMES]; /* of all names asked for */

/* libFuzzer and a shell both know an abort from an exit status that was meant. */
static void finding(int code)
{
    (void) code;
    abort();
}

/* Folders are made once, so that a harness may name files in them. */
static void remove_folder(void)
{
    for (int i = 0; i < NAMES && paths[i]; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    char *below[] = { "one", "two", NULL };
    for (char **name = below; *name; name++) {
        char path[sizeof folder + 8];
        snprintf(path, sizeof path, "%s/%s", folder, *name);
        rmdir(path);
    }
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;
    const char *root = getenv("TMPDIR");
    if (!root)
        root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/taildart-fuzz.XXXXXX", root);
    TD_CHECK(mkdtemp(folder), "%s: no folder can be made", folder);
    atexit(remove_folder);
    td_base_set_abort(finding);
    TD_CHECK(freopen("/dev/null", "w", stdout), "stdout cannot be left");
    td_log_set_level(TD_LOG_WARNING);
    return 0;
}

const char *fuzz_path(const char *name)
{
    size_t length = strlen(folder);
    if (!*name)
        return folder;
    int i = 0;
    for (; i < NAMES && paths[i]; i++)
        if (strcmp(paths[i] + length + 1, name) == 0)
            return paths[i];
    FUZZ_MUST(i < NAMES);
    paths[i] = malloc(length + strlen(name) + 2);
    FUZZ_MUST(paths[i]);
    sprintf(paths[i], "%s/%s", folder, name);
    char *below = strrchr(paths[i], '/');
    if (strchr(name, '/')) {
        *below = '\0';
        mkdir(paths[i], 0700);
        *below = '/';
    }
    return paths[i];
}

const char *fuzz_file(const char *name, const void *bytes, size_t n)
{
    const char *path = fuzz_path(name);
    FILE *file = fopen(path, "wb");
    TD_CHECK(file, "%s: cannot be made", path);
    TD_CHECK(fwrite(bytes, 1, n, file) == n, "%s: cannot be written", path);
    TD_CHECK(fclose(file) == 0, "%s: cannot be written", path);
    return path;
}

void fuzz_no_file(const char *name)
{
    unlink(fuzz_path(name));
}

char *fuzz_text(const uint8_t *bytes, size_t n)
{
    return td_format("%.*s", (int) n, (const char *) bytes);
}

fuzz_pair fuzz_split(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return (fuzz_pair){ { bytes, bytes }, { 0, 0 } };
    size_t first = (size_t) bytes[0] << 8 | bytes[1];
    first = first < n - 2 ? first : n - 2;
    return (fuzz_pair){ { bytes + 2, bytes + 2 + first }, { first, n - 2 - first } };
}

int fuzz_one(const uint8_t *bytes, size_t n, void (*read)(const uint8_t *, size_t))
{
    long before = td_base_live_blocks();
    read(bytes, n);
    FUZZ_MUST(td_base_live_blocks() == before);
    return 0;
}
