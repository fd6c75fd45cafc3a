/* Continuing a saved run: the same command line starts, continues and finishes it. */
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/data_classes.h"

enum { MOST_BYTES = 1 << 20 }; /* of config.yaml */

_Static_assert(sizeof((td_search *) 0)->sums == sizeof((td_progress *) 0)->epoch_sums,
               "a checkpoint keeps the training sums of the epoch");

static const char saved_settings[] = "the checkpoint's settings";

/* ---- finding it (rank 0) ---------------------------------------------------- */

/* `name` of the settings \a saved that may not differ and does, as one line. */
static td_status refuse_difference(const td_search *s, const td_settings *saved)
{
    char mine[TD_TEXT_BYTES], theirs[TD_TEXT_BYTES];
    const char *key = td_settings_difference(s->settings, saved);
    if (!key)
        return TD_OK;
    td_settings_value(s->settings, key, mine);
    td_settings_value(saved, key, theirs);
    td_status status = td_error(
        TD_USAGE, "%s: '%s' does not fit the run in %s, which was started with '%s'",
        key, mine, s->config->run.out, theirs);
    td_error_hint("to continue it, leave %s at '%s'; for another run, choose another "
                  "--out",
                  key, theirs);
    return status;
}

static td_status refuse_other_kind(const td_search *s, const td_run_kind *found)
{
    td_status status =
        td_error(TD_USAGE, "run.out: %s holds a %s: choose another --out",
                 s->config->run.out, found->title);
    td_error_hint("`taildart %s` continues what is there", found->name);
    return status;
}

static td_status compare_settings(const td_search *s, const char *name,
                                  const char *yaml, const td_run_kind *found)
{
    if (found != s->kind)
        return refuse_other_kind(s, found);
    td_settings *saved = td_settings_new(s->kind->command);
    td_status status = td_settings_read_text(saved, name, yaml);
    if (status == TD_OK)
        status = refuse_difference(s, saved);
    td_settings_free(saved);
    return status;
}

static td_status compare_saved(const td_search *s)
{
    return compare_settings(s, saved_settings, s->saved->config,
                            td_run_kind_of_saved(s->saved));
}

/* config.yaml first: a changed key shall be named as such, not as another network. */
static td_status compare_config_file(td_search *s, bool *is_there)
{
    char *yaml = NULL;
    size_t bytes;
    const char *path = td_run_path(s->directory, "config.yaml");
    *is_there = access(path, F_OK) == 0 &&
                td_file_read_regular(&yaml, &bytes, path, MOST_BYTES) == TD_OK;
    if (!*is_there)
        return TD_OK; /* the checkpoint holds the settings, too */
    td_status status = compare_settings(s, path, yaml, td_run_kind_of_yaml(yaml));
    td_free(yaml);
    return status;
}

