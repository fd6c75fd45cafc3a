/* Whether a data set in HDF5 is what it says of itself: HDF5 notices neither a flipped
 * byte nor an array that was never filled.
 *
 * What import writes bears a digest of all that is read.  Files of other programs have
 * none; for them mean and deviation are compared with the pixels, loosely, since people
 * take published ones, of another rounding or another way of averaging. */
#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "internal.h"
#include "taildart/hdf5.h"

static void add(XXH3_state_t *state, const void *bytes, size_t n)
{
    XXH3_128bits_update(state, bytes, n);
}

static void add_number(XXH3_state_t *state, uint64_t bits)
{
    bits = htole64(bits);
    add(state, &bits, sizeof bits);
}

static void add_real(XXH3_state_t *state, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_number(state, bits);
}

static void add_facts(XXH3_state_t *state, const td_dataset *dataset)
{
    const td_data_info *info = &dataset->info;
    const int64_t whole[] = { info->classes,  info->height,      info->width,
                              info->channels, info->train_count, info->test_count };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        add_number(state, (uint64_t) whole[i]);
    for (int c = 0; c < info->channels; c++) {
        add_real(state, info->mean[c]);
        add_real(state, info->std[c]);
    }
    add(state, dataset->source, strlen(dataset->source) + 1);
    for (int c = 0; c < info->classes; c++)
        add(state, dataset->class_names[c], strlen(dataset->class_names[c]) + 1);
}

XXH3_state_t *td_hdf5_digest_begin(const td_dataset *dataset)
{
    XXH3_state_t *state = td_digest_begin();
    add_facts(state, dataset);
    return state;
}

void td_digest_write(char out[TD_DIGEST_TEXT], const uint8_t *bytes)
{
    for (size_t i = 0; 2 * i + 1 < TD_DIGEST_TEXT; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

void td_hdf5_digest_end(XXH3_state_t *state, char out[TD_DIGEST_TEXT])
{
    uint8_t digest[16];
    td_digest_end(state, digest);
    TD_ASSERT(2 * sizeof digest + 1 == TD_DIGEST_TEXT);
    td_digest_write(out, digest);
}

void td_hdf5_digest(char out[TD_DIGEST_TEXT], const td_dataset *dataset)
{
    const td_data_info *info = &dataset->info;
    const int64_t counts[2] = { info->train_count, info->test_count };
    XXH3_state_t *state = td_hdf5_digest_begin(dataset);
    for (int part = 0; part < 2; part++) {
        if (counts[part] == 0)
            continue;
        add(state, dataset->images[part], (size_t) counts[part] * td_image_bytes(info));
        td_labels_hash(state, dataset->labels[part], counts[part]);
    }
    td_hdf5_digest_end(state, out);
}

void td_hdf5_index_digest(char out[TD_DIGEST_TEXT], const td_dataset *dataset,
                          uint32_t *const checks[2], const char *pixels)
{
    const td_data_info *info = &dataset->info;
    const int64_t counts[2] = { info->train_count, info->test_count };
    XXH3_state_t *state = td_hdf5_digest_begin(dataset);
    add(state, pixels, strlen(pixels) + 1);
    for (int part = 0; part < 2; part++) {
        if (counts[part] == 0)
            continue;
        td_labels_hash(state, dataset->labels[part], counts[part]);
        td_labels_hash(state, (const int32_t *) checks[part], counts[part]);
    }
    td_hdf5_digest_end(state, out);
}

/* ---- comparing ------------------------------------------------------------------- */

void td_hdf5_refuse_changed(td_h5 *h5)
{
    td_h5_refuse(
        h5, NULL,
        "damaged, or changed since it was imported: its digest is that of "
        "other contents; if the change was meant, h5py: del f.attrs['digest']");
}

static void compare_digest(td_h5 *h5, const td_dataset *dataset)
{
    char right[TD_DIGEST_TEXT];
    char *found = td_h5_attribute_text(h5, "digest");
    if (!found)
        return;
    td_hdf5_digest(right, dataset);
    if (strcmp(found, right) != 0)
        td_hdf5_refuse_changed(h5);
    td_free(found);
}

/* Black images where others were meant differ by far more. */
static bool is_near(double mean, double std, double found_mean, double found_std)
{
    const double apart = 0.05, ratio = 2.0, little = 0.02;
    return fabs(found_mean - mean) <= apart && found_std <= ratio * std + little &&
           std <= ratio * found_std + little;
}

void td_hdf5_compare_sums(td_h5 *h5, const td_dataset *dataset,
                          const td_pixel_sums *sums)
{
    const td_data_info *stated = &dataset->info;
    td_data_info found = *stated;
    td_pixel_sums_take(sums, &found);
    for (int c = 0; c < stated->channels; c++)
        if (!is_near(stated->mean[c], stated->std[c], found.mean[c], found.std[c]))
            td_h5_refuse(h5, NULL,
                         "its pixels are not those that it speaks of: channel %d has "
                         "mean %.4f and std %.4f, the attributes say %.4f and %.4f; "
                         "write the images, or the attributes, anew",
                         c, found.mean[c], found.std[c], stated->mean[c],
                         stated->std[c]);
}

static void compare_statistics(td_h5 *h5, const td_dataset *dataset)
{
    const td_data_info *info = &dataset->info;
    td_pixel_sums sums = { 0 };
    uint64_t pixels = (uint64_t) info->train_count * td_image_bytes(info);
    td_pixel_sums_add(&sums, dataset->images[TD_PART_TRAIN],
                      pixels / (uint64_t) info->channels, info->channels);
    td_hdf5_compare_sums(h5, dataset, &sums);
}

void td_hdf5_compare(td_h5 *h5, td_dataset *dataset)
{
    if (!h5->ok)
        return;
    TD_ASSERT(dataset->images[TD_PART_TRAIN] || dataset->images[TD_PART_TEST]);
    if (td_h5_has_attribute(h5, "digest"))
        compare_digest(h5, dataset);
    else if (dataset->info.train_count > 0)
        compare_statistics(h5, dataset);
}
