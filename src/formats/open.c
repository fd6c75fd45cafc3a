/* Opening of a data set: its format is found by the path and what lies there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_log.h"
#include "taildart/data_classes.h"

typedef td_status (*reader)(td_dataset *dataset, const char *place,
                            td_data_reading *how);

static const char known[] =
    "known are a taildart HDF5 file, the folder or a file of IDX "
    "(train-images-idx3-ubyte[.gz] and its siblings), of CIFAR-10 "
    "(data_batch_1.bin …) or of CIFAR-100 (train.bin, test.bin), their archives "
    "(cifar-10-binary.tar.gz), and a folder of class folders of JPEG or PNG files";

/* "a/b/c" -> "a/b" in folder (TD_PATH_BYTES) and a pointer to "c". */
static const char *split_path(const char *path, char *folder)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(folder, TD_PATH_BYTES, ".");
    else
        snprintf(folder, TD_PATH_BYTES, "%.*s", (int) (slash - path), path);
    return slash ? slash + 1 : path;
}

/* The first bytes tell people what a file without a known format may be. */
static td_status unknown_file(const char *path)
{
    uint8_t start[4] = { 0 };
    FILE *file = NULL;
    td_status status = td_data_file_open(&file, path, NULL);
    if (status != TD_OK)
        return status;
    size_t got = fread(start, 1, sizeof start, file);
    fclose(file);
    const char *what = td_foreign_file(path);
    if (got == 0)
        return td_error(TD_DATA, "%s: an empty file (0 bytes): fetch or make it again",
                        path);
    if (what)
        return td_error(TD_DATA, "%s: %s", path, what);
    if (got < sizeof start)
        return td_error(TD_DATA, "%s: only %zu bytes, no data set: %s", path, got,
                        known);
    return td_error(TD_DATA,
                    "%s: begins with the bytes %02x %02x %02x %02x, which is no known "
                    "format: %s",
                    path, start[0], start[1], start[2], start[3], known);
}

/* The first bytes decide for HDF5, names for IDX and CIFAR, because the other files are
 * found by them.  place (TD_PATH_BYTES): the file or folder that the reader takes. */
static td_status choose_file(const char *path, reader *read, char *place)
{
    FILE *file = NULL;
    td_status status = td_data_file_open(&file, path, NULL);
    if (status != TD_OK)
        return status;
    fclose(file);
    if (td_data_is_hdf5(path)) {
        *read = td_hdf5_read;
        return TD_OK;
    }
    const char *name = split_path(path, place);
    if (td_idx_is_name(name)) {
        snprintf(place, TD_PATH_BYTES, "%s", path); /* which of a folder's sets */
        *read = td_idx_read;
    } else if (td_cifar_is_name(name))
        *read = td_cifar_read;
    else if (td_tar_is_one(path)) {
        snprintf(place, TD_PATH_BYTES, "%s", path);
        *read = td_cifar_read_archive;
    } else
        return unknown_file(path);
    return TD_OK;
}

static td_status choose_in_folder(const char *folder, reader *read)
{
    if (access(folder, R_OK | X_OK) != 0)
        return td_error(TD_DATA, "%s: cannot be opened: %s", folder, strerror(errno));
    if (td_idx_is_folder(folder))
        *read = td_idx_read;
    else if (td_cifar_is_folder(folder))
        *read = td_cifar_read;
    else {
        td_status status = td_packing_check(folder);
        if (status != TD_OK)
            return status;
        if (!td_images_is_folder(folder))
            return td_error(TD_DATA, "%s: a folder without a data set: %s", folder,
                            known);
        *read = td_images_read;
    }
    return TD_OK;
}

/* The reader, and what it takes. */
static td_status choose(const char *path, reader *read, char *place)
{
    struct stat entry;
    if (stat(path, &entry) != 0)
        return td_error(TD_DATA, "%s: cannot be opened: %s", path, strerror(errno));
    snprintf(place, TD_PATH_BYTES, "%s", path);
    if (S_ISDIR(entry.st_mode))
        return choose_in_folder(place, read);
    return choose_file(path, read, place);
}

/* Lists say what is there: of the folder only that it is one is looked at. */
static td_status choose_root(const char *path, reader *read, char *place)
{
    struct stat entry;
    if (stat(path, &entry) != 0)
        return td_error(TD_DATA, "%s: cannot be opened: %s", path, strerror(errno));
    if (!S_ISDIR(entry.st_mode))
        return td_error(TD_DATA,
                        "%s: no folder: give the one that the paths of the list begin "
                        "at",
                        path);
    snprintf(place, TD_PATH_BYTES, "%s", path);
    *read = td_images_read;
    return TD_OK;
}

static td_status read_path(td_dataset *dataset, const char *path, td_data_reading *how)
{
    char place[TD_PATH_BYTES];
    reader read = NULL;
    TD_ASSERT(!dataset->class_names && !dataset->images[TD_PART_TRAIN]);
    if (strlen(path) >= TD_PATH_BYTES)
        return td_error(TD_DATA, "%.40s…: the path is too long", path);
    td_status status = how->lists[0] || how->lists[1] ? choose_root(path, &read, place)
                                                      : choose(path, &read, place);
    if (status != TD_OK)
        return status;
    snprintf(dataset->source, sizeof dataset->source, "%s", path);
    TD_ASSERT(read);
    status = read(dataset, place, how);
    bool shrinks = how->size > 0 && how->depth == TD_READ_PIXELS;
    return status == TD_OK && shrinks && read != td_images_read /* it has done it */
               ? td_shrink_dataset(dataset, how->size)
               : status;
}

