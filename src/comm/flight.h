/* Pieces of a vector on their way through the rings, several at once: while one is
 * added the others travel. */
#ifndef TD_COMM_FLIGHT_H
#define TD_COMM_FLIGHT_H

#include "taildart/comm_reducer.h"

/* Pieces of the reduction under way; kept by the reducer from one to the next. */
typedef struct td_flight td_flight;

/* Whether this reduction goes by rings, as its form says.  Not collective. */
bool td_flight_takes(const td_reducer *r);

/* Make room for the pieces, once for all reductions.  Not collective. */
void td_flight_init(td_reducer *r);

/* Cut the vector of the reduction that begins into pieces.  Not collective. */
void td_flight_begin(td_reducer *r);

/* Send on their way the pieces that are final by now, and take what came in; does not
 * wait.  Not collective. */
void td_flight_poke(td_reducer *r);

/* Come back when all pieces are summed.  Collective. */
void td_flight_finish(td_reducer *r);

/* The whole reduction at once, by rings or by MPI's own sum.  Collective. */
void td_flight_sum(td_reducer *r);

/* Free it.  Not collective. */
void td_flight_clear(td_reducer *r);

#endif
