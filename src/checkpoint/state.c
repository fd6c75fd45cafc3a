/* From a checkpoint back to the state that a run goes on with. */
#include "taildart/checkpoint.h"
#include "taildart/step_rows.h"

#include <string.h>

/* Parts are found by name: a file keeps an order of its own. */
static void copy_array(td_search_state *to, const td_search_state *from,
                       const td_state_row *row)
{
    td_real *out = *td_state_array(to, row);
    const td_real *in = *td_state_array(from, row);
    int parts = td_state_parts(to, row);
    for (int i = 0; i < parts; i++) {
        td_state_part mine = td_state_part_at(to, row, i), theirs;
        bool found = td_state_part_find(&theirs, from, row, mine.name);
        TD_ASSERT(found && theirs.count == mine.count);
        memcpy(out + mine.offset, in + theirs.offset, mine.count * sizeof *out);
    }
}

void td_checkpoint_restore(td_search_state *state, const td_checkpoint *saved)
{
    TD_ASSERT(state->edges == saved->state.edges);
    for (const td_state_row *row = td_state_rows; row->name; row++)
        copy_array(state, &saved->state, row);
    state->temperature = saved->state.temperature;
    state->skip_bonus = saved->state.skip_bonus;
    for (int i = 0; i < TD_STATE_COUNTS; i++)
        *td_state_count_at(state, &td_state_counts[i]) =
            *td_state_count_at(&saved->state, &td_state_counts[i]);
}
