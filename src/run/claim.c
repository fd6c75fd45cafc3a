/* A run takes its directory: lock, log, configuration, and what the last save left
 * undone. */
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/store_starts.h"

static td_status write_config(td_run *directory, const td_settings *settings)
{
    char *yaml = td_settings_yaml(settings);
    td_status status = td_run_write(directory, TD_RUN_CONFIG, yaml);
    td_free(yaml);
    return status;
}

/* Our directory, in which no other run has begun.  A run that resumes holds the lock
 * since it looked for its checkpoint. */
static td_status take_directory(td_run **directory, const char *out, bool is_resumed)
{
    td_status status = TD_OK;
    if (!*directory)
        status = td_run_begin(directory, out, TD_JOB_PATIENCE);
    if (status == TD_OK && !is_resumed &&
        td_checkpoint_exists(td_run_path(*directory, TD_RUN_CHECKPOINT)))
        status = td_error(TD_USAGE,
                          "run.out: another start has just begun a run in %s: start "
                          "again to continue it",
                          out);
    return status;
}

/* How many hosts the ranks are on; on rank 0.  Collective. */
static int count_hosts(const td_job *job)
{
    char host[TD_HOST_BYTES] = "", *all = NULL;
    int hosts = 0;
    if (job->rank == 0)
        all = td_malloc((size_t) job->ranks * sizeof host);
    td_host_read(host);
    td_comm_gather(job->world, all, host, sizeof host);
    for (int r = 0; all && r < job->ranks; r++) {
        bool again = false;
        for (int i = 0; i < r && !again; i++)
            again = strcmp(all + (size_t) i * sizeof host,
                           all + (size_t) r * sizeof host) == 0;
        hosts += !again;
    }
    td_free(all);
    return hosts;
}

static td_status claim_on_root(td_job *job, int hosts)
{
    td_job_files *files = &job->files;
    TD_ASSERT(job->rank == 0);
    td_status status =
        take_directory(&files->directory, job->config->run.out, job->is_resumed);
    if (status == TD_OK)
        status = td_log_set_file(td_run_path(files->directory, TD_RUN_LOG));
    if (status == TD_OK)
        status = write_config(files->directory, job->settings);
    if (status == TD_OK)
        status = td_run_note_start(files->directory, job->ranks, hosts,
                                   job->machine.threads, job->is_resumed);
    if (status != TD_OK)
        return status;
    if (!files->history)
        files->history = td_strdup("");
    td_job_history_begin(files, job->loop.state, job->loop.progress.epoch);
    if (job->is_resumed)
        td_job_warn(td_job_repair_best(job));
    return td_metrics_begin(td_run_path(files->directory, TD_RUN_METRICS),
                            files->history);
}

td_status td_job_claim_directory(td_job *job)
{
    int hosts = count_hosts(job);
    td_status status = job->rank == 0 ? claim_on_root(job, hosts) : TD_OK;
    return td_comm_verdict(job->world, status);
}
