/* Rank 0's list of the points that crews of ranks take: pure bookkeeping, which is
 * told the time. */
#ifndef TD_CAMPAIGN_LIST_H
#define TD_CAMPAIGN_LIST_H

#include "run.h"

enum { TD_LIST_NONE = -1 };

typedef enum {
    TD_LIST_WAITS,
    TD_LIST_AT_WORK,
    TD_LIST_HELD, /* by another job: to be tried once more behind all others */
    TD_LIST_ENDED
} td_list_state;

/* A point of the list. */
typedef struct {
    int index; /* of the selected points */
    td_list_state state;
    td_study_outcome outcome; /* once ended */
    bool again;               /* being tried once more */
    int missing[TD_STUDY_STAGES];
    double begun;
} td_list_point;

typedef struct {
    td_list_point *points; /* owned: in the order in which they are taken */
    int count, crews;
    double *idle; /* (crews) owned: since when one has nothing to do; NaN: it works */
    bool stopped;
    td_stage_clock clock;
} td_list;

/* What a crew reports of a point, and asks for the next one; plain bytes. */
typedef struct {
    int place; /* in the list; TD_LIST_NONE at the beginning */
    td_study_outcome outcome;
    double seconds[TD_STUDY_STAGES];
    int timed[TD_STUDY_STAGES];
} td_list_report;

/* The points of \a c that are not complete; those whose last attempt failed come last:
 * one of them may have ended the whole job.  For td_list_clear. */
void td_list_init(td_list *list, const td_campaign *c, int crews);
void td_list_clear(td_list *list);

/* Give \a crew its next point.  \return its place in the list; TD_LIST_NONE when there
 * is none, or no more since a crew was stopped */
int td_list_take(td_list *list, int crew, double now);

/* Note how a point ended.  \return the seconds that it took */
double td_list_note(td_list *list, const td_list_report *report, double now);

/* Whether all crews have been told that there is nothing more. */
bool td_list_is_over(const td_list *list);

int td_list_count(const td_list *list, td_list_state state);
int td_list_count_ended(const td_list *list, td_study_outcome outcome);

/* Seconds that crews were idle at the end, in all; \a longest: the crew that was
 * longest. */
double td_list_idle(const td_list *list, double now, int *longest);

#endif
