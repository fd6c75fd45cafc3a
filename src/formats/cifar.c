/* CIFAR-10 and CIFAR-100, binary version (Krizhevsky): records of one label byte (100:
 * coarse, then fine) and 3x32x32 bytes, plane after plane.  Names say which files
 * belong together, the record size says which of the two it is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, PLANES = 3, PIXELS = PLANES * PLANE };

/* One of the two data sets. */
typedef struct {
    int classes, label_bytes; /* the last label byte counts          */
    const char *train[6];     /* ends with NULL                      */
    const char *test, *names; /* names of classes, one per line        */
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
enum { FAMILIES = sizeof families / sizeof *families, MAX_FILES = 6 };

/* Names of other files, in archives of the version for Python. */
static const char *const python_names[] = { "data_batch_1", "train", "meta" };

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

/* The most bytes of a file in an archive; one of the version for Python is only told
 * of. */
static int64_t most_of(const char *name)
{
    enum { MOST_RECORDS = 50000, MOST_NAMES = 1 << 16 };
    for (int f = 0; f < FAMILIES; f++)
        if (strcmp(name, families[f].names) == 0)
            return MOST_NAMES;
    for (size_t i = 0; i < sizeof python_names / sizeof *python_names; i++)
        if (strcmp(name, python_names[i]) == 0)
            return TD_TAR_LISTED;
    return td_cifar_is_name(name) ? (int64_t) MOST_RECORDS * (2 + PIXELS)
                                  : TD_TAR_IGNORED;
}

/* Where shapes are enough: sizes tell how many records there are. */
static int64_t most_of_shapes(const char *name)
{
    return td_cifar_is_name(name) ? TD_TAR_LISTED : most_of(name);
}

/* ---- where the files are --------------------------------------------------------- */

/* A folder, or an archive with the files that were in it. */
typedef struct {
    const char *path; /* borrowed */
    bool is_archive;
    td_members members;
} source;

/* Whether there is such a file; what names it in messages is in out (TD_PATH_BYTES). */
static bool source_has(const source *s, const char *name, char *out)
{
    if (!s->is_archive)
        return td_path_join(out, s->path, name);
    snprintf(out, TD_PATH_BYTES, "%.*s: %s", TD_PATH_BYTES - TD_ENTRY_BYTES, s->path,
             name);
    return td_member_find(&s->members, name) != NULL;
}

static td_status source_open(source *s, const char *name, FILE **file, int64_t *size)
{
    char path[TD_PATH_BYTES];
    bool is_there = source_has(s, name, path);
    if (!s->is_archive)
        return td_data_file_open(file, path, size);
    if (!is_there)
        return td_error(TD_DATA, "%s: not in the archive: fetch it again", path);
    td_member *member = td_member_find(&s->members, name);
    *file = member->file;
    *size = member->bytes;
    member->file = NULL; /* the caller's now */
    return TD_OK;
}

static const family *family_of(const source *s)
{
    char path[TD_PATH_BYTES];
    for (int f = 0; f < FAMILIES; f++) {
        if (source_has(s, families[f].test, path))
            return &families[f];
        for (const char *const *train = families[f].train; *train; train++)
            if (source_has(s, *train, path))
                return &families[f];
    }
    return NULL;
}

bool td_cifar_is_folder(const char *folder)
{
    return family_of(&(source){ .path = folder }) != NULL;
}

/* An archive of something else is told to be one. */
static td_status check_archive(const source *s)
{
    if (family_of(s))
        return TD_OK;
    if (td_member_find(&s->members, python_names[0]) ||
        (td_member_find(&s->members, python_names[1]) &&
         td_member_find(&s->members, python_names[2])))
        return td_error(TD_DATA,
                        "%s: the Python version of CIFAR (pickles): fetch the \"binary "
                        "version\" of the same page, cifar-10-binary.tar.gz or "
                        "cifar-100-binary.tar.gz",
                        s->path);
    return td_error(TD_DATA,
                    "%s: %s (of archives, those of CIFAR's binary version are "
                    "read as they are)",
                    s->path, td_foreign_file(s->path));
}

/* One name a line; what is missing or empty keeps its number. */
static void read_class_names(td_dataset *dataset, source *s, const char *name)
{
    char path[TD_PATH_BYTES], line[256];
    FILE *file = NULL;
    int64_t size = 0;
    if (!source_has(s, name, path) || source_open(s, name, &file, &size) != TD_OK)
        return;
    for (int c = 0; c < dataset->info.classes && fgets(line, sizeof line, file); c++) {
        for (int rest = strchr(line, '\n') ? '\n' : 0; rest != '\n' && rest != EOF;)
            rest = fgetc(file); /* the next name stands in the next line */
        line[strcspn(line, "\r\n")] = '\0';
        if (*line)
            snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%.*s",
                     TD_CLASS_NAME_BYTES - 1, line);
    }
    fclose(file);
}

