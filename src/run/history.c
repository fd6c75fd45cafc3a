/* How the architecture came to be what it is: its parameters after each epoch. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_memory.h"

static size_t row_count(const td_search *s)
{
    return td_search_state_alpha_count(s->state);
}

/* Room for so many epochs, NaN where nothing is known. */
static void make_room(td_search *s, int64_t epochs)
{
    size_t row = row_count(s), had = (size_t) s->arch_room * row;
    if (s->arch_history && epochs <= s->arch_room)
        return;
    s->arch_room = epochs > 2 * s->arch_room ? epochs : 2 * s->arch_room;
    size_t all = (size_t) s->arch_room * row;
    s->arch_history =
        td_enlarge(s->arch_history, had * sizeof(td_real), all * sizeof(td_real));
    for (size_t i = had; i < all; i++)
        s->arch_history[i] = (td_real) NAN;
}

void td_search_history_begin(td_search *s)
{
    enum { FIRST_ROOM = 16 };
    size_t row = row_count(s);
    TD_ASSERT(s->rank == 0);
    if (s->arch_history || row == 0)
        return;
    make_room(s, s->progress.epoch + FIRST_ROOM);
    if (!s->saved || !s->saved->arch_history)
        return;
    int64_t saved = s->saved->arch_epochs, done = s->progress.epoch;
    memcpy(s->arch_history, s->saved->arch_history,
           (size_t) (saved < done ? saved : done) * row * sizeof *s->arch_history);
}

void td_search_history_note(td_search *s)
{
    size_t row = row_count(s);
    if (row == 0)
        return; /* a derived network has no alphas */
    TD_ASSERT(s->arch_history && s->progress.epoch > 0);
    make_room(s, s->progress.epoch);
    memcpy(s->arch_history + (size_t) (s->progress.epoch - 1) * row, s->state->alphas,
           row * sizeof *s->arch_history);
}
