/* All at once when the last number is final, by rings. */
#include "flight.h"
#include "reducers.h"
#include "rings.h"

const td_reducer_form td_reducer_ring = { .takes_rings = td_rings_serve,
                                          .init = td_flight_init,
                                          .finish = td_flight_sum,
                                          .clear = td_flight_clear };
