/** Floor 1: the terminal that people watch, if they do.  Not collective. */
#ifndef TAILDART_BASE_TERMINAL_H
#define TAILDART_BASE_TERMINAL_H

#include "taildart/base.h"

/** Whether stdout is a terminal on which a line can replace itself; under mpirun:
 *  whether mpirun's is. */
bool td_terminal_is_watched(void);

/** Whether stderr is one, too; under mpirun: whether mpirun's is. */
bool td_terminal_shows_errors(void);

/** Columns of it at this moment: as the terminal says, or else COLUMNS, or else 80. */
int td_terminal_columns(void);

/** Columns that printable words take; never too few. */
int td_terminal_width(const char *words);

/** Shorten \a words to \a columns, with "..." behind a whole character. */
void td_terminal_cut(char *words, int columns);

#endif
