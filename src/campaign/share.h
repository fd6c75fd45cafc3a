/* A job whose ranks are split into groups that share a study: share.c splits and ends,
 * group.c is the life of a group, desk.c the conversation of its first rank with rank
 * 0, list.c what that knows. */
#ifndef TD_CAMPAIGN_SHARE_H
#define TD_CAMPAIGN_SHARE_H

#include "list.h"

/* What this rank knows of the job. */
typedef struct {
    td_campaign campaign; /* of the ranks that lead a group */
    td_comm *world;       /* borrowed */
    td_comm *group;       /* owned: the ranks of ours */
    int groups, ranks_per_run, own;
    td_campaign_work *work;
    int index;    /* of the point at work */
    td_list list; /* rank 0 */
    bool has_asked_to_stop;
} td_share;

/* The point that a group is given; plain bytes. */
typedef struct {
    int place, index; /* in the list, of the selected points */
    bool again;
} td_share_next;

/* ---- group.c --------------------------------------------------------------------- */

/* Take points until none is left, as the rank that leads the group.  Not collective:
 * the others of the group follow. */
void td_group_lead(td_share *s);

/* Do with the rank that leads whatever it does.  Collective over the group. */
void td_group_follow(td_share *s);

/* ---- desk.c ---------------------------------------------------------------------- */

/* From now on, look for messages at each td_signals_stop: rank 0 for reports, others
 * for a stop. */
void td_desk_open(td_share *s);
void td_desk_close(void);

/* Report a point and get the next one; its place is TD_LIST_NONE where none is. */
td_share_next td_desk_next(td_share *s, const td_list_report *report);

/* Answer until every group knows that nothing is left.  Rank 0. */
void td_desk_serve(td_share *s);

#endif
