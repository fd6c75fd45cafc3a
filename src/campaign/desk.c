/* The conversation of the groups with rank 0, which has the list.
 *
 * Rank 0 works, too: it looks up between two steps of its own run, two batches of an
 * evaluation, two slabs of a data set, and answers then.  So a group waits for a step or
 * so, longer only where rank 0 reads a packed data set or writes a checkpoint; nothing
 * depends on locks of a file system or on an MPI library that progresses by itself, and
 * no rank is there for this alone. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "share.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/base_text.h"

enum { STOP = -2 }; /* in the place of a place: save and stop */

static void nap(void)
{
    const struct timespec pause = { 0, 1000000 };
    nanosleep(&pause, NULL);
}

/* ---- what rank 0 tells ---------------------------------------------------------- */

/* "[3/16] imbalance-10/darts/seed-1: WHAT" */
static void tell(const td_share *s, int place, const char *what)
{
    const td_campaign *c = &s->campaign;
    int index = s->list.points[place].index;
    char *name =
        td_grid_point_name(c->study, td_grid_point_at(c->study, c->points[index]));
    td_log_aside("[%d/%d] %s: %s", index + 1, c->count, name, what);
    td_free(name);
}

static void tell_start(const td_share *s, int group, int place)
{
    char *what = td_format("group %d starts", group);
    tell(s, place, what);
    td_free(what);
}

/* "3 done, 1 failed, 2 at work, 0 left": all runs of the study. */
static void write_tally(td_text *text, const td_share *s, int at_work, int left)
{
    const td_list *list = &s->list;
    int before = s->campaign.count - list->count;
    int failed = td_list_count_ended(list, TD_STUDY_HAS_FAILED);
    int skipped = td_list_count_ended(list, TD_STUDY_IS_ELSEWHERE);
    td_text_write(text, "%d done, ",
                  before + td_list_count_ended(list, TD_STUDY_WENT_WELL));
    if (failed > 0)
        td_text_write(text, "%d failed, ", failed);
    if (skipped > 0)
        td_text_write(text, "%d skipped, ", skipped);
    td_text_write(text, "%d at work, %d left", at_work, left);
}

/* Behind it what became of the others so far, and the time left. */
static void tell_end(const td_share *s, const td_list_report *report, double seconds)
{
    const td_list *list = &s->list;
    int at_work = td_list_count(list, TD_LIST_AT_WORK);
    int left = td_list_count(list, TD_LIST_WAITS) + td_list_count(list, TD_LIST_HELD) +
               td_list_count_ended(list, TD_STUDY_WAS_STOPPED);
    int hands = at_work + left < s->groups ? at_work + left : s->groups;
    char *took = td_duration(seconds);
    char *time = td_time_left(&list->clock, hands > 0 ? hands : 1);
    td_text what = { 0 };
    td_text_write(&what, "%s %s; ", td_outcome_words[report->outcome], took);
    write_tally(&what, s, at_work, left);
    td_text_write(&what, ", %s", time);
    tell(s, report->place, what.chars);
    td_free(what.chars);
    td_free(time);
    td_free(took);
}

/* ---- rank 0 --------------------------------------------------------------------- */

/* One group has been stopped: the others shall save and stop, too. */
static void ask_others_to_stop(td_share *s, int group)
{
    const td_share_next stop = { .place = STOP };
    if (s->has_asked_to_stop)
        return;
    s->has_asked_to_stop = true;
    td_signals_ask();
    for (int other = 1; other < s->groups; other++)
        if (other != group && isnan(s->list.idle[other]))
            td_comm_send(s->world, other * s->ranks_per_run, &stop, sizeof stop);
}

static td_share_next turn(td_share *s, int group, const td_list_report *report)
{
    td_list *list = &s->list;
    double now = td_clock_seconds();
    if (report->place != TD_LIST_NONE)
        tell_end(s, report, td_list_note(list, report, now));
    if (list->stopped)
        ask_others_to_stop(s, group);
    td_share_next next = { .place = td_list_take(list, group, now) };
    if (next.place == TD_LIST_NONE)
        return next;
    next.index = list->points[next.place].index;
    next.again = list->points[next.place].again;
    tell_start(s, group, next.place);
    return next;
}

static void answer(void *share)
{
    td_share *s = share;
    td_list_report report;
    int from;
    while (td_comm_take(s->world, &report, sizeof report, &from)) {
        td_share_next next = turn(s, from / s->ranks_per_run, &report);
        td_comm_send(s->world, from, &next, sizeof next);
    }
}

void td_desk_serve(td_share *s)
{
    while (!td_list_is_over(&s->list)) {
        if (td_signals_stop() && !s->list.stopped) {
            s->list.stopped = true;
            ask_others_to_stop(s, 0);
        }
        nap();
    }
}

/* ---- the others ----------------------------------------------------------------- */

static void hear(void *share)
{
    td_share *s = share;
    td_share_next stop;
    int from;
    if (!td_comm_take(s->world, &stop, sizeof stop, &from))
        return;
    TD_ASSERT(from == 0 && stop.place == STOP);
    td_signals_ask();
}

static td_share_next ask(td_share *s, const td_list_report *report)
{
    td_share_next next;
    int from;
    td_comm_send(s->world, 0, report, sizeof *report);
    /* Stuck here?  Rank 0 is in a long step, or reads a packed data set. */
    for (;; nap()) {
        if (!td_comm_take(s->world, &next, sizeof next, &from))
            continue;
        if (next.place != STOP)
            return next;
        td_signals_ask();
    }
}

/* ---- all ------------------------------------------------------------------------ */

void td_desk_open(td_share *s)
{
    td_signals_attend(s->own == 0 ? answer : hear, s);
}

void td_desk_close(void)
{
    td_signals_attend(NULL, NULL);
}

td_share_next td_desk_next(td_share *s, const td_list_report *report)
{
    return s->own == 0 ? turn(s, 0, report) : ask(s, report);
}
