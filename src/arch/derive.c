/* From architecture parameters to cells (Liu et al. 2019, section 2.4): of each node
 * the two strongest edges.  A limit on skip connections strikes the weakest from its
 * edge, and the cell is chosen again (P-DARTS, Chen et al. 2019, section 3.4); a
 * threshold leaves of the two those that reach it (FairDARTS, Chu et al. 2020, 4.1). */
#include "internal.h"

/* A cell being chosen, by edge. */
typedef struct {
    const td_arch_rule *rule;
    int nodes;
    double strength[TD_MAX_EDGES][TD_NUM_OPS];
    double weight[TD_MAX_EDGES];
    uint8_t present[TD_MAX_EDGES]; /* and not struck */
} table;

/* `none` stands for an edge that has nothing else. */
typedef struct {
    td_op op;
    double strength;
} candidate;

static void begin(table *t, const td_arch *arch, int first_edge)
{
    double weights[2 * TD_MAX_EDGES];
    td_edge_weights(arch, weights);
    for (int e = 0; e < arch->edges; e++) {
        td_arch_strength(arch, first_edge + e, t->strength[e]);
        t->weight[e] = weights[first_edge + e];
        t->present[e] = td_arch_present(arch, first_edge + e);
    }
}

/* The earlier operation on a tie; one whose strength is no number is behind others. */
static candidate best_of(const table *t, int edge)
{
    candidate best = { TD_OP_NONE, -1.0 };
    for (int k = TD_OP_NONE + 1; k < TD_NUM_OPS; k++) {
        double s = t->strength[edge][k];
        if (td_is_present(t->present[edge], k) &&
            (best.op == TD_OP_NONE || s > best.strength))
            best = (candidate){ (td_op) k, s > -1.0 ? s : -1.0 };
    }
    return best;
}

/* ---- a cell --------------------------------------------------------------------- */

/* The input whose edge is strongest, the lower one on a tie; not \a taken.  -1: none.
 */
static int strongest(const table *t, const candidate *found, int first_edge, int inputs,
                     int taken)
{
    int best = -1;
    for (int i = 0; i < inputs; i++)
        if (i != taken && found[i].op != TD_OP_NONE &&
            (best < 0 || t->weight[first_edge + i] * found[i].strength >
                             t->weight[first_edge + best] * found[best].strength))
            best = i;
    return best;
}

/* The weight of an edge decides which are the two strongest, not which are kept. */
static bool is_kept(const table *t, candidate c)
{
    return !(t->rule->threshold > 0.0) || c.strength >= t->rule->threshold;
}

static void choose_node(const table *t, int node, td_genes *genes)
{
    candidate found[TD_MAX_NODES + 1];
    int first_edge = node * (node + 3) / 2, inputs = node + 2;
    for (int i = 0; i < inputs; i++)
        found[i] = best_of(t, first_edge + i);
    for (int n = 0, taken = -1; n < 2; n++) {
        int i = strongest(t, found, first_edge, inputs, taken);
        if (i >= 0 && is_kept(t, found[i]))
            genes->gene[genes->count++] = (td_gene){ found[i].op, i, node + 2 };
        taken = i;
    }
}

static td_genes choose_cell(const table *t)
{
    td_genes genes = { .count = 0 };
    for (int node = 0; node < t->nodes; node++)
        choose_node(t, node, &genes);
    return genes;
}

/* ---- fewer skip connections ------------------------------------------------------ */

static int edge_of(td_gene gene)
{
    int node = gene.node - 2;
    return node * (node + 3) / 2 + gene.state;
}

static int count_skips(const td_genes *genes)
{
    int count = 0;
    for (int i = 0; i < genes->count; i++)
        count += genes->gene[i].op == TD_OP_SKIP_CONNECT;
    return count;
}

/* The edge of the weakest skip connection that was chosen, the lower one on a tie. */
static int weakest_skip(const table *t, const td_genes *genes)
{
    int weakest = -1;
    double least = 0.0;
    for (int i = 0; i < genes->count; i++) {
        int edge = edge_of(genes->gene[i]);
        double s = t->strength[edge][TD_OP_SKIP_CONNECT];
        if (genes->gene[i].op != TD_OP_SKIP_CONNECT)
            continue;
        if (weakest < 0 || s < least || (s == least && edge < weakest)) {
            weakest = edge;
            least = s;
        }
    }
    TD_ASSERT(weakest >= 0);
    return weakest;
}

/* Whether what is left makes a cell: two inputs per node, or with a threshold any. */
static bool is_enough(const table *t, const td_genes *genes)
{
    return t->rule->threshold > 0.0 ? td_genes_reached_nodes(genes) > 0
                                    : genes->count == 2 * t->nodes;
}

static void limit_skips(table *t, td_genes *genes)
{
    while (count_skips(genes) > t->rule->max_skips) {
        t->present[weakest_skip(t, genes)] &= (uint8_t) ~(1U << TD_OP_SKIP_CONNECT);
        td_genes next = choose_cell(t);
        if (!is_enough(t, &next))
            return;
        *genes = next;
    }
}

/* ---- both cells ------------------------------------------------------------------ */

void td_arch_derive(const td_arch *arch, td_genotype *genotype, int nodes,
                    const td_arch_rule *rule)
{
    table t = { .rule = rule, .nodes = nodes };
    TD_ASSERT(arch->alphas && nodes >= 1 && nodes <= TD_MAX_NODES);
    TD_ASSERT(arch->edges == td_edge_count(nodes) && rule->max_skips >= 0);
    *genotype = (td_genotype){ .nodes = nodes };
    begin(&t, arch, arch->edges);
    genotype->reduce = choose_cell(&t);
    begin(&t, arch, 0);
    genotype->normal = choose_cell(&t);
    limit_skips(&t, &genotype->normal);
    TD_ASSERT(td_genotype_is_valid(genotype));
}
