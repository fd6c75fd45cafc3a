/* The best epoch of a run, by what is held out: of a training the one that best.h5
 * keeps, of a search only told. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"

static double measure(td_best by, const td_metrics *row)
{
    return by == TD_BEST_BALANCED ? row->valid_balanced_top1
           : by == TD_BEST_TOP1   ? row->valid_top1
                                  : row->valid_loss;
}

/* Nothing that is not a number wins, and any number wins over none. */
static bool is_better(td_best by, double value, double former)
{
    if (!isfinite(value))
        return false;
    return isnan(former) || (by == TD_BEST_LOSS ? value < former : value > former);
}

void td_job_note_best(td_progress *progress, td_best by, const td_metrics *row)
{
    double value = measure(by, row);
    TD_ASSERT(row->epoch == progress->epoch);
    progress->best_by = by;
    if (!is_better(by, value, progress->best_value))
        return;
    progress->best_value = value;
    progress->best_epoch = row->epoch;
}

/* The value of \a epoch in the rows so far; NaN where they do not have it. */
static double value_at(const char *history, int64_t epoch, td_best by)
{
    td_metrics *rows = NULL;
    char *header = td_metrics_header(), *text = td_format("%s%s", header, history);
    int count = td_metrics_parse(&rows, text);
    double value = NAN;
    for (int i = 0; i < count; i++)
        if (rows[i].epoch == epoch)
            value = measure(by, &rows[i]);
    td_free(rows);
    td_free(text);
    td_free(header);
    return value;
}

void td_job_settle_best(td_progress *progress, const td_run_kind *kind, td_best by,
                        const char *history)
{
    td_best former = (td_best) progress->best_by;
    TD_ASSERT(history);
    progress->best_by = by;
    if (former == by || progress->best_epoch < 0 || !kind->keeps_best)
        return;
    progress->best_value = value_at(history, progress->best_epoch, by);
    td_log(TD_LOG_NOTE,
           "best.h5 so far, of epoch %lld, was chosen by %s, as older versions did; an "
           "epoch with a better %s will replace it",
           (long long) progress->best_epoch + 1, td_best_title(former),
           td_best_title(by));
}
