/* The run directory in use.
 *
 * Two starts in one directory would write each other's checkpoints and cut each other's
 * metrics: a job that was submitted twice is the usual way to get there.
 */
#include "run_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"

td_status td_run_write(td_run *run, const char *name, const char *text)
{
    return td_file_replace_soon(td_run_path(run, name), text, strlen(text));
}

td_status td_run_flush(td_run *run)
{
    td_status status = TD_OK;
    for (int i = 0; i < TD_RUN_FILES && status == TD_OK; i++)
        if (td_run_files[i].waits_for_flush)
            status = td_file_flush(td_run_path(run, td_run_files[i].name));
    return status;
}

/* ---- begin and end --------------------------------------------------------------- */

static td_status open_folder(td_run *run)
{
    if (!td_run_make_folder(run->path))
        return td_run_folder_error(run->path, "made");
    run->folder = open(run->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (run->folder < 0)
        return td_run_folder_error(run->path, "read");
    if (access(run->path, W_OK | X_OK) != 0)
        return td_run_folder_error(run->path, "written");
    return TD_OK;
}

td_status td_run_begin(td_run **run, const char *path, double patience)
{
    TD_ASSERT(run && path);
    *run = NULL;
    td_file_ignore_limit();
    td_status status = td_run_check_folder(path);
    if (status != TD_OK)
        return status;
    td_run *begun = td_malloc(sizeof *begun);
    begun->path = td_strdup(path);
    begun->folder = begun->lock = -1;
    status = open_folder(begun);
    if (status == TD_OK)
        status = td_run_lock(begun, patience);
    if (status != TD_OK) {
        td_run_end(begun);
        return status;
    }
    if (begun->alone)
        td_run_clean_folder(begun);
    *run = begun;
    return TD_OK;
}

void td_run_end(td_run *run)
{
    if (!run)
        return;
    if (run->lock >= 0)
        close(run->lock); /* gives the lock back */
    if (run->folder >= 0)
        close(run->folder);
    td_free(run->name);
    td_free(run->path);
    td_free(run);
}

/* ---- is it still ours? ----------------------------------------------------------- */

/* Its inode cannot be another's as long as it is open here. */
static bool folder_stands(const td_run *run)
{
    struct stat held, found;
    return fstat(run->folder, &held) == 0 && stat(run->path, &found) == 0 &&
           found.st_dev == held.st_dev && found.st_ino == held.st_ino;
}

/* People remove locks that look forgotten.  \return whether a new one could be had */
static bool lock_again(td_run *run)
{
    struct stat about;
    int former = run->lock;
    if (lstat(td_run_path(run, TD_RUN_LOCK), &about) == 0 || errno != ENOENT)
        return false; /* another run's */
    run->lock = -1;
    if (td_run_lock(run, 0) == TD_OK) {
        close(former);
        td_log(TD_LOG_NOTE, "%s: run.lock was removed under the run: made anew",
               run->path);
        return true;
    }
    if (run->lock >= 0)
        close(run->lock);
    run->lock = former;
    return false;
}

td_status td_run_check(td_run *run)
{
    TD_ASSERT(run);
    if (folder_stands(run) && (td_run_lock_stands(run) || lock_again(run)))
        return TD_OK;
    td_status status = td_error(TD_FAILED,
                                "%s: the run directory was removed, moved or taken by "
                                "another run: nothing more is saved there",
                                run->path);
    td_error_hint("start again in another one with --out");
    return status;
}
