/** Floor 7: timing of whole steps. */
#ifndef TAILDART_BENCH_H
#define TAILDART_BENCH_H

#include "taildart/comm.h"
#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** Time whole steps on synthetic images; print a table or one JSON object.  Times
 *  are medians in seconds; images_per_second counts those of the weight half; the SGEMM
 *  peak is the sum over ranks, measured on all of them at once.
 *  Collective.  \param [in] settings  rank 0; NULL on the others
 *  \param [in] json  rank 0's counts */
td_status td_bench_run(td_comm *world, td_settings *settings, bool json);

TD_PUBLIC_END

#endif