/* A folder may be called anything; lists have a name a line. */
static td_status check_names(td_dataset *d, const char *path)
{
    const td_classes classes = { path, d->class_names, d->info.classes };
    TD_ASSERT(d->class_names);
    for (int c = 0; c < d->info.classes; c++)
        for (char *at = d->class_names[c]; *at; at++)
            if (*at == '\n')
                *at = ' ';
    return td_class_names_check(&classes);
}

/* At least one, and what is counted is there. */
static bool has_parts(const td_dataset *d)
{
    const int64_t counts[2] = { d->info.train_count, d->info.test_count };
    for (int part = 0; part < 2; part++)
        if ((counts[part] > 0) != (d->images[part] && d->labels[part]))
            return false;
    return d->info.classes > 0 && counts[0] + counts[1] > 0;
}

static td_status check_purpose(const td_dataset *d, const char *path,
                               td_data_purpose purpose)
{
    if (purpose != TD_DATA_TRAIN || d->info.train_count > 0)
        return TD_OK;
    return td_error(TD_DATA,
                    "%s: %lld test images and none to learn from: give a data set with "
                    "a training part, `taildart eval` takes this one",
                    path, (long long) d->info.test_count);
}

/* Whether pixels were left in the file: their reader has judged them. */
static bool is_mapped(const td_data_reading *how)
{
    return how->maps && (how->maps[0].count > 0 || how->maps[1].count > 0);
}

td_status td_dataset_read(td_dataset **dataset, const char *path, td_data_reading *how)
{
    TD_ASSERT(how->size >= 0 && !how->faults);
    td_dataset *d = td_malloc(sizeof *d);
    td_status status = read_path(d, path, how);
    if (status == TD_OK)
        status = check_names(d, path);
    if (status == TD_OK)
        status = check_purpose(d, path, how->purpose);
    if (status != TD_OK) {
        td_dataset_free(d);
        return status;
    }
    if (how->depth == TD_READ_PIXELS && !is_mapped(how)) {
        TD_ASSERT(has_parts(d));
        td_data_note_black(d, path);
        td_data_digest(d);
    }
    *dataset = d;
    return TD_OK;
}

void td_data_reading_clear(td_data_reading *how)
{
    for (td_data_fault *fault = how->faults, *next = NULL; fault; fault = next) {
        next = fault->next;
        td_free(fault->text);
        td_free(fault);
    }
    how->faults = how->last = NULL;
    how->fault_count = how->small_count = 0;
}

td_status td_dataset_open(td_dataset **dataset, const char *path)
{
    return td_dataset_open_for(dataset, path, TD_DATA_ANY);
}

/* One warning tells of pictures that were left out. */
static td_status open_as(td_dataset **dataset, const char *path, td_data_reading *how)
{
    td_status status = td_dataset_read(dataset, path, how);
    if (status == TD_OK && how->faults)
        td_log(TD_LOG_WARNING,
               "%s; %lld file%s cannot be read and %s left out (`taildart data import` "
               "lists all)",
               how->faults->text, (long long) how->fault_count,
               how->fault_count == 1 ? "" : "s", how->fault_count == 1 ? "is" : "are");
    td_data_reading_clear(how);
    return status;
}

td_status td_dataset_open_for(td_dataset **dataset, const char *path,
                              td_data_purpose purpose)
{
    td_data_reading how = { .purpose = purpose };
    return open_as(dataset, path, &how);
}

td_status td_dataset_open_sizes(td_dataset **dataset, td_picture_sizes *sizes,
                                const char *path, td_data_purpose purpose)
{
    *sizes = (td_picture_sizes){ 0 };
    td_data_reading how = { .purpose = purpose, .sizes = sizes };
    return open_as(dataset, path, &how);
}

static td_status open_padded(td_dataset **dataset, const char *path, int pad_to,
                             td_data_reading *how)
{
    td_dataset *d = NULL;
    td_status status = open_as(&d, path, how);
    if (status == TD_OK)
        status = td_dataset_pad(d, path, pad_to);
    if (status == TD_OK)
        *dataset = d;
    else
        td_dataset_free(d);
    return status;
}

td_status td_dataset_open_padded(td_dataset **dataset, const char *path, int pad_to,
                                 td_data_purpose purpose)
{
    td_data_reading how = { .purpose = purpose };
    return open_padded(dataset, path, pad_to, &how);
}

td_status td_dataset_open_mapped(td_dataset **dataset, td_pixel_map *maps,
                                 const char *path, int pad_to, td_data_purpose purpose)
{
    td_data_reading how = { .purpose = purpose, .maps = maps };
    return open_padded(dataset, path, pad_to, &how);
}

td_status td_dataset_open_labels(td_dataset **dataset, td_pixel_map *maps,
                                 const char *path, int pad_to, td_data_purpose purpose)
{
    td_data_reading how = { .purpose = purpose, .depth = TD_READ_LABELS, .maps = maps };
    return open_padded(dataset, path, pad_to, &how);
}

td_status td_dataset_inspect(td_data_info *info, const char *path)
{
    td_dataset *d = td_malloc(sizeof *d);
    td_data_reading how = { .depth = TD_READ_SHAPES };
    td_status status = read_path(d, path, &how);
    TD_ASSERT(status != TD_OK ||
              (d->info.classes > 0 && d->info.train_count + d->info.test_count > 0));
    td_data_reading_clear(&how);
    *info = d->info;
    td_dataset_free(d);
    return status;
}
