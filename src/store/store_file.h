/* Shared by the files of this room: writing a file in parts, with a backup. */
#ifndef TD_STORE_FILE_H
#define TD_STORE_FILE_H

#include "taildart/store.h"

/* A stretch of bytes, borrowed. */
typedef struct {
    const void *bytes;
    size_t count;
} td_part;

/* As td_file_write, from several parts; what stood at \a path becomes \a backup before
 * it is replaced (NULL: is lost).  At no moment is \a path missing where the file
 * system knows hard links. */
td_status td_file_replace(const char *path, const td_part *parts, int count,
                          const char *backup);

/* Let writes beyond RLIMIT_FSIZE fail with EFBIG instead of killing the process. */
void td_file_ignore_limit(void);

/* Suffix of every temporary name. */
#define TD_TEMPORARY ".tmp"

#endif
