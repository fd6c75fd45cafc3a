/* Small readers of the kernel's files that this room shares. */
#ifndef TD_MACHINE_INTERNAL_H
#define TD_MACHINE_INTERNAL_H

#include "taildart/base.h"

enum { TD_PATH_BYTES = 4096, TD_LINE_BYTES = 4352 };

/* Whether the lines of a file are to be gone on with. */
typedef bool td_line_reader(const char *line, void *into);

/* Each line, without its newline, until \a reader says false.  \return whether the file
 * could be opened */
bool td_lines_read(const char *path, td_line_reader *reader, void *into);

/* The number behind \a name in a file of "name number" or "name: number" lines; -1 when
 * it is not there. */
double td_named_number(const char *path, const char *name);

#endif
