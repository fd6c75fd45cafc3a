/** Floor 6: what a run leaves of its times: timing.json, trace.json. */
#ifndef TAILDART_STORE_TIMES_H
#define TAILDART_STORE_TIMES_H

#include "taildart/comm.h"
#include "taildart/store.h"
#include "taildart/timing_trace.h"

TD_PUBLIC_BEGIN

/** Add a line to timing.json, which has one per start of the run.
 *  Not collective.  \param [in] line  a JSON object
 *  \param [in] keeps  whether lines of former starts stay: the run is a resumed one */
td_status td_run_add_start(td_run *directory, const char *line, bool keeps);

/** Write trace.json out of the slices that each rank has.
 *  Collective.  \param [in] directory  rank 0  \param [in] mine (count)
 *  \return on rank 0 what became of the file; TD_OK on the others */
td_status td_run_write_trace(td_run *directory, td_comm *world,
                             const td_trace_slice *mine, int count);

TD_PUBLIC_END

#endif
