/* Continuing a saved run: the same command line starts, continues and finishes it. */
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/config_projection.h"

_Static_assert(sizeof((td_job_loop *) 0)->sums == sizeof((td_progress *) 0)->epoch_sums,
               "a checkpoint keeps the training sums of the epoch");

/* ---- finding it (rank 0) ---------------------------------------------------- */

static td_status take_stage(td_job *job)
{
    return td_plan_saved_stage(
        &job->loop.stage, job->files.saved, job->config->run.out, job->config,
        td_plan_spec(job->kind, job->config, &job->data.info, 1, 1, &job->genotype));
}

/* The checkpoint that the run goes on from; a run has a way out where none is good. */
static td_status load_checkpoint(td_job *job)
{
    const char *path = td_run_path(job->files.directory, TD_RUN_CHECKPOINT);
    td_status status = td_checkpoint_load(&job->files.saved, path);
    return status == TD_OK ? status
                           : td_error(status, "%s; or begin anew with another --out",
                                      td_error_message());
}

static td_status load_saved(td_job *job)
{
    bool has_config = false;
    TD_ASSERT(job->rank == 0 && !job->files.directory);
    td_status status =
        td_run_begin(&job->files.directory, job->config->run.out, TD_JOB_PATIENCE);
    if (status == TD_OK)
        status = td_job_compare_config(job, &has_config);
    if (status == TD_OK)
        status = load_checkpoint(job);
    if (status == TD_OK && !has_config) /* or else once it is known to fit */
        status = td_job_compare_saved(job);
    if (status == TD_OK)
        status = td_job_compare_images(job);
    return status == TD_OK ? take_stage(job) : status;
}

static td_status find_on_root(td_job *job)
{
    const char *out = job->config->run.out;
    td_status status = td_run_check_folder(out);
    if (status != TD_OK)
        return status;
    char *path = td_format("%s/" TD_RUN_CHECKPOINT, out);
    bool exists = td_checkpoint_exists(path);
    td_free(path);
    if (exists && job->config->run.resume == TD_RESUME_NEVER)
        return td_error(TD_USAGE,
                        "run.resume: never, but %s holds a run already: choose another "
                        "--out",
                        out);
    if (!exists && job->config->run.resume == TD_RESUME_MUST)
        return td_error(TD_CHECKPOINT, "%s: no checkpoint to continue from", out);
    return exists ? load_saved(job) : TD_OK;
}

bool td_job_take_statistics(td_data_info *info, const td_checkpoint *saved)
{
    size_t bytes = (size_t) info->channels * sizeof *info->mean;
    if (!saved->has_statistics || saved->image_channels != info->channels ||
        (memcmp(saved->mean, info->mean, bytes) == 0 &&
         memcmp(saved->std, info->std, bytes) == 0))
        return false;
    memcpy(info->mean, saved->mean, bytes);
    memcpy(info->std, saved->std, bytes);
    return true;
}

static void take_saved(td_job *job)
{
    const td_config *config = job->config;
    td_job_files *files = &job->files;
    job->data.shards = files->saved->shards;
    job->loop.progress = files->saved->progress;
    files->history = td_strdup(files->saved->texts.history);
    td_job_settle_best(&job->loop.progress, job->kind, job->kind->best_by(config),
                       files->history);
    if (files->saved->texts
            .class_names) /* as it was started with: data may have none */
        files->class_names = td_strdup(files->saved->texts.class_names);
    if (td_job_take_statistics(&job->data.info, files->saved) &&
        config->train.from[0] == '\0')
        td_log(TD_LOG_NOTE,
               "%s gives another mean or deviation for the same images: those that %s "
               "was started with stay",
               config->data.path, config->run.out);
}

td_status td_job_find_saved(td_job *job)
{
    td_job_loop *loop = &job->loop;
    TD_ASSERT(!job->is_resumed && !job->files.saved);
    td_status status = job->rank == 0 ? find_on_root(job) : TD_OK;
    status = td_comm_verdict(job->world, status);
    if (status != TD_OK)
        return status;
    job->is_resumed = job->files.saved != NULL;
    td_comm_bcast(job->world, &job->is_resumed, sizeof job->is_resumed);
    if (!job->is_resumed)
        return TD_OK;
    if (job->rank == 0)
        take_saved(job);
    td_comm_bcast(job->world, &job->data.shards, sizeof job->data.shards);
    td_comm_bcast(job->world, &job->data.info, sizeof job->data.info);
    td_comm_bcast(job->world, &loop->progress, sizeof loop->progress);
    td_comm_bcast(job->world, &loop->stage, sizeof loop->stage);
    memcpy(loop->sums, loop->progress.epoch_sums, sizeof loop->sums);
    return TD_OK;
}

/* ---- schedules of another length ------------------------------------------------- */

/* \a rates: those of the last epoch trained, and those of the next one. */
static void say_seam(const td_job *job, int former, const char *rates)
{
    int epochs = job->config->search.epochs;
    td_log(
        TD_LOG_NOTE,
        "%s.epochs was %d and is %d: the schedules are stretched and go on here with "
        "(%s); the run is not that of %d epochs from the start",
        job->kind->name, former, epochs, rates, epochs);
}

/* An epoch's rates go by its share of the run: another length is another course, and
 * what has been trained belongs to the former one. */
