/* The tables of a state, of the operations that its edges have. */
#include "taildart/step_state.h"

#include <math.h>
#include <string.h>

void td_search_state_mask(const td_search_state *state, td_real *to,
                          const td_real *alphas)
{
    size_t n = td_search_state_alpha_count(state);
    for (size_t i = 0; i < n; i++)
        to[i] = state->present[i] != 0 ? alphas[i] : (td_real) -INFINITY;
}

/* For td_free. */
static td_real *masked(const td_search_state *state, const td_real *alphas)
{
    td_real *copy = td_malloc(td_search_state_alpha_count(state) * sizeof *copy);
    td_search_state_mask(state, copy, alphas);
    return copy;
}

double *td_search_state_mixture(const td_search_state *state)
{
    td_real *alphas = masked(state, state->alphas);
    double *p = td_arch_weights(state->relaxation, alphas, state->edges);
    td_free(alphas);
    return p;
}

/* A place has another name where the space has noise. */
static void name_noise(td_genotype *genotype)
{
    for (int i = 0; i < 2 * genotype->nodes; i++) {
        genotype->normal[i].op = td_op_at((int) genotype->normal[i].op, true);
        genotype->reduce[i].op = td_op_at((int) genotype->reduce[i].op, true);
    }
}

void td_search_state_derive(const td_search_state *state, td_genotype *genotype,
                            int nodes)
{
    td_real *alphas = masked(state, state->alphas);
    td_arch_derive(state->relaxation, genotype, alphas, nodes);
    if (state->has_noise)
        name_noise(genotype);
    if (state->cells == 1)
        memcpy(genotype->reduce, genotype->normal, sizeof genotype->reduce);
    td_free(alphas);
}

double td_search_state_entropy(const td_search_state *state, int kind)
{
    td_real *alphas = masked(state, state->alphas);
    size_t table = td_search_state_alpha_count(state) / 2;
    double entropy = td_arch_entropy(state->relaxation, alphas + (size_t) kind * table,
                                     state->edges);
    td_free(alphas);
    return entropy;
}

double td_search_state_strongest(const td_search_state *state, double *even)
{
    td_real *zeros = td_malloc(td_search_state_alpha_count(state) * sizeof *zeros);
    td_real *alphas = masked(state, state->alphas), *undecided = masked(state, zeros);
    int count = 2 * state->edges;
    double mean = td_arch_mean_strongest(state->relaxation, alphas, count);
    *even = td_arch_mean_strongest(state->relaxation, undecided, count);
    td_free(alphas);
    td_free(undecided);
    td_free(zeros);
    return mean;
}

/* ---- pruning --------------------------------------------------------------- */

static int count_present(const td_real *present, int first)
{
    int count = 0;
    for (int k = first; k < TD_NUM_OPS; k++)
        count += present[k] != 0;
    return count;
}

/* The weakest operation of an edge, the later one on a tie; `none` alone may leave an
 * edge with one other. */
static int weakest(const td_real *present, const double *strength)
{
    int found = -1, first = count_present(present, TD_OP_NONE + 1) == 1
                                ? TD_OP_NONE
                                : TD_NUM_OPS - 1;
    for (int k = first; k >= 0; k--)
        if (present[k] != 0 && (found < 0 || strength[k] < strength[found]))
            found = k;
    TD_ASSERT(found >= 0);
    return found;
}

static int prune_edge(td_real *present, const double *strength, int keep)
{
    int dropped = 0;
    for (; count_present(present, 0) > keep; dropped++)
        present[weakest(present, strength)] = 0;
    return dropped;
}

int td_search_state_prune(td_search_state *state, int keep)
{
    TD_ASSERT(keep >= 1);
    td_real *alphas = masked(state, state->alphas);
    int dropped = 0;
    for (int e = 0; e < 2 * state->edges; e++) {
        double strength[TD_NUM_OPS];
        size_t at = (size_t) e * TD_NUM_OPS;
        state->relaxation->strength(strength, alphas + at);
        dropped += prune_edge(state->present + at, strength, keep);
    }
    td_free(alphas);
    return dropped;
}

int td_search_state_operations(const td_search_state *state)
{
    int count = 0;
    for (int e = 0; e < 2 * state->edges; e++)
        count += count_present(state->present + (size_t) e * TD_NUM_OPS, 0);
    return count;
}
