/** Floor 5: the one list of what a run's state is made of.
 *
 *  Allocation, the hash, what ranks tell each other, the comparison of replicas, the
 *  backup around an architecture step, checkpoints, their checks and the way back from
 *  them all walk these rows: another array of the state is its member of
 *  td_search_state and its row here.
 */
#ifndef TAILDART_STEP_ROWS_H
#define TAILDART_STEP_ROWS_H

#include "taildart/step_state.h"

TD_PUBLIC_BEGIN

/** What an array has numbers for. */
typedef enum {
    TD_PER_WEIGHT, /**< each weight of the network                        */
    TD_PER_NORM,   /**< each channel of a batch norm                      */
    TD_PER_EDGE    /**< each edge of both kinds of cells: (2, edges, each) */
} td_state_extent;

enum {
    TD_STATE_WHOLE = 1,  /**< both kinds of cells are one part without a name */
    TD_STATE_SQUARE = 2, /**< a mean of squares: never negative               */
    TD_STATE_ARCH = 4,   /**< an architecture step changes it                 */
    TD_STATE_MASK = 8,   /**< ones and zeros; a checkpoint without it has all ones */
    TD_STATE_BETAS = 16  /**< only where edge weights are learned             */
};

/** An array of td_real. */
typedef struct {
    const char *name; /**< in messages; NULL ends the list */
    size_t place;     /**< of its pointer in td_search_state */
    td_state_extent extent;
    int each; /**< numbers of one weight, channel or edge */

    /** In a checkpoint: prefix, name of the part (td_state_part), suffix. */
    const char *prefix, *suffix;
    unsigned traits; /**< of TD_STATE_WHOLE, … */
} td_state_row;

/** A number of type int64_t, never negative. */
typedef struct {
    const char *name; /**< in messages */
    size_t place;     /**< in td_search_state */
    const char *dataset;
    bool may_lack; /**< a checkpoint has it where it is not 0 alone */
} td_state_count;

/** The arrays, as they lie in memory and follow each other in a checkpoint. */
extern const td_state_row td_state_rows[];

/** What is counted. */
enum { TD_STATE_COUNTS = 2 };
extern const td_state_count td_state_counts[TD_STATE_COUNTS];

/** A piece of an array with a name of its own: a tensor of the network, or the table of
 *  one kind of cells. */
typedef struct {
    const char *name; /**< borrowed */
    size_t offset, count;
    int rank, dims[4];
} td_state_part;

/** What the sizes of all arrays follow from. */
typedef struct {
    size_t weights, norms; /**< numbers of weights, channels of batch norms */
    int edges;             /**< of a cell                                   */
    bool has_edge_weights;
} td_state_sizes;

/** Numbers of all arrays.  Not collective. */
size_t td_state_all_numbers(td_state_sizes sizes);

/** The same of those that an architecture step changes.  Not collective. */
size_t td_state_arch_numbers(td_state_sizes sizes);

/** The array of a row.  Not collective. */
td_real **td_state_array(const td_search_state *state, const td_state_row *row);

/** How many numbers it has.  Not collective. */
size_t td_state_array_numbers(const td_search_state *state, const td_state_row *row);

/** Where a count is kept.  Not collective. */
int64_t *td_state_count_at(const td_search_state *state, const td_state_count *count);

/** How many parts an array has, none of one per edge where there are no edges.
 *  Not collective. */
int td_state_parts(const td_search_state *state, const td_state_row *row);

/** Part \a i of an array.  Not collective. */
td_state_part td_state_part_at(const td_search_state *state, const td_state_row *row,
                               int i);

/** The part of a name.  Not collective.  \return false where there is none */
bool td_state_part_find(td_state_part *part, const td_search_state *state,
                        const td_state_row *row, const char *name);

TD_PUBLIC_END

#endif
