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
    const td_slots *weight_slots;      /**< borrowed from the network              */
    const td_slots *norm_slots;        /**< borrowed from the network              */
    int edges;                         /**< of one cell; 0: a derived network      */
    const td_relaxation *relaxation;   /**< from alphas to weights                 */
    td_arena memory;                   /**< owned                                  */
    td_real *weights, *momentum;       /**< (weight_slots->total)                  */
    td_real *running_mean;             /**< (norm_slots->total)                    */
    td_real *running_var;              /**< (norm_slots->total)                    */
    td_real *alphas;                   /**< (2, edges, 8): normal, reduce          */
    td_real *alphas_start;             /**< (2, edges, 8) as they were drawn       */
    td_real *adam_first, *adam_second; /**< (2, edges, 8)                     */
    int64_t adam_count;                /**< architecture steps that Adam has made  */
} td_search_state;

/** The state a run starts from: a function of the seed alone, so that ranks need not
 *  talk.  \a net must outlive it; \a relaxation says what its alphas mean.
 *  Not collective.  \return for td_search_state_free */
td_search_state *td_search_state_new(const td_network *net,
                                     const td_relaxation *relaxation, uint64_t seed);

/** Make the arrays of a state of which slots and edges are known, all numbers 0; for
 *  td_arena_clear of its memory.  Not collective. */
void td_search_state_take(td_search_state *state);

/** Free the arrays; NULL is fine.  Not collective. */
void td_search_state_free(td_search_state *state);

/** Numbers in one of the four tables of architecture parameters: 2·edges·8.
 *  Not collective. */
size_t td_search_state_alpha_count(const td_search_state *state);

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
