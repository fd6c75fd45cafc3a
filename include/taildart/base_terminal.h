/** Floor 1: the terminal that people watch, if they do. */
#ifndef TAILDART_BASE_TERMINAL_H
#define TAILDART_BASE_TERMINAL_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

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

/* ---- a line that replaces itself ------------------------------------------------- */

/** Back to the first column, and nothing behind it. */
#define TD_TERMINAL_CLEAR "\r\033[K"

/** Say whether such a line stands on the screen now.  Not collective. */
void td_terminal_set_live(bool stands);

/** Whether one does.  Not collective. */
bool td_terminal_is_live(void);

/** Take it away, from inside a signal handler, too.  Not collective.
 *  \return whether one stood there */
bool td_terminal_drop_live(void);

TD_PUBLIC_END

#endif
