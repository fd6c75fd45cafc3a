#include "taildart/step_state.h"

#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "taildart/base_random.h"
#include "taildart/step_rows.h"

static void take_arrays(td_search_state *state)
{
    for (const td_state_row *row = td_state_rows; row->name; row++)
        *td_state_array(state, row) =
            TD_TAKE(&state->memory, td_real, td_state_array_numbers(state, row));
}

void td_search_state_take(td_search_state *state)
{
    TD_ASSERT(state->weight_slots && state->norm_slots && !state->memory.base);
    td_arena_init(&state->memory);
    take_arrays(state);
    td_arena_begin(&state->memory);
    take_arrays(state);
    TD_ASSERT(state->memory.used == state->memory.size || state->memory.used == 0);
}

/* What is built, and `none` where the space has it. */
static void fill_present(td_search_state *state, const td_net_spec *spec)
{
    for (int i = 0; i < 2 * state->edges * TD_NUM_OPS; i++) {
        int row = i / TD_NUM_OPS, k = i % TD_NUM_OPS;
        unsigned without = spec->without[row / state->edges][row % state->edges];
        state->present[i] = without >> k & 1 ? 0 : 1;
    }
}

/* As alphas are drawn, on a shard of their own. */
static void draw_betas(td_search_state *state, uint64_t seed)
{
    td_random key = { .seed = seed,
                      .stream = TD_STREAM_INIT_ALPHAS,
                      .shard = 1,
                      .pass = (uint32_t) state->stage };
    size_t count = td_search_state_beta_count(state);
    for (size_t i = 0; i < count; i++)
        state->betas[i] = (td_real) (1e-3 * td_random_normal(&key, (uint32_t) i));
}

