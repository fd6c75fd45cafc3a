/* Charts of metrics over epochs: chart.c has their table, lines.c draws one. */
#ifndef TD_REPORT_CHART_H
#define TD_REPORT_CHART_H

#include "page.h"

/* A line: a column of metrics.csv. */
typedef struct {
    const char *name;
    size_t offset; /* in td_metrics                        */
    int style;     /* number of the classes l… and p… in style.c */
} td_chart_line;

enum { TD_CHART_LINES = 6 };

/* A kind of chart; bounds are NaN where the numbers set them. */
typedef struct {
    const char *unit;
    double low, high;
    int height;
    td_chart_line lines[TD_CHART_LINES]; /* up to the first without a name */
} td_chart;

int td_chart_line_count(const td_chart *chart);

/* Whether a run has a number for a line. */
bool td_chart_run_has(const td_report_run *run, const td_chart_line *line);

/* Draw the chart of one run, on the axes of all. */
void td_chart_draw(td_text *text, const td_chart *chart, const td_runs *runs, int run);

#endif
