#include "taildart/step_state.h"

#include <stdio.h>
#include <string.h>

#include <xxhash.h>

/* The one list of the state's arrays: allocation, messages and comparison read it. */
typedef struct {
    const char *name;
    size_t place; /* of the pointer in td_search_state */
    enum { PER_WEIGHT, PER_NORM, PER_ALPHA } kind;
} state_array;

static const state_array arrays[] = {
    { "weights", offsetof(td_search_state, weights), PER_WEIGHT },
    { "momentum", offsetof(td_search_state, momentum), PER_WEIGHT },
    { "running_mean", offsetof(td_search_state, running_mean), PER_NORM },
    { "running_var", offsetof(td_search_state, running_var), PER_NORM },
    { "alphas", offsetof(td_search_state, alphas), PER_ALPHA },
    { "alphas_start", offsetof(td_search_state, alphas_start), PER_ALPHA },
    { "adam_first", offsetof(td_search_state, adam_first), PER_ALPHA },
    { "adam_second", offsetof(td_search_state, adam_second), PER_ALPHA },
};

enum { ARRAY_COUNT = sizeof arrays / sizeof arrays[0] };

static td_real **array_of(const td_search_state *state, int i)
{
    TD_ASSERT(i >= 0 && i < ARRAY_COUNT);
    return (td_real **) ((char *) state + arrays[i].place);
}

static size_t array_count(const td_search_state *state, int i)
{
    switch (arrays[i].kind) {
    case PER_WEIGHT:
        return state->weight_slots->total;
    case PER_NORM:
        return state->norm_slots->total;
    default:
        return td_search_state_alpha_count(state);
    }
}

static void take_arrays(td_search_state *state)
{
    for (int i = 0; i < ARRAY_COUNT; i++)
        *array_of(state, i) = TD_TAKE(&state->memory, td_real, array_count(state, i));
}

td_search_state *td_search_state_new(const td_network *net,
                                     const td_relaxation *relaxation, uint64_t seed)
{
    TD_ASSERT(net && relaxation);
    td_search_state *state = td_malloc(sizeof *state);
    state->weight_slots = td_network_weights(net);
    state->norm_slots = td_network_norms(net);
    state->relaxation = relaxation;
    state->edges = td_network_edges(td_network_spec(net));
    td_arena_init(&state->memory);
    take_arrays(state);
    td_arena_begin(&state->memory);
    take_arrays(state);
    TD_ASSERT(state->memory.used == state->memory.size);
    td_network_init(net, seed, state->weights);
    td_network_init_state(net, seed, state->running_mean, state->running_var,
                          state->alphas);
    memcpy(state->alphas_start, state->alphas,
           td_search_state_alpha_count(state) * sizeof(td_real));
    return state;
}

void td_search_state_free(td_search_state *state)
{
    if (!state)
        return;
    td_arena_clear(&state->memory);
    td_free(state);
}

size_t td_search_state_alpha_count(const td_search_state *state)
{
    return (size_t) 2 * (size_t) state->edges * TD_NUM_OPS;
}

uint64_t td_search_state_hash(const td_search_state *state)
{
    TD_ASSERT(state->memory.base);
    uint64_t count = (uint64_t) state->adam_count;
    return XXH3_64bits_withSeed(state->memory.base, state->memory.used, count);
}

void td_search_state_bcast(td_search_state *state, td_comm *comm)
{
    TD_ASSERT(state->memory.base);
    td_comm_bcast(comm, state->memory.base, state->memory.used);
    td_comm_bcast(comm, &state->adam_count, sizeof state->adam_count);
}

/* ---- where replicas differ -------------------------------------------------- */

static const td_slots *slots_of(const td_search_state *state, int i)
{
    return arrays[i].kind == PER_WEIGHT ? state->weight_slots
           : arrays[i].kind == PER_NORM ? state->norm_slots
                                        : NULL;
}

/* The first tensor of array i that differs, "" where it has no named tensors. */
static const char *differing_tensor(const td_search_state *state, td_comm *comm, int i)
{
    const td_slots *slots = slots_of(state, i);
    for (int k = 0; slots && k < slots->count; k++) {
        const td_slot *slot = &slots->slots[k];
        const td_real *values = *array_of(state, i) + slot->offset;
        uint64_t hash = XXH3_64bits(values, slot->count * sizeof(td_real));
        if (!td_comm_equal_u64(comm, hash, NULL))
            return slot->name;
    }
    return "";
}

/* Every rank walks the same list and sees the same verdicts, so all stop at one place.
 */
static td_status name_difference(const td_search_state *state, td_comm *comm,
                                 int64_t epoch, int rank)
{
    for (int i = 0; i < ARRAY_COUNT; i++) {
        uint64_t hash =
            XXH3_64bits(*array_of(state, i), array_count(state, i) * sizeof(td_real));
        if (td_comm_equal_u64(comm, hash, &rank))
            continue;
        const char *tensor = differing_tensor(state, comm, i);
        return td_error(TD_DIVERGED,
                        "epoch %lld: replicas differ: rank %d has other %s%s%s than "
                        "rank 0",
                        (long long) epoch, rank, arrays[i].name, *tensor ? " of " : "",
                        tensor);
    }
    return td_error(TD_DIVERGED,
                    "epoch %lld: replicas differ: rank %d counts other Adam steps than "
                    "rank 0",
                    (long long) epoch, rank);
}

td_status td_search_state_check(const td_search_state *state, td_comm *comm,
                                int64_t epoch)
{
    int rank = 0;
    if (td_comm_equal_u64(comm, td_search_state_hash(state), &rank))
        return TD_OK;
    td_status status = name_difference(state, comm, epoch, rank);
    td_error_hint("nothing of this was saved: the same command goes on from the last "
                  "checkpoint; look at that rank's memory (ECC)");
    return status;
}
