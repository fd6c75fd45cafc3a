/* Statistics and checks of a data set in memory, whatever file it came from. */
#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "taildart/base_log.h"
#include "taildart/data_facts.h"

size_t td_image_bytes(const td_data_info *info)
{
    TD_ASSERT(info->height > 0 && info->width > 0 && info->channels > 0);
    return (size_t) info->height * (size_t) info->width * (size_t) info->channels;
}

void td_dataset_free(td_dataset *dataset)
{
    if (!dataset)
        return;
    for (int part = 0; part < 2; part++) {
        td_free(dataset->images[part]);
        td_free(dataset->labels[part]);
    }
    td_free(dataset->class_names);
    td_free(dataset);
}

void td_class_names_init(td_dataset *dataset)
{
    int classes = dataset->info.classes;
    TD_ASSERT(classes > 0 && !dataset->class_names);
    dataset->class_names = td_malloc((size_t) classes * TD_CLASS_NAME_BYTES);
    for (int c = 0; c < classes; c++)
        snprintf(dataset->class_names[c], TD_CLASS_NAME_BYTES, "%d", c);
}

/* ---- labels ---------------------------------------------------------------------- */

td_status td_labels_check(const int32_t *labels, int64_t n, int classes,
                          const char *path)
{
    TD_ASSERT(classes > 0);
    for (int64_t i = 0; i < n; i++)
        if (labels[i] < 0 || labels[i] >= classes)
            return td_error(
                TD_DATA,
                "%s: label %d of image %lld is out of range: the %d classes "
                "are 0 to %d",
                path, (int) labels[i], (long long) i, classes, classes - 1);
    return TD_OK;
}

void td_class_counts(const int32_t *labels, int64_t n, int classes, int64_t *counts)
{
    TD_ASSERT(classes > 0 && n >= 0);
    memset(counts, 0, (size_t) classes * sizeof *counts);
    for (int64_t i = 0; i < n; i++) {
        TD_ASSERT(labels[i] >= 0 && labels[i] < classes);
        counts[labels[i]]++;
    }
}

/* ---- pixels ---------------------------------------------------------------------- */

void td_pixel_sums_add(td_pixel_sums *sums, const uint8_t *pixels, uint64_t count,
                       int channels)
{
    TD_ASSERT(channels > 0 && channels <= TD_MAX_CHANNELS);
    sums->count += count;
    for (int c = 0; c < channels; c++) {
        uint64_t sum = 0, squares = 0;
        for (uint64_t i = 0; i < count; i++) {
            uint64_t x = pixels[i * (uint64_t) channels + (uint64_t) c];
            sum += x;
            squares += x * x;
        }
        sums->sum[c] += sum;
        sums->squares[c] += squares;
    }
}

void td_pixel_sums_take(const td_pixel_sums *sums, td_data_info *info)
{
    uint64_t count = sums->count;
    for (int c = 0; count > 0 && c < info->channels; c++) {
        /* n Σx² − (Σx)² is exact in whole numbers, and has no cancellation left. */
        unsigned __int128 spread = (unsigned __int128) count * sums->squares[c] -
                                   (unsigned __int128) sums->sum[c] * sums->sum[c];
        info->mean[c] = (double) sums->sum[c] / (255.0 * (double) count);
        info->std[c] = sqrt((double) spread) / (255.0 * (double) count);
    }
}

void td_data_measure(td_dataset *dataset)
{
    td_data_info *info = &dataset->info;
    const uint8_t *pixels = dataset->images[TD_PART_TRAIN];
    size_t channels = (size_t) info->channels;
    size_t count = (size_t) info->train_count * td_image_bytes(info) / channels;
    td_pixel_sums sums = { 0 };
    if (count == 0)
        return; /* test images say nothing of what a network learns from */
    TD_ASSERT(pixels);
    td_pixel_sums_add(&sums, pixels, count, info->channels);
    td_pixel_sums_take(&sums, info);
}

static int64_t black_at_end(const uint8_t *images, int64_t n, size_t bytes)
{
    int64_t black = 0;
    for (size_t at = (size_t) n * bytes; at > 0 && images[at - 1] == 0; at--)
        black = (int64_t) ((size_t) n * bytes - at + 1);
    return black / (int64_t) bytes;
}

void td_data_tell_black(const char *path, td_part part, int64_t black, int64_t count)
{
    if (black > 1)
        td_log(TD_LOG_NOTE,
               "%s: the last %lld of %lld %s images are black, as those are that were "
               "never written: look at them",
               path, (long long) black, (long long) count,
               part == TD_PART_TRAIN ? "training" : "test");
}

void td_data_note_black(const td_dataset *dataset, const char *path)
{
    const td_data_info *info = &dataset->info;
    const int64_t counts[2] = { info->train_count, info->test_count };
    for (int part = 0; part < 2; part++)
        td_data_tell_black(
            path, (td_part) part,
            black_at_end(dataset->images[part], counts[part], td_image_bytes(info)),
            counts[part]);
}

void td_labels_hash(XXH3_state_t *state, const int32_t *labels, int64_t n)
{
    enum { CHUNK = 1024 };
    uint32_t chunk[CHUNK];
    for (int64_t first = 0; first < n; first += CHUNK) {
        int64_t count = n - first < CHUNK ? n - first : CHUNK;
        for (int64_t i = 0; i < count; i++)
            chunk[i] = htole32((uint32_t) labels[first + i]);
        XXH3_128bits_update(state, chunk, (size_t) count * sizeof *chunk);
    }
}

XXH3_state_t *td_digest_begin(void)
{
    XXH3_state_t *state = XXH3_createState();
    TD_CHECK(state, "out of memory: no room for a digest");
    XXH3_128bits_reset(state);
    return state;
}

void td_digest_end(XXH3_state_t *state, uint8_t digest[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
    XXH3_freeState(state);
    memcpy(digest, canonical.digest, sizeof canonical.digest);
}

void td_data_digest(td_dataset *dataset)
{
    td_data_info *info = &dataset->info;
    td_part part = info->train_count > 0 ? TD_PART_TRAIN : TD_PART_TEST;
    int64_t count = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    TD_ASSERT(dataset->images[part] && dataset->labels[part]);
    XXH3_state_t *state = td_digest_begin();
    XXH3_128bits_update(state, dataset->images[part],
                        (size_t) count * td_image_bytes(info));
    td_labels_hash(state, dataset->labels[part], count);
    td_digest_end(state, info->digest);
}
