/* Readers of the kernel's text files. */
#ifndef TD_MACHINE_INTERNAL_H
#define TD_MACHINE_INTERNAL_H

#include "taildart/base.h"

enum { TD_PATH_BYTES = 4096, TD_LINE_BYTES = 4352 };

/* Take a line.  \return whether to read on */
typedef bool td_line_reader(const char *line, void *into);

/* Pass each line, without its newline, to \a reader until that returns false.
 * \return whether the file could be opened */
bool td_lines_read(const char *path, td_line_reader *reader, void *into);

/* Read the number behind \a name in a file of "name number" or "name: number" lines;
 * -1 when it is missing, NaN when no number is there. */
double td_named_number(const char *path, const char *name);

#endif
