/* Parts of the page of a study.  Reading order: page.c, then page_table.c,
 * page_strips.c, page_curves.c; src/charts has their tools. */
#ifndef TD_COMPARISON_PAGE_H
#define TD_COMPARISON_PAGE_H

#include "internal.h"
#include "taildart/charts.h"

/* A study and its results, as the page shows them. */
typedef struct {
    const td_study *study;
    const td_study_result *results;
} td_study_view;

/* page_title.c: write "imbalance 100, wide/all"; of TD_STUDY_ALL that it is a mean. */
void td_page_block_title(td_text *text, const td_study *study, int block);

/* page_table.c: one row per method, setting and imbalance. */
void td_study_page_table(td_text *text, const td_study_view *view);

/* page_strips.c: the test accuracy of each seed as a dot, and differences likewise. */
void td_study_page_spread(td_text *text, const td_study_view *view);
void td_study_page_differences(td_text *text, const td_study_view *view);

/* page_curves.c: validation over the epochs of the searches. */
void td_study_page_curves(td_text *text, const td_study_view *view);

#endif
