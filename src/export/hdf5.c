/* The network as plain arrays of HDF5: a dataset a tensor under its name in
 * /state_dict, and attributes that say what is in front of them and behind. */
#include <stdio.h>

#include "../checkpoint/image.h"
#include "../net/darts.h"
#include "network.h"
#include "taildart/formats.h"

static const char group[] = "/state_dict", class_names[] = "/class_names";

static void put_tensor(td_image *image, const td_export_tensor *tensor)
{
    td_image_array array = { .type = TD_IMAGE_REAL, .rank = tensor->rank };
    snprintf(array.name, sizeof array.name, "%s/%s", group, tensor->name);
    for (int i = 0; i < tensor->rank; i++)
        array.dims[i] = (hsize_t) tensor->dims[i];
    td_image_put_array(image, &array, tensor->data);
}

/* The names of classes, a line each. */
static void put_class_names(td_image *image, const td_exported *e)
{
    td_text lines = { 0 };
    for (int i = 0; i < e->spec.classes; i++)
        td_text_write(&lines, "%s\n", e->names[i]);
    td_image_put_text(image, class_names, lines.chars);
    td_free(lines.chars);
}

static void put_sizes(td_image *image, const td_exported *e)
{
    const td_net_spec *spec = &e->spec;
    const struct {
        const char *name;
        int value;
    } rows[] = {
        { "channels", spec->channels },
        { "cells", spec->cells },
        { "nodes", spec->nodes },
        { "classes", spec->classes },
        { "image_channels", spec->image_channels },
        { "height", spec->height },
        { "width", spec->width },
        { "padded_height", td_stem_side(spec->stem, spec->height) },
        { "padded_width", td_stem_side(spec->stem, spec->width) },
        { "branches", td_darts_splits_cell(spec) ? 2 : 1 },
        { "divides_features", e->head.divides },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        td_image_put_integer(image, rows[i].name, rows[i].value);
    td_image_put_word(image, "stem", td_stem_word(spec->stem));
}

static void put_statistics(td_image *image, const td_exported *e)
{
    if (!e->saved->has_statistics)
        return;
    td_image_put_numbers(image, "mean", e->spec.image_channels, e->saved->mean);
    td_image_put_numbers(image, "std", e->spec.image_channels, e->saved->std);
}

static td_status write_file(td_text *file, const td_exported *e)
{
    td_image image;
    size_t bytes;
    td_image_new(&image);
    put_sizes(&image, e);
    put_statistics(&image, e);
    td_image_put_group(&image, group);
    for (int i = 0; i < e->count; i++)
        put_tensor(&image, &e->tensors[i]);
    td_image_put_text(&image, "/genotype", e->saved->texts.genotype);
    put_class_names(&image, e);
    char *whole = td_image_finish(&image, &bytes);
    if (!whole)
        return td_error(TD_FAILED, "--to hdf5: HDF5 cannot build %s in memory",
                        e->path);
    *file = (td_text){ .chars = whole, .length = bytes, .capacity = bytes };
    return TD_OK;
}

static td_status check(const td_exported *e)
{
    if (e->spec.genotype)
        return TD_OK;
    return td_error(TD_USAGE,
                    "--to hdf5: %s is of a search, and holds its arrays as they are: "
                    "/weights, /buffers, /arch",
                    e->path);
}

/* Checkpoints are HDF5, too, and are never replaced. */
static bool is_own(const char *path)
{
    return !td_checkpoint_is_one(path) && td_data_holds(path, group + 1);
}

const td_export_format td_export_hdf5 = {
    .name = "hdf5",
    .ending = "h5",
    .what = "network of `taildart export`",
    .is_own = is_own,
    .check = check,
    .write = write_file,
};
