/* How the architecture came to be what it is: its parameters after each epoch. */
#include <math.h>
#include <string.h>

#include "run.h"

static size_t row_count(const td_search *s)
{
    return td_search_state_alpha_count(s->state);
}

void td_search_history_begin(td_search *s)
{
    size_t row = row_count(s), all = (size_t) s->config->search.epochs * row;
    TD_ASSERT(s->rank == 0);
    if (s->arch_history || row == 0)
        return;
    s->arch_history = td_malloc(all * sizeof *s->arch_history);
    for (size_t i = 0; i < all; i++)
        s->arch_history[i] = (td_real) NAN;
    if (!s->saved || !s->saved->arch_history)
        return;
    size_t saved = (size_t) s->saved->arch_epochs * row;
    memcpy(s->arch_history, s->saved->arch_history,
           (saved < all ? saved : all) * sizeof *s->arch_history);
}

void td_search_history_note(td_search *s)
{
    size_t row = row_count(s);
    if (row == 0)
        return; /* a derived network has no alphas */
    TD_ASSERT(s->arch_history && s->progress.epoch > 0);
    TD_ASSERT(s->progress.epoch <= s->config->search.epochs);
    memcpy(s->arch_history + (size_t) (s->progress.epoch - 1) * row, s->state->alphas,
           row * sizeof *s->arch_history);
}
