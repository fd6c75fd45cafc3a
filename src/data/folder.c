/* A folder of class folders: which classes and which files there are.  Hidden names
 * are passed over, so are files beside class folders that are no pictures. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pictures.h"

/* ---- names ----------------------------------------------------------------------- */

/* Names of a folder's entries, in the order of their bytes. */
typedef struct {
    char **name; /* (count) owned */
    int64_t count, room;
} names;

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Room for one more of `bytes` each behind `count`. */
static void *extend(void *block, int64_t count, int64_t *room, size_t bytes)
{
    if (count < *room)
        return block;
    *room = *room ? 2 * *room : 64;
    void *larger = td_malloc((size_t) *room * bytes);
    if (count > 0)
        memcpy(larger, block, (size_t) count * bytes);
    td_free(block);
    return larger;
}

static void clear_names(names *n)
{
    for (int64_t i = 0; i < n->count; i++)
        td_free(n->name[i]);
    td_free(n->name);
    *n = (names){ 0 };
}

static bool is_folder(const char *folder, const char *name)
{
    char path[TD_PATH_BYTES];
    struct stat entry;
    td_path_join(path, folder, name);
    return stat(path, &entry) == 0 && S_ISDIR(entry.st_mode);
}

/* Whether an entry is a folder; asks the disk only where readdir does not know. */
static bool entry_is_folder(const char *folder, const struct dirent *entry)
{
    if (entry->d_type == DT_DIR || entry->d_type == DT_REG)
        return entry->d_type == DT_DIR;
    return is_folder(folder, entry->d_name);
}

/* Names of a folder that are not hidden; only_folders leaves the others out. */
static td_status read_names(names *n, const char *folder, bool only_folders)
{
    DIR *open = opendir(folder);
    if (!open)
        return td_error(TD_DATA, "%s: cannot be opened: %s", folder, strerror(errno));
    for (struct dirent *entry = readdir(open); entry; entry = readdir(open)) {
        if (entry->d_name[0] == '.' ||
            (only_folders && !entry_is_folder(folder, entry)))
            continue;
        n->name = extend(n->name, n->count, &n->room, sizeof *n->name);
        n->name[n->count++] = td_strdup(entry->d_name);
    }
    closedir(open);
    if (n->count > 0)
        qsort(n->name, (size_t) n->count, sizeof *n->name, compare);
    return TD_OK;
}

/* The first picture of a folder in name (NAME_MAX + 1), if there is one. */
static bool find_picture(const char *folder, char *name)
{
    bool found = false;
    DIR *open = opendir(folder);
    for (struct dirent *entry = open ? readdir(open) : NULL; entry && !found;
         entry = readdir(open)) {
        found = entry->d_name[0] != '.' && td_picture_is_name(entry->d_name) &&
                !entry_is_folder(folder, entry);
        snprintf(name, NAME_MAX + 1, "%s", entry->d_name);
    }
    if (open)
        closedir(open);
    return found;
}

static bool has_folder(const char *folder)
{
    names inside = { 0 };
    bool has = read_names(&inside, folder, true) == TD_OK && inside.count > 0;
    clear_names(&inside);
    return has;
}

bool td_images_is_folder(const char *folder)
{
    char name[NAME_MAX + 1];
    return has_folder(folder) || find_picture(folder, name);
}

/* ---- classes --------------------------------------------------------------------- */

static td_status check_classes(const char *folder, const names *found)
{
    char name[NAME_MAX + 1];
    if (find_picture(folder, name))
        return td_error(TD_DATA,
                        "%s/%s: a picture in no class folder: put the pictures of "
                        "each class in a folder of its own",
                        folder, name);
    if (found->count == 0)
        return td_error(TD_DATA,
                        "%s: no class folders: put the pictures of each class "
                        "in a folder of its own",
                        folder);
    if (found->count == 1)
        return td_error(TD_DATA,
                        "%s: one class folder only, %s: two classes or more are "
                        "needed, each in a folder of its own",
                        folder, found->name[0]);
    if (found->count > TD_MAX_CLASSES)
        return td_error(TD_DATA,
                        "%s: %lld class folders, but up to %d are supported: join or "
                        "remove some",
                        folder, (long long) found->count, TD_MAX_CLASSES);
    return TD_OK;
}

