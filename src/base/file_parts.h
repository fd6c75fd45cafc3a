/* Shared by the files that write files. */
#ifndef TD_BASE_FILE_PARTS_H
#define TD_BASE_FILE_PARTS_H

#include "taildart/base_file.h"

/* open(), which waits at a pipe, whatever signal comes meanwhile. */
int td_file_open_patiently(const char *path, int flags);

/* The descriptor that /dev/stdout, /dev/fd/3 and their like name; -1 for other
 * paths. */
int td_file_descriptor_of(const char *path);

/* All of the bytes, whatever write() takes at a time and whatever signal comes between.
 * \return false with errno */
bool td_file_put(int file, td_file_part part);

/* The parts on the disk under a temporary name beside \a path.
 * \return the name for td_file_forget; NULL with errno, and nothing left, when that
 * fails */
char *td_file_put_aside(const char *path, const td_file_part *parts, int count);

/* Free the name of a temporary file that has been renamed or removed. */
void td_file_forget(char *temporary);

/* Close; network file systems may report a full disk as late as this.  \a ok says
 * whether all was well before, or else errno stands for what was not.
 * \return false with errno */
bool td_file_close(int file, bool ok);

/* TD_FAILED by errno. */
td_status td_file_cannot_write(const char *path);

#endif
