/** Floor 7: the life of a run. */
#ifndef TAILDART_RUN_H
#define TAILDART_RUN_H

#include "taildart/comm.h"
#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** Run the kind that \a command names (taildart/plan_kind.h), or continue the run in
 *  run.out, to its end or to a stop.  Rank 0's settings are everybody's.  A start that
 *  is refused writes nothing.
 *  Collective.  \param [in] settings  rank 0; NULL on the others
 *  \return TD_OK, also for a run that was finished before; TD_STOPPED after SIGUSR2 or
 *  SIGTERM, everything saved; or what went wrong; the same on every rank */
td_status td_job_run(td_config_command command, td_comm *world, td_settings *settings);

TD_PUBLIC_END

#endif