td_search_state *td_search_state_new(const td_network *net,
                                     const td_relaxation *relaxation,
                                     bool has_edge_weights, uint64_t seed)
{
    TD_ASSERT(net && relaxation);
    td_search_state *state = td_malloc(sizeof *state);
    state->weight_slots = td_network_weights(net);
    state->norm_slots = td_network_norms(net);
    state->relaxation = relaxation;
    state->temperature = 1.0;
    state->skip_bonus = 0.0;
    state->has_edge_weights = has_edge_weights;
    state->edges = td_network_edges(td_network_spec(net));
    td_search_state_take(state);
    td_network_init(net, seed, state->weights);
    td_network_init_state(net, seed, state->running_mean, state->running_var,
                          state->alphas);
    state->cells = td_network_spec(net)->cells;
    state->has_noise = td_network_spec(net)->has_noise;
    state->adds_skips = td_network_spec(net)->adds_skips;
    state->stage = td_network_spec(net)->stage;
    fill_present(state, td_network_spec(net));
    memcpy(state->alphas_start, state->alphas,
           td_search_state_alpha_count(state) * sizeof(td_real));
    draw_betas(state, seed);
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

void td_search_state_masks(const td_search_state *state, uint8_t *masks)
{
    for (int row = 0; row < 2 * state->edges; row++) {
        masks[row] = 0;
        for (int k = 0; k < TD_NUM_OPS; k++)
            if (state->present[row * TD_NUM_OPS + k] != 0)
                masks[row] |= (uint8_t) (1U << k);
    }
}

size_t td_search_state_beta_count(const td_search_state *state)
{
    return state->has_edge_weights ? (size_t) 2 * (size_t) state->edges : 0;
}

td_arch td_search_state_arch(const td_search_state *state, uint8_t *masks)
{
    td_search_state_masks(state, masks);
    return (td_arch){
        .relaxation = state->relaxation,
        .edges = state->edges,
        .alphas = state->alphas,
        .betas = td_search_state_beta_count(state) > 0 ? state->betas : NULL,
        .present = state->edges > 0 ? masks : NULL,
        .temperature = state->temperature,
        .skip_bonus = state->skip_bonus,
    };
}

uint64_t td_search_state_hash(const td_search_state *state)
{
    TD_ASSERT(state->memory.base);
    uint64_t seed = 0;
    for (int i = 0; i < TD_STATE_COUNTS; i++)
        seed = 31 * seed + (uint64_t) *td_state_count_at(state, &td_state_counts[i]);
    return XXH3_64bits_withSeed(state->memory.base, state->memory.used, seed);
}

void td_search_state_bcast(td_search_state *state, td_comm *comm)
{
    TD_ASSERT(state->memory.base);
    td_comm_bcast(comm, state->memory.base, state->memory.used);
    td_comm_bcast(comm, &state->temperature, sizeof state->temperature);
    td_comm_bcast(comm, &state->skip_bonus, sizeof state->skip_bonus);
    for (int i = 0; i < TD_STATE_COUNTS; i++)
        td_comm_bcast(comm, td_state_count_at(state, &td_state_counts[i]),
                      sizeof(int64_t));
}

/* ---- where replicas differ -------------------------------------------------- */

/* The first part of an array that differs. */
static const char *differing_part(const td_search_state *state, td_comm *comm,
                                  const td_state_row *row)
{
    int parts = td_state_parts(state, row);
    for (int i = 0; i < parts; i++) {
        td_state_part part = td_state_part_at(state, row, i);
        const td_real *values = *td_state_array(state, row) + part.offset;
        uint64_t hash = XXH3_64bits(values, part.count * sizeof(td_real));
        if (!td_comm_equal_u64(comm, hash, NULL))
            return part.name;
    }
    return "";
}

static const char *differing_count(const td_search_state *state, td_comm *comm)
{
    for (int i = 0; i < TD_STATE_COUNTS; i++) {
        int64_t count = *td_state_count_at(state, &td_state_counts[i]);
        if (!td_comm_equal_u64(comm, (uint64_t) count, NULL))
            return td_state_counts[i].name;
    }
    return NULL;
}

/* A rank that is not like most, and one that is: it may be rank 0 that went astray. */
typedef struct {
    int odd, usual;
} odd_ranks;

static odd_ranks odd_of(const uint64_t *hashes, int ranks)
{
    odd_ranks found = { 0, 0 };
    int most = 0;
    for (int r = 0; r < ranks; r++) {
        int alike = 0;
        for (int other = 0; other < ranks; other++)
            alike += hashes[other] == hashes[r];
        if (alike > most) {
            most = alike;
            found.usual = r;
        }
    }
    while (hashes[found.odd] == hashes[found.usual])
        found.odd++;
    return found;
}

/* Only where the hashes differ. */
static odd_ranks find_odd(td_comm *comm, uint64_t hash)
{
    odd_ranks found = { 0, 0 };
    bool is_root = td_comm_rank(comm) == 0;
    size_t ranks = (size_t) td_comm_size(comm);
    uint64_t *hashes = is_root ? td_malloc(ranks * sizeof *hashes) : NULL;
    td_comm_gather(comm, hashes, &hash, sizeof hash);
    if (is_root)
        found = odd_of(hashes, (int) ranks);
    td_free(hashes);
    td_comm_bcast(comm, &found, sizeof found);
    return found;
}

/* Every rank walks the same list and sees the same verdicts, so all stop at one place.
 * \a ranks: by the whole state. */
static td_status name_difference(const td_search_state *state, td_comm *comm,
                                 long long epoch, odd_ranks ranks)
{
    for (const td_state_row *row = td_state_rows; row->name; row++) {
        size_t bytes = td_state_array_numbers(state, row) * sizeof(td_real);
        uint64_t hash = XXH3_64bits(*td_state_array(state, row), bytes);
        if (td_comm_equal_u64(comm, hash, NULL))
            continue;
        ranks = find_odd(comm, hash);
        const char *part = differing_part(state, comm, row);
        return td_error(
            TD_DIVERGED,
            "epoch %lld: replicas differ: rank %d has other %s%s%s than rank %d", epoch,
            ranks.odd, row->name, *part ? " of " : "", part, ranks.usual);
    }
    const char *count = differing_count(state, comm);
    if (count)
        return td_error(TD_DIVERGED,
                        "epoch %lld: replicas differ: rank %d counts other %s than "
                        "rank %d",
                        epoch, ranks.odd, count, ranks.usual);
    return td_error(TD_DIVERGED,
                    "epoch %lld: replicas differ: rank %d has other bytes between its "
                    "arrays than rank %d",
                    epoch, ranks.odd, ranks.usual);
}

td_status td_search_state_check(const td_search_state *state, td_comm *comm,
                                int64_t epoch)
{
    uint64_t hash = td_search_state_hash(state);
    if (td_comm_equal_u64(comm, hash, NULL))
        return TD_OK;
    td_status status = name_difference(state, comm, epoch, find_odd(comm, hash));
    td_error_hint("nothing of this was saved: the same command goes on from the last "
                  "checkpoint; look at that rank's memory (ECC)");
    return status;
}