static void say_stretched(const td_job *job)
{
    const td_run_kind *kind = job->kind;
    const td_progress *progress = &job->loop.progress;
    int epoch = (int) progress->epoch, trained = progress->step > 0 ? epoch : epoch - 1;
    td_settings *saved = td_settings_new(kind->command);
    bool known = td_settings_read_text(saved, "the checkpoint's settings",
                                       job->files.saved->texts.config) == TD_OK;
    td_plan_seam seam = { td_settings_config(saved), job->config, trained, epoch };
    int former = seam.before->search.epochs;
    if (known && trained >= 0 && trained < former &&
        epoch < job->config->search.epochs) {
        char *rates = td_plan_seam_text(kind, &seam);
        if (rates)
            say_seam(job, former, rates);
        td_free(rates);
    }
    td_settings_free(saved);
}

/* \a was: NULL in an older file. */
static void say_other_kernels(const char *out, const char *was, const char *is)
{
    if (was && strcmp(was, is) != 0)
        td_log(TD_LOG_NOTE,
               "%s was saved with the kernels for %s and continues with those for %s: "
               "the bits will differ",
               out, was, is);
}

/* Why the bits will differ from those of a run that was never left. */
static void say_differences(const td_job *job)
{
    const td_checkpoint *saved = job->files.saved;
    const char *out = job->config->run.out, *mine = job->machine.kernels->isa;
    if (job->data.is_dealt_anew)
        td_log(
            TD_LOG_NOTE,
            "%d ranks cannot share the %d shards of %s: the data are dealt anew into "
            "%d shards, and an interrupted epoch starts over",
            job->ranks, saved->shards, out, job->data.shards);
    if (saved->world_size != job->ranks && !job->config->dist.reproducible)
        td_log(TD_LOG_NOTE,
               "%s was saved on %d ranks and continues on %d: the bits will differ",
               out, saved->world_size, job->ranks);
    say_other_kernels(out, saved->texts.isa, mine);
    say_other_kernels(out, saved->texts.blas_core, td_gemm_core());
}

static void say_where(const td_job *job)
{
    long long epoch = (long long) job->loop.progress.epoch;
    if (job->is_finished && job->loop.end.is_there) {
        td_log(TD_LOG_INFO,
               "already finished: search.stop has ended %s after %lld %s; another "
               "search begins in another --out",
               job->config->run.out, epoch, td_noun(epoch, "epoch", "epochs"));
        return;
    }
    if (job->is_finished && td_projection_decisions(job->config) > 0) {
        td_log(
            TD_LOG_INFO,
            "already finished: %s has all %lld epochs, those of its projection among "
            "them",
            job->config->run.out, epoch);
        return;
    }
    if (job->is_finished) {
        td_log(TD_LOG_INFO,
               "already finished: %s has %s%lld %s; a larger %s.epochs continues it",
               job->config->run.out, epoch == 1 ? "its " : "all ", epoch,
               td_noun(epoch, "epoch", "epochs"), job->kind->name);
        return;
    }
    say_stretched(job);
    say_differences(job);
}

/* ---- a run whose bits are promised ----------------------------------------------- */

/* Refuse what would give other bits than those of the run that was left. */
static td_status keep_promise(const td_job *job)
{
    const td_checkpoint *saved = job->files.saved;
    const char *out = job->config->run.out, *isa = job->machine.kernels->isa;
    const char *core = td_gemm_core(), *variable = NULL, *was = NULL, *is = NULL;
    if (!job->config->dist.reproducible)
        return TD_OK;
    if (job->data.is_dealt_anew) {
        td_status status =
            td_error(TD_USAGE, "%s has %d shards, which %d ranks cannot share", out,
                     saved->shards, job->ranks);
        td_error_hint("a number of ranks that divides %d gives the bits that "
                      "dist.reproducible promises",
                      saved->shards);
        return status;
    }
    if (saved->texts.isa && strcmp(saved->texts.isa, isa) != 0) {
        variable = "TAILDART_ISA";
        was = saved->texts.isa;
        is = isa;
    } else if (saved->texts.blas_core && strcmp(saved->texts.blas_core, core) != 0) {
        variable = "OPENBLAS_CORETYPE";
        was = saved->texts.blas_core;
        is = core;
    }
    if (!variable)
        return TD_OK;
    td_status status =
        td_error(TD_USAGE,
                 "%s was saved with the kernels for %s and would continue with those "
                 "for %s: dist.reproducible promises the bits of one",
                 out, was, is);
    td_error_hint("%s=%s in the environment continues it", variable, was);
    return status;
}

/* ---- taking it over --------------------------------------------------------- */

td_status td_job_restore(td_job *job)
{
    if (!job->is_resumed)
        return TD_OK;
    td_status status = job->rank == 0 ? td_job_accept_saved(job) : TD_OK;
    if (status == TD_OK && job->rank == 0)
        status = keep_promise(job);
    status = td_comm_verdict(job->world, status);
    if (status != TD_OK)
        return status;
    if (job->rank == 0) {
        td_checkpoint_restore(job->loop.state, job->files.saved);
        td_job_history_begin(&job->files, job->loop.state, job->loop.progress.epoch);
    }
    td_search_state_bcast(job->loop.state, job->world);
    td_job_find_end(job, NULL);
    job->is_finished = td_job_is_over(job);
    if (job->rank == 0)
        say_where(job);
    if (job->is_finished)
        status =
            td_comm_verdict(job->world, job->rank == 0 ? td_job_repair(job) : TD_OK);
    td_checkpoint_free(job->files.saved);
    job->files.saved = NULL;
    return status;
}
