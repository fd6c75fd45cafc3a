/* When a search ends before its last epoch, and whose cell is then returned. */
#include "taildart/choice.h"

#include <math.h>

#include "taildart/config_stages.h"

td_choice_end td_stop_by_skips(const td_stop_keys *keys, const double *skips,
                               int epochs)
{
    for (int e = keys->start; e < epochs; e++)
        if (skips[e] > keys->limit)
            return (td_choice_end){ true, e, e };
    return (td_choice_end){ 0 };
}

/* ---- the curvature rule of RobustDARTS ------------------------------------- */

/* Mean of the last evaluations of the first \a count, at most a window. */
static double average_of(const td_stop_keys *keys, const double *values, int count)
{
    int from = count > keys->window ? count - keys->window : 0;
    double sum = 0.0;
    for (int i = from; i < count; i++)
        sum += values[i];
    return sum / (count - from);
}

/* The mean of the last window of eigenvalues is more than a factor times that of delta
 * evaluations before.  A mean stands for the epoch in the middle of its window; the
 * cell of the earlier one is returned, and that is not before the start (Zela et al.
 * 2020).  \a values: of epochs 0, every, 2·every, … */
static td_choice_end stop_by_curvature(const td_stop_keys *keys, const double *values,
                                       int count)
{
    int half = keys->window / 2;
    for (int i = 0; i < count; i++) {
        int before = i - keys->delta, middle = before - half;
        if (before < (keys->window + 1) / 2 - 1 || middle < 0 ||
            middle * keys->every < keys->start)
            continue;
        if (average_of(keys, values, i + 1) >
            keys->factor * average_of(keys, values, before + 1))
            return (td_choice_end){ true, i * keys->every, middle * keys->every };
    }
    return (td_choice_end){ 0 };
}

/* Averages go over evaluations by their number, whether they were made or not. */
static bool is_in_turn(const td_config *config, int64_t epoch)
{
    return epoch % config->search.stop_every == 0 || epoch == config->search.epochs - 1;
}

/* No average reaches back beyond the last stage: td_stages_check sees to it. */
bool td_stop_evaluates(const td_config *config, int64_t epoch)
{
    return config->search.stop == TD_STOP_EIGENVALUE && is_in_turn(config, epoch) &&
           td_stage_at(config, epoch).number + 1 == td_stage_count(config);
}

/* ---- a run ------------------------------------------------------------------ */

static td_stop_keys keys_of(const td_config *config)
{
    return (td_stop_keys){ .kind = config->search.stop,
                           .start = config->search.stop_start,
                           .limit = config->search.stop_limit,
                           .every = config->search.stop_every,
                           .window = config->search.stop_window,
                           .delta = config->search.stop_delta,
                           .factor = config->search.stop_factor };
}

/* The last epoch ends a search anyway, and an evaluation there may be out of turn. */
td_choice_end td_choice_stop(const td_config *config, const td_metrics *rows, int count)
{
    td_stop_keys keys = keys_of(config);
    int epochs = config->search.epochs, found = 0;
    double *values = td_malloc((size_t) (count + 1) * sizeof *values);
    td_choice_end end = { 0 };
    for (int i = 0; i < count && rows[i].epoch < epochs - 1; i++)
        if (keys.kind == TD_STOP_SKIPS)
            values[found++] = rows[i].skip_count_normal;
        else if (is_in_turn(config, rows[i].epoch))
            values[found++] = rows[i].hessian_eigenvalue;
    if (keys.kind == TD_STOP_SKIPS)
        end = td_stop_by_skips(&keys, values, found);
    else if (keys.kind == TD_STOP_EIGENVALUE)
        end = stop_by_curvature(&keys, values, found);
    td_free(values);
    return end;
}

td_choice_end td_choice_end_of(const td_checkpoint *checkpoint, const char *path)
{
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    td_choice_end end = { 0 };
    if (td_settings_read_text(settings, path, checkpoint->texts.config) == TD_OK) {
        char *header = td_metrics_header();
        const char *history = checkpoint->texts.history;
        char *text = td_format("%s%s", header, history ? history : "");
        td_metrics *rows = NULL;
        int count = td_metrics_parse(&rows, text);
        end = td_choice_stop(td_settings_config(settings), rows, count);
        td_free(rows);
        td_free(text);
        td_free(header);
    }
    td_settings_free(settings);
    return end;
}
