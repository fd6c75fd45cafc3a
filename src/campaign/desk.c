/* The conversation of the crews with rank 0, which has the list.
 *
 * Rank 0 works, too: it looks up between two steps of its own run, two batches of an
 * evaluation, two slabs of a data set, and answers then.  So a crew waits for a step or
 * so, longer only where rank 0 reads a packed data set or writes a checkpoint; nothing
 * depends on locks of a file system or on an MPI library that progresses by itself, and
 * no rank is there for this alone. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "crews.h"
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
static void tell(const td_crew_job *job, int place, const char *what)
{
    const td_campaign *c = &job->campaign;
    int index = job->list.points[place].index;
    char *name = td_grid_point_name(c->study, td_point_at(c, index));
    td_log_aside("[%d/%d] %s: %s", index + 1, c->count, name, what);
    td_free(name);
}

static void tell_start(const td_crew_job *job, int crew, int place)
{
    char *what = td_format("crew %d starts", crew);
    tell(job, place, what);
    td_free(what);
}

/* "3 done, 1 failed, 2 at work, 0 waiting": all runs of the study. */
static void write_tally(td_text *text, const td_crew_job *job, int at_work, int left)
{
    const td_list *list = &job->list;
    int before = job->campaign.count - list->count;
    int failed = td_list_count_ended(list, TD_STUDY_HAS_FAILED);
    int skipped = td_list_count_ended(list, TD_STUDY_IS_ELSEWHERE);
    td_text_write(text, "%d done, ",
                  before + td_list_count_ended(list, TD_STUDY_WENT_WELL));
    if (failed > 0)
        td_text_write(text, "%d failed, ", failed);
    if (skipped > 0)
        td_text_write(text, "%d skipped, ", skipped);
    td_text_write(text, "%d at work, %d waiting", at_work, left);
}

/* Behind it what became of the others so far, and the time left. */
static void tell_end(const td_crew_job *job, const td_list_report *report,
                     double seconds)
{
    const td_list *list = &job->list;
    int at_work = td_list_count(list, TD_LIST_AT_WORK);
    int left = td_list_count(list, TD_LIST_WAITS) + td_list_count(list, TD_LIST_HELD) +
               td_list_count_ended(list, TD_STUDY_WAS_STOPPED);
    int hands = at_work + left < job->crews ? at_work + left : job->crews;
    char *took = td_duration(seconds);
    td_text what = { 0 };
    td_text_write(&what, "%s %s; ", td_outcome_words[report->outcome], took);
    write_tally(&what, job, at_work, left);
    if (hands > 0) {
        char *time = td_time_left(&list->clock, hands);
        td_text_write(&what, ", %s", time);
        td_free(time);
    }
    tell(job, report->place, what.chars);
    td_free(what.chars);
    td_free(took);
}

/* ---- rank 0 --------------------------------------------------------------------- */

/* One crew has been stopped: the others shall save and stop, too. */
static void ask_others_to_stop(td_crew_job *job, int crew)
{
    const td_crew_next stop = { .place = STOP };
    if (job->has_asked_to_stop)
        return;
    job->has_asked_to_stop = true;
    td_signals_ask();
    for (int other = 1; other < job->crews; other++)
        if (other != crew && isnan(job->list.idle[other]))
            td_comm_send(job->world, other * job->ranks_per_run, &stop, sizeof stop);
}

static td_crew_next turn(td_crew_job *job, int crew, const td_list_report *report)
{
    td_list *list = &job->list;
    double now = td_clock_seconds();
    if (report->place != TD_LIST_NONE)
        tell_end(job, report, td_list_note(list, report, now));
    if (list->stopped)
        ask_others_to_stop(job, crew);
    td_crew_next next = { .place = td_list_take(list, crew, now) };
    if (next.place == TD_LIST_NONE)
        return next;
    next.index = list->points[next.place].index;
    next.again = list->points[next.place].again;
    tell_start(job, crew, next.place);
    return next;
}

static void answer(void *what)
{
    td_crew_job *job = what;
    td_list_report report;
    int from;
    while (td_comm_take(job->world, &report, sizeof report, &from)) {
        td_crew_next next = turn(job, from / job->ranks_per_run, &report);
        td_comm_send(job->world, from, &next, sizeof next);
    }
}

void td_desk_serve(td_crew_job *job)
{
    while (!td_list_is_over(&job->list)) {
        if (td_signals_stop() && !job->list.stopped) {
            job->list.stopped = true;
            ask_others_to_stop(job, 0);
        }
        nap();
    }
}

/* ---- the others ----------------------------------------------------------------- */

static void hear(void *what)
{
    td_crew_job *job = what;
    td_crew_next stop;
    int from;
    if (!td_comm_take(job->world, &stop, sizeof stop, &from))
        return;
    TD_ASSERT(from == 0 && stop.place == STOP);
    td_signals_ask();
}

static td_crew_next ask(td_crew_job *job, const td_list_report *report)
{
    td_crew_next next;
    int from;
    td_comm_send(job->world, 0, report, sizeof *report);
    /* Stuck here?  Rank 0 is in a long step, or reads a packed data set. */
    for (;; nap()) {
        if (!td_comm_take(job->world, &next, sizeof next, &from))
            continue;
        if (next.place != STOP)
            return next;
        td_signals_ask();
    }
}

/* ---- all ------------------------------------------------------------------------ */

void td_desk_open(td_crew_job *job)
{
    td_signals_attend(job->own == 0 ? answer : hear, job);
}

void td_desk_close(void)
{
    td_signals_attend(NULL, NULL);
}

td_crew_next td_desk_next(td_crew_job *job, const td_list_report *report)
{
    return job->own == 0 ? turn(job, 0, report) : ask(job, report);
}
