/* The stages of a search, as search.stages lists them. */
#include "taildart/config_stages.h"

#include "config_internal.h"
#include "taildart/config_projection.h"

enum { ALL_OPERATIONS = 8 };

int td_stage_count(const td_config *config)
{
    return 1 + config->search.stages.count;
}

/* The epoch at which a stage begins. */
static int first_of(const td_config *config, int number)
{
    return number == 0 ? 0 : config->search.stages.value[number - 1][TD_STAGE_EPOCH];
}

td_search_stage td_stage_of(const td_config *config, int number)
{
    TD_ASSERT(number >= 0 && number < td_stage_count(config));
    const int *row = number > 0 ? config->search.stages.value[number - 1] : NULL;
    bool is_last = number + 1 == td_stage_count(config);
    int first = first_of(config, number), end = config->search.epochs;
    if (!is_last && first_of(config, number + 1) < end)
        end = first_of(config, number + 1);
    return (td_search_stage){
        .number = number,
        .first = first,
        .epochs = end > first ? end - first : 0,
        .cells = row ? row[TD_STAGE_CELLS] : config->net.cells,
        .keep = row ? row[TD_STAGE_KEEP] : ALL_OPERATIONS,
        .skip_dropout = row ? config->search.stages.share[number - 1] : 0.0,
    };
}

td_search_stage td_stage_at(const td_config *config, int64_t epoch)
{
    int number = td_stage_count(config) - 1;
    TD_ASSERT(epoch >= 0);
    while (number > 0 && first_of(config, number) > epoch)
        number--;
    return td_stage_of(config, number);
}

int td_stage_longest(const td_config *config)
{
    int longest = 0;
    for (int n = 0; n < td_stage_count(config); n++) {
        int epochs = td_stage_of(config, n).epochs;
        longest = epochs > longest ? epochs : longest;
    }
    return longest;
}

int td_stage_epoch(const td_config *config, int64_t epoch)
{
    int64_t at = td_projection_tunes(config, epoch) ? config->search.epochs - 1 : epoch;
    return (int) (at - td_stage_at(config, at).first);
}

/* ---- rules between keys ------------------------------------------------------ */

/* A stage against the one before: cells grow, operations fall. */
static td_status check_stage(const td_search_stage *before, const td_search_stage *now)
{
    if (now->first <= before->first)
        return td_error(TD_USAGE,
                        "search.stages: found epoch %d behind epoch %d; accepted: "
                        "rising epochs",
                        now->first, before->first);
    if (now->cells > TD_MOST_CELLS)
        return td_error(TD_USAGE, "search.stages: found %d cells; accepted: at most %d",
                        now->cells, TD_MOST_CELLS);
    if (now->cells < before->cells)
        return td_error(TD_USAGE,
                        "search.stages: found %d cells from epoch %d on, but %d are "
                        "there before; accepted: as many or more",
                        now->cells, now->first, before->cells);
    if (now->keep > before->keep)
        return td_error(TD_USAGE,
                        "search.stages: found keep %d from epoch %d on, but %d are "
                        "there before; accepted: as many or fewer",
                        now->keep, now->first, before->keep);
    return TD_OK;
}

/* An end before the last stage would leave its edges undecided, and what is compared
 * has to be of one network. */
static td_status check_stop(const td_config *config, const td_search_stage *last)
{
    int stop = config->search.stop, start = config->search.stop_start;
    /* the window of an average reaches so far before the epoch that it stands for */
    int before = stop == TD_STOP_EIGENVALUE
                     ? config->search.stop_window / 2 * config->search.stop_every
                     : 0;
    if (stop == TD_STOP_NONE || start - before >= last->first)
        return TD_OK;
    return td_error(TD_USAGE,
                    "search.stop_start: found \"%d\", but the last of search.stages "
                    "begins at epoch %d, and search.stop looks at %s alone; accepted: "
                    "at least %d",
                    start, last->first,
                    before > 0 ? "averages over its epochs" : "its epochs",
                    last->first + before);
}

td_status td_stages_check(const td_config *config)
{
    int count = td_stage_count(config);
    td_search_stage last = td_stage_of(config, count - 1);
    td_status status = TD_OK;
    if (count == 1)
        return TD_OK;
    if (config->net.cells < TD_LEAST_CELLS)
        return td_error(TD_USAGE,
                        "net.cells: found \"%d\", but search.stages needs reduction "
                        "cells in its first stage, too, to choose their operations; "
                        "accepted: %d and more",
                        config->net.cells, TD_LEAST_CELLS);
    for (int n = 1; n < count && status == TD_OK; n++) {
        td_search_stage before = td_stage_of(config, n - 1);
        td_search_stage now = td_stage_of(config, n);
        status = check_stage(&before, &now);
    }
    return status == TD_OK ? check_stop(config, &last) : status;
}
