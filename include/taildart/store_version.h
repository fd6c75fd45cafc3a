/** Floor 6: what this program is made of. */
#ifndef TAILDART_STORE_VERSION_H
#define TAILDART_STORE_VERSION_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** What this program is built from, in a line: version, commit, compiler.
 *  Not collective.  \return for td_free */
char *td_version_build(void);

/** The one place of the version; the Makefile reads it from here. */
#define TD_VERSION "0.1.0"
#define TD_VERSION_DATE "2026-11-28" /**< on its manual pages */

/** The one place of the number in libtaildart.so.N.  It grows in a release in which
 *  programs that were linked before would break: a name is gone, or a declaration of
 *  eval_classifier.h or base.h is another.  tests/golden/abi.txt holds what was. */
#define TD_ABI 1

/** Text of --version, which checkpoints keep: a line each for taildart, commit,
 *  compiler, MPI, BLAS and HDF5, with a newline behind all but the last.
 *  Not collective.  \return for td_free */
char *td_version_text(void);

/** The commit that the program was built from, "unknown" outside git.  Not
 *  collective. */
const char *td_version_commit(void);

TD_PUBLIC_END

#endif
