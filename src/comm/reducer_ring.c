/* All at once when the last number is final, by rings. */
#include "flight.h"
#include "reducers.h"

static void finish(td_reducer *r)
{
    if (td_flight_takes(r))
        td_flight_sum(r);
    else
        td_comm_sum(r->comm, r->receive, r->send, r->count, r->type);
}

const td_reducer_form td_reducer_ring = { .init = td_flight_init,
                                          .finish = finish,
                                          .clear = td_flight_clear };
