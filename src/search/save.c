/* What a run leaves behind.  Rank 0 writes; the state is the same on every rank. */
#include <string.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/report.h"
#include "taildart/store_version.h"

static void warn(td_status status)
{
    if (status != TD_OK)
        td_log(TD_LOG_WARNING, "%s; the run goes on", td_error_message());
}

/* ---- the run directory ------------------------------------------------------ */

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

/* Names as the data set has them, a line each; for td_free. */
static char *names_of(const td_dataset *dataset)
{
    td_text text = { 0 };
    TD_ASSERT(dataset->class_names);
    for (int c = 0; c < dataset->info.classes; c++)
        td_text_write(&text, "%s\n", dataset->class_names[c]);
    return text.chars;
}

void td_search_settle_names(td_search *s)
{
    TD_ASSERT(s->rank == 0);
    if (!s->class_names)
        s->class_names = names_of(s->dataset);
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
        warn(td_search_repair_best(s));
    if (status == TD_OK)
        status = td_metrics_begin(td_run_path(s->directory, "metrics.csv"), s->history);
    return status;
}

td_status td_search_claim_directory(td_search *s)
{
    td_status status = s->rank == 0 ? claim_on_root(s) : TD_OK;
    return td_dist_verdict(s->world, status);
}

/* ---- files of an epoch ------------------------------------------------------ */

static td_status write_text(td_search *s, const char *name, char *text)
{
    td_status status = td_run_write(s->directory, name, text);
    td_free(text);
    return status;
}

td_status td_search_write_genotype(td_search *s)
{
    td_genotype genotype = td_search_genotype(s);
    TD_ASSERT(td_genotype_is_valid(&genotype));
    char *python = td_genotype_python(&genotype);
    td_status status = write_text(s, "genotype.txt", td_format("%s\n", python));
    td_free(python);
    if (status == TD_OK)
        status = write_text(s, "genotype.json", td_report_json(&genotype));
    if (status == TD_OK)
        status = write_text(s, "genotype.dot", td_report_dot(&genotype));
    return status;
}

/* After a row that could not be written the file is made anew from the history. */
static td_status write_row(td_search *s, const td_metrics *metrics)
{
    TD_ASSERT(metrics->epoch + 1 == s->progress.epoch);
    const char *path = td_run_path(s->directory, "metrics.csv");
    char *row = td_metrics_row(metrics);
    char *history = td_format("%s%s", s->history, row);
    td_free(s->history);
    s->history = history;
    td_status status = s->metrics_stale ? td_metrics_begin(path, history)
                                        : td_metrics_append(path, row);
    s->metrics_stale = status != TD_OK;
    td_free(row);
    return status;
}

/* ---- checkpoints ------------------------------------------------------------ */

static void fill_state(td_checkpoint *checkpoint, const td_search_state *state)
{
    checkpoint->weight_slots = state->weight_slots;
    checkpoint->norm_slots = state->norm_slots;
    checkpoint->edges = state->edges;
    checkpoint->weights = state->weights;
    checkpoint->momentum = state->momentum;
    checkpoint->running_mean = state->running_mean;
    checkpoint->running_var = state->running_var;
    checkpoint->alphas = state->alphas;
    checkpoint->alphas_start = state->alphas_start;
    checkpoint->adam_first = state->adam_first;
    checkpoint->adam_second = state->adam_second;
}

static void fill_run(td_checkpoint *checkpoint, const td_search *s)
{
    const td_selection *selection = s->selection;
    checkpoint->progress = s->progress;
    memcpy(checkpoint->progress.epoch_sums, s->sums, sizeof s->sums);
    for (int h = 0; h < 2; h++) {
        checkpoint->half[h] = selection->half[h];
        checkpoint->half_count[h] = selection->half_count[h];
    }
    checkpoint->class_counts = selection->counts;
    checkpoint->class_names = s->class_names;
    checkpoint->arch_history = s->arch_history;
    checkpoint->arch_epochs = s->progress.epoch;
    checkpoint->history = s->history;
    checkpoint->world_size = s->ranks;
    checkpoint->shards = s->shards;
    checkpoint->classes = s->info.classes;
    checkpoint->image_channels = s->info.channels;
    checkpoint->height = s->info.height;
    checkpoint->width = s->info.width;
    checkpoint->has_statistics = true;
    memcpy(checkpoint->mean, s->info.mean, sizeof s->info.mean);
    memcpy(checkpoint->std, s->info.std, sizeof s->info.std);
    memcpy(checkpoint->dataset_digest, s->info.digest, sizeof s->info.digest);
}

static void fill_network(td_checkpoint *checkpoint, const td_search *s)
{
    const td_net_spec *spec = td_network_spec(td_stepper_net(s->stepper));
    checkpoint->net = (td_saved_net){
        .is_known = true,
        .channels = spec->channels,
        .cells = spec->cells,
        .nodes = spec->nodes,
        .two_branch = spec->two_branch,
        .auxiliary = spec->auxiliary,
        .pad_to = s->config->data.pad_to,
    };
}

