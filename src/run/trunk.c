/* train.from: a run begins with the network of another one, and with the mean and the
 * deviation that this one has learned from. */
#include "run.h"
#include "taildart/base_log.h"

#include <string.h>

static td_status load(td_job *job, const char *from)
{
    td_checkpoint **saved = &job->files.trunk;
    td_data_info *info = &job->data.info;
    td_status status = td_checkpoint_load(saved, from);
    if (status == TD_OK)
        status = td_checkpoint_check_trunk(*saved, info, from);
    if (status != TD_OK)
        return status;
    if (memcmp((*saved)->dataset_digest, info->digest, sizeof info->digest) != 0)
        td_log(TD_LOG_NOTE, "train.from: %s has learned from another data set", from);
    else
        td_plan_note_other_images(job->settings, job->files.trunk, from);
    if (td_job_take_statistics(info, *saved))
        td_log(TD_LOG_NOTE,
               "train.from: %s has learned from images of another mean or deviation, "
               "which stays",
               from);
    return TD_OK;
}

td_status td_job_find_trunk(td_job *job)
{
    const char *from = job->config->train.from;
    if (job->is_resumed || from[0] == '\0')
        return TD_OK;
    td_status status = job->rank == 0 ? load(job, from) : TD_OK;
    status = td_comm_verdict(job->world, status);
    if (status == TD_OK)
        td_comm_bcast(job->world, &job->data.info, sizeof job->data.info);
    return status;
}

td_status td_job_take_trunk(td_job *job)
{
    const char *from = job->config->train.from;
    td_search_state *state = job->loop.state;
    if (job->is_resumed || from[0] == '\0')
        return TD_OK;
    td_status status = job->rank == 0
                           ? td_checkpoint_take_trunk(state, job->files.trunk, from)
                           : TD_OK;
    status = td_comm_verdict(job->world, status);
    if (status == TD_OK)
        td_search_state_bcast(state, job->world);
    td_checkpoint_free(job->files.trunk);
    job->files.trunk = NULL;
    return status;
}
