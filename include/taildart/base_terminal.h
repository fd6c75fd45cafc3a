/** Floor 1: the terminal that people watch, if they do. */
#ifndef TAILDART_BASE_TERMINAL_H
#define TAILDART_BASE_TERMINAL_H

#include "taildart/base.h"

/** Whether stdout is a terminal on which a line can replace itself; under mpirun:
 *  whether mpirun's is.  Not collective. */
bool td_terminal_is_watched(void);

/** Whether stderr is one, too; under mpirun: whether mpirun's is.  Not collective. */
bool td_terminal_shows_errors(void);

/** Columns of it at this moment: as the terminal says, or else COLUMNS, or else 80.
 *  Not collective. */
int td_terminal_columns(void);

/** Columns that printable words take; never too few.  Not collective. */
int td_terminal_width(const char *words);

/** Shorten \a words to \a columns, with "..." behind a whole character.
 *  Not collective. */
void td_terminal_cut(char *words, int columns);

#endif