static td_status take_classes(td_dataset *dataset, const char *folder)
{
    names found = { 0 };
    td_status status = read_names(&found, folder, true);
    if (status == TD_OK)
        status = check_classes(folder, &found);
    dataset->info.classes = (int) found.count;
    if (status == TD_OK)
        td_class_names_init(dataset);
    for (int64_t c = 0; c < found.count && status == TD_OK; c++) {
        if (strlen(found.name[c]) >= TD_CLASS_NAME_BYTES)
            status = td_error(TD_DATA,
                              "%s/%s: the class name is too long: up to %d bytes are "
                              "kept, rename the folder",
                              folder, found.name[c], TD_CLASS_NAME_BYTES - 1);
        else
            snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%s", found.name[c]);
    }
    clear_names(&found);
    return status;
}

/* Classes of the test part must be classes of the training part. */
static td_status check_test_classes(const td_dataset *dataset, const char *folder)
{
    names found = { 0 };
    td_status status = read_names(&found, folder, true);
    int known = 0;
    for (int64_t i = 0; i < found.count && status == TD_OK; i++) {
        while (known < dataset->info.classes &&
               strcmp(dataset->class_names[known], found.name[i]) < 0)
            known++;
        if (known == dataset->info.classes ||
            strcmp(dataset->class_names[known], found.name[i]) != 0)
            status = td_error(TD_DATA,
                              "%s/%s: a class without images for training: add the "
                              "folder there, or remove this one",
                              folder, found.name[i]);
    }
    clear_names(&found);
    return status;
}

/* ---- files ----------------------------------------------------------------------- */

static td_status add_files(td_image_list *list, const char *folder, int label)
{
    names found = { 0 };
    td_status status = read_names(&found, folder, false);
    if (status == TD_OK && found.count == 0)
        status = td_error(TD_DATA, "%s: an empty class folder: fill it or remove it",
                          folder);
    for (int64_t i = 0; i < found.count && status == TD_OK; i++) {
        if (!td_picture_is_name(found.name[i])) {
            status = td_error(TD_DATA,
                              "%s/%s: no JPEG or PNG file (.jpg, .jpeg, .png): convert "
                              "it, or move it out of the class folder",
                              folder, found.name[i]);
            continue;
        }
        list->file = extend(list->file, list->count, &list->room, sizeof *list->file);
        list->file[list->count++] =
            (td_image_file){ .name = found.name[i], .label = label };
        found.name[i] = NULL; /* the list's now */
    }
    clear_names(&found);
    return status;
}

static td_status add_part(const td_dataset *dataset, td_image_list *list,
                          const char *folder)
{
    td_status status = TD_OK;
    snprintf(list->folder, sizeof list->folder, "%s", folder);
    for (int c = 0; c < dataset->info.classes && status == TD_OK; c++) {
        char path[TD_PATH_BYTES];
        if (td_path_join(path, folder, dataset->class_names[c]))
            status = add_files(list, path, c);
    }
    return status;
}

td_status td_folder_scan(td_dataset *dataset, const char *folder, td_image_list *lists)
{
    char train[TD_PATH_BYTES], test[TD_PATH_BYTES];
    TD_ASSERT(lists[TD_PART_TRAIN].count == 0 && lists[TD_PART_TEST].count == 0);
    /* A class may be called train: a part holds folders, a class holds pictures. */
    bool has_parts = td_path_join(train, folder, "train") && has_folder(train);
    bool has_test = has_parts && td_path_join(test, folder, "test");
    const char *above = has_parts ? train : folder;
    td_status status = take_classes(dataset, above);
    if (status == TD_OK && has_test)
        status = check_test_classes(dataset, test);
    if (status == TD_OK)
        status = add_part(dataset, &lists[TD_PART_TRAIN], above);
    if (status == TD_OK && has_test)
        status = add_part(dataset, &lists[TD_PART_TEST], test);
    if (status == TD_OK && has_test && lists[TD_PART_TEST].count == 0)
        status = td_error(TD_DATA, "%s: no class folders: fill it or remove it", test);
    return status;
}

void td_image_path(char *out, const td_dataset *dataset, const td_image_list *list,
                   const td_image_file *file)
{
    char folder[TD_PATH_BYTES];
    TD_ASSERT(file->label >= 0 && file->label < dataset->info.classes);
    td_path_join(folder, list->folder, dataset->class_names[file->label]);
    td_path_join(out, folder, file->name);
}

void td_image_list_clear(td_image_list *list)
{
    for (int64_t i = 0; i < list->count; i++) {
        td_free(list->file[i].name);
        td_free(list->file[i].fault);
    }
    td_free(list->file);
    *list = (td_image_list){ 0 };
}
