/* What a run leaves behind.  Rank 0 writes; the state is the same on every rank. */
#include <string.h>

#include "run.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"
#include "taildart/report.h"

void td_search_warn(td_status status)
{
    if (status != TD_OK)
        td_log(TD_LOG_WARNING, "%s; the run goes on", td_error_message());
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

static td_status save(td_search *s)
{
    static char last[] = "last";
    td_packed_checkpoint packed = { 0 };
    td_status status = td_search_pack(s, &packed, "checkpoint.h5", last);
    if (status == TD_OK)
        status = td_checkpoint_put(&packed, td_run_path(s->directory, "checkpoint.h5"));
    td_free(packed.image);
    s->last_save = td_clock_seconds();
    return status;
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
    if (!s->kind->keeps_best || !td_plan_holds_out(s->selection))
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
            td_search_warn(status);
        else if (status != TD_OK)
            failure = status;
    }
    return failure;
}

td_status td_search_save_epoch(td_search *s, const td_metrics *row, bool is_last)
{
    td_status status = s->rank == 0 ? save_epoch_on_root(s, row, is_last) : TD_OK;
    return td_comm_verdict(s->world, status);
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
        td_search_warn(best);
    td_status last = save(s);
    if (is_last)
        return last != TD_OK ? last : best;
    td_search_warn(last);
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
    return td_comm_verdict(s->world, status);
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
