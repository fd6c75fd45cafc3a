/* What the clock tells the trace. */
#ifndef TD_TIMING_TRACE_H
#define TD_TIMING_TRACE_H

#include "taildart/timing.h"

/* A step begins. */
void td_trace_step(int64_t epoch, int64_t step);

/* A section was open. */
void td_trace_note(td_section section, double begin, double end);

#endif
