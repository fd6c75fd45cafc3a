/* The run directory and its lock.
 *
 * Two starts in one directory would write each other's checkpoints and cut each other's
 * metrics: a job that was submitted twice is the usual way to get there.  flock goes
 * away with its process, however that ends; what the file says is for people only.
 */
#include "taildart/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"

struct td_run {
    char *path; /* owned: the directory                            */
    char *name; /* owned: what td_run_path gave out last           */
    int lock;   /* file descriptor of run.lock, open for the run   */
    bool alone; /* the lock is held, not just tolerated            */
};

const char *td_run_path(td_run *run, const char *name)
{
    TD_ASSERT(run && run->path && name);
    td_free(run->name);
    run->name = td_format("%s/%s", run->path, name);
    return run->name;
}

td_status td_run_write(td_run *run, const char *name, const char *text)
{
    td_file_part whole = { text, strlen(text) };
    return td_file_replace(td_run_path(run, name), &whole, 1, NULL);
}

/* ---- the directory ----------------------------------------------------------- */

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* As `mkdir -p`. */
static bool make_directories(const char *path)
{
    char *part = td_strdup(path);
    bool ok = true;
    for (char *slash = part; ok && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        ok = mkdir(part, 0777) == 0 || is_directory(part);
        *slash = '/';
    }
    ok = ok && (mkdir(part, 0777) == 0 || is_directory(part));
    td_free(part);
    return ok;
}

static td_status directory_error(const char *path, const char *what)
{
    td_status status = td_error(TD_FAILED, "%s: the run directory cannot be %s: %s",
                                path, what, strerror(errno));
    td_error_hint("choose another one with --out");
    return status;
}

/* Files that a run writes whole; other commands write into its directory, too. */
static bool is_left_over(const char *entry)
{
    static const char *const names[] = {
        "checkpoint.h5", "best.h5",      "config.yaml",  "metrics.csv", "genotype.txt",
        "genotype.json", "genotype.dot", "genotype.svg", "failed.txt"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (td_file_is_left_over(entry, names[i]))
            return true;
    return false;
}

/* What a run that was killed while it wrote has left; no run writes here now. */
static void remove_temporaries(td_run *run)
{
    DIR *folder = opendir(run->path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (is_left_over(entry->d_name))
            unlink(td_run_path(run, entry->d_name));
    closedir(folder);
}

/* ---- the lock ---------------------------------------------------------------- */

/* The number by which the scheduler knows this job, NULL outside one. */
static const char *job_id(void)
{
    static const char *const names[] = { "SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID",
                                         "JOB_ID" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0] != '\0')
            return value;
    }
    return NULL;
}

/* Who we are goes into the lock: "pid 4711 on node3, job 12". */
static bool lock_write(int lock)
{
    char host[64] = "unknown", text[256];
    const char *job = job_id();
    gethostname(host, sizeof host - 1);
    int n = snprintf(text, sizeof text, "pid %ld on %s%s%.99s\n", (long) getpid(), host,
                     job ? ", job " : "", job ? job : "");
    TD_ASSERT(n > 0 && n < (int) sizeof text);
    return ftruncate(lock, 0) == 0 && pwrite(lock, text, (size_t) n, 0) == n;
}

static td_status lock_refuse(int lock, const char *path)
{
    char who[256] = "";
    ssize_t n = pread(lock, who, sizeof who - 1, 0);
    who[n > 0 ? strcspn(who, "\n") : 0] = '\0';
    td_status status = td_error(TD_USAGE, "%s: the run directory is in use by %s", path,
                                who[0] ? who : "another run");
    td_error_hint("wait for its end, or choose another one with --out");
    return status;
}

static td_status lock_take(td_run *run)
{
    td_status status =
        td_file_open_own(&run->lock, td_run_path(run, "run.lock"), O_RDWR);
    if (status != TD_OK)
        return status;
    run->alone = flock(run->lock, LOCK_EX | LOCK_NB) == 0;
    if (!run->alone && errno == EWOULDBLOCK)
        return lock_refuse(run->lock, run->path);
    if (!run->alone) /* some network file systems know no locks */
        td_log(TD_LOG_NOTE,
               "%s: this file system gives no locks (%s); take care not to "
               "start twice in it",
               run->path, strerror(errno));
    return lock_write(run->lock) ? TD_OK : directory_error(run->path, "written");
}

/* ---- begin and end ----------------------------------------------------------- */

td_status td_run_begin(td_run **run, const char *path)
{
    TD_ASSERT(run && path);
    *run = NULL;
    td_file_ignore_limit();
    if (!make_directories(path))
        return directory_error(path, "made");
    if (access(path, W_OK | X_OK) != 0)
        return directory_error(path, "written");
    td_run *begun = td_malloc(sizeof *begun);
    begun->path = td_strdup(path);
    td_status status = lock_take(begun);
    if (status != TD_OK) {
        td_run_end(begun);
        return status;
    }
    if (begun->alone)
        remove_temporaries(begun);
    *run = begun;
    return TD_OK;
}

void td_run_end(td_run *run)
{
    if (!run)
        return;
    if (run->lock >= 0)
        close(run->lock); /* gives the lock back */
    td_free(run->name);
    td_free(run->path);
    td_free(run);
}
