/** Floor 6: runs in other forms than a page: in a terminal, as pictures, for
 *  TensorBoard. */
#ifndef TAILDART_REPORT_FORMS_H
#define TAILDART_REPORT_FORMS_H

#include "taildart/charts_terminal.h"
#include "taildart/report_page.h"

TD_PUBLIC_BEGIN

/** The name of a run beside others: its path without the folders that all have in
 *  common.  Not collective.  \return borrowed from the run */
const char *td_report_short_name(td_report_run *const *runs, int count, int run);

/* ---- events.c -------------------------------------------------------------------- */

/** Write a run as an event file of TensorBoard: a version, then an event for each row
 *  of metrics.csv with a scalar for each of its numbers.  The step is the number of
 *  epochs done.  Times are those of the rows, counted back from the last.
 *  Not collective.  \param [in] ended  of the last row: seconds since 1970
 *  \return bytes; its chars for td_free */
td_text td_report_events(const td_report_run *run, double ended);

/* ---- gnuplot.c, svg.c ------------------------------------------------------------ */

/** Write losses, accuracies, learning rates and entropies of runs over epochs as a
 *  script of gnuplot, which holds its data and writes a PNG to its stdout.
 *  Not collective.  \return for td_free */
char *td_report_gnuplot(td_report_run *const *runs, int count);

/** Draw such a script by gnuplot: found in PATH, run without a shell.
 *  Not collective.  \param [out] png  its chars for td_free; empty on failure
 *  \return TD_FAILED, with a hint when the program is not installed */
td_status td_report_curves_png(td_text *png, const char *script);

/** Draw a graph of td_report_dot by Graphviz's dot, as td_report_curves_png does.
 *  Not collective.  \param [out] png  its chars for td_free; empty on failure
 *  \return TD_FAILED, with a hint when the program is not installed */
td_status td_report_cell_png(td_text *png, const char *dot);

/* ---- term.c ---------------------------------------------------------------------- */

/** Draw runs for a terminal: one line per run, losses and accuracies over epochs, and
 *  the cells as text.  One run has training and validation in a chart, several have a
 *  line each and a key.
 *  Not collective.  \return for td_free */
char *td_report_term(td_report_run *const *runs, int count,
                     const td_terminal_look *look);

TD_PUBLIC_END

#endif
