/* The table of formats, and a network's way into one. */
#include "taildart/export.h"

#include <string.h>
#include <sys/stat.h>

#include "network.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/config_nearest.h"

static const td_export_format *const formats[] = { &td_export_pytorch, &td_export_onnx,
                                                   &td_export_hdf5 };

enum { FORMATS = sizeof formats / sizeof *formats };

static td_status refuse_format(const char *name)
{
    const char *names[FORMATS];
    for (int i = 0; i < FORMATS; i++)
        names[i] = formats[i]->name;
    return td_refuse_word(TD_USAGE, name, names, FORMATS, "--to: found \"%s\"", name);
}

/* NULL: there is none of that name. */
static const td_export_format *find_format(const char *name)
{
    for (int i = 0; i < FORMATS; i++)
        if (strcmp(name, formats[i]->name) == 0)
            return formats[i];
    return NULL;
}

/* ---- where it goes --------------------------------------------------------------- */

/* "runs/a/network.pt" beside "runs/a/checkpoint.h5"; for td_free. */
static char *path_beside(const char *checkpoint, const td_export_format *format)
{
    const char *slash = strrchr(checkpoint, '/');
    int folder = slash ? (int) (slash + 1 - checkpoint) : 0;
    return td_format("%.*snetwork.%s", folder, checkpoint, format->ending);
}

/* Nothing but an older export is replaced. */
static td_status check_output(const char *path, const td_export_format *format,
                              const char *checkpoint)
{
    struct stat about;
    td_status status = td_file_keep_apart(path, checkpoint);
    if (status == TD_OK && path[0] == '\0')
        status = td_error(TD_USAGE, "--output: a name of a file is missing");
    if (status != TD_OK || stat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size == 0 || format->is_own(path))
        return status;
    return td_error(TD_USAGE,
                    "%s: exists and is no %s, so it is not replaced: name another "
                    "file, or remove it",
                    path, format->what);
}

/* In the folder of a run, which may be from others, links are not followed. */
static td_status put(const char *path, const td_text *file, bool is_named)
{
    td_file_part whole = { file->chars, file->length };
    return is_named ? td_file_write(path, file->chars, file->length)
                    : td_file_replace(path, &whole, 1, NULL);
}

/* ---- what is said of it ---------------------------------------------------------- */

static void say_numbers(const char *name, const double *values, int n)
{
    td_text line = { 0 };
    for (int i = 0; i < n; i++)
        td_text_write(&line, " %.6g", values[i]);
    td_print("%-8s%s", name, line.chars);
    td_free(line.chars);
}

/* What has to happen in front of tensors, and behind them. */
static void say_ends(const td_exported *e)
{
    const td_net_spec *spec = &e->spec;
    if (e->saved->has_statistics) {
        say_numbers("mean", e->saved->mean, spec->image_channels);
        say_numbers("std", e->saved->std, spec->image_channels);
    } else {
        td_print("%-8s not kept by this older checkpoint: those of its data", "mean");
    }
    if (spec->two_branch && spec->split == TD_BRANCH_CELL)
        td_print("%-8s 2, the last cell as cells.%d and cell_rb: features side by side",
                 "branches", spec->cells - 1);
    if (e->saved->state.edges > 0)
        td_print("%-8s a search's: alphas are not in it, as in a state_dict of DARTS",
                 "network");
    if (e->head.divides)
        td_print("%-8s reads features that are divided by their norm", "head");
}

/* Zeros around images, which are in a graph, and otherwise come before the tensors. */
static void say_padding(const td_net_spec *spec, bool is_whole)
{
    int height = td_stem_side(spec->stem, spec->height);
    int width = td_stem_side(spec->stem, spec->width);
    if (height == spec->height && width == spec->width)
        return;
    td_print("%-8s to %dx%d with zeros, %d above and %d left of the pixels", "padded",
             height, width, td_stem_margin(spec->stem, spec->height),
             td_stem_margin(spec->stem, spec->width));
    td_print("%-8s %s", "",
             is_whole ? "by the graph" : "by the reader, before the first convolution");
}

static void say(const td_exported *e, const td_export_format *format, const char *path,
                size_t bytes)
{
    const td_net_spec *spec = &e->spec;
    td_print("%s", path);
    td_print("%-8s %zu", "bytes", bytes);
    td_print("%-8s %dx%dx%d, %s", "images", spec->image_channels, spec->height,
             spec->width, format->is_whole ? "pixels/255" : "(pixels/255 - mean)/std");
    say_padding(spec, format->is_whole);
    td_print("%-8s %d", "classes", spec->classes);
    if (format->is_whole)
        return;
    td_print("%-8s %d, of %zu numbers", "tensors", e->count, e->numbers);
    say_ends(e);
}

/* ---- all of it ------------------------------------------------------------------- */

static td_status write_network(const td_export_options *options,
                               const td_export_format *format, const char *path)
{
    td_exported e;
    td_text file = { 0 };
    td_status status = td_exported_open(&e, options->checkpoint);
    if (status == TD_OK)
        status = format->check(&e);
    if (status == TD_OK)
        status = format->write(&file, &e);
    if (status == TD_OK)
        status = put(path, &file, options->output != NULL);
    if (status == TD_OK)
        say(&e, format, path, file.length);
    td_free(file.chars);
    td_exported_clear(&e);
    return status;
}

td_status td_export_run(const td_export_options *options)
{
    TD_ASSERT(options->checkpoint && options->format);
    const td_export_format *format = find_format(options->format);
    if (!format)
        return refuse_format(options->format);
    char *checkpoint = td_checkpoint_path(options->checkpoint);
    char *path =
        options->output ? td_strdup(options->output) : path_beside(checkpoint, format);
    td_status status = check_output(path, format, checkpoint);
    if (status == TD_OK && options->output)
        status = td_file_try(path);
    if (status == TD_OK)
        status = write_network(options, format, path);
    td_free(path);
    td_free(checkpoint);
    return status;
}
