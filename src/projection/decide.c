/* A decision: candidates masked in turn, the loss of held-out images without each. */
#include "taildart/projection.h"

#include <stdio.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/base_terminal.h"
#include "taildart/base_text.h"

/* What a decision is about: operations of an edge, or edges of a node. */
typedef struct {
    td_judge judge; /* of the images that decide */
    td_score *score;
    int number, cell, place;
    bool is_node;
    td_real *rows; /* (rows, 8) of the state's masks that it is about */
    int count;     /* of candidates: operations of one row, or rows */
    bool is_there[TD_MAX_EDGES];
    double loss[TD_MAX_EDGES];
    bool is_whole;
} decision;

_Static_assert((int) TD_MAX_EDGES >= (int) TD_NUM_OPS, "candidates of either kind");

/* ---- candidates -------------------------------------------------------------- */

static bool has_operation(const td_real *row)
{
    for (int k = TD_OP_NONE + 1; k < TD_NUM_OPS; k++)
        if (row[k] != 0)
            return true;
    return false;
}

/* An edge that is not there any more has `none` alone. */
static void take_edge_away(td_real *row)
{
    memset(row, 0, TD_NUM_OPS * sizeof *row);
    row[TD_OP_NONE] = 1;
}

/* `none` is no candidate: a cell cannot have it. */
static void find_candidates(decision *d)
{
    for (int i = 0; i < d->count; i++)
        d->is_there[i] = d->is_node ? has_operation(d->rows + i * TD_NUM_OPS)
                                    : i != TD_OP_NONE && d->rows[i] != 0;
}

static int candidates_of(const decision *d)
{
    int found = 0;
    for (int i = 0; i < d->count; i++)
        found += d->is_there[i];
    return found;
}

static void begin(decision *d, const td_judge *judge, int number, int cell)
{
    const td_search_state *state = judge->state;
    *d = (decision){ .judge = *judge, .number = number, .cell = cell };
    d->judge.most = judge->config->search.projection_images;
    d->place = td_projection_place(judge->config, cell, number, &d->is_node);
    int edge = d->is_node ? d->place * (d->place + 3) / 2 : d->place;
    d->rows = state->present + (size_t) (cell * state->edges + edge) * TD_NUM_OPS;
    d->count = d->is_node ? d->place + 2 : TD_NUM_OPS;
    find_candidates(d);
}

/* Without candidate \a i; the last operation of an edge goes with the edge. */
static void mask(decision *d, int i)
{
    td_real *row = d->is_node ? d->rows + (size_t) i * TD_NUM_OPS : d->rows;
    if (!d->is_node)
        row[i] = 0;
    if (d->is_node || !has_operation(row))
        take_edge_away(row);
}

/* ---- measuring --------------------------------------------------------------- */

static void show_progress(const decision *d, int done)
{
    char what[64], pass[64];
    int all = td_projection_decisions(d->judge.config);
    if (td_comm_rank(d->judge.world) != 0 || !td_terminal_is_watched())
        return;
    snprintf(what, sizeof what, "decision %d/%d, %s cell", d->number + 1, all,
             d->cell == 0 ? "normal" : "reduction");
    snprintf(pass, sizeof pass, "pass %d/%d over held-out images", done + 1,
             candidates_of(d));
    td_log_live((const char *const[]){ what, pass, NULL });
}

/* The loss without each candidate; the masks are as before then. */
static td_status measure(decision *d)
{
    td_real former[TD_MAX_EDGES * TD_NUM_OPS];
    size_t bytes = (size_t) (d->is_node ? d->count : 1) * TD_NUM_OPS * sizeof *d->rows;
    td_status status = TD_OK;
    int done = 0;
    memcpy(former, d->rows, bytes);
    d->is_whole = true;
    for (int i = 0; i < d->count && status == TD_OK && d->is_whole; i++) {
        if (!d->is_there[i])
            continue;
        show_progress(d, done++);
        mask(d, i);
        status = td_judge_network(&d->judge, d->score, &d->is_whole);
        memcpy(d->rows, former, bytes);
        d->loss[i] = status == TD_OK && d->is_whole ? td_score_loss(d->score) : 0.0;
    }
    return status;
}

/* ---- deciding ---------------------------------------------------------------- */

/* "normal cell, edge into node 3 from c_{k-1}" */
static char *place_text(const decision *d)
{
    const char *cell = d->cell == 0 ? "normal" : "reduction";
    int node = d->is_node ? d->place : 0, first = 0;
    char from[TD_STATE_TEXT];
    if (d->is_node)
        return td_format("%s cell, node %d", cell, node);
    while (d->place >= first + node + 2)
        first += node++ + 2;
    return td_format("%s cell, edge into node %d from %s", cell, node,
                     td_state_text(d->place - first, from));
}

