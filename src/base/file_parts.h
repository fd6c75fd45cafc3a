/* Shared by the files that write files. */
#ifndef TD_BASE_FILE_PARTS_H
#define TD_BASE_FILE_PARTS_H

#include "taildart/base_file.h"

/* Call open(), which may wait at a pipe, again after each signal. */
int td_file_open_patiently(const char *path, int flags);

/* The descriptor that /dev/stdout, /dev/fd/3 and their like name; -1 for other
 * paths. */
int td_file_descriptor_of(const char *path);

/* Write all of the bytes, in as many calls as it takes, through signals.
 * \return false with errno */
bool td_file_write_all(int file, td_file_part part);

/* Write the parts to a temporary file beside \a path and flush it.
 * \return the name for td_file_forget; NULL with errno, and nothing left, when that
 * fails */
char *td_file_write_temporary(const char *path, const td_file_part *parts, int count);

/* Free the name of a temporary file that has been renamed or removed. */
void td_file_forget(char *temporary);

/* Close; network file systems may report a full disk as late as this.  \a ok tells
 * whether all was well before; if not, errno is kept.
 * \return false with errno */
bool td_file_close(int file, bool ok);

/* Report by errno that \a path cannot be written.  \return TD_FAILED */
td_status td_file_cannot_write(const char *path);

#endif
