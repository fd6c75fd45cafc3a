/* Folders that hold a data set, but not as it is read: in a folder below, as pickles,
 * in an archive; and runs, which hold none. */
#include <unistd.h>

#include "folder.h"
#include "taildart/base_run_files.h"

static bool has_file(const char *folder, const char *name)
{
    char path[TD_PATH_BYTES];
    td_path_join(path, folder, name);
    return access(path, R_OK) == 0;
}

/* Whether a folder is CIFAR's version for Python, unpacked. */
static bool is_pickled_cifar(const char *folder)
{
    return has_file(folder, "data_batch_1") ||
           (has_file(folder, "train") && has_file(folder, "meta"));
}

static td_status refuse_pickles(const char *folder)
{
    return td_error(TD_DATA,
                    "%s: the Python version of CIFAR (pickles): fetch the \"binary "
                    "version\" of the same page, unpack it and give that folder",
                    folder);
}

/* Whether a folder is one that a run writes to. */
static bool is_run(const char *folder)
{
    return has_file(folder, TD_RUN_CONFIG) &&
           (has_file(folder, TD_RUN_CHECKPOINT) || has_file(folder, TD_RUN_LOCK));
}

static td_status refuse_run(const char *folder, const char *what, const char *run)
{
    return td_error(TD_DATA,
                    "%s: %s, no data set: give the file or folder of images that "
                    "data.path in %s/config.yaml names",
                    folder, what, run);
}

static td_status check_runs(const char *folder, const td_listing *inside)
{
    char below[TD_PATH_BYTES];
    if (is_run(folder))
        return refuse_run(folder, "the directory of a run", folder);
    for (int64_t i = 0; i < inside->count; i++) {
        td_path_join(below, folder, inside->entry[i].name);
        if (inside->entry[i].is_folder && is_run(below))
            return refuse_run(folder, "holds runs", below);
    }
    return TD_OK;
}

/* One folder too high, as archives unpack: one or two folders, not one per class. */
static td_status check_below(const char *folder, const td_listing *inside)
{
    enum { FEW = 4 };
    if (inside->count > FEW)
        return TD_OK;
    for (int64_t i = 0; i < inside->count; i++) {
        char below[TD_PATH_BYTES];
        if (!inside->entry[i].is_folder)
            continue;
        td_path_join(below, folder, inside->entry[i].name);
        if (access(below, R_OK | X_OK) != 0)
            continue;
        if (td_idx_is_folder(below) || td_cifar_is_folder(below))
            return td_error(TD_DATA, "%s: the data set is in the folder below: give %s",
                            folder, below);
        if (is_pickled_cifar(below))
            return refuse_pickles(below);
    }
    return TD_OK;
}

static td_status check_files(const char *folder, const td_listing *inside)
{
    for (int64_t i = 0; i < inside->count; i++) {
        char path[TD_PATH_BYTES];
        const char *name = inside->entry[i].name;
        td_path_join(path, folder, name);
        if (inside->entry[i].is_folder || td_picture_is_name(name))
            continue;
        if (td_data_is_hdf5(path))
            return td_error(TD_DATA, "%s: an HDF5 file: give it instead of its folder",
                            path);
        const char *what = td_foreign_file(path);
        if (what)
            return td_error(TD_DATA, "%s: %s", path, what);
    }
    return TD_OK;
}

td_status td_packing_check(const char *folder)
{
    td_listing inside;
    bool has_folders = false;
    if (is_pickled_cifar(folder))
        return refuse_pickles(folder);
    td_status status = td_listing_read(&inside, folder, NULL);
    if (status == TD_OK)
        status = check_runs(folder, &inside);
    if (status == TD_OK)
        status = check_below(folder, &inside);
    for (int64_t i = 0; i < inside.count; i++)
        has_folders = has_folders || inside.entry[i].is_folder;
    if (status == TD_OK && !has_folders)
        status = check_files(folder, &inside);
    td_listing_clear(&inside);
    return status;
}
