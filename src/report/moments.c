/* The moments of a run's architecture weights, and the range over all runs. */
#include "heatmap.h"
#include "taildart/arch.h"

#include <math.h>

enum { MOMENTS = 50 }; /* most in a strip: longer runs show some of their epochs */

static bool is_kept(const td_checkpoint *c, int64_t row)
{
    size_t count = (size_t) 2 * (size_t) c->state.edges * TD_NUM_OPS;
    return !isnan(c->arch_history[(size_t) row * count]);
}

static void add_moment(td_timeline *t, int64_t epoch, bool is_within,
                       const td_real *alphas)
{
    t->moments[t->count++] = (td_moment){ epoch, is_within, alphas };
}

/* The state's start is that of the stage at hand: of a later one it was not there when
 * the run began. */
static void add_start(td_timeline *t, const td_checkpoint *c)
{
    if (c->state.stage == 0)
        add_moment(t, 0, false, t->masked);
}

/* The state itself, unless the history ends with it. */
static void add_end(td_timeline *t, const td_checkpoint *c, const td_real *masked)
{
    bool is_within = c->progress.step > 0;
    int64_t last = t->count > 0 ? t->moments[t->count - 1].epoch : -1;
    if (last < c->progress.epoch || is_within)
        add_moment(t, c->progress.epoch, is_within, masked);
}

td_timeline td_timeline_of(const td_checkpoint *c)
{
    TD_ASSERT(c->state.edges > 0 && c->state.alphas && c->state.alphas_start);
    td_timeline t = { .moments = td_malloc((MOMENTS + 3) * sizeof(td_moment)) };
    size_t count = (size_t) 2 * (size_t) c->state.edges * TD_NUM_OPS;
    int64_t epochs = c->arch_history ? c->arch_epochs : 0;
    int64_t kept = 0;
    t.every = epochs > MOMENTS ? (epochs + MOMENTS - 1) / MOMENTS : 1;
    t.masked = td_malloc(2 * count * sizeof *t.masked);
    td_search_state_mask(&c->state, t.masked, c->state.alphas_start);
    td_search_state_mask(&c->state, t.masked + count, c->state.alphas);
    add_start(&t, c);
    for (int64_t e = 1; e <= epochs; e++) {
        if (!is_kept(c, e - 1))
            continue;
        kept++;
        if ((epochs - e) % t.every == 0)
            add_moment(&t, e, false, c->arch_history + (size_t) (e - 1) * count);
    }
    t.has_history = kept == c->progress.epoch;
    add_end(&t, c, t.masked + count);
    TD_ASSERT(t.count <= MOMENTS + 3);
    return t;
}

void td_timeline_clear(td_timeline *timeline)
{
    td_free(timeline->moments);
    td_free(timeline->masked);
}

bool td_moment_has(const td_moment *moment, int edge, int op)
{
    return !isinf(moment->alphas[edge * TD_NUM_OPS + op]);
}

void td_moment_strength(const td_search_state *state, const td_moment *moment, int edge,
                        double strength[TD_NUM_OPS])
{
    uint8_t present = 0;
    for (int k = 0; k < TD_NUM_OPS; k++)
        present |= (uint8_t) (td_moment_has(moment, edge, k) << k);
    state->relaxation->strength(strength, moment->alphas + (size_t) edge * TD_NUM_OPS,
                                present);
}

/* ---- the scale of all runs ------------------------------------------------------- */

/* Note the undecided weight; -1 where runs differ. */
static void note_undecided(td_heat_scale *s, const td_search_state *state)
{
    double undecided;
    td_search_state_strongest(state, &undecided);
    s->undecided = isnan(s->undecided) || s->undecided == undecided ? undecided : -1;
}

static void widen(td_heat_scale *s, const td_checkpoint *c)
{
    td_timeline t = td_timeline_of(c);
    for (int m = 0; m < t.count; m++)
        for (int e = 0; e < 2 * c->state.edges; e++) {
            double strength[TD_NUM_OPS];
            td_moment_strength(&c->state, &t.moments[m], e, strength);
            for (int k = 0; k < TD_NUM_OPS; k++) {
                if (!td_moment_has(&t.moments[m], e, k))
                    continue;
                s->low = fmin(s->low, strength[k]);
                s->high = fmax(s->high, strength[k]);
            }
        }
    note_undecided(s, &c->state);
    int64_t epochs = c->progress.epoch + (c->progress.step > 0) + 1;
    s->epochs = epochs > s->epochs ? epochs : s->epochs;
    td_timeline_clear(&t);
}

td_heat_scale td_heat_scale_of(const td_runs *runs)
{
    td_heat_scale s = { .low = NAN, .high = NAN, .undecided = NAN, .epochs = 1 };
    for (int r = 0; r < runs->count; r++)
        if (runs->runs[r]->checkpoint->state.edges > 0)
            widen(&s, runs->runs[r]->checkpoint);
    /* From 0 to twice the undecided weight at least: what has hardly moved has one
     * colour. */
    double even = s.undecided > 0 ? s.undecided : 0.125;
    s.low = 0;
    s.high = fmax(s.high, fmin(1, 2 * even));
    return s;
}
