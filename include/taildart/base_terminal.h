/** Floor 1: the terminal that shows stdout, if one does. */
#ifndef TAILDART_BASE_TERMINAL_H
#define TAILDART_BASE_TERMINAL_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Whether stdout is a terminal on which a line can replace itself; under mpirun:
 *  whether mpirun's is.  Not collective. */
bool td_terminal_is_watched(void);

/** Whether stderr is one, too; under mpirun: whether mpirun's is.  Not collective. */
bool td_terminal_shows_errors(void);

/** Its present width in columns: as the terminal says, or else COLUMNS, or else 80.
 *  Not collective. */
int td_terminal_columns(void);

/** Columns that a printable text takes; never too few.  Not collective. */
int td_terminal_width(const char *words);

/** Shorten \a words to \a columns, with "..." behind a whole character.
 *  Not collective. */
void td_terminal_cut(char *words, int columns);

/* ---- a line that replaces itself ------------------------------------------------- */

/** Return to the first column and clear the line. */
#define TD_TERMINAL_CLEAR "\r\033[K"

/** Note whether such a line is on the screen now.  Not collective. */
void td_terminal_set_live(bool is_live);

/** Whether one is.  Not collective. */
bool td_terminal_is_live(void);

/** Clear it; safe in a signal handler.  Not collective.
 *  \return whether there was one */
bool td_terminal_drop_live(void);

TD_PUBLIC_END

#endif
