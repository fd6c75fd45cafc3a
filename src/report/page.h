/* What the files of the page share.  Reading order: page.c, then table.c, chart.c,
 * heatmap.c, wiring.c, bars.c; html.c and axis.c are their tools. */
#ifndef TD_REPORT_PAGE_H
#define TD_REPORT_PAGE_H

#include "taildart/base_text.h"
#include "taildart/report_page.h"

/* The runs of a page. */
typedef struct {
    td_report_run *const *runs;
    int count;
} td_runs;

/* ---- html.c -------------------------------------------------------------------- */

/* Text that stands for itself between tags and in quoted attributes; bytes that XML
 * forbids become '?'. */
void td_html_escape(td_text *text, const char *words);

/* Numbers for people: "-" for NaN. */
void td_html_number(td_text *text, const char *format, double value);
void td_html_whole(td_text *text, int64_t value); /* 1 234 567 */
void td_html_seconds(td_text *text, double seconds);

/* ---- axis.c -------------------------------------------------------------------- */

/* A scale between round numbers. */
typedef struct {
    double low, high, step;
    int ticks; /* low, low + step, … high */
} td_axis;

/* The smallest round scale of at most \a most ticks (3 or more) that holds both; a
 * range that is empty or no number becomes one around what there is, or 0…1. */
td_axis td_axis_fit(double low, double high, int most);

/* The same for epochs 1…last: whole steps, and nothing beyond the last. */
td_axis td_axis_epochs(int last, int most);

/* The i-th tick; never 0.30000000000000004. */
double td_axis_tick(const td_axis *axis, int i);

/* Where \a value lies, 0 at low, 1 at high. */
double td_axis_share(const td_axis *axis, double value);

/* ---- chart.c: metrics over epochs ---------------------------------------------- */

/* The sections of charts: a heading, a legend, a chart a run. */
void td_page_charts(td_text *text, const td_runs *runs);

/* ---- heatmap.c: softmax of alpha over epochs ------------------------------------- */

void td_page_heatmaps(td_text *text, const td_runs *runs);

/* The colour of a share of 0…1, from dark to light, as hexadecimal digits. */
void td_heat_colour(double share, char out[8]);

/* ---- wiring.c: the derived cells -------------------------------------------------- */

void td_page_cells(td_text *text, const td_runs *runs);

/* One cell as SVG. */
void td_wiring_write(td_text *text, const td_gene *genes, int nodes);

/* ---- bars.c: images of each class ------------------------------------------------ */

void td_page_classes(td_text *text, const td_runs *runs);

/* ---- table.c: a row a run; configuration and versions ----------------------------- */

void td_page_table(td_text *text, const td_runs *runs);
void td_page_configurations(td_text *text, const td_runs *runs);

/* ---- page.c ------------------------------------------------------------------------ */

/* A section with a heading and a sentence, then figures side by side. */
void td_section_begin(td_text *text, const char *heading, const char *sentence);
void td_section_figures(td_text *text);
void td_section_end(td_text *text);

/* A figure of a run; the run's name stands above it where there are several. */
void td_figure_begin(td_text *text, const td_runs *runs, int run);
void td_figure_end(td_text *text);

/* style.c */
extern const char td_page_style[];

#endif