/* A network that has grown without bound misses nothing, or everything. */
static td_status check(const decision *d)
{
    if (td_projection_tells(d->loss, d->is_there, d->count))
        return TD_OK;
    char *place = place_text(d);
    td_status status =
        td_error(TD_FAILED,
                 "epoch %lld, decision %d/%d: the loss of held-out images is no number "
                 "whichever %s is absent: %s",
                 (long long) d->judge.epoch + 1, d->number + 1,
                 td_projection_decisions(d->judge.config),
                 d->is_node ? "edge" : "operation", place);
    td_error_hint("the numbers have grown without bound: a smaller weights.lr.start, "
                  "arch.lr.start or weights.clip keeps them small");
    td_free(place);
    return status;
}

/* "sep_conv_3x3 (loss 2.3021 without it)" of what stays. */
static void tell(const decision *d, const bool *stays)
{
    char *place = place_text(d), from[TD_STATE_TEXT];
    td_text text = { 0 };
    for (int i = 0; i < d->count; i++) {
        if (!stays[i])
            continue;
        if (d->is_node)
            td_text_write(&text, "%sedge from %s", text.chars ? ", " : "",
                          td_state_text(i, from));
        else
            td_text_write(&text, "%s",
                          td_op_name(td_op_at(i, d->judge.state->has_noise)));
        td_text_write(&text, " (loss %.4f without it)", d->loss[i]);
    }
    td_log_wrapped(TD_LOG_INFO, 4, "decision %d/%d: %s keeps %s", d->number + 1,
                   td_projection_decisions(d->judge.config), place,
                   text.chars ? text.chars : "nothing");
    td_free(text.chars);
    td_free(place);
}

static void apply(const decision *d)
{
    bool stays[TD_MAX_EDGES];
    int keep = d->is_node ? 2 : 1;
    td_projection_choose(stays, d->loss, d->is_there, d->count, keep);
    for (int i = 0; i < d->count; i++)
        if (!stays[i] && d->is_node)
            take_edge_away(d->rows + (size_t) i * TD_NUM_OPS);
        else if (!d->is_node)
            d->rows[i] = stays[i] ? 1 : 0;
    tell(d, stays);
}

/* One edge or node of a cell. */
static td_status decide_cell(const td_judge *judge, td_score *score, int number,
                             int cell, bool *is_whole)
{
    decision d;
    begin(&d, judge, number, cell);
    d.score = score;
    if (candidates_of(&d) == 0)
        return TD_OK;
    td_status status = measure(&d);
    if (status == TD_OK && d.is_whole)
        status = check(&d);
    *is_whole = status == TD_OK && d.is_whole;
    if (*is_whole)
        apply(&d);
    return status;
}

/* One edge or node of each kind of cell, and what is left in the end. */
static td_status decide(const td_judge *judge, td_score *score, int number,
                        bool *is_whole)
{
    int cells = judge->state->cells == 1 ? 1 : 2;
    td_score *without = td_score_new(judge->info->classes, false);
    td_status status = TD_OK;
    for (int cell = 0; cell < cells && status == TD_OK && *is_whole; cell++)
        status = decide_cell(judge, without, number, cell, is_whole);
    if (status == TD_OK && *is_whole && td_projection_ends(judge->config, judge->epoch))
        status = td_judge_network(judge, score, is_whole);
    td_score_free(without);
    return status;
}

td_status td_projection_decide(const td_judge *judge, td_score *score, bool *is_whole)
{
    td_search_state *state = judge->state;
    int number = td_projection_decision(judge->config, judge->epoch);
    *is_whole = true;
    if (number < 0)
        return TD_OK;
    size_t bytes = td_search_state_alpha_count(state) * sizeof *state->present;
    td_real *former = td_malloc(bytes);
    memcpy(former, state->present, bytes);
    td_status status = decide(judge, score, number, is_whole);
    if (status != TD_OK || !*is_whole)
        memcpy(state->present, former, bytes);
    else if (number == 0)
        memset(state->momentum, 0,
               state->weight_slots->total * sizeof *state->momentum);
    td_free(former);
    return status;
}

/* ---- what it takes ----------------------------------------------------------- */

int td_projection_passes(const td_config *config, const td_net_spec *spec)
{
    int edges = td_projection_edges(config), passes = 0;
    for (int cell = 0; cell < (spec->cells == 1 ? 1 : 2); cell++) {
        for (int e = 0; e < edges; e++)
            for (int k = TD_OP_NONE + 1; k < TD_NUM_OPS; k++)
                passes += !(spec->without[cell][e] >> k & 1);
        if (edges > 0)
            passes += edges - 2; /* inputs of all nodes but the first */
    }
    return passes;
}
