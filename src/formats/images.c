/* A folder of class folders of JPEG and PNG files.  Headers of all files are read first
 * (sizes, grey or colour, what is no picture), then pixels; both by all threads, each
 * file into a place that does not depend on them. */
#include <omp.h>
#include <string.h>

#include "folder.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"

/* A reading under way. */
typedef struct {
    td_dataset *dataset; /* borrowed */
    td_data_reading *how;
    td_image_list list[2]; /* by td_part, owned */
    int64_t done, total;   /* of the pass under way */
} reading;

/* ---- what cannot be read --------------------------------------------------------- */

static void note_fault(const reading *r, const td_image_list *list,
                       const td_image_file *file)
{
    char path[TD_PATH_BYTES];
    td_data_reading *how = r->how;
    td_image_path(path, r->dataset, list, file);
    td_data_fault **end = &how->faults;
    if (how->last)
        end = &how->last->next;
    *end = td_malloc(sizeof **end);
    (*end)->text = td_format("%s: %s", path, file->fault);
    (*end)->is_small = file->is_small;
    how->last = *end;
    *(file->is_small ? &how->small_count : &how->fault_count) += 1;
}

/* Files with a fault leave the list and, where there are pixels, their place. */
static void drop_faults(reading *r, td_part part, size_t bytes)
{
    td_image_list *list = &r->list[part];
    uint8_t *pixels = r->dataset->images[part];
    int64_t kept = 0;
    for (int64_t i = 0; i < list->count; i++) {
        td_image_file file = list->file[i];
        if (file.fault) {
            note_fault(r, list, &file);
            td_free(file.name);
            td_free(file.fault);
            continue;
        }
        if (pixels && kept < i)
            memcpy(pixels + (size_t) kept * bytes, pixels + (size_t) i * bytes, bytes);
        list->file[kept++] = file;
    }
    list->count = kept;
}

/* Every class keeps an image for training, a test part one at all. */
static td_status check_left(const reading *r)
{
    const td_image_list *train = &r->list[TD_PART_TRAIN];
    int next = 0, classes = r->dataset->info.classes;
    for (int64_t i = 0; i < train->count; i++)
        next += train->file[i].label == next;
    const char *why = r->how->faults ? r->how->faults->text : "";
    if (train->is_listed && next < classes)
        return td_error(TD_DATA,
                        "%s: no picture of class '%s' that can be read is left: do "
                        "the paths of the list begin there? (%s)",
                        train->folder, r->dataset->class_names[next], why);
    if (*train->folder && next < classes)
        return td_error(TD_DATA,
                        "%s/%s: no image that can be read is left: replace its files "
                        "or move the folder away (%s)",
                        train->folder, r->dataset->class_names[next], why);
    if (*r->list[TD_PART_TEST].folder && r->list[TD_PART_TEST].count == 0)
        return td_error(TD_DATA,
                        "%s: no image that can be read is left: replace its files "
                        "or move the folder away (%s)",
                        r->list[TD_PART_TEST].folder, why);
    return TD_OK;
}

/* ---- progress -------------------------------------------------------------------- */

/* One more is done: any thread, told by one at a time, now and then. */
static void tell(reading *r, const char *what)
{
    enum { EVERY = 32 };
    int64_t done = 0;
#pragma omp atomic capture
    done = ++r->done;
    TD_ASSERT(done <= r->total);
    if (omp_get_thread_num() == 0)
#pragma omp critical(td_images_tell)
        td_signals_look();
    if (!r->how->tell || (done % EVERY != 0 && done < r->total))
        return;
#pragma omp critical(td_images_tell)
    r->how->tell(what, done, r->total);
}

static void begin_pass(reading *r)
{
    r->done = 0;
    r->total = r->list[0].count + r->list[1].count;
}

/* ---- headers --------------------------------------------------------------------- */

static void skip_small(td_image_file *file, int size)
{
    file->is_small = file->height < size || file->width < size;
    if (file->is_small)
        file->fault = td_format("%dx%d pixels, less than --size %d", file->height,
                                file->width, size);
}

static void look(reading *r, const td_image_list *list, td_image_file *file)
{
    char path[TD_PATH_BYTES];
    td_picture picture = { 0 };
    td_image_path(path, r->dataset, list, file);
    if (!file->fault && !td_picture_look(&picture, path))
        file->fault = td_strdup(picture.fault);
    file->height = picture.height;
    file->width = picture.width;
    file->channels = picture.channels;
    file->turn = (uint8_t) picture.turn;
    file->odd = (uint8_t) picture.odd;
    if (!file->fault && r->how->skip_small)
        skip_small(file, r->how->size);
    tell(r, "looking at");
}