/* \a label says what the file is, whatever name a copy of it bears. */
static td_status pack(td_search *s, td_packed_checkpoint *packed, const char *name,
                      char *label)
{
    static char search[] = "search", train[] = "train";
    TD_ASSERT(s->rank == 0 && s->directory && s->history);
    TD_ASSERT(s->progress.adam_count == s->state->adam_count);
    td_checkpoint checkpoint = { 0 };
    td_genotype genotype = td_search_genotype(s);
    fill_state(&checkpoint, s->state);
    fill_run(&checkpoint, s);
    fill_network(&checkpoint, s);
    checkpoint.command = s->command == TD_FOR_TRAIN ? train : search;
    checkpoint.isa = td_strdup(s->machine.kernels->isa);
    checkpoint.genotype = td_genotype_python(&genotype);
    checkpoint.config = td_settings_yaml(s->settings);
    checkpoint.version = td_version_text();
    checkpoint.label = label;
    td_status status =
        td_checkpoint_pack(packed, &checkpoint, td_run_path(s->directory, name));
    td_free(checkpoint.genotype);
    td_free(checkpoint.config);
    td_free(checkpoint.version);
    td_free(checkpoint.isa);
    return status;
}

static td_status save(td_search *s)
{
    static char last[] = "last";
    td_packed_checkpoint packed = { 0 };
    td_status status = pack(s, &packed, "checkpoint.h5", last);
    if (status == TD_OK)
        status = td_checkpoint_put(&packed, td_run_path(s->directory, "checkpoint.h5"));
    td_free(packed.image);
    s->last_save = td_clock_seconds();
    return status;
}

bool td_search_holds_out(const td_search *s)
{
    return s->selection->half_count[TD_HALF_ARCH] > 0;
}

td_status td_search_pack_best(td_search *s)
{
    static char best[] = "best";
    td_free(s->best.image);
    s->best = (td_packed_checkpoint){ 0 };
    return pack(s, &s->best, "best.h5", best);
}

td_status td_search_write_best(td_search *s)
{
    if (!s->best.image)
        return TD_OK;
    td_status status =
        td_checkpoint_put(&s->best, td_run_path(s->directory, "best.h5"));
    if (status != TD_OK)
        return status;
    td_free(s->best.image);
    s->best = (td_packed_checkpoint){ 0 };
    return TD_OK;
}

/* The best epoch of a training by what is held out; a search is worth its last cell.
 * One that could not be written is tried again until a better one comes. */
static td_status save_best(td_search *s, const td_metrics *row)
{
    bool is_best = s->progress.best_epoch == row->epoch;
    if (s->command != TD_FOR_TRAIN || !td_search_holds_out(s))
        return TD_OK;
    td_status status = is_best ? td_search_pack_best(s) : TD_OK;
    return status == TD_OK ? td_search_write_best(s) : status;
}

/* All are tried: a full disk may have room for the small ones. */
static td_status save_epoch_on_root(td_search *s, const td_metrics *row, bool is_last)
{
    td_status failure = td_run_check(s->directory);
    if (failure != TD_OK)
        return failure;
    td_search_history_note(s);
    for (int part = 0; part < 4; part++) {
        td_status status = part == 0   ? td_search_write_genotype(s)
                           : part == 1 ? write_row(s, row)
                           : part == 2 ? save_best(s, row)
                                       : save(s);
        if (!is_last)
            warn(status);
        else if (status != TD_OK)
            failure = status;
    }
    return failure;
}

td_status td_search_save_epoch(td_search *s, const td_metrics *row, bool is_last)
{
    td_status status = s->rank == 0 ? save_epoch_on_root(s, row, is_last) : TD_OK;
    return td_dist_verdict(s->world, status);
}

bool td_search_is_save_due(const td_search *s)
{
    double minutes = (td_clock_seconds() - s->last_save) / 60.0;
    return s->rank == 0 && minutes >= s->config->checkpoint.minutes;
}

static td_status save_on_root(td_search *s, bool is_last)
{
    bool was_left = s->best.image;
    td_status best = td_search_write_best(s);
    if (was_left && best == TD_OK)
        td_log(TD_LOG_NOTE, "best.h5 of epoch %lld is saved now",
               (long long) s->progress.best_epoch + 1);
    if (!is_last)
        warn(best);
    td_status last = save(s);
    if (is_last)
        return last != TD_OK ? last : best;
    warn(last);
    return TD_OK;
}

/* What is saved is what will be continued: never a state that one rank alone has. */
static td_status save_equal(td_search *s, bool is_last)
{
    td_status status = td_search_state_check(s->state, s->world, s->progress.epoch);
    if (status != TD_OK)
        return status;
    if (s->rank == 0) {
        status = td_run_check(s->directory);
        if (status == TD_OK)
            status = save_on_root(s, is_last);
    }
    return td_dist_verdict(s->world, status);
}

td_status td_search_save_now(td_search *s)
{
    return save_equal(s, false);
}

td_status td_search_save_last(td_search *s)
{
    return save_equal(s, true);
}

td_status td_search_stopped(const td_search *s)
{
    return td_error(TD_STOPPED,
                    "stopped %s after %lld %s and %lld %s; %s is saved: "
                    "the same command continues",
                    td_signals_reason(), (long long) s->progress.epoch,
                    td_noun(s->progress.epoch, "epoch", "epochs"),
                    (long long) s->progress.step,
                    td_noun(s->progress.step, "step", "steps"), s->config->run.out);
}
