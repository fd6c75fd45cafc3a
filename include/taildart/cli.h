/** Floor 7: the command line. */
#ifndef TAILDART_CLI_H
#define TAILDART_CLI_H

#include "taildart/base.h"

/** Run the command that was typed.  Collective where the command uses ranks.
 *  \return the exit status of this rank */
int td_cli_run(int argc, char **argv);

/** Text of --version: taildart, compiler, MPI, BLAS, HDF5, commit.
 *  Not collective.  Borrowed. */
const char *td_cli_version(void);

#endif