static void look_at_all(reading *r)
{
    begin_pass(r);
    for (int part = 0; part < 2; part++) {
        td_image_list *list = &r->list[part];
#pragma omp parallel for schedule(dynamic, 16)
        for (int64_t i = 0; i < list->count; i++)
            look(r, list, &list->file[i]);
        drop_faults(r, (td_part) part, 0);
    }
}

/* ---- pixels ---------------------------------------------------------------------- */

static void read_file(reading *r, const td_image_list *list, td_image_file *file,
                      uint8_t *out)
{
    char path[TD_PATH_BYTES];
    td_picture picture = { .height = file->height,
                           .width = file->width,
                           .channels = file->channels,
                           .turn = file->turn };
    td_image_path(path, r->dataset, list, file);
    const td_data_info *info = &r->dataset->info;
    if (!td_picture_read(&picture, path, info->channels, info->height, info->width,
                         out))
        file->fault = td_strdup(picture.fault);
    tell(r, "reading");
}

static void read_part(reading *r, td_part part)
{
    td_dataset *d = r->dataset;
    td_image_list *list = &r->list[part];
    size_t bytes = td_image_bytes(&d->info);
    d->images[part] = td_malloc((size_t) list->count * bytes);
#pragma omp parallel for schedule(dynamic, 16)
    for (int64_t i = 0; i < list->count; i++)
        read_file(r, list, &list->file[i], d->images[part] + (size_t) i * bytes);
    drop_faults(r, part, bytes);
}

static void read_pixels(reading *r)
{
    begin_pass(r);
    for (int part = 0; part < 2; part++)
        if (r->list[part].count > 0)
            read_part(r, (td_part) part);
}

/* ---- the data set ---------------------------------------------------------------- */

static void take_counts(const reading *r)
{
    r->dataset->info.train_count = r->list[TD_PART_TRAIN].count;
    r->dataset->info.test_count = r->list[TD_PART_TEST].count;
}

static td_status check_strict(const td_data_reading *how)
{
    const td_data_fault *first = how->faults;
    if (!how->strict || how->fault_count == 0)
        return TD_OK;
    while (first->is_small)
        first = first->next;
    td_status status = td_error(TD_DATA, "%s", first->text);
    if (how->fault_count > 1)
        status = td_error(TD_DATA, "%s (and %lld more files cannot be read)",
                          td_error_message(), (long long) how->fault_count - 1);
    td_error_hint("replace them, or leave --strict out to go on without them");
    return status;
}

static void take_labels(const reading *r)
{
    for (int part = 0; part < 2; part++) {
        const td_image_list *list = &r->list[part];
        if (list->count == 0)
            continue;
        int32_t *labels = td_malloc((size_t) list->count * sizeof *labels);
        for (int64_t i = 0; i < list->count; i++)
            labels[i] = list->file[i].label;
        r->dataset->labels[part] = labels;
    }
}

static td_status read_all(reading *r)
{
    look_at_all(r);
    td_status status = check_left(r);
    if (status == TD_OK)
        status = td_images_take_shape(r->dataset, r->list, r->how);
    if (status == TD_OK)
        td_images_tell_odd(r->dataset, r->list);
    if (status == TD_OK && r->dataset->info.height == 0)
        r->how->depth = TD_READ_LABELS;
    bool is_deep = r->how->depth == TD_READ_PIXELS;
    if (status == TD_OK && is_deep)
        read_pixels(r);
    take_counts(r);
    take_labels(r);
    if (status == TD_OK && is_deep)
        status = check_strict(r->how);
    if (status == TD_OK && is_deep)
        status = check_left(r);
    if (status == TD_OK && is_deep)
        td_data_measure(r->dataset);
    return status;
}

td_status td_images_read(td_dataset *dataset, const char *folder, td_data_reading *how)
{
    TD_ASSERT(how->size >= 0 && !dataset->class_names);
    reading *r = td_malloc(sizeof *r);
    *r = (reading){ .dataset = dataset, .how = how };
    bool has_lists = how->lists[TD_PART_TRAIN] || how->lists[TD_PART_TEST];
    td_status status = has_lists
                           ? td_list_scan(dataset, folder, how->lists, r->list)
                           : td_folder_scan(dataset, folder, how->purpose, r->list);
    if (status == TD_OK)
        status = read_all(r);
    for (int part = 0; part < 2; part++)
        td_image_list_clear(&r->list[part]);
    td_free(r);
    return status;
}
