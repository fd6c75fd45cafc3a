/* The life of a group: its first rank takes points and has their folders, logs and
 * locks; the others join in each command. */
#include <string.h>

#include "share.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"

static void order(td_share *s, bool work)
{
    td_comm_bcast_asleep(s->group, &work, sizeof work);
}

/* A stage as a command of all ranks of the group, in this process. */
static td_stage_end make(td_campaign *c, const td_study_command *command,
                         const char *out, const char *err)
{
    td_share *s = c->maker;
    td_status status = td_log_divert(out, err);
    if (status == TD_OK) {
        order(s, true);
        status = s->work(s->group, command);
    }
    td_stage_end end = { .code = (int) status,
                         .words =
                             td_strdup(status == TD_OK ? "" : td_error_message()) };
    td_log_divert(NULL, NULL);
    return end;
}

void td_group_lead(td_share *s)
{
    td_list_report report = { .place = TD_LIST_NONE };
    td_campaign *c = &s->campaign;
    c->make = make;
    c->maker = s;
    for (;;) {
        td_share_next next = td_desk_next(s, &report);
        if (next.place == TD_LIST_NONE)
            break;
        c->again = next.again;
        c->clock = (td_stage_clock){ .missing = { 0 } };
        report.place = next.place;
        report.outcome =
            td_signals_stop() ? TD_STUDY_WAS_STOPPED : td_point_run(c, next.index);
        memcpy(report.seconds, c->clock.seconds, sizeof report.seconds);
        memcpy(report.timed, c->clock.timed, sizeof report.timed);
    }
    order(s, false);
}

void td_group_follow(td_share *s)
{
    for (;;) {
        bool work = false;
        td_comm_bcast_asleep(s->group, &work, sizeof work);
        if (!work)
            return;
        (void) s->work(s->group, NULL); /* judged by the rank that leads */
    }
}
