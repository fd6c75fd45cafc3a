/* The curves of a run that the terminal and gnuplot draw, and numbers of metrics.csv
 * for every form of a report.  The page has more curves, with axes and words of its own
 * (chart.c). */
#ifndef TD_REPORT_PANELS_H
#define TD_REPORT_PANELS_H

#include "taildart/report_page.h"

/* A column of metrics.csv, but the epoch: its place in td_metrics. */
#define TD_COLUMN(member) offsetof(td_metrics, member)

/* The number of a row in a column; NaN where it has none.  Not collective. */
double td_column_value(const td_metrics *row, size_t column);

/* Whether a run has a finite number in a column.  Not collective. */
bool td_column_is_known(const td_report_run *run, size_t column);

enum { TD_PANEL_LINES = 3 };

typedef struct {
    const char *name;
    size_t column;
} td_panel_line;

/* A panel: lines on one axis over epochs. */
typedef struct {
    const char *title;
    double low, high;    /* of the axis; NaN: as the lines have it     */
    bool is_in_terminal; /* where there is room for the main ones      */
    td_panel_line lines[TD_PANEL_LINES]; /* up to the first without a name; what
                                            counts most comes first        */
} td_panel;

enum { TD_PANELS = 5 };
extern const td_panel td_panels[TD_PANELS];

/* How many lines a panel has.  Not collective. */
int td_panel_line_count(const td_panel *panel);

#endif
