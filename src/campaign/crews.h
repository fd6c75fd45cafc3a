/* A job whose ranks are split into crews that share a study: crews.c splits and ends,
 * crew.c is the life of a crew, desk.c the conversation of its first rank with rank
 * 0, list.c what that knows. */
#ifndef TD_CAMPAIGN_CREWS_H
#define TD_CAMPAIGN_CREWS_H

#include "list.h"

/* What this rank knows of the job. */
typedef struct {
    td_campaign campaign; /* of the ranks that lead a crew */
    td_comm *world;       /* borrowed */
    td_comm *crew;        /* owned: the ranks of ours */
    int crews, ranks_per_run, own;
    td_campaign_work *work;
    int index;    /* of the point at work */
    td_list list; /* rank 0 */
    bool has_asked_to_stop;
} td_crew_job;

/* The point that a crew is given; plain bytes. */
typedef struct {
    int place, index; /* in the list, of the selected points */
    bool again;
} td_crew_next;

/* ---- crew.c --------------------------------------------------------------------- */

/* Take points until none is left, as the rank that leads the crew.  Not collective:
 * the others of the crew follow. */
void td_crew_lead(td_crew_job *job);

/* Do with the rank that leads whatever it does.  Collective over the crew. */
void td_crew_follow(td_crew_job *job);

/* ---- desk.c ---------------------------------------------------------------------- */

/* From now on, look for messages at each td_signals_stop and td_signals_look: rank 0
 * for reports, others for a stop. */
void td_desk_open(td_crew_job *job);
void td_desk_close(void);

/* Report a point and get the next one; its place is TD_LIST_NONE where none is. */
td_crew_next td_desk_next(td_crew_job *job, const td_list_report *report);

/* Answer until every crew knows that nothing is left.  Rank 0. */
void td_desk_serve(td_crew_job *job);

#endif
