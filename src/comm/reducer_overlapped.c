/* Piece by piece as they become final, by rings, while the rest is still computed. */
#include "flight.h"
#include "reducers.h"
#include "rings.h"

static void begin(td_reducer *r)
{
    if (td_flight_takes(r))
        td_flight_begin(r);
}

static void ready(td_reducer *r)
{
    if (td_flight_takes(r))
        td_flight_poke(r);
}

static void finish(td_reducer *r)
{
    if (td_flight_takes(r))
        td_flight_finish(r);
    else
        td_flight_sum(r);
}

const td_reducer_form td_reducer_overlapped = { .takes_rings = td_rings_serve,
                                                .init = td_flight_init,
                                                .begin = begin,
                                                .ready = ready,
                                                .finish = finish,
                                                .clear = td_flight_clear };
