/* Repair of a run's directory from its checkpoint: a disk may have been full when the
 * last row, the cell or its picture was written, and the checkpoint holds them all. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/report.h"

enum { MOST = 1 << 28 }; /* bytes of a text that are looked at */

/* For td_free; NULL where there is none. */
static char *text_of(td_run *directory, const char *name)
{
    char *text = NULL;
    const char *path = td_run_path(directory, name);
    if (access(path, F_OK) == 0)
        (void) td_file_read_regular(&text, NULL, path, MOST);
    return text;
}

static bool is_there(td_run *directory, const char *name)
{
    return access(td_run_path(directory, name), F_OK) == 0;
}

static void say(const td_job *job, const char *name)
{
    td_log(TD_LOG_NOTE, "%s/%s was missing or not up to date: made from the checkpoint",
           job->config->run.out, name);
}

/* ---- the cell -------------------------------------------------------------------- */

/* \a wanted is for us to free. */
static bool is_equal(td_run *directory, const char *name, char *wanted)
{
    char *found = text_of(directory, name);
    bool equal = found && strcmp(found, wanted) == 0;
    td_free(found);
    td_free(wanted);
    return equal;
}

static td_status repair_genotype(td_job *job)
{
    td_run *directory = job->files.directory;
    td_genotype genotype = td_job_genotype(job);
    char *python = td_genotype_python(&genotype);
    bool equal = is_equal(directory, TD_RUN_GENOTYPE, td_format("%s\n", python)) &&
                 is_equal(directory, TD_RUN_GENOTYPE_JSON, td_report_json(&genotype)) &&
                 is_equal(directory, TD_RUN_GENOTYPE_DOT, td_report_dot(&genotype));
    td_free(python);
    if (!equal) {
        td_status status = td_job_write_genotype(directory, &genotype);
        if (status != TD_OK)
            return status;
        say(job, "genotype.txt, .json, .dot");
    }
    if (!equal || !is_there(directory, TD_RUN_GENOTYPE_SVG))
        td_job_draw(directory, &genotype);
    return TD_OK;
}

/* ---- the rows -------------------------------------------------------------------- */

static bool same_rows(const td_metrics *a, const td_metrics *b, int count)
{
    bool same = true;
    for (int i = 0; same && i < count; i++) {
        char *x = td_metrics_row(&a[i]), *y = td_metrics_row(&b[i]);
        same = strcmp(x, y) == 0;
        td_free(x);
        td_free(y);
    }
    return same;
}

/* By what the rows say: an older version wrote fewer columns. */
static bool has_all_rows(td_job_files *files)
{
    td_metrics *wanted = NULL, *found = NULL;
    char *header = td_metrics_header(),
         *text = text_of(files->directory, TD_RUN_METRICS);
    char *whole = td_format("%s%s", header, files->history);
    int count = td_metrics_parse(&wanted, whole);
    bool same = text && td_metrics_parse(&found, text) == count &&
                same_rows(wanted, found, count);
    td_free(wanted);
    td_free(found);
    td_free(header);
    td_free(whole);
    td_free(text);
    return same;
}

static td_status repair_metrics(td_job *job)
{
    td_job_files *files = &job->files;
    if (has_all_rows(files))
        return TD_OK;
    td_status status =
        td_metrics_begin(td_run_path(files->directory, TD_RUN_METRICS), files->history);
    if (status == TD_OK)
        say(job, TD_RUN_METRICS);
    return status;
}

static td_status repair_config(td_job *job)
{
    if (is_there(job->files.directory, TD_RUN_CONFIG))
        return TD_OK;
    td_status status = td_run_write(job->files.directory, TD_RUN_CONFIG,
                                    job->files.saved->texts.config);
    if (status == TD_OK)
        say(job, TD_RUN_CONFIG);
    return status;
}

/* ---- the best epoch -------------------------------------------------------------- */

/* Whether best.h5 is of \a epoch. */
static bool has_best(td_run *directory, int64_t epoch)
{
    td_checkpoint *best = NULL;
    const char *path = td_run_path(directory, TD_RUN_BEST);
    if (!td_checkpoint_is_one(path) || td_checkpoint_load(&best, path) != TD_OK)
        return false;
    bool is_of_it = best->progress.epoch == epoch + 1;
    td_checkpoint_free(best);
    return is_of_it;
}

td_status td_job_repair_best(td_job *job)
{
    const td_progress *progress = &job->loop.progress;
    TD_ASSERT(job->rank == 0 && job->files.directory);
    if (!job->kind->keeps_best || !td_plan_holds_out(job->data.selection) ||
        progress->best_epoch < 0 ||
        has_best(job->files.directory, progress->best_epoch))
        return TD_OK;
    if (progress->step != 0 || progress->best_epoch + 1 != progress->epoch) {
        td_log(TD_LOG_WARNING,
               "%s/best.h5 is missing, damaged or of another epoch than the best one, "
               "%lld, whose state is not kept elsewhere",
               job->config->run.out, (long long) progress->best_epoch + 1);
        return TD_OK;
    }
    td_job_settle_names(&job->files, job->data.dataset);
    td_status status = td_job_pack_best(job);
    if (status == TD_OK)
        status = td_job_write_best(&job->files);
    if (status == TD_OK)
        say(job, TD_RUN_BEST);
    return status;
}

/* ---- all of it ------------------------------------------------------------------- */

td_status td_job_repair(td_job *job)
{
    static td_status (*const parts[])(td_job *) = {
        repair_config,
        repair_metrics,
        repair_genotype,
        td_job_repair_best,
    };
    td_status status = TD_OK;
    TD_ASSERT(job->rank == 0 && job->files.directory && job->files.saved &&
              job->files.history);
    for (size_t i = 0; status == TD_OK && i < sizeof parts / sizeof *parts; i++)
        status = parts[i](job);
    return status;
}
