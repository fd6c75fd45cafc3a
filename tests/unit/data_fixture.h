/* Small data sets for the tests of the data room: made in memory, or as files in a
 * folder of their own. */
#ifndef TAILDART_TESTS_DATA_FIXTURE_H
#define TAILDART_TESTS_DATA_FIXTURE_H

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "taildart/config.h"
#include "taildart/data.h"

/* ---- in memory ------------------------------------------------------------------- */

/* The defaults that matter to this room. */
static inline td_config fixture_config(void)
{
    td_config config = { .seed = 2 };
    config.data.imbalance = 1.0;
    config.data.train_share = 0.5;
    config.data.crop_pad = 4;
    config.data.flip = true;
    config.search.epochs = 50;
    config.search.batch = 64;
    config.arch.interval = 1;
    config.arch.lr.frozen_from = TD_NEVER;
    config.bbn.sampler = TD_SAMPLER_REVERSED;
    return config;
}

/* Labels of `each` images per class, classes taking turns. */
static inline int32_t *fixture_labels(int classes, int64_t each)
{
    int32_t *labels = td_malloc((size_t) (classes * each) * sizeof *labels);
    for (int64_t i = 0; i < classes * each; i++)
        labels[i] = (int32_t) (i % classes);
    return labels;
}

/* ---- files ----------------------------------------------------------------------- */

static char fixture_folder[64];

/* Before each test: an empty folder in fixture_folder. */
static inline void fixture_begin(void)
{
    snprintf(fixture_folder, sizeof fixture_folder, "/tmp/taildart-data.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(fixture_folder));
}

/* After it. */
static inline void fixture_end(void)
{
    DIR *folder = opendir(fixture_folder);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", fixture_folder, entry->d_name);
        if (entry->d_name[0] != '.')
            remove(path);
    }
    closedir(folder);
    rmdir(fixture_folder);
}

/* A name in the folder as a path; borrowed until the fourth call after this one. */
static inline const char *fixture_path(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", fixture_folder, name);
    return path;
}

static inline void fixture_write(const char *name, const void *bytes, size_t count)
{
    FILE *file = fopen(fixture_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    ck_assert_int_eq(fclose(file), 0);
}

static inline size_t fixture_size(const char *name)
{
    struct stat entry;
    ck_assert_int_eq(stat(fixture_path(name), &entry), 0);
    return (size_t) entry.st_size;
}

/* Change one byte of a file. */
static inline void fixture_patch(const char *name, size_t at, uint8_t byte)
{
    FILE *file = fopen(fixture_path(name), "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (long) at, SEEK_SET), 0);
    ck_assert_int_ne(fputc(byte, file), EOF);
    ck_assert_int_eq(fclose(file), 0);
}

/* Compress a file as name.gz and remove it. */
static inline void fixture_gzip(const char *name)
{
    char to[512];
    uint8_t bytes[4096];
    snprintf(to, sizeof to, "%s.gz", fixture_path(name));
    FILE *file = fopen(fixture_path(name), "rb");
    gzFile out = gzopen(to, "wb");
    ck_assert(file && out);
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;)
        ck_assert_int_eq(gzwrite(out, bytes, (unsigned) got), (int) got);
    fclose(file);
    ck_assert_int_eq(gzclose(out), Z_OK);
    ck_assert_int_eq(unlink(fixture_path(name)), 0);
}

/* A pixel that depends on everything but the format. */
static inline uint8_t fixture_pixel(int part, int64_t image, int64_t pixel)
{
    uint32_t x = (uint32_t) (part * 7919 + image * 104729 + pixel * 31 + 17);
    x ^= x >> 7;
    return (uint8_t) (x * UINT32_C(2654435761) >> 24);
}

/* An IDX file: magic, sizes, then bytes. */
static inline void fixture_idx(const char *name, int dimensions, const int *sizes,
                               const uint8_t *bytes, size_t count)
{
    uint8_t *file = td_malloc(4 + 4 * (size_t) dimensions + count), *at = file;
    *at++ = 0, *at++ = 0, *at++ = 8, *at++ = (uint8_t) dimensions;
    for (int i = 0; i < dimensions; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            *at++ = (uint8_t) (sizes[i] >> shift);
    memcpy(at, bytes, count);
    fixture_write(name, file, (size_t) (at - file) + count);
    td_free(file);
}

/* Images and labels of one part, `each` images of each class, classes taking turns. */
static inline void fixture_idx_part(const char *prefix, int classes, int each, int side)
{
    int n = classes * each, part = strcmp(prefix, "train") != 0;
    int sizes[3] = { n, side, side };
    char name[64];
    uint8_t *bytes = td_malloc((size_t) n * (size_t) side * (size_t) side);
    for (int64_t i = 0; i < (int64_t) n * side * side; i++)
        bytes[i] = fixture_pixel(part, i / (side * side), i % (side * side));
    snprintf(name, sizeof name, "%s-images-idx3-ubyte", prefix);
    fixture_idx(name, 3, sizes, bytes, (size_t) n * (size_t) side * (size_t) side);
    for (int i = 0; i < n; i++)
        bytes[i] = (uint8_t) (i % classes);
    snprintf(name, sizeof name, "%s-labels-idx1-ubyte", prefix);
    fixture_idx(name, 1, sizes, bytes, (size_t) n);
    td_free(bytes);
}

/* Four classes, 5 images each for training and 2 for testing, 8x8. */
static inline void fixture_idx_set(void)
{
    fixture_idx_part("train", 4, 5, 8);
    fixture_idx_part("t10k", 4, 2, 8);
}

/* A CIFAR file of n records; labels first, first+1, … modulo classes. */
static inline void fixture_cifar(const char *name, int classes, int part, int first,
                                 int n)
{
    size_t label_bytes = classes == 100 ? 2 : 1, record = label_bytes + 3072;
    uint8_t *file = td_malloc((size_t) n * record);
    for (int i = 0; i < n; i++) {
        uint8_t *at = file + (size_t) i * record;
        at[0] = 77; /* the coarse label, which nobody reads */
        at[label_bytes - 1] = (uint8_t) ((first + i) % classes);
        for (int64_t p = 0; p < 3072;
             p++) /* planes in the file, interleaved elsewhere */
            at[label_bytes + (size_t) (p % 3 * 1024 + p / 3)] =
                fixture_pixel(part, first + i, p);
    }
    fixture_write(name, file, (size_t) n * record);
    td_free(file);
}

/* ---- verdicts -------------------------------------------------------------------- */

/* A refusal with this code whose line holds all of the words (ends with NULL). */
static inline void fixture_refused(td_status status, td_status code,
                                   const char *const *words)
{
    ck_assert_msg(status == code, "status %d, wanted %d; message: %s", status, code,
                  td_error_message());
    for (; *words; words++)
        ck_assert_msg(strstr(td_error_message(), *words) != NULL, "no \"%s\" in: %s",
                      *words, td_error_message());
    ck_assert_msg(strchr(td_error_message(), '\n') == NULL, "more than one line");
}
#define FIXTURE_REFUSED(status, code, ...)                                             \
    fixture_refused(status, code, (const char *const[]){ __VA_ARGS__, NULL })

#endif