/* ---- files ----------------------------------------------------------------------- */

/* The files of a data set, all open, with their records counted once. */
typedef struct {
    char path[TD_PATH_BYTES];
    FILE *file; /* owned */
    td_part part;
    int64_t count;
} batch;
typedef struct {
    const family *family;
    batch batch[MAX_FILES];
    int count;
} batches;

static td_status count_records(batch *b, const family *f, int64_t size)
{
    int64_t record = f->label_bytes + PIXELS;
    b->count = size / record;
    if (size > 0 && size % record == 0)
        return TD_OK;
    const char *what = td_foreign_file(b->path);
    if (what)
        return td_error(TD_DATA, "%s: %s", b->path, what);
    return td_error(TD_DATA,
                    "%s: truncated, or not CIFAR-%d: %lld bytes are not a whole "
                    "number of records of %lld bytes: fetch the file again",
                    b->path, f->classes, (long long) size, (long long) record);
}

static td_status add_batch(batches *all, td_data_info *info, source *s,
                           const char *name, td_part part)
{
    TD_ASSERT(all->count < MAX_FILES);
    batch *b = &all->batch[all->count++];
    int64_t size = 0;
    b->part = part;
    source_has(s, name, b->path);
    td_status status = source_open(s, name, &b->file, &size);
    if (status == TD_OK)
        status = count_records(b, all->family, size);
    if (status == TD_OK)
        *(part == TD_PART_TRAIN ? &info->train_count : &info->test_count) += b->count;
    return status;
}

static bool has_any(const source *s, const char *const *names)
{
    char path[TD_PATH_BYTES];
    for (; *names; names++)
        if (source_has(s, *names, path))
            return true;
    return false;
}

/* Some training batches without the others are a mistake, none at all is not where
 * there is a test batch. */
static td_status open_all(batches *all, td_data_info *info, source *s)
{
    char path[TD_PATH_BYTES];
    td_status status = TD_OK;
    const family *f = all->family;
    bool has_test = source_has(s, f->test, path);
    bool has_train = !has_test || has_any(s, f->train);
    for (const char *const *name = f->train; has_train && *name && status == TD_OK;
         name++)
        status = add_batch(all, info, s, *name, TD_PART_TRAIN);
    if (status == TD_OK && has_test)
        status = add_batch(all, info, s, f->test, TD_PART_TEST);
    return status;
}

static void close_all(batches *all)
{
    for (int i = 0; i < all->count; i++)
        if (all->batch[i].file)
            fclose(all->batch[i].file);
    td_free(all);
}

/* ---- records --------------------------------------------------------------------- */

/* Planes in the file, channels side by side in memory. */
static void interleave(uint8_t *image, const uint8_t *planes)
{
    for (size_t i = 0; i < PLANE; i++)
        for (size_t c = 0; c < PLANES; c++)
            image[i * PLANES + c] = planes[c * PLANE + i];
}

/* As many records as were counted, behind the *done of this part, and no more: a file
 * may grow or shrink meanwhile. */
