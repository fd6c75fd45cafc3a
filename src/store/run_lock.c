/* The lock of a run directory.
 *
 * flock goes away with its process, however that ends; what the file says is for
 * people, and tells a run's directory from another.
 */
#include "run_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "taildart/base_clock.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/machine.h"
#include "taildart/store_beat.h"

/* ---- what it says ---------------------------------------------------------------- */

const char *td_run_job(const char **scheduler)
{
    /* A name that others use, too, counts where another variable stands beside it. */
    static const char *const names[][3] = { { "SLURM_JOB_ID", "Slurm", NULL },
                                            { "PBS_JOBID", "PBS", NULL },
                                            { "LSB_JOBID", "LSF", NULL },
                                            { "JOB_ID", "Grid Engine", "SGE_ROOT" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i][0]);
        if (!value || value[0] == '\0' || (names[i][2] && !getenv(names[i][2])))
            continue;
        if (scheduler)
            *scheduler = names[i][1];
        return value;
    }
    return NULL;
}

/* "pid 4711 on node3, job 12".  Written over the former owner's and cut behind it:
 * never empty on the way, which would make a run's folder look like somebody else's. */
static bool write_owner(int lock)
{
    char host[TD_HOST_BYTES], text[256];
    const char *job = td_run_job(NULL);
    td_host_read(host);
    int n = snprintf(text, sizeof text, "pid %ld on %s%s%.99s\n", (long) getpid(), host,
                     job ? ", job " : "", job ? job : "");
    TD_ASSERT(n > 0 && n < (int) sizeof text);
    return pwrite(lock, text, (size_t) n, 0) == n && ftruncate(lock, n) == 0;
}

/* Its first line; "" where there is none. */
static void read_owner(int lock, char *text, size_t size)
{
    ssize_t n = pread(lock, text, size - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

bool td_run_lock_is_one(const char *path)
{
    char text[256];
    struct stat about;
    int file = -1;
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode) ||
        td_file_open(&file, NULL, path) != TD_OK)
        return false;
    read_owner(file, text, sizeof text);
    close(file);
    size_t digits = strncmp(text, "pid ", 4) == 0 ? strspn(text + 4, "0123456789") : 0;
    return digits > 0 && strncmp(text + 4 + digits, " on ", 4) == 0;
}

td_owner td_run_owner(const char *path, char *words, size_t size)
{
    char *name = td_format("%s/%s", path, TD_RUN_LOCK);
    int file = -1;
    td_owner owner = TD_OWNER_UNKNOWN;
    words[0] = '\0';
    if (td_file_open(&file, NULL, name) == TD_OK) {
        read_owner(file, words, size);
        if (flock(file, LOCK_SH | LOCK_NB) == 0)
            owner = TD_OWNER_NONE;
        else if (errno == EWOULDBLOCK)
            owner = TD_OWNER_THERE;
        close(file); /* and with it the lock of a moment */
    }
    td_free(name);
    return owner;
}

/* ---- taking it ------------------------------------------------------------------- */

/* Without waiting; a signal does not count as an answer. */
static bool try_lock(int file)
{
    int answer = flock(file, LOCK_EX | LOCK_NB);
    while (answer != 0 && errno == EINTR)
        answer = flock(file, LOCK_EX | LOCK_NB);
    return answer == 0;
}

bool td_run_lock_file(int file, double patience)
{
    const struct timespec pause = { 0, 100000000 };
    double end = td_clock_seconds() + patience;
    bool is_held = try_lock(file);
    while (!is_held && errno == EWOULDBLOCK && td_clock_seconds() < end) {
        nanosleep(&pause, NULL);
        is_held = try_lock(file);
    }
    return is_held;
}

static td_status refuse(const td_run *run, const char *owner)
{
    td_status status = td_error(TD_USAGE, "%s: the run directory is in use by %s",
                                run->path, owner[0] ? owner : "another run");
    td_error_hint("wait for its end, or choose another one with --out");
    return status;
}

/* Seconds more for a job that the scheduler has put back into the queue: what holds the
 * lock is its own former start, on a node that may be slow to die. */
enum { OWN_JOB = 60 };

static bool is_our_job(const char *owner)
{
    const char *mine = td_run_job(NULL), *theirs = strstr(owner, ", job ");
    return mine && theirs && strncmp(theirs + 6, mine, 99) == 0;
}

/* Ranks of a job that was killed need a moment to die, and the one that holds the lock
 * may be the last of them. */
static td_status wait_for_owner(td_run *run, double patience)
{
    char owner[256];
    read_owner(run->lock, owner, sizeof owner);
    if (patience > 0 && is_our_job(owner))
        patience += OWN_JOB;
    if (patience > 0)
        td_log(TD_LOG_NOTE, "%s is in use by %s: waiting up to %.0f s for its end",
               run->path, owner[0] ? owner : "another run", patience);
    if (td_run_lock_file(run->lock, patience))
        return TD_OK;
    read_owner(run->lock, owner, sizeof owner);
    return refuse(run, owner);
}

/* A file system without locks is used without. */
static td_status lock_file(td_run *run, double patience)
{
    td_status status = TD_OK;
    run->alone = td_run_lock_file(run->lock, 0);
    if (!run->alone && errno == EWOULDBLOCK) {
        status = wait_for_owner(run, patience);
        run->alone = status == TD_OK;
    } else if (!run->alone)
        td_log(TD_LOG_NOTE,
               "%s: this file system gives no locks (%s); take care not to "
               "start twice in it",
               run->path, strerror(errno));
    return status;
}

bool td_run_lock_stands(td_run *run)
{
    struct stat held, found;
    return fstat(run->lock, &held) == 0 && held.st_nlink > 0 &&
           lstat(td_run_path(run, TD_RUN_LOCK), &found) == 0 &&
           found.st_dev == held.st_dev && found.st_ino == held.st_ino;
}

/* An empty lock would make a folder of ours look like somebody else's. */
static td_status sign(td_run *run, bool is_new)
{
    if (write_owner(run->lock))
        return TD_OK;
    td_status status = td_run_folder_error(run->path, "written");
    if (is_new)
        unlink(td_run_path(run, TD_RUN_LOCK));
    return status;
}

td_status td_run_lock(td_run *run, double patience)
{
    enum { ATTEMPTS = 10 };
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct stat about;
        const char *path = td_run_path(run, TD_RUN_LOCK);
        td_status status = td_file_open_own(&run->lock, path, O_RDWR);
        if (status == TD_OK)
            status = lock_file(run, patience);
        if (status != TD_OK)
            return status;
        if (td_run_lock_stands(run))
            return sign(run, fstat(run->lock, &about) == 0 && about.st_size == 0);
        close(run->lock); /* its former owner has removed it in between */
        run->lock = -1;
    }
    return td_error(TD_FAILED, "%s: is made and removed all the time: no lock",
                    run->path);
}
