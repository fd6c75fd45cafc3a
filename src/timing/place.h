/* Where the main thread is, as the watchdog's thread reads it. */
#ifndef TD_TIMING_PLACE_H
#define TD_TIMING_PLACE_H

#include <stdatomic.h>

#include "taildart/timing.h"

typedef struct {
    atomic_int section;
    atomic_bool is_waiting;   /* inside a call that waits for other ranks */
    atomic_llong epoch, step; /* the one under way */
    atomic_llong beats;       /* grows with everything that it does */
    atomic_int went_on;       /* seconds of a NOTE, until the main thread tells */
} td_place;

extern td_place td_here;

#endif
