/* What the state of a run is made of, and how its arrays are divided. */
#include "taildart/step_rows.h"

#include <string.h>

#define AT(member) offsetof(td_search_state, member)

#define MOMENT (TD_STATE_ARCH | TD_STATE_WHOLE)
#define BETAS TD_STATE_BETAS

/* Datasets have the names of the state_dict of the DARTS PyTorch code. */
const td_state_row td_state_rows[] = {
    { "weights", AT(weights), TD_PER_WEIGHT, 1, "/weights/", "", 0 },
    { "momentum", AT(momentum), TD_PER_WEIGHT, 1, "/optim/momentum/", "", 0 },
    { "running_mean", AT(running_mean), TD_PER_NORM, 1, "/buffers/", ".running_mean",
      0 },
    { "running_var", AT(running_var), TD_PER_NORM, 1, "/buffers/", ".running_var",
      TD_STATE_SQUARE },
    { "alphas", AT(alphas), TD_PER_EDGE, TD_NUM_OPS, "/arch/", "", TD_STATE_ARCH },
    { "alphas_start", AT(alphas_start), TD_PER_EDGE, TD_NUM_OPS, "/arch/start_", "",
      0 },
    { "present", AT(present), TD_PER_EDGE, TD_NUM_OPS, "/arch/present_", "",
      TD_STATE_MASK },
    { "adam_first", AT(adam_first), TD_PER_EDGE, TD_NUM_OPS, "/optim/adam_first", "",
      MOMENT },
    { "adam_second", AT(adam_second), TD_PER_EDGE, TD_NUM_OPS, "/optim/adam_second", "",
      MOMENT | TD_STATE_SQUARE },
    { "betas", AT(betas), TD_PER_EDGE, 1, "/arch/betas_", "", TD_STATE_ARCH | BETAS },
    { "betas_first", AT(betas_first), TD_PER_EDGE, 1, "/optim/adam_betas_first", "",
      MOMENT | BETAS },
    { "betas_second", AT(betas_second), TD_PER_EDGE, 1, "/optim/adam_betas_second", "",
      MOMENT | TD_STATE_SQUARE | BETAS },
    { NULL, 0, TD_PER_WEIGHT, 0, NULL, NULL, 0 },
};

const td_state_count td_state_counts[TD_STATE_COUNTS] = {
    { "stages", AT(stage), "/arch/stage", true },
    { "Adam steps", AT(adam_count), "/optim/adam_count", false },
};

/* ---- sizes ------------------------------------------------------------------ */

static bool has_row(const td_state_row *row, bool has_edge_weights)
{
    return has_edge_weights || !(row->traits & TD_STATE_BETAS);
}

static size_t numbers_of(const td_state_row *row, td_state_sizes sizes)
{
    TD_ASSERT(row->each > 0 && sizes.edges >= 0);
    if (!has_row(row, sizes.has_edge_weights))
        return 0;
    size_t items = row->extent == TD_PER_WEIGHT ? sizes.weights
                   : row->extent == TD_PER_NORM ? sizes.norms
                                                : 2 * (size_t) sizes.edges;
    return items * (size_t) row->each;
}

size_t td_state_all_numbers(td_state_sizes sizes)
{
    size_t all = 0;
    for (const td_state_row *row = td_state_rows; row->name; row++)
        all += numbers_of(row, sizes);
    return all;
}

size_t td_state_arch_numbers(td_state_sizes sizes)
{
    size_t all = 0;
    for (const td_state_row *row = td_state_rows; row->name; row++)
        if (row->traits & TD_STATE_ARCH)
            all += numbers_of(row, sizes);
    return all;
}

/* ---- members ---------------------------------------------------------------- */

td_real **td_state_array(const td_search_state *state, const td_state_row *row)
{
    return (td_real **) ((char *) state + row->place);
}

size_t td_state_array_numbers(const td_search_state *state, const td_state_row *row)
{
    return numbers_of(row, (td_state_sizes){ state->weight_slots->total,
                                             state->norm_slots->total, state->edges,
                                             state->has_edge_weights });
}

int64_t *td_state_count_at(const td_search_state *state, const td_state_count *count)
{
    return (int64_t *) ((char *) state + count->place);
}

static const td_slots *slots_of(const td_search_state *state, const td_state_row *row)
{
    return row->extent == TD_PER_WEIGHT ? state->weight_slots
           : row->extent == TD_PER_NORM ? state->norm_slots
                                        : NULL;
}

/* ---- parts ------------------------------------------------------------------ */

static td_state_part part_of_slot(const td_slot *slot, const td_state_row *row)
{
    td_state_part part = { slot->name, slot->offset, slot->count, slot->rank, { 0 } };
    TD_ASSERT(row->each == 1);
    memcpy(part.dims, slot->dims, sizeof part.dims);
    return part;
}

static bool is_whole(const td_state_row *row)
{
    return row->traits & TD_STATE_WHOLE;
}

/* (edges, each), or (2, edges, each) of a whole. */
static td_state_part part_of_cells(const td_state_row *row, int edges, int i)
{
    static const char *const kinds[2] = { "normal", "reduce" };
    size_t count = (size_t) edges * (size_t) row->each;
    td_state_part table = {
        kinds[i], (size_t) i * count, count, 2, { edges, row->each }
    };
    td_state_part whole = { "", 0, 2 * count, 3, { 2, edges, row->each } };
    return is_whole(row) ? whole : table;
}

int td_state_parts(const td_search_state *state, const td_state_row *row)
{
    if (row->extent != TD_PER_EDGE)
        return slots_of(state, row)->count;
    if (state->edges == 0 || !has_row(row, state->has_edge_weights))
        return 0;
    return is_whole(row) ? 1 : 2;
}

td_state_part td_state_part_at(const td_search_state *state, const td_state_row *row,
                               int i)
{
    TD_ASSERT(i >= 0 && i < td_state_parts(state, row));
    return row->extent == TD_PER_EDGE
               ? part_of_cells(row, state->edges, i)
               : part_of_slot(&slots_of(state, row)->slots[i], row);
}

bool td_state_part_find(td_state_part *part, const td_search_state *state,
                        const td_state_row *row, const char *name)
{
    const td_slots *slots = slots_of(state, row);
    const td_slot *slot = slots ? td_slots_find(slots, name) : NULL;
    if (slot)
        *part = part_of_slot(slot, row);
    for (int i = 0; !slots && i < td_state_parts(state, row); i++) {
        *part = part_of_cells(row, state->edges, i);
        if (strcmp(part->name, name) == 0)
            return true;
    }
    return slot != NULL;
}
