/* Charts of metrics over epochs: chart.c has their table and sections, series.c the
 * numbers, lines.c draws a panel. */
#ifndef TD_REPORT_CHART_H
#define TD_REPORT_CHART_H

#include "page.h"

/* A line: a column of metrics.csv. */
typedef struct {
    const char *name;
    size_t column; /* as TD_COLUMN has it                      */
    int style;     /* number of the classes l… and p… in style.c */
    bool is_rest;  /* what the column lacks to 1                */
} td_chart_line;

enum { TD_CHART_LINES = 6 };

/* A kind of chart; numbers are NaN where the values set them. */
typedef struct {
    const char *unit;
    double low, high;
    double span; /* the axis shows this much at least, so that little looks little */
    int height;
    double reference; /* a dashed line, with the word */
    const char *word;
    td_chart_line lines[TD_CHART_LINES]; /* up to the first without a name */
} td_chart;

/* ---- series.c ---------------------------------------------------------------- */

int td_chart_line_count(const td_chart *chart);

/* The value of a line, NaN where it is not drawn. */
double td_chart_value(const td_metrics *row, const td_chart_line *line);

/* Values that are there and not drawn. */
int td_chart_beyond(const td_report_run *run, const td_chart_line *line);

/* Whether a run has a number for a line. */
bool td_chart_run_has(const td_report_run *run, const td_chart_line *line);

/* The smallest and the largest value of a run; NaN where it has none. */
void td_chart_range(const td_report_run *run, const td_chart_line *line, double *low,
                    double *high);

/* One scale of values, and one of epochs, for all runs. */
td_axis td_chart_value_axis(const td_chart *chart, const td_runs *runs);
td_axis td_chart_epoch_axis(const td_runs *runs);

/* ---- moved.c ----------------------------------------------------------------- */

/* The entropy of an edge whose operations all weigh the same, where it has the most;
 * 0 where nothing is searched. */
double td_most_entropy(const td_report_run *run);

/* A paragraph for the runs whose \a lines have moved by less than TD_HARDLY of
 * \a most, for td_free; "" for none. */
char *td_entropy_moved(const td_runs *runs, const td_chart *chart, double most);

/* ---- lines.c ----------------------------------------------------------------- */

/* Draw what all runs have of one line or, with \a line NULL, all lines of the one run
 * that there is. */
void td_chart_draw(td_text *text, const td_chart *chart, const td_chart_line *line,
                   const td_runs *runs);

#endif
