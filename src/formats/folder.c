/* A folder of class folders: which classes and which files there are. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "folder.h"
#include "taildart/base_log.h"

bool td_images_is_folder(const char *folder)
{
    td_holding holds = td_folder_holds(folder, td_picture_is_name);
    return holds.folders || holds.wanted || holds.is_closed;
}

/* ---- classes --------------------------------------------------------------------- */

/* The folders of a part; what else it holds is not read. */
static td_status read_folders(td_listing *list, const char *folder, td_layout *layout)
{
    td_status status = td_listing_read(list, folder, &layout->system);
    int64_t kept = 0;
    for (int64_t i = 0; i < list->count; i++) {
        if (list->entry[i].is_folder) {
            list->entry[kept++] = list->entry[i];
            continue;
        }
        td_passed_add(&layout->beside, list->entry[i].name);
        td_free(list->entry[i].name);
    }
    list->count = kept;
    return status;
}

static td_status check_loose_pictures(const char *folder)
{
    td_holding holds = td_folder_holds(folder, td_picture_is_name);
    if (!holds.wanted)
        return TD_OK;
    return td_error(TD_DATA,
                    "%s/%s: a picture in no class folder: put the pictures of "
                    "each class in a folder of its own",
                    folder, holds.name);
}

static td_status check_classes(const char *folder, const td_listing *found,
                               td_part part)
{
    td_status status = check_loose_pictures(folder);
    if (status != TD_OK)
        return status;
    if (found->count == 0)
        return td_error(TD_DATA,
                        "%s: no class folders: put the pictures of each class "
                        "in a folder of its own",
                        folder);
    if (found->count == 1 && part == TD_PART_TRAIN)
        return td_error(TD_DATA,
                        "%s: one class folder only, %s: two classes or more are "
                        "needed, each in a folder of its own",
                        folder, found->entry[0].name);
    if (found->count > TD_MAX_CLASSES)
        return td_error(TD_DATA,
                        "%s: %lld class folders, but up to %d are supported: join or "
                        "remove some",
                        folder, (long long) found->count, TD_MAX_CLASSES);
    return TD_OK;
}

static int compare_in_any_case(const void *a, const void *b)
{
    return strcasecmp(((const td_entry *) a)->name, ((const td_entry *) b)->name);
}

/* Two classes whose names differ in case alone are seldom meant.  Sorts the listing. */
static void tell_of_case(td_listing *found, const char *folder)
{
    qsort(found->entry, (size_t) found->count, sizeof *found->entry,
          compare_in_any_case);
    for (int64_t i = 1; i < found->count; i++)
        if (compare_in_any_case(&found->entry[i - 1], &found->entry[i]) == 0) {
            td_log(TD_LOG_NOTE,
                   "%s: %s and %s are two classes whose names differ in case alone",
                   folder, found->entry[i - 1].name, found->entry[i].name);
            return;
        }
}

/* Those of the training part, or of the test part where it is alone. */
static td_status take_classes(td_dataset *dataset, td_layout *layout)
{
    td_part part = *layout->part[TD_PART_TRAIN] ? TD_PART_TRAIN : TD_PART_TEST;
    const char *folder = layout->part[part];
    td_listing found;
    td_status status = read_folders(&found, folder, layout);
    if (status == TD_OK)
        status = check_classes(folder, &found, part);
    dataset->info.classes = (int) found.count;
    if (status == TD_OK)
        td_class_names_init(dataset);
    for (int64_t c = 0; c < found.count && status == TD_OK; c++) {
        const char *name = found.entry[c].name;
        if (strlen(name) >= TD_CLASS_NAME_BYTES)
            status = td_error(TD_DATA,
                              "%s/%s: the class name is too long: up to %d bytes are "
                              "kept, rename the folder",
                              folder, name, TD_CLASS_NAME_BYTES - 1);
        else
            snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%s", name);
    }
    if (status == TD_OK)
        tell_of_case(&found, folder);
    td_listing_clear(&found);
    return status;
}

