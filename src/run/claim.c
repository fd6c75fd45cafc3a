/* A run takes its directory: lock, log, configuration, and what the last save left
 * undone. */
#include "run.h"
#include "taildart/base_log.h"

static td_status open_log(td_search *s)
{
    TD_ASSERT(s->directory);
    return td_log_set_file(td_run_path(s->directory, "run.log"));
}

static td_status write_config(td_search *s)
{
    char *yaml = td_settings_yaml(s->settings);
    td_status status = td_run_write(s->directory, "config.yaml", yaml);
    td_free(yaml);
    return status;
}

/* A run that resumes holds the lock since it looked for its checkpoint. */
static td_status claim_on_root(td_search *s)
{
    td_status status = TD_OK;
    TD_ASSERT(s->rank == 0);
    if (!s->directory)
        status = td_run_begin(&s->directory, s->config->run.out, TD_SEARCH_PATIENCE);
    if (status == TD_OK && !s->is_resumed &&
        td_checkpoint_exists(td_run_path(s->directory, "checkpoint.h5")))
        status = td_error(TD_USAGE,
                          "run.out: another start has just begun a run in %s: start "
                          "again to continue it",
                          s->config->run.out);
    if (status == TD_OK)
        status = open_log(s);
    if (status == TD_OK)
        status = write_config(s);
    if (status == TD_OK && !s->history)
        s->history = td_strdup("");
    if (status == TD_OK)
        td_search_history_begin(s);
    td_search_settle_names(s);
    if (status == TD_OK && s->is_resumed)
        td_search_warn(td_search_repair_best(s));
    if (status == TD_OK)
        status = td_metrics_begin(td_run_path(s->directory, "metrics.csv"), s->history);
    return status;
}

td_status td_search_claim_directory(td_search *s)
{
    td_status status = s->rank == 0 ? claim_on_root(s) : TD_OK;
    return td_comm_verdict(s->world, status);
}