/* The digest is of pixels and labels: names may still have been changed. */
static td_status compare_classes(const td_search *s)
{
    td_class_name *names = td_checkpoint_class_names(s->saved);
    const td_classes run = { s->config->run.out, names, s->saved->classes };
    const td_classes data = { s->config->data.path, s->dataset->class_names,
                              s->dataset->info.classes };
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

/* A run goes on with the mean and the deviation that it began with. */
static void take_statistics(td_search *s)
{
    size_t bytes = (size_t) s->info.channels * sizeof *s->info.mean;
    if (!s->saved->has_statistics || s->saved->image_channels != s->info.channels ||
        (memcmp(s->saved->mean, s->info.mean, bytes) == 0 &&
         memcmp(s->saved->std, s->info.std, bytes) == 0))
        return;
    memcpy(s->info.mean, s->saved->mean, bytes);
    memcpy(s->info.std, s->saved->std, bytes);
    td_log(TD_LOG_NOTE,
           "%s gives another mean or deviation for the same images: those that %s was "
           "started with stay",
           s->config->data.path, s->config->run.out);
}

static td_status compare_images(const td_search *s)
{
    if (memcmp(s->saved->dataset_digest, s->info.digest, sizeof s->info.digest) != 0)
        return td_error(TD_USAGE,
                        "data.path: %s holds other images than those that the run in "
                        "%s was started with",
                        s->config->data.path, s->config->run.out);
    return s->saved->classes == s->info.classes ? compare_classes(s) : TD_OK;
}

static td_status load_saved(td_search *s)
{
    bool has_config = false;
    TD_ASSERT(s->rank == 0 && !s->directory);
    td_status status =
        td_run_begin(&s->directory, s->config->run.out, TD_SEARCH_PATIENCE);
    if (status == TD_OK)
        status = compare_config_file(s, &has_config);
    if (status == TD_OK)
        status =
            td_checkpoint_load(&s->saved, td_run_path(s->directory, "checkpoint.h5"));
    if (status == TD_OK && !has_config) /* or else once it is known to fit */
        status = compare_saved(s);
    return status == TD_OK ? compare_images(s) : status;
}

static td_status find_on_root(td_search *s)
{
    const char *out = s->config->run.out;
    td_status status = td_run_check_folder(out);
    if (status != TD_OK)
        return status;
    char *path = td_format("%s/checkpoint.h5", out);
    bool exists = td_checkpoint_exists(path);
    td_free(path);
    if (exists && s->config->run.resume == TD_RESUME_NEVER)
        return td_error(TD_USAGE,
                        "run.resume: never, but %s holds a run already: choose another "
                        "--out",
                        out);
    if (!exists && s->config->run.resume == TD_RESUME_MUST)
        return td_error(TD_CHECKPOINT, "%s: no checkpoint to continue from", out);
    return exists ? load_saved(s) : TD_OK;
}

td_status td_search_find_saved(td_search *s)
{
    TD_ASSERT(!s->is_resumed && !s->saved);
    td_status status = s->rank == 0 ? find_on_root(s) : TD_OK;
    status = td_comm_verdict(s->world, status);
    if (status != TD_OK)
        return status;
    s->is_resumed = s->saved != NULL;
    td_comm_bcast(s->world, &s->is_resumed, sizeof s->is_resumed);
    if (!s->is_resumed)
        return TD_OK;
    if (s->rank == 0) {
        s->shards = s->saved->shards;
        s->progress = s->saved->progress;
        s->history = td_strdup(s->saved->history);
        td_search_settle_best(s);
        if (s->saved->class_names) /* as it was started with: data may have none */
            s->class_names = td_strdup(s->saved->class_names);
        take_statistics(s);
    }
    td_comm_bcast(s->world, &s->shards, sizeof s->shards);
    td_comm_bcast(s->world, &s->info, sizeof s->info);
    td_comm_bcast(s->world, &s->progress, sizeof s->progress);
    memcpy(s->sums, s->progress.epoch_sums, sizeof s->sums);
    return TD_OK;
}

/* ---- taking it over --------------------------------------------------------- */

static bool has_same_halves(const td_checkpoint *saved, const td_selection *selection)
{
    for (int h = 0; h < 2; h++) {
        size_t bytes = (size_t) selection->half_count[h] * sizeof(int64_t);
        if (saved->half_count[h] != selection->half_count[h] ||
            memcmp(saved->half[h], selection->half[h], bytes) != 0)
            return false;
    }
    return true;
}

static td_status accept_saved(const td_search *s)
{
    td_status status =
        td_checkpoint_fits(s->saved, s->config->run.out, s->state->weight_slots,
                           s->state->norm_slots, s->state->edges);
    if (status == TD_OK)
        status = compare_saved(s);
    if (status == TD_OK)
        status = td_checkpoint_check_finite(s->saved, s->config->run.out);
    if (status == TD_OK && !has_same_halves(s->saved, s->selection))
        status =
            td_error(TD_CHECKPOINT,
                     "%s: the checkpoint's halves are not those that data.seed %lld "
                     "draws",
                     s->config->run.out, (long long) s->config->data.seed);
    return status;
}

/* ---- schedules of another length ------------------------------------------------- */

/* What the last epoch was trained with, and what the next one would be. */
static void say_seam(const td_search *s, const td_step_rates *before,
                     const td_step_rates *now, int former)
{
    td_text text = { 0 };
    s->kind->write_seam(&text, before, now, s->branches > 1);
    td_log(
        TD_LOG_NOTE,
        "%s.epochs was %d and is %d: the schedules are stretched and go on here with "
        "(%s); the run is not that of %d epochs from the start",
        s->kind->name, former, s->config->search.epochs, text.chars,
        s->config->search.epochs);
    td_free(text.chars);
}

static bool has_equal_rates(const td_step_rates *a, const td_step_rates *b)
{
    return a->lr == b->lr && a->arch_lr == b->arch_lr && a->mixing == b->mixing &&
           a->drop_path == b->drop_path;
}

/* An epoch's rates go by its share of the run: another length is another course, and
 * what has been trained belongs to the former one. */
static void say_stretched(const td_search *s)
{
    int epoch = (int) s->progress.epoch,
        trained = s->progress.step > 0 ? epoch : epoch - 1;
    td_settings *saved = td_settings_new(s->kind->command);
    bool known = td_settings_read_text(saved, "the checkpoint's settings",
                                       s->saved->config) == TD_OK;
    const td_config *before = td_settings_config(saved);
    if (known && trained >= 0 && trained < before->search.epochs &&
        epoch < s->config->search.epochs) {
        td_step_rates old = td_plan_rates(s->kind, before, trained);
        td_step_rates meant = td_plan_rates(s->kind, s->config, trained);
        td_step_rates next = td_plan_rates(s->kind, s->config, epoch);
        if (!has_equal_rates(&old, &meant))
            say_seam(s, &old, &next, before->search.epochs);
    }
    td_settings_free(saved);
}

static void say_where(const td_search *s)
{
    const char *out = s->config->run.out;
    long long epoch = (long long) s->progress.epoch;
    if (s->is_finished) {
        td_log(TD_LOG_INFO,
               "already finished: %s has %s%lld %s; a larger %s.epochs continues it",
               out, epoch == 1 ? "its " : "all ", epoch,
               td_noun(epoch, "epoch", "epochs"), s->kind->name);
        return;
    }
    say_stretched(s);
    if (s->is_dealt_anew)
        td_log(
            TD_LOG_NOTE,
            "%d ranks cannot share the %d shards of %s: the data are dealt anew into "
            "%d shards, and an interrupted epoch starts over",
            s->ranks, s->saved->shards, out, s->shards);
    if (s->saved->world_size != s->ranks)
        td_log(TD_LOG_NOTE,
               "%s was saved on %d ranks and continues on %d: the bits will differ",
               out, s->saved->world_size, s->ranks);
    const char *isa = s->saved->isa, *mine = s->machine.kernels->isa;
    if (isa && strcmp(isa, mine) != 0)
        td_log(TD_LOG_NOTE,
               "%s was saved with the kernels for %s and continues with those for %s: "
               "the bits will differ",
               out, isa, mine);
}

td_status td_search_restore(td_search *s)
{
    if (!s->is_resumed)
        return TD_OK;
    td_status status = s->rank == 0 ? accept_saved(s) : TD_OK;
    status = td_comm_verdict(s->world, status);
    if (status != TD_OK)
        return status;
    if (s->rank == 0) {
        td_checkpoint_restore(s->state, s->saved);
        td_search_history_begin(s);
    }
    td_search_state_bcast(s->state, s->world);
    s->is_finished = s->progress.epoch >= s->config->search.epochs;
    if (s->rank == 0)
        say_where(s);
    if (s->is_finished)
        status = td_comm_verdict(s->world, s->rank == 0 ? td_search_repair(s) : TD_OK);
    TD_ASSERT(s->progress.adam_count == s->state->adam_count);
    td_checkpoint_free(s->saved);
    s->saved = NULL;
    return status;
}
