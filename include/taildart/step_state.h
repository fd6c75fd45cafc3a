/** Floor 5: everything a search learns, the same on every rank.
 *
 *  Weights, running statistics, architecture parameters and optimiser state are
 *  replicated: after every step all ranks hold the same bits, so a checkpoint of rank
 *  0, a validation and the replica hash mean one thing.
 */
#ifndef TAILDART_STEP_STATE_H
#define TAILDART_STEP_STATE_H

#include "taildart/arch.h"
#include "taildart/base_arena.h"
#include "taildart/comm.h"
#include "taildart/net.h"

TD_PUBLIC_BEGIN

/** The arrays lie in one block, in this order; each has its row in step_rows.h. */
typedef struct {
    const td_slots *weight_slots;        /**< borrowed from the network              */
    const td_slots *norm_slots;          /**< borrowed from the network              */
    int edges;                           /**< of one cell; 0: a derived network      */
    int cells;                           /**< of the network: one alone is normal    */
    bool has_noise;                      /**< among the operations of edges          */
    bool adds_skips;                     /**< beside them: td_space                  */
    const td_relaxation *relaxation;     /**< from alphas to weights                 */
    double temperature, skip_bonus;      /**< of the epoch: td_arch; 1, 0 at first   */
    bool has_edge_weights;               /**< whether betas are learned              */
    td_arena memory;                     /**< owned                                  */
    td_real *weights, *momentum;         /**< (weight_slots->total)                  */
    td_real *running_mean;               /**< (norm_slots->total)                    */
    td_real *running_var;                /**< (norm_slots->total)                    */
    td_real *alphas;                     /**< (2, edges, 8): normal, reduce          */
    td_real *alphas_start;               /**< (2, edges, 8) as they were drawn       */
    td_real *present;                    /**< (2, edges, 8) 1 of an operation that an
                                            edge still has, else 0                 */
    td_real *adam_first, *adam_second;   /**< (2, edges, 8)                     */
    td_real *betas;                      /**< (2, edges) of the edge weights, if any */
    td_real *betas_first, *betas_second; /**< (2, edges) Adam's moments of them    */
    int64_t adam_count;                  /**< architecture steps that Adam has made  */
    int64_t stage;                       /**< of a search, from 0: td_net_spec.stage */
} td_search_state;

/** The state a run starts from: a function of the seed alone, so that ranks need not
 *  talk.  \a net must outlive it; \a relaxation says what its alphas mean, which with
 *  \a has_edge_weights have betas beside them, 1e-3·N(0,1).
 *  Not collective.  \return for td_search_state_free */
td_search_state *td_search_state_new(const td_network *net,
                                     const td_relaxation *relaxation,
                                     bool has_edge_weights, uint64_t seed);

/** The architecture of a state as relaxations see it, outside of steps.  Borrowed: it
 *  points into the state and to \a masks.
 *  Not collective.  \param [out] masks (2, edges) of td_search_state_masks() */
td_arch td_search_state_arch(const td_search_state *state, uint8_t *masks);

/** Make the arrays of a state of which slots and edges are known, all numbers 0; for
 *  td_arena_clear of its memory.  Not collective. */
void td_search_state_take(td_search_state *state);

/** Free the arrays; NULL is fine.  Not collective. */
void td_search_state_free(td_search_state *state);

/** Numbers in one of the four tables of architecture parameters: 2·edges·8.
 *  Not collective. */
size_t td_search_state_alpha_count(const td_search_state *state);

/** Numbers of the edge weights' parameters: 2·edges, 0 without.  Not collective. */
size_t td_search_state_beta_count(const td_search_state *state);

/** Which operations the edges have, as a pass takes it.
 *  Not collective.  \param [out] masks (2, edges) */
void td_search_state_masks(const td_search_state *state, uint8_t *masks);

/** Alphas, −∞ where an edge has no such operation: how histories keep them.
 *  Not collective.  \param [out] to (2, edges, 8)  \param [in] alphas (2, edges, 8) */
void td_search_state_mask(const td_search_state *state, td_real *to,
                          const td_real *alphas);

/** What operations weigh outside of steps, for td_free; NULL of a derived network.
 *  Not collective.  \param [out] present (2, edges) operations that are computed
 *  \return (2, edges, 8) */
double *td_search_state_mixture(const td_search_state *state, uint8_t *present);

/** The cells that the state stands for: td_arch_derive() of what edges have.  Of a
 *  single cell, a normal one, both are that: the other table has learned nothing.
 *  Not collective. */
void td_search_state_derive(const td_search_state *state, td_genotype *genotype,
                            int nodes, const td_arch_rule *rule);

/** Draw a cell of what edges have, by (seed, epoch, number): equal on all ranks.
 *  Not collective.  \param [in] number  of steps from 0, of samples from
 *  TD_CELL_SAMPLE */
void td_search_state_draw(const td_search_state *state, td_genotype *genotype,
                          uint64_t seed, int64_t epoch, uint32_t number);

enum { TD_CELL_SAMPLE = 1 << 30 };

/** Write a genotype as alphas that leave no choice: its operations weigh 1 to the
 *  twelfth decimal, on all other edges `none` does.
 *  Not collective.  \param [out] alphas (2, edges, 8)
 *  \param [out] present (2, edges) its operations alone; NULL: nobody asks */
void td_search_state_fix(const td_search_state *state, const td_genotype *genotype,
                         td_real *alphas, uint8_t *present);

/** Let every edge be without operation, whatever its space: fixed cells need that.
 *  Not collective. */
void td_search_state_admit_none(td_search_state *state);

/** Drop the weakest operations of every edge until \a keep are left: by strength, the
 *  later one on a tie.  `none` counts as one, but the last other one stays.
 *  Not collective.  \return how many were dropped */
int td_search_state_prune(td_search_state *state, int keep);

/** Operations that edges have, of both tables.  Not collective. */
int td_search_state_operations(const td_search_state *state);

/** The tables as the state has them, where those that its network lacks, the second
 *  one of a single cell, have no operations: for what is told of them, or drives them.
 *  Not collective.  \param [out] masks (2, edges), which the tables borrow */
td_arch td_search_state_own_arch(const td_search_state *state, uint8_t *masks);

/** td_arch_change() from the first epoch on.  Not collective. */
double td_search_state_change(const td_search_state *state);

/** td_arch_entropy() of one kind of cell: 0 normal, 1 reduce; NaN of one that the
 *  network lacks.  Not collective. */
double td_search_state_entropy(const td_search_state *state, int kind);

/** Mean over edges of the strongest operation's strength, and what it would be with all
 *  alphas 0.  Not collective.  \param [out] even  the latter */
double td_search_state_strongest(const td_search_state *state, double *even);

/** XXH3-64 of all arrays and of Adam's count.  Not collective. */
uint64_t td_search_state_hash(const td_search_state *state);

/** Rank 0's state to all ranks, bit for bit.  Collective. */
void td_search_state_bcast(td_search_state *state, td_comm *comm);

/** Compare the replicas by their hash; only on a difference array by array.
 *  Collective.  \return TD_DIVERGED naming array, tensor and the first rank that is not
 *  like most, the same on every rank */
td_status td_search_state_check(const td_search_state *state, td_comm *comm,
                                int64_t epoch);

TD_PUBLIC_END

#endif
