/* Help on what is no command's: keys, shapes of schedules. */
#ifndef TAILDART_CLI_HELP_TOPICS_H
#define TAILDART_CLI_HELP_TOPICS_H

#include "taildart/config.h"

/* Answer `taildart help` with words behind it, the topic first.  Not collective.
 * \param [out] status  TD_USAGE naming the word; unchanged where it returns false
 * \return whether there is such a topic */
bool td_cli_help_topic(td_status *status, int count, char **words);

enum { TD_CLI_CURVE = 18, TD_CLI_CURVE_ROWS = 4 }; /* columns and rows of a curve */

/* Draw the course of a shape from 1 to 0 over the epochs: in each column one of `_-'`,
 * heights in a row, all else blank.  Not collective. */
void td_cli_draw_shape(td_shape shape, char rows[TD_CLI_CURVE_ROWS][TD_CLI_CURVE + 1]);

/* Draw all shapes, with their names and formulas.  Not collective.
 * \return for td_free */
char *td_cli_help_shapes(void);

#endif
