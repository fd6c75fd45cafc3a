/** Floor 6: logits as other programs read them. */
#ifndef TAILDART_CHECKPOINT_LOGITS_H
#define TAILDART_CHECKPOINT_LOGITS_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Write `/logits` float32 [n, classes] as HDF5, complete or not at all.
 *  Not collective.  \param [in] logits (n, classes)  \return TD_FAILED naming the
 *  file */
td_status td_logits_write(const char *path, const td_real *logits, int64_t n,
                          int classes);

/** Refuse to write logits in the place of another file than such.
 *  Not collective.  \return TD_USAGE naming the file */
td_status td_logits_check(const char *path);

TD_PUBLIC_END

#endif
