/* The trace: slices in memory that is taken before the first of them. */
#include "taildart/timing_trace.h"

#include "taildart/base_clock.h"
#include "trace.h"

/* Sections of a step of second order, with room for a save and a validation. */
enum { SLICES_A_STEP = 64 };

static struct {
    td_trace_slice *slices; /* owned: (room) */
    int count, room;
    int steps; /* still to come, the one under way included */
    double start;
    int64_t epoch, step;
} trace;

void td_trace_begin(int steps)
{
    TD_ASSERT(!trace.slices && steps > 0);
    trace.room = (steps + 1) * SLICES_A_STEP;
    trace.slices = td_malloc((size_t) trace.room * sizeof *trace.slices);
    trace.count = 0;
    trace.steps = steps + 1; /* the first is begun later */
    trace.start = td_clock_seconds();
}

void td_trace_step(int64_t epoch, int64_t step)
{
    if (trace.steps > 0)
        trace.steps--;
    trace.epoch = epoch;
    trace.step = step;
}

void td_trace_note(td_section section, double begin, double end)
{
    if (trace.steps == 0 || trace.count == trace.room || end <= trace.start)
        return;
    trace.slices[trace.count++] = (td_trace_slice){
        .begin = begin > trace.start ? begin - trace.start : 0.0,
        .end = end - trace.start,
        .epoch = trace.epoch,
        .step = trace.step,
        .section = section,
    };
}

bool td_trace_is_complete(void)
{
    return trace.slices && trace.steps == 0;
}

td_trace_slice *td_trace_end(int *count)
{
    td_trace_slice *slices = trace.slices;
    *count = trace.count;
    trace.slices = NULL;
    trace.count = trace.room = trace.steps = 0;
    return slices;
}
