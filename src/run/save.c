/* Saving of a run: checkpoint, rows and cell.  Rank 0 writes; the state is the same on
 * every rank. */
#include <string.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/report.h"

void td_job_warn(td_status status)
{
    if (status != TD_OK)
        td_log(TD_LOG_WARNING, "%s; the run goes on", td_error_message());
}

/* ---- files of an epoch ------------------------------------------------------ */

static td_status write_text(td_run *directory, const char *name, char *text)
{
    td_status status = td_run_write(directory, name, text);
    td_free(text);
    return status;
}

td_status td_job_write_genotype(td_run *directory, const td_genotype *genotype)
{
    TD_ASSERT(td_genotype_is_valid(genotype));
    char *python = td_genotype_python(genotype);
    td_status status =
        write_text(directory, TD_RUN_GENOTYPE, td_format("%s\n", python));
    td_free(python);
    if (status == TD_OK)
        status = write_text(directory, TD_RUN_GENOTYPE_JSON, td_report_json(genotype));
    if (status == TD_OK)
        status = write_text(directory, TD_RUN_GENOTYPE_DOT, td_report_dot(genotype));
    return status;
}

/* After a row that could not be written the file is made anew from the history. */
static td_status write_row(td_job_files *files, const td_metrics *metrics)
{
    const char *path = td_run_path(files->directory, TD_RUN_METRICS);
    char *row = td_metrics_row(metrics);
    char *history = td_format("%s%s", files->history, row);
    td_free(files->history);
    files->history = history;
    td_status status = files->metrics_stale ? td_metrics_begin(path, history)
                                            : td_metrics_append(path, row);
    files->metrics_stale = status != TD_OK;
    td_free(row);
    return status;
}

/* ---- checkpoints ------------------------------------------------------------ */

static td_status save(td_job *job)
{
    static char last[] = "last";
    td_packed_checkpoint packed = { 0 };
    td_status status = td_job_pack(job, &packed, TD_RUN_CHECKPOINT, last);
    if (status == TD_OK)
        status = td_checkpoint_put(
            &packed, td_run_path(job->files.directory, TD_RUN_CHECKPOINT));
    td_free(packed.image);
    job->files.last_save = td_clock_seconds();
    return status;
}

td_status td_job_write_best(td_job_files *files)
{
    if (!files->best.image)
        return TD_OK;
    td_status status =
        td_checkpoint_put(&files->best, td_run_path(files->directory, TD_RUN_BEST));
    if (status != TD_OK)
        return status;
    td_free(files->best.image);
    files->best = (td_packed_checkpoint){ 0 };
    return TD_OK;
}

/* The best epoch by what is held out, of a kind that keeps it.  One that could not be
 * written is tried again until a better one comes. */
static td_status save_best(td_job *job, const td_metrics *row)
{
    bool is_best = job->loop.progress.best_epoch == row->epoch;
    if (!job->kind->keeps_best || !td_plan_holds_out(job->data.selection))
        return TD_OK;
    td_status status = is_best ? td_job_pack_best(job) : TD_OK;
    return status == TD_OK ? td_job_write_best(&job->files) : status;
}

/* All are tried: a full disk may have room for the small ones. */
static td_status save_epoch_on_root(td_job *job, const td_metrics *row, bool is_last)
{
    td_job_files *files = &job->files;
    td_status failure = td_run_check(files->directory);
    if (failure != TD_OK)
        return failure;
    td_genotype genotype = td_job_genotype(job);
    TD_ASSERT(row->epoch + 1 == job->loop.progress.epoch);
    td_job_history_note(files, job->loop.state, job->loop.progress.epoch);
    for (int part = 0; part < 4; part++) {
        td_status status = part == 0
                               ? td_job_write_genotype(files->directory, &genotype)
                           : part == 1 ? write_row(files, row)
                           : part == 2 ? save_best(job, row)
                                       : save(job);
        if (!is_last)
            td_job_warn(status);
        else if (status != TD_OK)
            failure = status;
    }
    return failure;
}

td_status td_job_save_epoch(td_job *job, const td_metrics *row, bool is_last)
{
    td_section former = td_section_enter(TD_SECTION_CHECKPOINT);
    td_status status = job->rank == 0 ? save_epoch_on_root(job, row, is_last) : TD_OK;
    status = td_comm_verdict(job->world, status);
    td_section_enter(former);
    return status;
}

bool td_job_is_save_due(const td_job *job)
{
    double minutes = (td_clock_seconds() - job->files.last_save) / 60.0;
    return job->rank == 0 && minutes >= job->config->checkpoint.minutes;
}

static td_status save_on_root(td_job *job, bool is_last)
{
    bool was_left = job->files.best.image;
    td_status best = td_job_write_best(&job->files);
    if (was_left && best == TD_OK)
        td_log(TD_LOG_NOTE, "best.h5 of epoch %lld is saved now",
               (long long) job->loop.progress.best_epoch + 1);
    if (!is_last)
        td_job_warn(best);
    td_status last = save(job);
    if (is_last)
        return last != TD_OK ? last : best;
    td_job_warn(last);
    return TD_OK;
}

/* Save after all ranks have been compared: no state that one rank alone has may be
 * continued. */
static td_status save_equal(td_job *job, bool is_last)
{
    td_section former = td_section_enter(TD_SECTION_CHECKPOINT);
    td_status status =
        td_search_state_check(job->loop.state, job->world, job->loop.progress.epoch);
    bool is_equal = status == TD_OK;
    if (is_equal && job->rank == 0) {
        status = td_run_check(job->files.directory);
        if (status == TD_OK)
            status = save_on_root(job, is_last);
    }
    if (is_equal)
        status = td_comm_verdict(job->world, status);
    td_section_enter(former);
    return status;
}

td_status td_job_save_now(td_job *job)
{
    return save_equal(job, false);
}

td_status td_job_save_last(td_job *job)
{
    return save_equal(job, true);
}

td_status td_job_stopped(const td_progress *progress, const char *out)
{
    return td_error(TD_STOPPED,
                    "stopped %s after %lld %s and %lld %s; %s is saved: "
                    "the same command continues",
                    td_signals_reason(), (long long) progress->epoch,
                    td_noun(progress->epoch, "epoch", "epochs"),
                    (long long) progress->step,
                    td_noun(progress->step, "step", "steps"), out);
}
