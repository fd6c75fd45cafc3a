/* CIFAR-10 and CIFAR-100, binary version (Krizhevsky): records of one label byte (100:
 * coarse, then fine) and 3x32x32 bytes, plane after plane.  Names say which files
 * belong together, the record size says which of the two it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, PLANES = 3, PIXELS = PLANES * PLANE };

/* One of the two data sets. */
typedef struct {
    int classes, label_bytes; /* the last label byte counts          */
    const char *train[6];     /* ends with NULL                      */
    const char *test, *names; /* names of classes, one a line        */
} family;

static const family families[] = {
    { 10,
      1,
      { "data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
        "data_batch_5.bin", NULL },
      "test_batch.bin",
      "batches.meta.txt" },
    { 100, 2, { "train.bin", NULL }, "test.bin", "fine_label_names.txt" },
};
enum { FAMILIES = sizeof families / sizeof *families };

/* ---- names ----------------------------------------------------------------------- */

bool td_cifar_is_name(const char *name)
{
    for (int f = 0; f < FAMILIES; f++) {
        if (strcmp(name, families[f].test) == 0)
            return true;
        for (const char *const *train = families[f].train; *train; train++)
            if (strcmp(name, *train) == 0)
                return true;
    }
    return false;
}

static const family *family_of(const char *folder)
{
    char path[TD_PATH_BYTES];
    for (int f = 0; f < FAMILIES; f++) {
        if (td_path_join(path, folder, families[f].test))
            return &families[f];
        for (const char *const *train = families[f].train; *train; train++)
            if (td_path_join(path, folder, *train))
                return &families[f];
    }
    return NULL;
}

bool td_cifar_is_folder(const char *folder)
{
    return family_of(folder) != NULL;
}

/* One name a line; what is missing or empty keeps its number. */
static void read_class_names(td_dataset *dataset, const char *folder, const char *name)
{
    char path[TD_PATH_BYTES], line[256];
    td_path_join(path, folder, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return;
    for (int c = 0; c < dataset->info.classes && fgets(line, sizeof line, file); c++) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line)
            snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%.*s",
                     TD_CLASS_NAME_BYTES - 1, line);
    }
    fclose(file);
}

/* ---- records --------------------------------------------------------------------- */

/* Records in a file, from its size. */
static td_status count_records(const char *path, const family *f, int64_t *count)
{
    struct stat entry;
    int64_t record = f->label_bytes + PIXELS;
    if (stat(path, &entry) != 0)
        return td_error(TD_DATA, "%s: cannot be opened: %s", path, strerror(errno));
    int64_t size = entry.st_size;
    if (size == 0 || size % record != 0)
        return td_error(TD_DATA,
                        "%s: truncated, or not CIFAR-%d: %lld bytes are not a whole "
                        "number of records of %lld bytes",
                        path, f->classes, (long long) size, (long long) record);
    *count += size / record;
    return TD_OK;
}

/* Planes in the file, channels side by side in memory. */
static void interleave(uint8_t *image, const uint8_t *planes)
{
    for (size_t i = 0; i < PLANE; i++)
        for (size_t c = 0; c < PLANES; c++)
            image[i * PLANES + c] = planes[c * PLANE + i];
}

/* Append the records of one file behind the *done of this part. */
static td_status read_records(td_dataset *dataset, td_part part, const char *path,
                              const family *f, int64_t *done)
{
    uint8_t record[2 + PIXELS];
    size_t bytes = (size_t) f->label_bytes + PIXELS;
    int64_t begin = *done, count = 0;
    td_status status = count_records(path, f, &count);
    TD_ASSERT(bytes <= sizeof record);
    if (status != TD_OK)
        return status;
    FILE *file = fopen(path, "rb");
    if (!file)
        return td_error(TD_DATA, "%s: cannot be opened: %s", path, strerror(errno));
    for (; count > 0 && fread(record, bytes, 1, file) == 1; count--, ++*done) {
        dataset->labels[part][*done] = record[f->label_bytes - 1];
        interleave(dataset->images[part] + (size_t) *done * PIXELS,
                   record + f->label_bytes);
    }
    fclose(file);
    if (count > 0)
        return td_error(TD_DATA, "%s: cannot be read to its end", path);
    return td_labels_check(dataset->labels[part] + begin, *done - begin, f->classes,
                           path);
}

/* ---- parts ----------------------------------------------------------------------- */

static td_status count_part(const family *f, const char *folder,
                            const char *const *names, int64_t *count)
{
    char path[TD_PATH_BYTES];
    td_status status = TD_OK;
    for (; *names && status == TD_OK; names++) {
        td_path_join(path, folder, *names);
        status = count_records(path, f, count);
    }
    return status;
}

static td_status read_part(td_dataset *dataset, td_part part, const family *f,
                           const char *folder, const char *const *names)
{
    char path[TD_PATH_BYTES];
    td_status status = TD_OK;
    int64_t count =
        part == TD_PART_TRAIN ? dataset->info.train_count : dataset->info.test_count;
    int64_t done = 0;
    dataset->images[part] = td_malloc((size_t) count * PIXELS);
    dataset->labels[part] = td_malloc((size_t) count * sizeof(int32_t));
    for (; *names && status == TD_OK; names++) {
        td_path_join(path, folder, *names);
        status = read_records(dataset, part, path, f, &done);
    }
    TD_ASSERT(status != TD_OK || done == count);
    return status;
}

td_status td_cifar_read(td_dataset *dataset, const char *folder, bool shapes_only)
{
    const family *f = family_of(folder);
    TD_ASSERT(f);
    char path[TD_PATH_BYTES];
    bool has_test = td_path_join(path, folder, f->test);
    const char *const test[2] = { has_test ? f->test : NULL, NULL };
    td_data_info *info = &dataset->info;
    info->classes = f->classes;
    info->height = info->width = SIDE;
    info->channels = PLANES;
    td_class_names_init(dataset);
    read_class_names(dataset, folder, f->names);
    td_status status = count_part(f, folder, f->train, &info->train_count);
    if (status == TD_OK)
        status = count_part(f, folder, test, &info->test_count);
    if (status != TD_OK || shapes_only)
        return status;
    status = read_part(dataset, TD_PART_TRAIN, f, folder, f->train);
    if (status == TD_OK && has_test)
        status = read_part(dataset, TD_PART_TEST, f, folder, test);
    if (status == TD_OK)
        td_data_measure(dataset);
    return status;
}
