/* Between what a run has learned and the checkpoint of it. */
#include "taildart/checkpoint_state.h"

#include <string.h>

void td_checkpoint_show_state(td_checkpoint *checkpoint, const td_search_state *state)
{
    checkpoint->weight_slots = state->weight_slots;
    checkpoint->norm_slots = state->norm_slots;
    checkpoint->edges = state->edges;
    checkpoint->weights = state->weights;
    checkpoint->momentum = state->momentum;
    checkpoint->running_mean = state->running_mean;
    checkpoint->running_var = state->running_var;
    checkpoint->alphas = state->alphas;
    checkpoint->alphas_start = state->alphas_start;
    checkpoint->adam_first = state->adam_first;
    checkpoint->adam_second = state->adam_second;
}

/* Tensors are found by name: a file keeps an order of its own. */
static void copy_slots(td_real *out, const td_slots *mine, const td_real *in,
                       const td_slots *theirs)
{
    for (int k = 0; k < mine->count; k++) {
        const td_slot *to = &mine->slots[k], *from = td_slots_find(theirs, to->name);
        TD_ASSERT(from && from->count == to->count);
        memcpy(out + to->offset, in + from->offset, to->count * sizeof(td_real));
    }
}

void td_checkpoint_restore(td_search_state *state, const td_checkpoint *saved)
{
    TD_ASSERT(state->edges == saved->edges);
    const td_slots *weights = state->weight_slots, *norms = state->norm_slots;
    size_t bytes = td_search_state_alpha_count(state) * sizeof(td_real);
    copy_slots(state->weights, weights, saved->weights, saved->weight_slots);
    copy_slots(state->momentum, weights, saved->momentum, saved->weight_slots);
    copy_slots(state->running_mean, norms, saved->running_mean, saved->norm_slots);
    copy_slots(state->running_var, norms, saved->running_var, saved->norm_slots);
    memcpy(state->alphas, saved->alphas, bytes);
    memcpy(state->alphas_start, saved->alphas_start, bytes);
    memcpy(state->adam_first, saved->adam_first, bytes);
    memcpy(state->adam_second, saved->adam_second, bytes);
    state->adam_count = saved->progress.adam_count;
}
