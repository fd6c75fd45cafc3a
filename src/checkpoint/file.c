/* Saving and loading checkpoints as files.
 *
 * At every moment there is a file that loads.  The new one is complete on the disk
 * before the old one is touched; the old one becomes .prev only if it is whole itself,
 * or else a damaged newest would push out the last good one.
 */
#include "taildart/checkpoint.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_run_files.h"
#include "taildart/formats.h"
#include "trailer.h"

#define EXTENSION ".h5"
#define PREV ".prev"

static bool ends_in(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);
    return length >= end && strcmp(text + length - end, suffix) == 0;
}

char *td_checkpoint_prev(const char *path)
{
    if (ends_in(path, PREV EXTENSION) || ends_in(path, PREV))
        return NULL;
    int stem =
        (int) (strlen(path) - (ends_in(path, EXTENSION) ? strlen(EXTENSION) : 0));
    return td_format("%.*s" PREV "%s", stem, path, path + stem);
}

bool td_checkpoint_exists(const char *path)
{
    char *prev = td_checkpoint_prev(path);
    bool exists = access(path, F_OK) == 0 || (prev && access(prev, F_OK) == 0);
    td_free(prev);
    return exists;
}

bool td_checkpoint_is_one(const char *path)
{
    uint8_t trailer[TD_TRAILER_BYTES];
    int file = -1;
    int64_t n = 0;
    if (td_file_open(&file, &n, path) != TD_OK)
        return false;
    bool ends = n >= TD_TRAILER_BYTES &&
                pread(file, trailer, sizeof trailer, n - TD_TRAILER_BYTES) ==
                    (ssize_t) sizeof trailer;
    close(file);
    return ends && td_trailer_is_one(trailer, (uint64_t) n);
}

/* ---- saving ------------------------------------------------------------------ */

static bool is_whole(const char *path)
{
    char *bytes = NULL;
    size_t n = 0, image = 0;
    bool whole = td_file_read_regular(&bytes, &n, path, SIZE_MAX) == TD_OK &&
                 td_trailer_fault(bytes, n, &image) == NULL;
    td_free(bytes);
    return whole;
}

td_status td_checkpoint_pack(td_packed_checkpoint *packed,
                             const td_checkpoint *checkpoint, const char *path)
{
    TD_ASSERT(checkpoint->state.weight_slots && checkpoint->state.norm_slots);
    TD_ASSERT(checkpoint->state.edges >= 0 && checkpoint->world_size > 0);
    packed->image = td_checkpoint_image(checkpoint, &packed->bytes);
    if (packed->image)
        return TD_OK;
    return td_error(TD_FAILED, "%s: HDF5 cannot build the checkpoint", path);
}

td_status td_checkpoint_put(const td_packed_checkpoint *packed, const char *path)
{
    uint8_t trailer[TD_TRAILER_BYTES];
    td_trailer_init(trailer, packed->image, packed->bytes);
    td_file_part parts[] = { { packed->image, packed->bytes },
                             { trailer, sizeof trailer } };
    char *prev = is_whole(path) ? td_checkpoint_prev(path) : NULL;
    td_status status = td_file_replace(path, parts, 2, prev);
    td_free(prev);
    return status;
}

td_status td_checkpoint_save(const td_checkpoint *checkpoint, const char *path)
{
    td_packed_checkpoint packed = { 0 };
    td_status status = td_checkpoint_pack(&packed, checkpoint, path);
    if (status == TD_OK)
        status = td_checkpoint_put(&packed, path);
    td_free(packed.image);
    return status;
}

/* ---- loading ----------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

char *td_checkpoint_path(const char *given)
{
    size_t length = strlen(given);
    if (!is_folder(given))
        return td_strdup(given);
    while (length > 1 && given[length - 1] == '/')
        length--;
    return td_format("%.*s/" TD_RUN_CHECKPOINT, (int) length, given);
}

static bool is_data_set(const char *path)
{
    return td_data_is_hdf5(path) &&
           (td_data_holds(path, "train/images") || td_data_holds(path, "test/images"));
}

static td_status load_one(td_checkpoint **checkpoint, const char *path)
{
    char *bytes = NULL;
    size_t n = 0, image = 0;
    if (td_file_read_regular(&bytes, &n, path, SIZE_MAX) != TD_OK)
        return td_error(TD_CHECKPOINT, "%s", td_error_message());
    const char *fault = td_trailer_fault(bytes, n, &image);
    if (fault && is_data_set(path))
        fault = "a data set, not a checkpoint: it is for --data";
    td_status status = fault ? td_error(TD_CHECKPOINT, "%s: %s", path, fault)
                             : td_checkpoint_parse(checkpoint, bytes, image, path);
    td_free(bytes);
    return status;
}

/* The older one, after \a path failed with the recorded error. */
static td_status load_prev(td_checkpoint **checkpoint, const char *prev)
{
    char *first = td_strdup(td_error_message());
    td_status status = load_one(checkpoint, prev);
    if (status == TD_OK)
        td_log(TD_LOG_WARNING, "%s; using %s", first, prev);
    else
        td_error(TD_CHECKPOINT, "%s; %s; put a copy of one back", first,
                 td_error_message());
    td_free(first);
    return status;
}

td_status td_checkpoint_refuse_missing(const char *given)
{
    struct stat about;
    const char *slash = strrchr(given, '/');
    if (stat(given, &about) != 0)
        return td_error(TD_CHECKPOINT,
                        "%s: cannot be read: %s; give the directory of a run, as --out "
                        "named it",
                        given, strerror(errno));
    if (S_ISDIR(about.st_mode))
        return td_error(TD_CHECKPOINT,
                        "%s: no checkpoint.h5 is in it; give the directory of a run, "
                        "which saves its first after an epoch or checkpoint.minutes",
                        given);
    char *folder = td_format("%.*s", slash > given ? (int) (slash - given) : 1,
                             slash ? given : ".");
    char *beside = td_format("%s/" TD_RUN_CHECKPOINT, folder);
    td_status status =
        td_error(TD_CHECKPOINT, "%s: not the directory of a run; give %s", given,
                 td_checkpoint_exists(beside) ? folder : "one");
    td_free(beside);
    td_free(folder);
    return status;
}

static bool is_missing(const char *path)
{
    return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* It may be a good one, so an older one is no answer to what was asked. */
static bool is_kept_from_us(const char *path)
{
    return access(path, R_OK) != 0 && errno == EACCES;
}

td_status td_checkpoint_load(td_checkpoint **checkpoint, const char *given)
{
    *checkpoint = NULL;
    char *path = td_checkpoint_path(given);
    td_status status = load_one(checkpoint, path);
    bool is_lost = status != TD_OK && !is_kept_from_us(path);
    char *prev = is_lost ? td_checkpoint_prev(path) : NULL;
    if (prev && access(prev, F_OK) == 0)
        status = load_prev(checkpoint, prev);
    else if (is_lost && is_missing(path))
        status = td_checkpoint_refuse_missing(given);
    td_free(prev);
    td_free(path);
    TD_ASSERT((status == TD_OK) == (*checkpoint != NULL));
    return status;
}
