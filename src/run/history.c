/* History of the architecture: its parameters after each epoch. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_memory.h"

/* Room for so many epochs of \a row numbers, NaN where nothing is known. */
static void make_room(td_job_files *files, size_t row, int64_t epochs)
{
    size_t had = (size_t) files->arch_room * row;
    if (files->arch_history && epochs <= files->arch_room)
        return;
    files->arch_room = epochs > 2 * files->arch_room ? epochs : 2 * files->arch_room;
    size_t all = (size_t) files->arch_room * row;
    files->arch_history =
        td_enlarge(files->arch_history, had * sizeof(td_real), all * sizeof(td_real));
    for (size_t i = had; i < all; i++)
        files->arch_history[i] = (td_real) NAN;
}

void td_job_history_begin(td_job_files *files, const td_search_state *state,
                          int64_t done)
{
    enum { FIRST_ROOM = 16 };
    size_t row = td_search_state_alpha_count(state);
    if (files->arch_history || row == 0)
        return;
    make_room(files, row, done + FIRST_ROOM);
    if (!files->saved || !files->saved->arch_history)
        return;
    int64_t saved = files->saved->arch_epochs;
    memcpy(files->arch_history, files->saved->arch_history,
           (size_t) (saved < done ? saved : done) * row * sizeof *files->arch_history);
}

void td_job_history_note(td_job_files *files, const td_search_state *state,
                         int64_t done)
{
    size_t row = td_search_state_alpha_count(state);
    if (row == 0)
        return; /* a derived network has no alphas */
    TD_ASSERT(files->arch_history && done > 0);
    make_room(files, row, done);
    td_search_state_mask(state, files->arch_history + (size_t) (done - 1) * row,
                         state->alphas);
}
