/* Random genotypes: what a search has to beat (Li and Talwalkar 2019; Yang et al.
 * 2020).  Uniform over the pairs of inputs and over the operations that a derived cell
 * may keep, so nothing is preferred that a search would have to find. */
#include "taildart/base_random.h"
#include "taildart/genotype.h"

/* One of the seven operations other than `none`, which is the first. */
static td_op draw_operation(uint32_t high, uint32_t low)
{
    return (td_op) (TD_OP_NONE + 1 + td_random_below(high, low, TD_NUM_OPS - 1));
}

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

static void draw_cell(td_gene *genes, const td_random *key, int nodes)
{
    for (uint32_t node = 0; node < (uint32_t) nodes; node++) {
        uint32_t inputs[4], operations[4];
        td_gene *pair = genes + (size_t) 2 * node;
        td_random_block(key, 2 * node, inputs);
        td_random_block(key, 2 * node + 1, operations);
        draw_inputs(pair, inputs, (int) node + 2);
        pair[0].op = draw_operation(operations[0], operations[1]);
        pair[1].op = draw_operation(operations[2], operations[3]);
    }
}

void td_genotype_random(td_genotype *genotype, int64_t seed, int nodes)
{
    td_random key = { .seed = (uint64_t) seed, .stream = TD_STREAM_GENOTYPE };
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES);
    *genotype = (td_genotype){ .nodes = nodes };
    draw_cell(genotype->normal, &key, nodes);
    key.shard = 1;
    draw_cell(genotype->reduce, &key, nodes);
    TD_ASSERT(td_genotype_is_valid(genotype));
}