/* Classes of the test part must be classes of the training part. */
static td_status check_test_classes(const td_dataset *dataset, td_layout *layout)
{
    const char *folder = layout->part[TD_PART_TEST];
    td_listing found;
    td_status status = read_folders(&found, folder, layout);
    if (status == TD_OK)
        status = check_loose_pictures(folder);
    int known = 0;
    for (int64_t i = 0; i < found.count && status == TD_OK; i++) {
        const char *name = found.entry[i].name;
        while (known < dataset->info.classes &&
               strcmp(dataset->class_names[known], name) < 0)
            known++;
        if (known == dataset->info.classes ||
            strcmp(dataset->class_names[known], name) != 0)
            status = td_error(TD_DATA,
                              "%s/%s: a class without images for training: add the "
                              "folder there, or remove this one",
                              folder, name);
    }
    if (status == TD_OK && found.count == 0)
        status =
            td_error(TD_DATA, "%s: no class folders: fill it or remove it", folder);
    td_listing_clear(&found);
    return status;
}

/* ---- files ----------------------------------------------------------------------- */

static td_status refuse_folder(const char *folder, const td_entry *entry)
{
    return td_error(TD_DATA,
                    "%s/%s: a folder in what should be a class folder: give the "
                    "folder right above the class folders, or above train and test",
                    folder, entry->name);
}

static void add_file(td_image_list *list, td_entry *entry, int label)
{
    bool is_picture = td_picture_is_name(entry->name);
    list->file = td_extend(list->file, list->count, &list->room, sizeof *list->file);
    list->file[list->count++] = (td_image_file){
        .name = entry->name,
        .label = label,
        .fault = is_picture ? NULL
                            : td_strdup("no JPEG or PNG file (.jpg, .jpeg, .png): "
                                        "convert it if it is a picture"),
    };
    entry->name = NULL; /* the list's now */
}

static td_status add_files(td_image_list *list, const char *folder, int label,
                           bool may_be_empty, td_passed *passed)
{
    td_listing found;
    td_status status = td_listing_read(&found, folder, passed);
    if (status == TD_OK && found.count == 0 && !may_be_empty)
        status = td_error(TD_DATA, "%s: an empty class folder: fill it or remove it",
                          folder);
    for (int64_t i = 0; i < found.count && status == TD_OK; i++) {
        if (found.entry[i].is_folder)
            status = refuse_folder(folder, &found.entry[i]);
        else
            add_file(list, &found.entry[i], label);
    }
    td_listing_clear(&found);
    return status;
}

/* A class may be empty where there is a test part alone. */
static td_status add_part(const td_dataset *dataset, td_layout *layout, td_part part,
                          td_image_list *list)
{
    td_status status = TD_OK;
    const char *folder = layout->part[part];
    bool may_be_empty = *layout->part[TD_PART_TRAIN] == '\0';
    if (*folder == '\0')
        return TD_OK;
    snprintf(list->folder, sizeof list->folder, "%s", folder);
    for (int c = 0; c < dataset->info.classes && status == TD_OK; c++) {
        char path[TD_PATH_BYTES];
        if (td_path_join(path, folder, dataset->class_names[c]))
            status = add_files(list, path, c, may_be_empty, &layout->system);
    }
    return status;
}

static td_status scan_parts(td_dataset *dataset, td_layout *layout,
                            td_image_list *lists)
{
    bool has_both = *layout->part[TD_PART_TRAIN] && *layout->part[TD_PART_TEST];
    td_status status = take_classes(dataset, layout);
    if (status == TD_OK && has_both)
        status = check_test_classes(dataset, layout);
    for (int part = 0; part < 2 && status == TD_OK; part++)
        status = add_part(dataset, layout, (td_part) part, &lists[part]);
    return status;
}

td_status td_folder_scan(td_dataset *dataset, const char *folder,
                         td_data_purpose purpose, td_image_list *lists)
{
    td_layout *layout = td_malloc(sizeof *layout);
    TD_ASSERT(lists[TD_PART_TRAIN].count == 0 && lists[TD_PART_TEST].count == 0);
    td_status status = td_layout_find(layout, folder, purpose);
    if (status == TD_OK)
        status = scan_parts(dataset, layout, lists);
    if (status == TD_OK)
        td_layout_tell(layout, folder);
    td_free(layout);
    return status;
}

void td_image_path(char *out, const td_dataset *dataset, const td_image_list *list,
                   const td_image_file *file)
{
    char folder[TD_PATH_BYTES];
    if (list->is_listed && file->name[0] == '/') {
        snprintf(out, TD_PATH_BYTES, "%s", file->name);
        return;
    }
    if (list->is_listed) {
        td_path_join(out, list->folder, file->name);
        return;
    }
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
