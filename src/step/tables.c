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

double *td_search_state_mixture(const td_search_state *state, uint8_t *present)
{
    uint8_t single[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(state, present);
    double *p = td_arch_weights(&arch);
    if (p)
        memmove(present, td_arch_computed(&arch, single, p), 2 * (size_t) arch.edges);
    return p;
}

/* A place has another name where the space has noise. */
static void name_noise(td_genes *genes)
{
    for (int i = 0; i < genes->count; i++)
        genes->gene[i].op = td_op_at((int) genes->gene[i].op, true);
}

void td_search_state_derive(const td_search_state *state, td_genotype *genotype,
                            int nodes, const td_arch_rule *rule)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(state, masks);
    td_arch_derive(&arch, genotype, nodes, rule);
    genotype->adds_skips = state->adds_skips;
    if (state->has_noise) {
        name_noise(&genotype->normal);
        name_noise(&genotype->reduce);
    }
    if (state->cells == 1)
        genotype->reduce = genotype->normal;
}

/* A single cell has a table of its own alone. */
td_arch td_search_state_own_arch(const td_search_state *state, uint8_t *masks)
{
    td_arch arch = td_search_state_arch(state, masks);
    if (state->cells == 1)
        memset(masks + state->edges, 0, (size_t) state->edges);
    return arch;
}

double td_search_state_change(const td_search_state *state)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_own_arch(state, masks);
    return td_arch_change(&arch, state->alphas_start);
}

double td_search_state_entropy(const td_search_state *state, int kind)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_own_arch(state, masks);
    return td_arch_entropy(&arch, kind);
}

double td_search_state_strongest(const td_search_state *state, double *even)
{
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_own_arch(state, masks);
    *even = td_arch_undecided(&arch);
    return td_arch_mean_strongest(&arch);
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
    uint8_t masks[2 * TD_MAX_EDGES];
    td_arch arch = td_search_state_arch(state, masks);
    int dropped = 0;
    for (int e = 0; e < 2 * state->edges; e++) {
        double strength[TD_NUM_OPS];
        size_t at = (size_t) e * TD_NUM_OPS;
        td_arch_strength(&arch, e, strength);
        dropped += prune_edge(state->present + at, strength, keep);
    }
    return dropped;
}

int td_search_state_operations(const td_search_state *state)
{
    int count = 0;
    for (int e = 0; e < 2 * state->edges; e++)
        count += count_present(state->present + (size_t) e * TD_NUM_OPS, 0);
    return count;
}

/* ---- cells that are drawn ------------------------------------------------------ */

void td_search_state_draw(const td_search_state *state, td_genotype *genotype,
                          uint64_t seed, int64_t epoch, uint32_t number)
{
    uint8_t present[2 * TD_MAX_EDGES];
    td_random key = { .seed = seed,
                      .stream = TD_STREAM_CELLS,
                      .pass = (uint32_t) epoch,
                      .lane = number };
    td_search_state_masks(state, present);
    td_genotype_draw(genotype, key, present, td_nodes_of_edges(state->edges),
                     state->has_noise);
}

/* The first gene of a node is the stronger. */
static void fix_cell(const td_genes *genes, td_real *alphas, uint8_t *present)
{
    const td_real strengths[2] = { 40, 32 };
    for (int i = 0; i < genes->count; i++) {
        td_gene gene = genes->gene[i];
        int node = gene.node - 2, edge = node * (node + 3) / 2 + gene.state;
        bool is_first = i == 0 || genes->gene[i - 1].node != gene.node;
        alphas[edge * TD_NUM_OPS + TD_OP_NONE] = 0;
        alphas[edge * TD_NUM_OPS + td_op_place(gene.op)] = strengths[!is_first];
        if (present)
            present[edge] = (uint8_t) (1U << td_op_place(gene.op));
    }
}

void td_search_state_fix(const td_search_state *state, const td_genotype *genotype,
                         td_real *alphas, uint8_t *present)
{
    const td_real without = 40;
    int edges = state->edges;
    memset(alphas, 0, td_search_state_alpha_count(state) * sizeof *alphas);
    if (present)
        memset(present, 0, 2 * (size_t) edges);
    for (int edge = 0; edge < 2 * edges; edge++)
        alphas[edge * TD_NUM_OPS + TD_OP_NONE] = without;
    fix_cell(&genotype->normal, alphas, present);
    fix_cell(&genotype->reduce, alphas + (size_t) (edges * TD_NUM_OPS),
             present ? present + edges : NULL);
}

void td_search_state_admit_none(td_search_state *state)
{
    for (int edge = 0; edge < 2 * state->edges; edge++)
        state->present[edge * TD_NUM_OPS + TD_OP_NONE] = 1;
}
