/* Functions shared by the files of the page.  Reading order: page.c and runs.c, then
 * head.c, table.c, tests.c, chart.c with series.c and lines.c, classes.c, heatmap.c
 * with moments.c, moved.c and heat_legend.c, cells.c with cell_layout.c, configs.c;
 * src/charts has their tools. */
#ifndef TD_REPORT_PAGE_H
#define TD_REPORT_PAGE_H

#include "taildart/charts.h"
#include "taildart/report_page.h"

/* The runs of a page. */
typedef struct {
    td_report_run *const *runs;
    int count;
    char **names; /* owned: (count) without what all begin with */
    char *folder; /* owned: that, with its slash; "" for none   */
} td_runs;

/* A change below this share of what could change is told as "hardly moved". */
#define TD_HARDLY 0.05

/* ---- runs.c ------------------------------------------------------------------ */

td_runs td_runs_named(td_report_run *const *runs, int count);
void td_runs_clear(td_runs *runs);

/* Classes of a run's line and of its points, as style.c has them. */
void td_run_style(int run, char line[24], char point[8]);

/* Draw a piece of a run's line, for keys. */
void td_run_swatch(td_text *text, int run);

/* The epoch with the best balanced accuracy; NULL where none is known. */
const td_metrics *td_report_best(const td_report_run *run);

/* The run with the best such epoch; -1 for none. */
int td_report_best_run(const td_runs *runs);

/* The evaluation that speaks for a run: of the test part, without a cure, of the best
 * epoch before the last; NULL for none. */
const td_evaluation *td_report_test(const td_report_run *run);

/* ---- figures.c --------------------------------------------------------------- */

/* Draws a section's figure of one run; \a data is given to td_section_figures. */
typedef void td_draw_run(td_text *text, const td_runs *runs, int run, const void *data);

/* Draw a figure of each run, side by side, with the run's name where there are
 * several, folded where there are many; ends the section. */
void td_section_figures(td_text *text, const td_runs *runs, td_draw_run *draw,
                        const void *data);

/* ---- head.c: what was run, where and when ------------------------------------ */

void td_page_head(td_text *text, const td_runs *runs);

/* How the runs were started, for several: folded. */
void td_page_starts(td_text *text, const td_runs *runs);

/* ---- table.c: one row per run ---------------------------------------------------- */

void td_page_table(td_text *text, const td_runs *runs);

/* ---- state.c: "3 of 5", and in words what is unfinished ---------------------- */

void td_write_epochs(td_text *text, const td_report_run *run);
void td_write_state(td_text *text, const td_report_run *run);

/* ---- tests.c: what evaluations gave ------------------------------------------ */

void td_page_tests(td_text *text, const td_runs *runs);

/* "test images, best epoch"; HTML. */
void td_write_test_name(td_text *text, const td_evaluation *e);

/* ---- chart.c: metrics over epochs -------------------------------------------- */

void td_page_charts(td_text *text, const td_runs *runs);
void td_page_entropies(td_text *text, const td_runs *runs);

/* ---- heatmap.c: architecture weights over epochs ----------------------------- */

void td_page_heatmaps(td_text *text, const td_runs *runs);

/* heat_legend.c: the colour of a share of 0…1, from dark to light, as "#rrggbb". */
void td_heat_colour(double share, char out[8]);

/* ---- cells.c: the derived cells ---------------------------------------------- */

void td_page_cells(td_text *text, const td_runs *runs);

/* ---- classes.c: images and accuracy of each class ---------------------------- */

void td_page_classes(td_text *text, const td_runs *runs);

/* ---- configs.c: configurations and versions ---------------------------------- */

/* The keys that differ, with their values; nothing for a single run. */
void td_page_differences(td_text *text, const td_runs *runs);

/* All of them, folded. */
void td_page_configurations(td_text *text, const td_runs *runs);

#endif
