/** Floor 2: which operations the edges of a supernet have. */
#ifndef TAILDART_GENOTYPE_SPACE_H
#define TAILDART_GENOTYPE_SPACE_H

#include "taildart/base_random.h"
#include "taildart/config.h"
#include "taildart/genotype.h"

TD_PUBLIC_BEGIN

/** A search space: operations by kind of cell (normal, reduce) and edge. */
typedef struct {
    uint8_t present[2][TD_MAX_EDGES]; /**< bit k: primitive k                        */
    bool has_noise;                   /**< in the place of max_pool_3x3 */
    bool adds_skips; /**< a skip connection beside the operations of each edge */
} td_space;

/** The space of net.operations, a set's name or primitives with commas between them:
 *
 *  - `all`: the eight primitives of DARTS (Liu et al. 2019); `no-skip`: without
 *    skip_connect; `all-skip`: all eight, and on each edge, in the supernet as in the
 *    cells that it leaves, a skip connection that weighs 1, so that skip_connect has
 *    nothing to gain (the sets of confopt's DARTS-Bench-Suite, 2025);
 *  - `s1`: two operations per edge, those that an earlier search preferred (cells of 4
 *    nodes only); `s2`: skip_connect, sep_conv_3x3; `s3`: those and none; `s4`: noise,
 *    sep_conv_3x3 (Zela et al. 2020, RobustDARTS, section 3 and appendix C).
 *
 *  Not collective.  \return TD_USAGE naming the key, what was found and what is
 *  accepted */
td_status td_space_find(td_space *space, const char *words, int nodes);

/** A random genotype among the operations of edges: for each node two different inputs,
 *  every pair alike, and for each any operation of the edge but `none`, all alike.
 *  A function of the key; its shard and draws are taken.
 *  Not collective.  \param [in] present (2, edges) as td_pass has it: each edge has one
 */
void td_genotype_draw(td_genotype *genotype, td_random key, const uint8_t *present,
                      int nodes, bool has_noise);

/** A random genotype of a space, the control of a search: as td_genotype_draw().
 *  A function of the seed: nodes of a larger cell begin like those of a smaller one.
 *  Not collective.  \param [in] nodes  1 to TD_MAX_NODES, as the space was found for */
void td_genotype_random(td_genotype *genotype, int64_t seed, int nodes,
                        const td_space *space);

/** Check the key of settings, before a run begins.  Not collective.
 *  \return TD_USAGE as td_space_find(), or where a search takes edges away whose skip
 *  connections of all-skip would stay */
td_status td_space_check(const td_settings *settings);

TD_PUBLIC_END

#endif