static td_status read_records(td_dataset *dataset, const batch *b, const family *f,
                              int64_t *done)
{
    uint8_t record[2 + PIXELS];
    size_t bytes = (size_t) f->label_bytes + PIXELS;
    int32_t *labels = dataset->labels[b->part] + *done;
    uint8_t *images = dataset->images[b->part] + (size_t) *done * PIXELS;
    int64_t i = 0;
    TD_ASSERT(bytes <= sizeof record);
    for (; i < b->count && fread(record, bytes, 1, b->file) == 1; i++) {
        labels[i] = record[f->label_bytes - 1];
        interleave(images + (size_t) i * PIXELS, record + f->label_bytes);
    }
    *done += i;
    if (ferror(b->file))
        return td_error(TD_DATA, "%s: cannot be read: %s", b->path, strerror(errno));
    if (i < b->count || fgetc(b->file) != EOF)
        return td_error(TD_DATA,
                        "%s: changed while it was read: try again when nothing writes "
                        "to it",
                        b->path);
    return td_labels_check(labels, i, f->classes, b->path);
}

static td_status read_all(td_dataset *dataset, const batches *all)
{
    int64_t count[2] = { dataset->info.train_count, dataset->info.test_count };
    int64_t done[2] = { 0 };
    td_status status = TD_OK;
    for (int part = 0; part < 2; part++)
        if (count[part] > 0) {
            dataset->images[part] = td_malloc((size_t) count[part] * PIXELS);
            dataset->labels[part] = td_malloc((size_t) count[part] * sizeof(int32_t));
        }
    for (int i = 0; i < all->count && status == TD_OK; i++) {
        const batch *b = &all->batch[i];
        TD_ASSERT(done[b->part] + b->count <= count[b->part]);
        status = read_records(dataset, b, all->family, &done[b->part]);
    }
    if (status == TD_OK)
        td_data_measure(dataset);
    return status;
}

/* The labels alone, a byte of each record. */
static td_status read_labels(td_dataset *dataset, const batch *b, const family *f,
                             int64_t *done)
{
    int32_t *labels = dataset->labels[b->part] + *done;
    off_t record = f->label_bytes + PIXELS;
    uint8_t label = 0;
    for (int64_t i = 0; i < b->count; i++) {
        if (pread(fileno(b->file), &label, 1, i * record + f->label_bytes - 1) != 1)
            return td_error(TD_DATA, "%s: cannot be read, or changed meanwhile",
                            b->path);
        labels[i] = label;
    }
    *done += b->count;
    return td_labels_check(labels, b->count, f->classes, b->path);
}

static td_status read_all_labels(td_dataset *dataset, const batches *all)
{
    int64_t count[2] = { dataset->info.train_count, dataset->info.test_count };
    int64_t done[2] = { 0 };
    td_status status = TD_OK;
    for (int part = 0; part < 2; part++)
        if (count[part] > 0)
            dataset->labels[part] = td_malloc((size_t) count[part] * sizeof(int32_t));
    for (int i = 0; i < all->count && status == TD_OK; i++)
        status = read_labels(dataset, &all->batch[i], all->family,
                             &done[all->batch[i].part]);
    return status;
}

static td_status read_source(td_dataset *dataset, source *s, td_data_reading *how)
{
    batches *all = td_malloc(sizeof *all);
    const family *f = all->family = family_of(s);
    td_data_info *info = &dataset->info;
    TD_ASSERT(f);
    info->classes = f->classes;
    info->height = info->width = SIDE;
    info->channels = PLANES;
    td_class_names_init(dataset);
    read_class_names(dataset, s, f->names);
    td_status status = open_all(all, info, s);
    if (status == TD_OK && how->depth == TD_READ_PIXELS)
        status = read_all(dataset, all);
    else if (status == TD_OK && how->depth == TD_READ_LABELS)
        status = read_all_labels(dataset, all);
    close_all(all);
    return status;
}

td_status td_cifar_read(td_dataset *dataset, const char *folder, td_data_reading *how)
{
    return read_source(dataset, &(source){ .path = folder }, how);
}

td_status td_cifar_read_archive(td_dataset *dataset, const char *path,
                                td_data_reading *how)
{
    source s = { .path = path, .is_archive = true };
    td_status status = td_tar_read(
        &s.members, path, how->depth == TD_READ_SHAPES ? most_of_shapes : most_of);
    if (status == TD_OK)
        status = check_archive(&s);
    if (status == TD_OK)
        status = read_source(dataset, &s, how);
    td_members_clear(&s.members);
    return status;
}
