/* The reducers, one form a row of TD_REDUCERS. */
#ifndef TD_COMM_REDUCERS_H
#define TD_COMM_REDUCERS_H

#include "taildart/comm_reducer.h"

#define TD_REDUCER_DECLARE(NAME, function, word)                                       \
    extern const td_reducer_form td_reducer_##function;
TD_REDUCERS(TD_REDUCER_DECLARE)
#undef TD_REDUCER_DECLARE

/* A reduction has ended \a seconds after finish was called.  Collective. */
void td_reducer_note(td_reducer *r, double seconds);

#endif
