/* Functions shared by the files of the page.  Reading order: page.c, then table.c,
 * chart.c with lines.c, heatmap.c with moments.c and heat_legend.c, wiring.c, bars.c;
 * src/charts has their tools. */
#ifndef TD_REPORT_PAGE_H
#define TD_REPORT_PAGE_H

#include "taildart/charts.h"
#include "taildart/report_page.h"

/* The runs of a page. */
typedef struct {
    td_report_run *const *runs;
    int count;
} td_runs;

/* ---- figures.c --------------------------------------------------------------- */

/* Draws a section's figure of one run; \a data is given to td_section_figures. */
typedef void td_draw_run(td_text *text, const td_runs *runs, int run, const void *data);

/* Draw a figure of each run, side by side, with the run's name where there are
 * several; ends the section. */
void td_section_figures(td_text *text, const td_runs *runs, td_draw_run *draw,
                        const void *data);

/* ---- chart.c: metrics over epochs -------------------------------------------- */

/* Write the sections of charts: a heading, a legend, a chart a run. */
void td_page_charts(td_text *text, const td_runs *runs);

/* ---- heatmap.c: architecture weights over epochs ----------------------------- */

void td_page_heatmaps(td_text *text, const td_runs *runs);

/* heat_legend.c: the colour of a share of 0…1, from dark to light, as "#rrggbb". */
void td_heat_colour(double share, char out[8]);

/* ---- wiring.c: the derived cells --------------------------------------------- */

void td_page_cells(td_text *text, const td_runs *runs);

/* ---- bars.c: images of each class -------------------------------------------- */

void td_page_classes(td_text *text, const td_runs *runs);

/* ---- table.c: a row a run; configuration and versions ------------------------ */

void td_page_table(td_text *text, const td_runs *runs);
void td_page_configurations(td_text *text, const td_runs *runs);

#endif
