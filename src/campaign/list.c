#include "list.h"

#include <math.h>
#include <string.h>

/* ---- beginning and end ---------------------------------------------------------- */

static void count_missing(td_list *list, const td_list_point *point, int by)
{
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++)
        list->clock.missing[stage] += by * point->missing[stage];
}

static void add(td_list *list, const td_campaign *c, bool failed_ones)
{
    for (int index = 0; index < c->count; index++) {
        td_stage_clock clock = { .missing = { 0 } };
        if (td_point_is_complete(c, index) ||
            td_point_has_failed(c, index) != failed_ones)
            continue;
        td_list_point *point = &list->points[list->count++];
        *point = (td_list_point){ .index = index };
        td_point_count(c, index, &clock, 1);
        memcpy(point->missing, clock.missing, sizeof point->missing);
        count_missing(list, point, 1);
    }
}

void td_list_init(td_list *list, const td_campaign *c, int crews)
{
    TD_ASSERT(crews > 0 && c->count >= 0);
    *list = (td_list){ .crews = crews };
    list->points = td_malloc((size_t) c->count * sizeof *list->points);
    list->idle = td_malloc((size_t) crews * sizeof *list->idle);
    for (int crew = 0; crew < crews; crew++)
        list->idle[crew] = NAN;
    add(list, c, false);
    add(list, c, true);
}

void td_list_clear(td_list *list)
{
    td_free(list->points);
    td_free(list->idle);
}

/* ---- points go and come --------------------------------------------------------- */

static int find(const td_list *list, td_list_state state)
{
    for (int place = 0; place < list->count; place++)
        if (list->points[place].state == state)
            return place;
    return TD_LIST_NONE;
}

int td_list_take(td_list *list, int crew, double now)
{
    TD_ASSERT(crew >= 0 && crew < list->crews);
    int place = list->stopped ? TD_LIST_NONE : find(list, TD_LIST_WAITS);
    if (place == TD_LIST_NONE && !list->stopped) {
        place = find(list, TD_LIST_HELD);
        if (place != TD_LIST_NONE)
            list->points[place].again = true;
    }
    list->idle[crew] = place == TD_LIST_NONE ? now : NAN;
    if (place == TD_LIST_NONE)
        return place;
    list->points[place].state = TD_LIST_AT_WORK;
    list->points[place].begun = now;
    return place;
}

double td_list_note(td_list *list, const td_list_report *report, double now)
{
    TD_ASSERT(report->place >= 0 && report->place < list->count);
    td_list_point *point = &list->points[report->place];
    TD_ASSERT(point->state == TD_LIST_AT_WORK);
    bool is_held = report->outcome == TD_STUDY_IS_ELSEWHERE && !point->again;
    point->state = is_held ? TD_LIST_HELD : TD_LIST_ENDED;
    point->outcome = report->outcome;
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++) {
        list->clock.seconds[stage] += report->seconds[stage];
        list->clock.timed[stage] += report->timed[stage];
    }
    if (!is_held)
        count_missing(list, point, -1);
    list->stopped = list->stopped || report->outcome == TD_STUDY_WAS_STOPPED;
    return now - point->begun;
}

/* ---- where it stands ------------------------------------------------------------ */

bool td_list_is_over(const td_list *list)
{
    for (int crew = 0; crew < list->crews; crew++)
        if (isnan(list->idle[crew]))
            return false;
    return true;
}

int td_list_count(const td_list *list, td_list_state state)
{
    int count = 0;
    for (int place = 0; place < list->count; place++)
        count += list->points[place].state == state;
    return count;
}

int td_list_count_ended(const td_list *list, td_study_outcome outcome)
{
    int count = 0;
    for (int place = 0; place < list->count; place++)
        count += list->points[place].state == TD_LIST_ENDED &&
                 list->points[place].outcome == outcome;
    return count;
}

double td_list_idle(const td_list *list, double now, int *longest)
{
    double sum = 0.0;
    *longest = 0;
    for (int crew = 0; crew < list->crews; crew++) {
        double idle = isnan(list->idle[crew]) ? 0.0 : now - list->idle[crew];
        sum += idle;
        if (now - list->idle[crew] > now - list->idle[*longest])
            *longest = crew;
    }
    return sum;
}
