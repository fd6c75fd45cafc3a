/* Functions shared by the files of the page.  Reading order: page.c, then table.c,
 * chart.c with lines.c, heatmap.c with moments.c and heat_legend.c, wiring.c, bars.c;
 * html.c, axis.c and frame.c are their tools. */
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

/* Escape a text for use between tags and in quoted attributes; bytes that XML forbids
 * become '?'. */
void td_html_escape(td_text *text, const char *words);

/* Write numbers; "-" for NaN. */
void td_html_number(td_text *text, const char *format, double value);
void td_html_whole(td_text *text, int64_t value); /* 1 234 567 */
void td_html_seconds(td_text *text, double seconds);

/* Draws a section's figure of one run; \a data is given to td_section_figures. */
typedef void td_draw_run(td_text *text, const td_runs *runs, int run, const void *data);

/* Begin a section with a heading and a sentence; the figures end it. */
void td_section_begin(td_text *text, const char *heading, const char *sentence);

/* Draw a figure of each run, side by side, with the run's name where there are
 * several. */
void td_section_figures(td_text *text, const td_runs *runs, td_draw_run *draw,
                        const void *data);

/* ---- axis.c -------------------------------------------------------------------- */

/* A scale between round numbers. */
typedef struct {
    double low, high, step;
    int ticks; /* low, low + step, … high */
} td_axis;

/* The smallest round scale of at most \a most ticks (3 or more) that includes both; an
 * empty range is widened, one that is not finite becomes 0…1. */
td_axis td_axis_fit(double low, double high, int most);

/* The same for epochs 1…last: whole steps, and nothing beyond the last. */
td_axis td_axis_epochs(int last, int most);

/* The i-th tick; never 0.30000000000000004. */
double td_axis_tick(const td_axis *axis, int i);

/* The position of \a value on the axis, 0 at low, 1 at high. */
double td_axis_share(const td_axis *axis, double value);

/* ---- frame.c -------------------------------------------------------------------- */

enum {
    TD_FRAME_LEFT = 56, /* numbers to the left of it */
    TD_FRAME_RIGHT = 446,
    TD_FRAME_WIDTH = TD_FRAME_RIGHT - TD_FRAME_LEFT
};

/* A picture with values on its vertical axis. */
typedef struct {
    td_text *text; /* borrowed: written to              */
    int height;    /* of the picture                    */
    int top;       /* y of the highest value            */
    td_axis values;
} td_frame;

/* Begin the picture, with its title and the unit of the values; end it. */
void td_frame_begin(const td_frame *f, const char *title, const char *unit);
void td_frame_end(const td_frame *f);

/* The y of the lowest value, and of any. */
int td_frame_bottom(const td_frame *f);
double td_frame_y(const td_frame *f, double value);

/* Draw the values' ticks as a grid, their numbers with so many digits at most. */
void td_frame_values(const td_frame *f, int digits);

/* Write the label of the horizontal axis. */
void td_frame_caption(const td_frame *f, const char *caption);

/* ---- chart.c: metrics over epochs ---------------------------------------------- */

/* Write the sections of charts: a heading, a legend, a chart a run. */
void td_page_charts(td_text *text, const td_runs *runs);

/* ---- heatmap.c: architecture weights over epochs --------------------------------- */

void td_page_heatmaps(td_text *text, const td_runs *runs);

/* heat_legend.c: the colour of a share of 0…1, from dark to light, as "#rrggbb". */
void td_heat_colour(double share, char out[8]);

/* ---- wiring.c: the derived cells --------------------------------------------- */

void td_page_cells(td_text *text, const td_runs *runs);

/* ---- bars.c: images of each class ------------------------------------------------ */

void td_page_classes(td_text *text, const td_runs *runs);

/* ---- table.c: a row a run; configuration and versions ------------------------ */

void td_page_table(td_text *text, const td_runs *runs);
void td_page_configurations(td_text *text, const td_runs *runs);

/* style.c */
extern const char td_page_style[];

#endif
