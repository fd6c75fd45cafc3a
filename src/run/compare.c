/* Whether the run that stands in run.out is the one that is asked for. */
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "taildart/base_file.h"
#include "taildart/config_projection.h"
#include "taildart/data_classes.h"

enum { MOST_BYTES = 1 << 20 }; /* of config.yaml */

static const char saved_settings[] = "the checkpoint's settings";

/* ---- settings ---------------------------------------------------------------- */

/* `name` of the settings \a saved that may not differ and does, as one line. */
static td_status refuse_difference(const td_job *job, const td_settings *saved)
{
    char mine[TD_TEXT_BYTES], theirs[TD_TEXT_BYTES];
    const char *key = td_settings_difference(job->settings, saved);
    if (!key)
        return TD_OK;
    td_settings_value(job->settings, key, mine);
    td_settings_value(saved, key, theirs);
    td_status status = td_error(
        TD_USAGE, "%s: '%s' does not fit the run in %s, which was started with '%s'",
        key, mine, job->config->run.out, theirs);
    td_error_hint("to continue it, leave %s at '%s'; for another run, choose another "
                  "--out",
                  key, theirs);
    return status;
}

static td_status refuse_other_kind(const td_job *job, const td_run_kind *found)
{
    td_status status =
        td_error(TD_USAGE, "run.out: %s holds a %s: choose another --out",
                 job->config->run.out, found->title);
    td_error_hint("`taildart %s` continues what is there", found->name);
    return status;
}

static td_status compare_settings(const td_job *job, const char *name, const char *yaml,
                                  const td_run_kind *found)
{
    if (found != job->kind)
        return refuse_other_kind(job, found);
    td_settings *saved = td_settings_new(job->kind->command);
    td_status status = td_settings_read_text(saved, name, yaml);
    if (status == TD_OK)
        status = refuse_difference(job, saved);
    td_settings_free(saved);
    return status;
}

/* What else than the keys themselves says whether they may change. */
static td_status compare_course(const td_job *job)
{
    td_settings *saved = td_settings_new(job->kind->command);
    td_status status =
        td_settings_read_text(saved, saved_settings, job->files.saved->texts.config);
    if (status == TD_OK)
        status = td_projection_continues(job->config, td_settings_config(saved),
                                         job->files.saved->progress.epoch);
    td_settings_free(saved);
    return status;
}

td_status td_job_compare_saved(const td_job *job)
{
    td_status status =
        compare_settings(job, saved_settings, job->files.saved->texts.config,
                         td_run_kind_of_saved(job->files.saved));
    return status == TD_OK ? compare_course(job) : status;
}

td_status td_job_compare_config(const td_job *job, bool *is_there)
{
    char *yaml = NULL;
    size_t bytes;
    const char *path = td_run_path(job->files.directory, TD_RUN_CONFIG);
    *is_there = access(path, F_OK) == 0 &&
                td_file_read_regular(&yaml, &bytes, path, MOST_BYTES) == TD_OK;
    if (!*is_there)
        return TD_OK; /* the checkpoint holds the settings, too */
    td_status status = compare_settings(job, path, yaml, td_run_kind_of_yaml(yaml));
    td_free(yaml);
    return status;
}

/* ---- images and network ------------------------------------------------------- */

/* The digest is of pixels and labels: names may still have been changed. */
static td_status compare_classes(const td_job *job)
{
    td_class_name *names = td_checkpoint_class_names(job->files.saved);
    const td_classes run = { job->config->run.out, names, job->files.saved->classes };
    const td_classes data = { job->config->data.path, job->data.dataset->class_names,
                              job->data.dataset->info.classes };
    td_class_match match;
    td_status status = td_classes_match(&match, &data, &run, false);
    if (status == TD_OK && match.is_moved)
        status = td_error(TD_DATA,
                          "%s: the names of its classes are in another order than in "
                          "%s, while the images are the same: the first is '%s', it "
                          "was '%s'",
                          data.path, run.path, data.names[0], run.names[0]);
    td_class_match_clear(&match);
    td_free(names);
    return status;
}

td_status td_job_compare_images(const td_job *job)
{
    if (memcmp(job->files.saved->dataset_digest, job->data.info.digest,
               sizeof job->data.info.digest) != 0)
        return td_error(TD_USAGE,
                        "data.path: %s holds other images than those that the run in "
                        "%s was started with",
                        job->config->data.path, job->config->run.out);
    return job->files.saved->classes == job->data.info.classes ? compare_classes(job)
                                                               : TD_OK;
}

static bool has_same_halves(const td_checkpoint *saved, const td_selection *selection)
{
    for (int h = 0; h < 2; h++) {
        if (saved->half_count[h] != selection->half_count[h])
            return false;
        for (int64_t i = 0; i < selection->half_count[h]; i++)
            if (saved->half[h][i] != selection->half[h][i])
                return false;
    }
    return true;
}

td_status td_job_accept_saved(const td_job *job)
{
    td_status status = td_checkpoint_fits(
        job->files.saved, job->config->run.out, job->loop.state->weight_slots,
        job->loop.state->norm_slots, job->loop.state->edges);
    if (status == TD_OK)
        status = td_job_compare_saved(job);
    if (status == TD_OK)
        status = td_checkpoint_check_finite(job->files.saved, job->config->run.out);
    if (status == TD_OK && !has_same_halves(job->files.saved, job->data.selection))
        status =
            td_error(TD_CHECKPOINT,
                     "%s: the checkpoint's halves are not those that data.seed %lld "
                     "draws",
                     job->config->run.out, (long long) job->config->data.seed);
    return status;
}
