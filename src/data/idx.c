/* IDX files (LeCun's MNIST page): a magic number 0 0 8 d for d dimensions of unsigned
 * bytes, the dimensions as big-endian 32-bit numbers, then the bytes. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { MAGIC_LABELS = 0x801, MAGIC_IMAGES = 0x803, MAX_DIMENSIONS = 3, BYTES = 256 };

static const char *const image_names[2] = {
    [TD_PART_TRAIN] = "train-images-idx3-ubyte",
    [TD_PART_TEST] = "t10k-images-idx3-ubyte",
};
static const char *const label_names[2] = {
    [TD_PART_TRAIN] = "train-labels-idx1-ubyte",
    [TD_PART_TEST] = "t10k-labels-idx1-ubyte",
};

/* ---- names ----------------------------------------------------------------------- */

static bool is_name(const char *name, const char *plain)
{
    size_t length = strlen(plain);
    return strncmp(name, plain, length) == 0 &&
           (name[length] == '\0' || strcmp(name + length, ".gz") == 0);
}

bool td_idx_is_name(const char *name)
{
    for (int part = 0; part < 2; part++)
        if (is_name(name, image_names[part]) || is_name(name, label_names[part]))
            return true;
    return false;
}

/* The plain file if it is there, else the compressed one; path holds TD_PATH_BYTES. */
static bool find(char *path, const char *folder, const char *plain)
{
    char compressed[64];
    snprintf(compressed, sizeof compressed, "%s.gz", plain);
    return td_path_join(path, folder, plain) || td_path_join(path, folder, compressed);
}

bool td_idx_is_folder(const char *folder)
{
    char path[TD_PATH_BYTES];
    for (int part = 0; part < 2; part++)
        if (find(path, folder, image_names[part]) ||
            find(path, folder, label_names[part]))
            return true;
    return false;
}

/* ---- one file -------------------------------------------------------------------- */

typedef struct {
    td_packed *file;
    const char *path; /* borrowed */
    int64_t size[MAX_DIMENSIONS];
} idx_file;

static td_status truncated(const idx_file *idx, const char *where)
{
    return td_error(TD_DATA, "%s: truncated, it ends within %s: fetch the file again",
                    idx->path, where);
}

static int64_t number_at(const uint8_t *word)
{
    return (int64_t) word[0] << 24 | word[1] << 16 | word[2] << 8 | word[3];
}

static td_status read_header(idx_file *idx, unsigned magic)
{
    int dimensions = (int) (magic & 0xff);
    uint8_t header[4 * (1 + MAX_DIMENSIONS)] = { 0 };
    size_t bytes = 4 * (1 + (size_t) dimensions), got = 0;
    TD_ASSERT(bytes <= sizeof header);
    td_status status = td_packed_read(idx->file, header, bytes, &got);
    if (status != TD_OK)
        return status;
    unsigned found = (unsigned) number_at(header);
    if (got >= 4 && found != magic)
        return td_error(TD_DATA,
                        "%s: magic number 0x%08x found, 0x%08x expected (IDX, unsigned "
                        "bytes, %d dimension%s)",
                        idx->path, found, magic, dimensions, dimensions > 1 ? "s" : "");
    if (got < bytes)
        return truncated(idx, "its header");
    for (int i = 0; i < dimensions; i++)
        idx->size[i] = number_at(header + 4 * (i + 1));
    return TD_OK;
}

static td_status begin_file(idx_file *idx, const char *path, unsigned magic)
{
    idx->path = path;
    td_status status = td_packed_open(&idx->file, path);
    return status == TD_OK ? read_header(idx, magic) : status;
}

static uint8_t *enlarge(uint8_t *bytes, size_t used, size_t capacity)
{
    uint8_t *larger = td_malloc(capacity);
    if (used > 0)
        memcpy(larger, bytes, used);
    td_free(bytes);
    return larger;
}

/* Reading on to the end is what compares gzip's checksum. */
static td_status check_end(idx_file *idx, size_t bytes)
{
    uint8_t beyond;
    size_t got = 0;
    td_status status = td_packed_read(idx->file, &beyond, 1, &got);
    if (status == TD_OK && got > 0)
        status =
            td_error(TD_DATA, "%s: more than the %zu bytes that its header announces",
                     idx->path, bytes);
    return status;
}

/* Exactly `bytes` bytes for td_free.  The room grows with what really comes, so that a
 * damaged header cannot ask for all the memory. */
static td_status read_bytes(idx_file *idx, size_t bytes, uint8_t **out)
{
    TD_ASSERT(!*out);
    enum { STEP = 1 << 22 };
    size_t used = 0, capacity = 0;
    while (used < bytes) {
        size_t got = 0;
        if (used == capacity) {
            capacity = capacity ? 2 * capacity : STEP;
            capacity = capacity < bytes ? capacity : bytes;
            *out = enlarge(*out, used, capacity);
        }
        size_t want = capacity - used < STEP ? capacity - used : STEP;
        td_status status = td_packed_read(idx->file, *out + used, want, &got);
        if (status != TD_OK)
            return status;
        used += got;
        if (got < want)
            return truncated(idx, "its data");
    }
    return check_end(idx, bytes);
}

