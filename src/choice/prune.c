/* search.prune: from some epochs on edges have fewer operations (P-DARTS, Chen et al.
 * 2019, and DrNAS, Chen et al. 2021, do so between their stages). */
#include "taildart/choice.h"

int td_choice_prune(td_search_state *state, const td_config *config, int64_t epoch)
{
    const td_rows *rows = &config->search.prune;
    int dropped = 0;
    for (int r = 0; r < rows->count; r++)
        if (rows->value[r][TD_PRUNE_EPOCH] == epoch)
            dropped += td_search_state_prune(state, rows->value[r][TD_PRUNE_KEEP]);
    return dropped;
}
