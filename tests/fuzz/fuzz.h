/* Functions shared by the harnesses.  A harness is one reader:
 * LLVMFuzzerTestOneInput of its file gives it an input, as a file where it reads files.
 * A refusal is what is hoped for; a check that ends the program, a block that stays, a
 * sanitizer's word, a long time or much memory is a finding.
 *
 * `make fuzz` links them with libFuzzer; `make test` with replay.c, which takes them
 * through the corpora once. */
#ifndef FUZZ_H
#define FUZZ_H

#include "taildart/base.h"

/* The entry that libFuzzer and replay.c call. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* The work of a harness on an input. */
int fuzz_one(const uint8_t *bytes, size_t n, void (*read)(const uint8_t *, size_t));

/* The path of \a name in a folder of this process; "" for the folder itself.
 * \return borrowed until the program ends, the same for the same name */
const char *fuzz_path(const char *name);

/* A file of that name with these bytes.  \return as fuzz_path */
const char *fuzz_file(const char *name, const void *bytes, size_t n);

/* Without that file. */
void fuzz_no_file(const char *name);

/* The input as text: up to its first 0, as a command line or a text reader sees it.
 * \return for td_free */
char *fuzz_text(const uint8_t *bytes, size_t n);

/* Two parts of an input: its first two bytes, most significant first, say how long the
 * first part is; what is missing of it is not there. */
typedef struct {
    const uint8_t *bytes[2];
    size_t n[2];
} fuzz_pair;
fuzz_pair fuzz_split(const uint8_t *bytes, size_t n);

/* Inspect a data set and read it, and see whether both tell the same. */
void fuzz_dataset(const char *path);

/* That must be so, or it is a finding. */
#define FUZZ_MUST(condition) TD_CHECK(condition, "not so: %s", #condition)

#endif
