/* Pictures drawn by other programs, which are found in PATH and run without a shell. */
#ifndef TD_REPORT_DRAW_H
#define TD_REPORT_DRAW_H

#include "taildart/base_text.h"

/* A program that reads a script from stdin and writes a picture to stdout. */
typedef struct {
    const char *what;    /* it draws: "the cell"                            */
    const char *package; /* that has it: "Graphviz (package graphviz)"      */
    const char *instead; /* what may be done without it                     */
    char *const *words;  /* of the command, NULL behind them                */
} td_drawer;

/* Draw.  \param [out] picture  its chars for td_free; empty on failure
 * \return TD_FAILED, with a hint when the program is not installed */
td_status td_draw(td_text *picture, const td_drawer *drawer, const char *script);

#endif
