/* A data set in HDF5 whose pixels stay in the file: its digest, and the check of each
 * image.
 *
 * Import writes both beside the pixels, bound to all else that is read by a digest of
 * their own: then nothing but labels and checks is read here, and each reader of an
 * image compares it with its check.  Of other files the pixels are read once, a slab at
 * a time. */
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_signals.h"

enum { SLAB_BYTES = 4 << 20 }; /* of images that are read at once */

static const char *const checks_names[2] = {
    [TD_PART_TRAIN] = "/train/" TD_INDEX_CHECKS,
    [TD_PART_TEST] = "/test/" TD_INDEX_CHECKS,
};

/* ---- the index ------------------------------------------------------------------- */

static void read_checks(td_h5 *h5, td_part part, td_pixel_map *map)
{
    td_h5_array array;
    bool is_open = td_h5_array_open(h5, &array, checks_names[part]);
    if (is_open && (array.kind != H5T_INTEGER || array.size != sizeof *map->check ||
                    array.count != (uint64_t) map->count))
        td_h5_refuse(h5, checks_names[part],
                     "not one number per image: damaged; import the data set anew");
    if (h5->ok) {
        map->check = td_malloc((size_t) map->count * sizeof *map->check);
        td_h5_array_read(h5, &array, H5T_NATIVE_UINT32, map->check);
    }
    td_h5_array_close(&array);
}

/* The digest of the pixels, as it stands there in digits. */
static void take_digest(td_h5 *h5, td_data_info *info, const char *digits)
{
    for (size_t i = 0; i < sizeof info->digest; i++) {
        unsigned byte = 0;
        if (sscanf(digits + 2 * i, "%2x", &byte) != 1)
            td_hdf5_refuse_changed(h5);
        info->digest[i] = (uint8_t) byte;
    }
}

static void read_index(td_h5 *h5, td_dataset *dataset, td_pixel_map *maps)
{
    char right[TD_DIGEST_TEXT];
    for (int part = 0; part < 2; part++)
        if (maps[part].count > 0)
            read_checks(h5, (td_part) part, &maps[part]);
    char *pixels = td_h5_attribute_text(h5, TD_INDEX_PIXELS);
    char *rest = td_h5_attribute_text(h5, TD_INDEX_REST);
    uint32_t *const checks[2] = { maps[0].check, maps[1].check };
    if (h5->ok && strlen(pixels) == TD_DIGEST_TEXT - 1) {
        td_hdf5_index_digest(right, dataset, checks, pixels);
        if (strcmp(rest, right) != 0)
            td_hdf5_refuse_changed(h5);
        take_digest(h5, &dataset->info, pixels);
    } else
        td_hdf5_refuse_changed(h5);
    td_free(rest);
    td_free(pixels);
}

/* ---- all pixels, once ------------------------------------------------------------ */

/* What is found while they pass by. */
typedef struct {
    td_h5 *h5;
    XXH3_state_t *whole;  /* of the digest of import; NULL: there is none to compare */
    XXH3_state_t *pixels; /* of info.digest; NULL for a part that it is not of */
    td_pixel_sums sums;
    uint8_t *slab;
} passing;

static void take_slab(passing *p, td_pixel_map *map, int64_t first, int64_t count,
                      size_t bytes)
{
    size_t n = (size_t) count * bytes;
    for (int64_t i = 0; i < count; i++)
        map->check[first + i] = td_image_check(p->slab + (size_t) i * bytes, bytes);
    if (p->whole)
        XXH3_128bits_update(p->whole, p->slab, n);
    if (p->pixels)
        XXH3_128bits_update(p->pixels, p->slab, n);
    if (!p->whole)
        td_pixel_sums_add(&p->sums, p->slab, n / (uint64_t) map->channels,
                          map->channels);
}

