/* A cell out of strengths, with no more than so many skip connections: the weakest is
 * struck from its edge, and the cell is chosen again (P-DARTS, Chen et al. 2019,
 * section 3.4). */
#include "internal.h"

#include <string.h>

/* A cell being chosen. */
typedef struct {
    double strength[TD_MAX_EDGES * TD_NUM_OPS]; /* 0 of what is absent */
    double weight[2 * TD_MAX_EDGES];            /* of edges */
    bool struck[TD_MAX_EDGES];                  /* whose skip connection is out */
} choice;

/* The strongest operation of an edge but `none`; `none` where there is no other. */
static td_op best_of(const choice *c, int edge)
{
    const double *s = c->strength + (size_t) edge * TD_NUM_OPS;
    int best = TD_OP_NONE;
    for (int k = TD_OP_NONE + 1; k < TD_NUM_OPS; k++)
        if (s[k] > 0.0 && !(k == TD_OP_SKIP_CONNECT && c->struck[edge]) &&
            (best == TD_OP_NONE || s[k] > s[best]))
            best = k;
    return (td_op) best;
}

static double strength_of(const choice *c, int edge)
{
    td_op op = best_of(c, edge);
    if (op == TD_OP_NONE)
        return -1.0;
    return c->weight[edge] * c->strength[(size_t) edge * TD_NUM_OPS + (size_t) op];
}

/* The input whose edge is strongest, the lower one on a tie; not \a taken. */
static int strongest(const choice *c, int first_edge, int inputs, int taken)
{
    int best = taken == 0 ? 1 : 0;
    for (int i = best + 1; i < inputs; i++)
        if (i != taken &&
            strength_of(c, first_edge + i) > strength_of(c, first_edge + best))
            best = i;
    return best;
}

static void choose_cell(const choice *c, td_gene *genes, int nodes)
{
    for (int node = 0; node < nodes; node++) {
        int edge = node * (node + 3) / 2, inputs = node + 2;
        int first = strongest(c, edge, inputs, -1);
        int second = strongest(c, edge, inputs, first);
        genes[2 * node] = (td_gene){ best_of(c, edge + first), first };
        genes[2 * node + 1] = (td_gene){ best_of(c, edge + second), second };
    }
}

/* The edge of the weakest skip connection that was chosen, the lower one on a tie.
 * \param [out] skips  how many were */
static int weakest_skip(const choice *c, const td_gene *genes, int nodes, int *skips)
{
    int weakest = -1;
    double least = 0.0;
    *skips = 0;
    for (int i = 0; i < 2 * nodes; i++) {
        int edge = i / 2 * (i / 2 + 3) / 2 + genes[i].state;
        double s = c->strength[(size_t) edge * TD_NUM_OPS + TD_OP_SKIP_CONNECT];
        if (genes[i].op != TD_OP_SKIP_CONNECT)
            continue;
        ++*skips;
        if (weakest < 0 || s < least || (s == least && edge < weakest)) {
            weakest = edge;
            least = s;
        }
    }
    return weakest;
}

static bool is_whole(const td_gene *genes, int nodes)
{
    for (int i = 0; i < 2 * nodes; i++)
        if (genes[i].op == TD_OP_NONE)
            return false;
    return true;
}

static void begin(choice *c, const td_arch *arch, int nodes)
{
    *c = (choice){ .weight = { 0 } };
    td_edge_weights(arch, c->weight);
    for (int e = 0; e < td_edge_count(nodes); e++) {
        double *s = c->strength + (size_t) e * TD_NUM_OPS;
        td_arch_strength(arch, e, s);
        for (int k = 0; k < TD_NUM_OPS; k++)
            if (!td_is_present(td_arch_present(arch, e), k))
                s[k] = 0.0;
    }
}

bool td_arch_limit_skips(const td_arch *arch, td_gene *genes, int nodes, int max_skips)
{
    choice c;
    td_gene chosen[2 * TD_MAX_NODES];
    int skips;
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES && max_skips >= 0);
    for (begin(&c, arch, nodes);;) {
        choose_cell(&c, chosen, nodes);
        int weakest = weakest_skip(&c, chosen, nodes, &skips);
        if (!is_whole(chosen, nodes))
            return false; /* what is left does not make a cell: the last one stays */
        memcpy(genes, chosen, 2 * (size_t) nodes * sizeof *genes);
        if (skips <= max_skips)
            return true;
        c.struck[weakest] = true;
    }
}
