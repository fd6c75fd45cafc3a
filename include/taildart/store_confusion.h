/** Floor 6: confusion matrices as other programs read them. */
#ifndef TAILDART_STORE_CONFUSION_H
#define TAILDART_STORE_CONFUSION_H

#include "taildart/data.h"

TD_PUBLIC_BEGIN

/** Write CSV, complete or not at all: a header line `class` and the names, then for
 *  each true class its name and the images counted per answer.  Names with a comma, a
 *  quote or a line end are quoted (RFC 4180).
 *  Not collective.  \param [in] counts (classes, classes) [label][answer]
 *  \param [in] names (classes)  \return TD_FAILED naming the file */
td_status td_confusion_write(const char *path, const int64_t *counts,
                             const char (*names)[TD_CLASS_NAME_BYTES], int classes);

TD_PUBLIC_END

#endif
