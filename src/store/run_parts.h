/* Shared by the files of the run directory. */
#ifndef TD_STORE_RUN_PARTS_H
#define TD_STORE_RUN_PARTS_H

#include "taildart/store.h"

struct td_run {
    char *path; /* owned: the directory                               */
    char *name; /* owned: what td_run_path gave out last              */
    int folder; /* descriptor of the directory, so that its inode is
                   nobody else's while the run lasts                  */
    int lock;   /* descriptor of run.lock, open for the run           */
    bool alone; /* the lock is held, not just tolerated               */
};

/* ---- run_files.c ----------------------------------------------------------------- */

/* A file of the directory but the lock, which run_lock.c looks after. */
typedef struct {
    const char *name;
    bool waits_for_flush; /* td_run_flush waits for the disk, its writer does not     */
    bool is_whole;        /* has a temporary name first, which a killed run may leave */
    bool feeds_reports;   /* read by reports, whose own files never replace it        */
} td_run_file;

enum { TD_RUN_FILES = 15 };
extern const td_run_file td_run_files[TD_RUN_FILES];

/* ---- run_path.c ------------------------------------------------------------------ */

/* TD_FAILED by errno: \a what is "made", "written", "read". */
td_status td_run_folder_error(const char *path, const char *what);

/* ---- run_lock.c ------------------------------------------------------------------ */

/* Take run.lock, made where it is missing, waiting up to \a patience seconds for who
 * holds it.  \return TD_USAGE saying who, TD_FAILED when it cannot be written */
td_status td_run_lock(td_run *run, double patience);

/* Take the lock of an open file, waiting up to \a patience seconds.  Not collective.
 * \return false with errno: EWOULDBLOCK where another process holds it, anything else
 * where the file system has no locks */
bool td_run_lock_file(int file, double patience);

/* Whether the lock at the run's path is the one that is held. */
bool td_run_lock_stands(td_run *run);

/* The number by which a scheduler knows this job, and whose it is: "Slurm".
 * \return NULL outside one */
const char *td_run_job(const char **scheduler);

/* Whether \a path is a lock that a run wrote. */
bool td_run_lock_is_one(const char *path);

/* ---- run_folder.c ---------------------------------------------------------------- */

/* As `mkdir -p`; false with errno. */
bool td_run_make_folder(const char *path);

/* Whether a lock or a checkpoint in the folder \a path says that a run made it. */
bool td_run_is_one(const char *path);

/* Remove what a run that was killed while it wrote has left. */
void td_run_clean_folder(td_run *run);

#endif