static void pass_part(passing *p, const td_data_info *info, td_pixel_map *map)
{
    size_t bytes = td_image_bytes(info);
    int64_t most = (int64_t) (SLAB_BYTES / bytes) + 1;
    td_pixels *pixels = NULL;
    map->check = td_malloc((size_t) map->count * sizeof *map->check);
    td_status status = td_pixels_open(&pixels, map, info);
    for (int64_t first = 0; first < map->count && status == TD_OK; first += most) {
        int64_t left = map->count - first, count = left < most ? left : most;
        status = td_pixels_read(pixels, first, count, p->slab);
        if (status == TD_OK)
            take_slab(p, map, first, count, bytes);
        td_signals_look();
    }
    td_pixels_close(pixels);
    if (status != TD_OK)
        p->h5->ok = false; /* with the line of that status */
}

/* The part that info.digest is of, or the other one. */
static void pass_and_hash(passing *p, td_dataset *dataset, td_part part,
                          td_pixel_map *map, bool is_digest)
{
    p->pixels = is_digest ? td_digest_begin() : NULL;
    p->sums = (td_pixel_sums){ 0 };
    pass_part(p, &dataset->info, map);
    if (p->whole)
        td_labels_hash(p->whole, dataset->labels[part], map->count);
    if (is_digest) {
        td_labels_hash(p->pixels, dataset->labels[part], map->count);
        td_digest_end(p->pixels, dataset->info.digest);
    }
    if (p->h5->ok && !p->whole && part == TD_PART_TRAIN)
        td_hdf5_compare_sums(p->h5, dataset, &p->sums);
}

static void read_all(td_h5 *h5, td_dataset *dataset, td_pixel_map *maps)
{
    char found[TD_DIGEST_TEXT];
    passing p = { .h5 = h5 };
    char *stated =
        td_h5_has_attribute(h5, "digest") ? td_h5_attribute_text(h5, "digest") : NULL;
    p.whole = stated ? td_hdf5_digest_begin(dataset) : NULL;
    p.slab = td_malloc(SLAB_BYTES + td_image_bytes(&dataset->info));
    bool has_train = maps[TD_PART_TRAIN].count > 0;
    for (int part = 0; part < 2 && h5->ok; part++)
        if (maps[part].count > 0)
            pass_and_hash(&p, dataset, (td_part) part, &maps[part],
                          (part == TD_PART_TRAIN) == has_train);
    if (stated) {
        td_hdf5_digest_end(p.whole, found);
        if (h5->ok && strcmp(found, stated) != 0)
            td_hdf5_refuse_changed(h5);
    }
    td_free(p.slab);
    td_free(stated);
}

/* ---- black images ---------------------------------------------------------------- */

/* From the end on, as far as they are black. */
static int64_t black_at_end(const td_pixel_map *map, const td_data_info *info)
{
    size_t bytes = td_image_bytes(info);
    uint8_t *image = td_malloc(bytes);
    td_pixels *pixels = NULL;
    int64_t black = 0;
    bool goes_on = td_pixels_open(&pixels, map, info) == TD_OK;
    while (goes_on && black < map->count) {
        goes_on = td_pixels_read(pixels, map->count - 1 - black, 1, image) == TD_OK &&
                  image[0] == 0 && memcmp(image, image + 1, bytes - 1) == 0;
        black += goes_on;
    }
    td_pixels_close(pixels);
    td_free(image);
    return black;
}

void td_hdf5_judge(td_h5 *h5, td_dataset *dataset, td_pixel_map *maps)
{
    if (!h5->ok)
        return;
    if (td_h5_has_attribute(h5, "digest") && td_h5_has_attribute(h5, TD_INDEX_REST))
        read_index(h5, dataset, maps);
    else
        read_all(h5, dataset, maps);
    for (int part = 0; part < 2 && h5->ok; part++)
        if (maps[part].count > 0)
            td_data_tell_black(h5->path, (td_part) part,
                               black_at_end(&maps[part], &dataset->info),
                               maps[part].count);
}
