/** Floor 3: what the link between two ranks is worth. */
#ifndef TAILDART_COMM_PROBE_H
#define TAILDART_COMM_PROBE_H

#include "taildart/comm.h"

TD_PUBLIC_BEGIN

/** Send \a bytes to another rank and back for about \a seconds, a few times at least.
 *  Collective over the two, which name each other; others may do so at the same time.
 *  \return the median of half a round trip in seconds, the same on both */
double td_comm_ping(td_comm *comm, int peer, size_t bytes, double seconds);

TD_PUBLIC_END

#endif
