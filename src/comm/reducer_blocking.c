/* All at once when the last number is final: by rings where they take less time, else
 * by MPI's own sum. */
#include "flight.h"
#include "reducers.h"
#include "rings.h"

static void finish(td_reducer *r)
{
    if (td_rings_pay(td_comm_size(r->comm), r->count * td_number_bytes(r->type)))
        td_flight_sum(r);
    else
        td_comm_sum(r->comm, r->receive, r->send, r->count, r->type);
}

const td_reducer_form td_reducer_blocking = { .init = td_flight_init,
                                              .finish = finish,
                                              .clear = td_flight_clear };
