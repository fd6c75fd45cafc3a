/* Rows of scaling.csv that belong together.  Reading order: columns.c, read.c;
 * series.c; table.c; page.c with chart.c; cost.c stands alone. */
#ifndef TD_SCALING_SERIES_H
#define TD_SCALING_SERIES_H

#include "taildart/scaling.h"

/* Rows of one kind, mode, size, label, threads and commit, by ranks; of several with as
 * many ranks the last one of the file. */
typedef struct {
    const td_scaling_row **rows; /* owned: (count) rows borrowed from the file */
    int count;                   /* never 0                                    */
} td_series;

typedef struct {
    td_series *series; /* owned: (count) in the order of the file */
    int count;
} td_series_list;

/* Sort a file's rows into series; for td_series_clear. */
td_series_list td_series_of(const td_scaling_file *file);
void td_series_clear(td_series_list *list);

/* Efficiency of a row of a series: its own, or against the first one's images per
 * second and rank. */
double td_series_efficiency(const td_series *s, int row);

/* Efficiency times ranks. */
double td_series_speed_up(const td_series *s, int row);

/* Write "measured, 32 images per rank, 1 thread: LABEL (commit 1234567)"; plain
 * words. */
void td_series_write_name(td_text *text, const td_series *s);

/* ---- chart.c ----------------------------------------------------------------- */

/* Draw the charts of the series of a mode: time, speed-up, efficiency. */
void td_scaling_charts(td_text *text, const td_series_list *list, td_scaling_mode mode);

/* Write their legend: lines, marks and names. */
void td_scaling_legend(td_text *text, const td_series_list *list, td_scaling_mode mode);

#endif
