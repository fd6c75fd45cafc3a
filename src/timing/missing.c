/* Who is not there: pure functions of what the watchdog has seen.
 *
 * In a hang the ranks that live wait for the ones that do not, or that are at something
 * else; those are named. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "taildart/timing.h"
#include "watch.h"

double td_watch_patience(int section)
{
    switch (section) {
    case TD_SECTION_START:
        return 6.0;
    case TD_SECTION_VALIDATION:
    case TD_SECTION_CHECKPOINT:
    case TD_SECTION_OTHER:
        return 3.0;
    default:
        return 1.0;
    }
}

/* Looks may come late on a busy host: the longer all is quiet, the more is needed to
 * call a rank dead. */
static bool is_alive(const td_watch *watch, int rank)
{
    double silent = watch->now - watch->seen[rank].alive;
    double usual = fmax(1.0, 3.0 * watch->interval);
    return watch->seen[rank].is_known &&
           silent < fmax(usual, 0.5 * (watch->now - watch->moved));
}

bool td_watch_is_first(const td_watch *watch)
{
    if (!watch->seen)
        return watch->rank == 0;
    for (int r = 0; r < watch->rank; r++)
        if (is_alive(watch, r))
            return false;
    return true;
}

double td_watch_grace(const td_watch *watch)
{
    return td_watch_is_first(watch) ? 0.0 : fmin(10.0, 0.5 * watch->timeout);
}

/* A rank that ends the job is itself not there from then on. */
static bool has_job_ended(const td_watch *watch)
{
    for (int r = 0; watch->seen && r < watch->ranks; r++)
        if (watch->seen[r].is_known && watch->seen[r].record.has_ended)
            return true;
    return false;
}

bool td_watch_tells(const td_watch *watch, double quiet)
{
    bool is_last = watch->rank == watch->ranks - 1;
    if (watch->noted > 0.0 || has_job_ended(watch) ||
        (!td_watch_is_first(watch) && (watch->seen || !is_last)))
        return false;
    return quiet >= watch->note * watch->notes + td_watch_grace(watch);
}

/* ---- words ------------------------------------------------------------------- */

/* A text of a fixed size: what does not fit is cut.  No memory is allocated here. */
typedef struct {
    char *at;
    size_t left;
} line;

__attribute__((format(printf, 2, 3))) static void add(line *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(l->at, l->left, format, args);
    va_end(args);
    size_t written = length < 0                  ? 0
                     : (size_t) length < l->left ? (size_t) length
                                                 : l->left - 1;
    l->at += written;
    l->left -= written;
}

static const char *title_of(int section)
{
    bool known = section >= 0 && section < TD_SECTION_COUNT;
    return known ? td_section_title((td_section) section) : "an unknown section";
}

static void add_missing(line *l, const td_watch *watch, int rank)
{
    const td_watch_seen *seen = &watch->seen[rank];
    const td_watch_record *r = &seen->record;
    if (is_alive(watch, rank))
        add(l, "rank %d@%s (at work or stuck in %s, epoch %lld, step %lld)",
            watch->first + rank, r->host, title_of(r->section), (long long) r->epoch,
            (long long) r->step);
    else
        add(l,
            "rank %d@%s (no sign of life for %.3g s; last in %s, epoch %lld, step "
            "%lld)",
            watch->first + rank, r->host, watch->now - seen->alive,
            title_of(r->section), (long long) r->epoch, (long long) r->step);
}

/* Ranks that do not wait as this one does.  \return how many */
static int add_all_missing(line *l, const td_watch *watch)
{
    enum { MOST = 8 }; /* named; a host that is gone takes many */
    int missing = 0;
    for (int r = 0; r < watch->ranks; r++) {
        const td_watch_seen *seen = &watch->seen[r];
        if (r == watch->rank || !seen->is_known ||
            (is_alive(watch, r) && seen->record.is_waiting))
            continue;
        if (missing < MOST) {
            add(l, "%s", missing == 0 ? "; not there: " : ", ");
            add_missing(l, watch, r);
        }
        missing++;
    }
    if (missing > MOST)
        add(l, " and %d more", missing - MOST);
    return missing;
}

/* Ranks whose records never came: on hosts without the same file system.
 * \return how many */
static int add_unseen(line *l, const td_watch *watch)
{
    int unseen = 0, first = 0;
    for (int r = watch->ranks - 1; r >= 0; r--)
        if (r != watch->rank && !watch->seen[r].is_known) {
            first = r;
            unseen++;
        }
    if (unseen > 0)
        add(l, "; %d of the ranks cannot be seen from here, the first is rank %d",
            unseen, watch->first + first);
    return unseen;
}

static void add_others(line *l, const td_watch *watch)
{
    if (watch->ranks == 1 || !watch->own.is_waiting) {
        add(l, "; it is this rank that is at work there, or stuck");
        return;
    }
    if (!watch->seen) {
        add(l, "; it waits for others, which cannot be seen from here");
        return;
    }
    int missing = add_all_missing(l, watch), unseen = add_unseen(l, watch);
    if (missing + unseen == 0)
        add(l, "; all ranks wait for each other: the network, or ranks that call for "
               "different things");
}

void td_watch_describe(const td_watch *watch, double quiet, char *out, size_t capacity)
{
    const td_watch_record *own = &watch->own;
    line l = { out, capacity };
    add(&l, "rank %d@%s, epoch %lld, step %lld: nothing has moved in %s for %.3g s",
        watch->first + watch->rank, own->host, (long long) own->epoch,
        (long long) own->step, title_of(own->section), quiet);
    add_others(&l, watch);
}
