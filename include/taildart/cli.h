/** Floor 8: the command line. */
#ifndef TAILDART_CLI_H
#define TAILDART_CLI_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Run the command named by argv[1].  Collective where the command uses ranks.
 *  \return the exit status of this rank: on other ranks than 0 always 0, as
 *  rank 0 returns the agreed status; where a build checks it (base.h), a leak after
 *  success is a failure */
int td_cli_run(int argc, char **argv);

TD_PUBLIC_END

#endif