/* ---- images and labels ----------------------------------------------------------- */

static td_status take_shape(td_data_info *info, const idx_file *idx)
{
    int64_t height = idx->size[1], width = idx->size[2];
    if (idx->size[0] == 0 || height == 0 || width == 0 || height > TD_MAX_SIDE ||
        width > TD_MAX_SIDE)
        return td_error(TD_DATA,
                        "%s: %lld images of %lldx%lld pixels: accepted are 1 image and "
                        "more, of sides from 1 to %d",
                        idx->path, (long long) idx->size[0], (long long) height,
                        (long long) width, TD_MAX_SIDE);
    if (info->height != 0 && (info->height != height || info->width != width))
        return td_error(TD_DATA,
                        "%s: images of %lldx%lld pixels, but those for training have "
                        "%dx%d",
                        idx->path, (long long) height, (long long) width, info->height,
                        info->width);
    info->height = (int) height;
    info->width = (int) width;
    info->channels = 1;
    return TD_OK;
}

static td_status read_images(td_dataset *dataset, td_part part, const char *path,
                             bool shapes_only)
{
    td_data_info *info = &dataset->info;
    idx_file idx = { 0 };
    td_status status = begin_file(&idx, path, MAGIC_IMAGES);
    if (status == TD_OK)
        status = take_shape(info, &idx);
    if (status == TD_OK && !shapes_only)
        status = read_bytes(&idx, (size_t) idx.size[0] * td_image_bytes(info),
                            &dataset->images[part]);
    td_packed_close(idx.file);
    int64_t *count = part == TD_PART_TRAIN ? &info->train_count : &info->test_count;
    *count = idx.size[0];
    return status;
}

static td_status read_labels(td_dataset *dataset, td_part part, const char *path)
{
    const td_data_info *info = &dataset->info;
    int64_t images = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    idx_file idx = { 0 };
    uint8_t *bytes = NULL;
    td_status status = begin_file(&idx, path, MAGIC_LABELS);
    if (status == TD_OK && idx.size[0] != images)
        status =
            td_error(TD_DATA, "%s: %lld labels for %lld images in %s", path,
                     (long long) idx.size[0], (long long) images, image_names[part]);
    if (status == TD_OK)
        status = read_bytes(&idx, (size_t) images, &bytes);
    td_packed_close(idx.file);
    if (status == TD_OK) {
        dataset->labels[part] = td_malloc((size_t) images * sizeof(int32_t));
        for (int64_t i = 0; i < images; i++)
            dataset->labels[part][i] = bytes[i];
    }
    td_free(bytes);
    return status;
}

static td_status read_part(td_dataset *dataset, td_part part, const char *folder,
                           bool shapes_only)
{
    char images[TD_PATH_BYTES], labels[TD_PATH_BYTES];
    bool has_images = find(images, folder, image_names[part]);
    bool has_labels = find(labels, folder, label_names[part]);
    if (part == TD_PART_TEST && !has_images && !has_labels)
        return TD_OK;
    if (!has_images || !has_labels)
        return td_error(TD_DATA, "%s/%s: no such file, neither plain nor .gz", folder,
                        has_images ? label_names[part] : image_names[part]);
    td_status status = read_images(dataset, part, images, shapes_only);
    return status == TD_OK ? read_labels(dataset, part, labels) : status;
}

/* ---- classes --------------------------------------------------------------------- */

/* The files do not say how many classes there are: the labels from 0 on without a gap
 * are.  Beyond the ten of the MNIST family a single image founds no class: it is far
 * more likely a damaged label. */
static int classes_of(const int32_t *labels, int64_t n)
{
    int64_t counts[BYTES] = { 0 };
    int classes = 0;
    for (int64_t i = 0; i < n; i++)
        counts[labels[i]]++;
    while (classes < BYTES && counts[classes] >= (classes < 10 ? 1 : 2))
        classes++;
    return classes;
}

static td_status check_part(const td_dataset *dataset, td_part part, const char *folder)
{
    const td_data_info *info = &dataset->info;
    int64_t count = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    char path[TD_PATH_BYTES];
    find(path, folder, label_names[part]);
    return td_labels_check(dataset->labels[part], count, info->classes, path);
}

td_status td_idx_read(td_dataset *dataset, const char *folder, bool shapes_only)
{
    td_data_info *info = &dataset->info;
    td_status status = TD_OK;
    for (int part = 0; part < 2 && status == TD_OK; part++)
        status = read_part(dataset, (td_part) part, folder, shapes_only);
    if (status != TD_OK)
        return status;
    info->classes = classes_of(dataset->labels[TD_PART_TRAIN], info->train_count);
    if (info->classes == 0)
        return td_error(TD_DATA, "%s/%s: no image has label 0: labels count from 0",
                        folder, label_names[TD_PART_TRAIN]);
    for (int part = 0; part < 2 && status == TD_OK; part++)
        status = check_part(dataset, (td_part) part, folder);
    if (status != TD_OK)
        return status;
    td_class_names_init(dataset);
    if (!shapes_only)
        td_data_measure(dataset);
    return TD_OK;
}
