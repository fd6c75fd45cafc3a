/* A harness without libFuzzer: the files that are named, each once, and what they take.
 *
 *   fuzz_idx tests/fuzz/corpus/idx/…       TAP; a finding ends the program */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

static char *read_file(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    TD_CHECK(file, "%s: cannot be opened", path);
    TD_CHECK(fseek(file, 0, SEEK_END) == 0, "%s: not a file", path);
    *n = (size_t) ftell(file);
    rewind(file);
    char *bytes = malloc(*n + 1); /* not one more for a reader that goes too far */
    TD_CHECK(bytes && fread(bytes, 1, *n, file) == *n, "%s: cannot be read", path);
    fclose(file);
    return realloc(bytes, *n ? *n : 1);
}

/* The files are small: what asks for much more asks for more than they justify. */
static void limit_memory(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes for itself */
    const struct rlimit most = { INT64_C(2) << 30, INT64_C(2) << 30 };
    TD_CHECK(setrlimit(RLIMIT_AS, &most) == 0, "memory cannot be limited");
#endif
}

int main(int argc, char **argv)
{
    FILE *tap = fdopen(dup(STDOUT_FILENO), "w"); /* readers keep the other one */
    TD_CHECK(tap, "no stdout");
    limit_memory();
    LLVMFuzzerInitialize(&argc, &argv);
    fprintf(tap, "1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        size_t n = 0;
        char *bytes = read_file(argv[i], &n);
        fprintf(tap, "# %s\n", argv[i]); /* the last line where this ends it */
        fflush(tap);
        clock_t start = clock();
        LLVMFuzzerTestOneInput((const uint8_t *) bytes, n);
        bool quick = (clock() - start) / CLOCKS_PER_SEC < 10;
        fprintf(tap, "%sok %d - %s\n", quick ? "" : "not ", i, argv[i]);
        fflush(tap);
        free(bytes);
    }
    return fclose(tap) == 0 ? 0 : 1;
}
