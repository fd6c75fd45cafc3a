/* Whose folder it is.
 *
 * A run writes config.yaml, metrics.csv and the like over what bears these names, so it
 * begins only where nothing of anybody's can be: in a new or an empty folder, or in one
 * that a run has made, which its lock or a checkpoint tells.
 */
#include "run_parts.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/checkpoint.h"

/* ---- making it ------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* errno tells what hinders the making: no permission rather than "not there". */
static bool make_one(const char *path)
{
    if (mkdir(path, 0777) == 0)
        return true;
    int reason = errno;
    if (is_folder(path))
        return true;
    errno = reason == EEXIST ? ENOTDIR : reason;
    return false;
}

bool td_run_make_folder(const char *path)
{
    char *part = td_strdup(path);
    bool ok = true;
    for (char *slash = part; ok && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        ok = make_one(part);
        *slash = '/';
    }
    ok = ok && make_one(part);
    int reason = errno;
    td_free(part);
    errno = reason;
    return ok;
}

/* ---- what is left over ----------------------------------------------------------- */

/* Files that a run writes whole; other commands write into its directory, too. */
static bool is_left_over(const char *entry)
{
    for (int i = 0; i < TD_RUN_FILES; i++)
        if (td_run_files[i].is_whole &&
            td_file_is_left_over(entry, td_run_files[i].name))
            return true;
    return false;
}

void td_run_clean_folder(td_run *run)
{
    DIR *folder = opendir(run->path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_left_over(entry->d_name))
            unlink(td_run_path(run, entry->d_name));
    closedir(folder);
}

/* ---- whose it is ----------------------------------------------------------------- */

static bool has(const char *path, const char *name, bool (*is_one)(const char *))
{
    char *file = td_format("%s/%s", path, name);
    bool found = is_one(file);
    td_free(file);
    return found;
}

bool td_run_is_one(const char *path)
{
    return has(path, TD_RUN_LOCK, td_run_lock_is_one) ||
           has(path, TD_RUN_CHECKPOINT, td_checkpoint_is_one) ||
           has(path, TD_RUN_CHECKPOINT_BEFORE, td_checkpoint_is_one);
}

/* All but an empty lock, which a full disk leaves. */
static bool is_something(const char *name, const void *path)
{
    struct stat about;
    if (strcmp(name, TD_RUN_LOCK) != 0)
        return true;
    char *file = td_format("%s/%s", (const char *) path, name);
    bool empty =
        lstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == 0;
    td_free(file);
    return !empty;
}

td_status td_run_check_folder(const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return TD_OK; /* to be made, or td_run_begin says why not */
    DIR *folder = opendir(path);
    if (!folder)
        return td_run_folder_error(path, "used");
    char *found =
        td_run_is_one(path) ? NULL : td_file_first_in(folder, is_something, path);
    closedir(folder);
    /* Another start may just have made a run of it, its lock first. */
    if (!found || td_run_is_one(path)) {
        td_free(found);
        return TD_OK;
    }
    td_status status =
        td_error(TD_USAGE,
                 "%s: holds %s, which is no run's: a run begins in a new "
                 "or empty directory",
                 path, found);
    td_error_hint("choose another one with --out");
    td_free(found);
    return status;
}
