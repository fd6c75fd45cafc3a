/* search.method random: the weights are shared, and the best of some cells is kept. */
#include "judge.h"
#include "taildart/base_log.h"

/* Nothing but the operations of the cell is computed. */
static td_status judge_cell(const td_judge *judge, uint32_t sample, td_score *score,
                            bool *is_whole)
{
    td_genotype cell;
    uint8_t present[2 * TD_MAX_EDGES];
    td_search_state_draw(judge->state, &cell, (uint64_t) judge->config->seed,
                         judge->epoch, TD_CELL_SAMPLE + sample);
    td_search_state_fix(judge->state, &cell, judge->state->alphas, present);
    return td_judge_present(judge, present, score, is_whole);
}

/* The first one on a tie.  Each rank judges its shards of the images. */
td_status td_judge_cells(const td_judge *judge, td_score *score, bool *is_whole)
{
    bool is_last = judge->epoch == judge->config->search.epochs - 1;
    uint32_t samples = is_last ? (uint32_t) judge->config->search.samples : 1, best = 0;
    double most = -1.0, least = 2.0;
    td_status status = TD_OK;
    *is_whole = true;
    for (uint32_t i = 0; i < samples && status == TD_OK && *is_whole; i++) {
        status = judge_cell(judge, i, score, is_whole);
        double value = *is_whole ? td_measures_top1(score->measures) : 0.0;
        least = value < least ? value : least;
        best = value > most ? i : best;
        most = value > most ? value : most;
    }
    if (status != TD_OK || !*is_whole || !is_last)
        return status;
    td_log(TD_LOG_INFO,
           "%u random cells judged by the held-out half: top-1 %.4f to %.4f; the best "
           "is kept",
           samples, least, most);
    return judge_cell(judge, best, score, is_whole);
}
