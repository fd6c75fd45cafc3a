/* Architecture weights over time: the numbers (moments.c), their colours
 * (heat_legend.c) and the drawing of both (heatmap.c). */
#ifndef TD_REPORT_HEATMAP_H
#define TD_REPORT_HEATMAP_H

#include "page.h"

/* The alphas at one time. */
typedef struct {
    int64_t epoch;         /* after so many epochs             */
    bool is_within;        /* and some steps of the next       */
    const td_real *alphas; /* (2, edges, 8), borrowed          */
} td_moment;

/* The moments of one run that a strip shows. */
typedef struct {
    td_moment *moments; /* owned */
    td_real *masked;    /* (2, 2, edges, 8) owned: of the start and the present */
    int count;
    int64_t every;    /* of so many epochs one is shown */
    bool has_history; /* no epoch is missing            */
} td_timeline;

/* Select the moments: start, epochs (some of a long run, always the last), present. */
td_timeline td_timeline_of(const td_checkpoint *c);
void td_timeline_clear(td_timeline *timeline);

/* Whether an edge of both tables had an operation then. */
bool td_moment_has(const td_moment *moment, int edge, int op);

/* The strengths of an edge's operations then, 0 of those that it had not. */
void td_moment_strength(const td_search_state *state, const td_moment *moment, int edge,
                        double strength[TD_NUM_OPS]);

/* moved.c: a paragraph where the weights have hardly moved. */
void td_weights_moved(td_text *text, const td_search_state *state,
                      const td_timeline *timeline);

/* The scale of all strips of a page. */
typedef struct {
    double low, high; /* weights                             */
    double undecided; /* weight of every operation of an edge while the alphas are
                         equal, on average; −1 where runs differ in it */
    int64_t epochs;   /* of the longest run, one more for the start */
} td_heat_scale;

td_heat_scale td_heat_scale_of(const td_runs *runs);

/* Draw the colours with their weights. */
void td_heat_legend(td_text *text, const td_heat_scale *s);

#endif
