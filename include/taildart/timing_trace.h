/** Floor 1: some steps as a trace that Perfetto and chrome://tracing open: a track a
 *  rank, a slice a section. */
#ifndef TAILDART_TIMING_TRACE_H
#define TAILDART_TIMING_TRACE_H

#include "taildart/timing.h"

TD_PUBLIC_BEGIN

/** A section that was open from a moment to another one; plain bytes. */
typedef struct {
    double begin, end; /**< seconds since td_trace_begin() */
    int64_t epoch, step;
    int32_t section;
    int32_t rank; /**< set by who gathers them */
} td_trace_slice;

/** Note every section of the next \a steps steps; ranks call it together, behind a
 *  barrier: their clocks are compared by it.  Not collective. */
void td_trace_begin(int steps);

/** Whether \a steps steps have been noted.  Not collective. */
bool td_trace_is_complete(void);

/** End noting.  Not collective.  \param [out] count  of the slices
 *  \return for td_free, NULL where nothing was noted */
td_trace_slice *td_trace_end(int *count);

/** Write slices of all ranks as Chrome's trace events, in the object form.
 *  Not collective.  \param [in] hosts (ranks)  \return for td_free */
char *td_trace_json(const td_trace_slice *slices, size_t count,
                    const char *const *hosts, int ranks);

TD_PUBLIC_END

#endif
