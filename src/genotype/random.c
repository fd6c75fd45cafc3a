/* Random genotypes: what a search has to beat (Li and Talwalkar 2019; Yang et al.
 * 2020).  Uniform over the pairs of inputs and over the operations that a derived cell
 * may keep, so nothing is preferred that a search would have to find. */
#include <string.h>

#include "taildart/base_random.h"
#include "taildart/genotype_space.h"

/* A number for the first input, one for how far behind it the second stands in the
 * circle of inputs: ordered pairs of two different ones, all alike.  The order within
 * a node means nothing; the lower one stands first, so that a cell has one spelling. */
static void draw_inputs(td_gene pair[2], const uint32_t word[4], int inputs)
{
    TD_ASSERT(inputs >= 2);
    int first = (int) td_random_below(word[0], word[1], (uint64_t) inputs);
    int step = (int) td_random_below(word[2], word[3], (uint64_t) inputs - 1);
    int second = (first + 1 + step) % inputs;
    pair[0].state = first < second ? first : second;
    pair[1].state = first < second ? second : first;
}

/* One of the operations whose bit is set, `none` aside. */
static td_op draw_present(unsigned present, const uint32_t word[2], bool has_noise)
{
    int places[TD_NUM_OPS], count = 0;
    for (int k = TD_OP_NONE + 1; k < TD_NUM_OPS; k++)
        if (present >> k & 1)
            places[count++] = k;
    TD_ASSERT(count > 0);
    return td_op_at(places[td_random_below(word[0], word[1], (uint64_t) count)],
                    has_noise);
}

static void draw_cell_of(td_genes *genes, const td_random *key, const uint8_t *present,
                         int nodes, bool has_noise)
{
    genes->count = 2 * nodes;
    for (int node = 0; node < nodes; node++) {
        uint32_t inputs[4], operations[4];
        const uint8_t *edges = present + node * (node + 3) / 2;
        td_gene *pair = &genes->gene[2 * node];
        td_random_block(key, (uint32_t) (2 * node), inputs);
        td_random_block(key, (uint32_t) (2 * node + 1), operations);
        draw_inputs(pair, inputs, node + 2);
        for (int i = 0; i < 2; i++)
            pair[i] = (td_gene){ draw_present(edges[pair[i].state], operations + 2 * i,
                                              has_noise),
                                 pair[i].state, node + 2 };
    }
}

void td_genotype_draw(td_genotype *genotype, td_random key, const uint8_t *present,
                      int nodes, bool has_noise)
{
    *genotype = (td_genotype){ .nodes = nodes };
    key.shard = 0;
    draw_cell_of(&genotype->normal, &key, present, nodes, has_noise);
    key.shard = 1;
    draw_cell_of(&genotype->reduce, &key, present + td_edge_count(nodes), nodes,
                 has_noise);
    TD_ASSERT(td_genotype_is_valid(genotype));
}

void td_genotype_random(td_genotype *genotype, int64_t seed, int nodes,
                        const td_space *space)
{
    const td_random key = { .seed = (uint64_t) seed, .stream = TD_STREAM_GENOTYPE };
    uint8_t present[2 * TD_MAX_EDGES];
    int edges = td_edge_count(nodes);
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES);
    for (int kind = 0; kind < 2; kind++)
        memcpy(present + kind * edges, space->present[kind], (size_t) edges);
    td_genotype_draw(genotype, key, present, nodes, space->has_noise);
    genotype->adds_skips = space->adds_skips;
}
