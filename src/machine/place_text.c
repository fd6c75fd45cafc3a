/* The start-up report as text: pure functions of what the ranks told.
 *
 * The traps (CLUSTER 4.5): mpirun binds to one core where up to two ranks are started,
 * so that threads queue up on it; and ranks that do not know of each other start as
 * many threads as the machine has CPUs, each.  Both halve the speed or worse without a
 * word.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "taildart/machine_place.h"

enum { WORDS = TD_CPUS / 64 };

/* ---- text that grows --------------------------------------------------------- */

static void append(char **text, const char *format, ...) TD_PRINTF(2, 3);

static void append(char **text, const char *format, ...)
{
    char piece[512];
    va_list args;
    va_start(args, format);
    vsnprintf(piece, sizeof piece, format, args);
    va_end(args);
    char *longer = td_format("%s%s", *text, piece);
    td_free(*text);
    *text = longer;
}

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

/* ---- masks ------------------------------------------------------------------- */

static bool mask_has(const td_place *place, int cpu)
{
    return place->mask[cpu / 64] >> cpu % 64 & 1;
}

static bool mask_is_within(const uint64_t *inner, const uint64_t *outer)
{
    for (int i = 0; i < WORDS; i++)
        if (inner[i] & ~outer[i])
            return false;
    return true;
}

/* "0-3,8" */
static void append_mask(char **text, const td_place *place)
{
    const char *comma = "";
    if (td_cpus_count(place->mask) == 0)
        append(text, "unknown");
    for (int first = 0; first < TD_CPUS; first++) {
        if (!mask_has(place, first))
            continue;
        int last = first;
        while (last + 1 < TD_CPUS && mask_has(place, last + 1))
            last++;
        append(text, last > first ? "%s%d-%d" : "%s%d", comma, first, last);
        comma = ",";
        first = last;
    }
}

/* A quota that is as wide as the mask takes nothing away. */
static bool is_limited(const td_place *place)
{
    return place->quota.value > 0.0 && place->quota.value < place->cpus;
}

/* ---- lines ------------------------------------------------------------------- */

static bool is_equal(const td_place *a, const td_place *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->isa, b->isa) == 0 &&
           a->threads == b->threads && a->cpus == b->cpus &&
           memcmp(a->mask, b->mask, sizeof a->mask) == 0;
}

static void append_ranks(char **text, int first, int last)
{
    if (first == last)
        append(text, "rank %d: ", first);
    else
        append(text, "ranks %d-%d: ", first, last);
}

static bool isa_differs(const td_place *places, int ranks)
{
    for (int r = 1; r < ranks; r++)
        if (strcmp(places[r].isa, places[0].isa) != 0)
            return true;
    return false;
}

char *td_place_lines(const td_place *places, int ranks)
{
    bool with_isa = isa_differs(places, ranks);
    char *text = td_strdup("");
    for (int first = 0, last; first < ranks; first = last + 1) {
        const td_place *place = &places[first];
        for (last = first; last + 1 < ranks && is_equal(place, &places[last + 1]);)
            last++;
        append_ranks(&text, first, last);
        append(&text, "host %s, %d thread%s on %d CPU%s (", place->host, place->threads,
               plural(place->threads), place->cpus, plural(place->cpus));
        append_mask(&text, place);
        append(&text, with_isa ? "), %s" : ")", place->isa);
        if (is_limited(place))
            append(&text, ", quota of %.4g CPUs", place->quota.value);
        append(&text, "\n");
    }
    return text;
}

/* ---- notes ------------------------------------------------------------------- */

/* The ranks of one host, and the tightest set of CPUs that they share. */
typedef struct {
    const char *name;
    int ranks, threads, cpus; /* of the whole host; CPUs online                     */
    int most_threads;         /* of one of its ranks                                */
    int shared_ranks, shared_threads, shared_cpus; /* where threads outnumber CPUs   */
} host;

static bool is_on(const td_place *place, const host *h)
{
    return strcmp(place->host, h->name) == 0;
}

/* Whether the ranks that can only run within \a mask have more threads than it has
 * CPUs; the worst such set is kept. */
static void host_look_at(host *h, const uint64_t *mask, const td_place *places,
                         int ranks)
{
    int cpus = td_cpus_count(mask), threads = 0, sharing = 0;
    for (int r = 0; r < ranks; r++) {
        if (!is_on(&places[r], h) || !mask_is_within(places[r].mask, mask))
            continue;
        threads += places[r].threads;
        sharing++;
    }
    if (sharing < 2 || cpus == 0 || threads <= cpus)
        return;
    int worst = h->shared_cpus;
    if (worst == 0 || threads * worst > h->shared_threads * cpus) {
        h->shared_ranks = sharing;
        h->shared_threads = threads;
        h->shared_cpus = cpus;
    }
}

static host host_read(const char *name, const td_place *places, int ranks)
{
    host h = { .name = name };
    uint64_t all[WORDS] = { 0 };
    for (int r = 0; r < ranks; r++) {
        if (!is_on(&places[r], &h))
            continue;
        h.ranks++;
        h.threads += places[r].threads;
        h.cpus = places[r].node_cpus;
        if (places[r].threads > h.most_threads)
            h.most_threads = places[r].threads;
        for (int i = 0; i < WORDS; i++)
            all[i] |= places[r].mask[i];
    }
    for (int r = 0; r < ranks; r++)
        if (is_on(&places[r], &h))
            host_look_at(&h, places[r].mask, places, ranks);
    host_look_at(&h, all, places, ranks);
    return h;
}

/* "half speed" and its like: what \a threads get out of \a cpus. */
static void append_cost(char **text, int threads, int cpus)
{
    if (threads == 2 * cpus)
        append(text, "half speed");
    else
        append(text, "about %.0f %% of the speed", 100.0 * cpus / threads);
}

static void append_flags(char **text, int threads)
{
    append(text, "add --bind-to none or --map-by slot:PE=%d to mpirun", threads);
}

/* What mends it, where \a ranks of the host compete for \a cpus.  Binding is to blame
 * only while the node has CPUs for everybody; but a container may allow no more, so
 * that fewer threads are named, too. */
static void append_mend(char **text, const host *h, int ranks, int cpus)
{
    int here = cpus / ranks, at_best = h->cpus / h->ranks;
    if (h->threads <= h->cpus) {
        append_flags(text, h->most_threads);
        append(text, ", or ");
        at_best = here;
    }
    if (at_best == 0) {
        int most = h->threads <= h->cpus ? cpus : h->cpus;
        append(text, "start at most %d rank%s on a host\n", most, plural(most));
        return;
    }
    append(text, "set OMP_NUM_THREADS=%d", at_best);
    if (at_best > here) {
        append(text, " and ");
        append_flags(text, at_best);
    }
    append(text, "\n");
}

/* Trap one: a rank has more threads than CPUs.  Neighbours with the same figures share
 * a NOTE, on whatever hosts they are.  Returns whether there was one. */
static bool append_narrow_ranks(char **text, const td_place *places, int ranks)
{
    bool any = false;
    for (int first = 0, last; first < ranks; first = last + 1) {
        const td_place *place = &places[first];
        for (last = first; last + 1 < ranks; last++)
            if (places[last + 1].threads != place->threads ||
                places[last + 1].cpus != place->cpus)
                break;
        if (place->threads <= place->cpus)
            continue;
        host h = host_read(place->host, places, ranks);
        append_ranks(text, first, last);
        append(text, "%d threads on %d CPU%s, ", place->threads, place->cpus,
               plural(place->cpus));
        append_cost(text, place->threads, place->cpus);
        append(text, "; ");
        append_mend(text, &h, 1, place->cpus);
        any = true;
    }
    return any;
}

/* Whether rank \a r is the first of its host. */
static bool is_first_of_host(const td_place *places, int r)
{
    for (int i = 0; i < r; i++)
        if (strcmp(places[i].host, places[r].host) == 0)
            return false;
    return true;
}

/* Trap two: ranks of one host get into each other's way.  The first such host is named,
 * the others are counted: their mend is the same launch line. */
static void append_shared_hosts(char **text, const td_place *places, int ranks)
{
    host shown = { 0 };
    int more = 0;
    for (int r = 0; r < ranks; r++) {
        if (!is_first_of_host(places, r))
            continue;
        host h = host_read(places[r].host, places, ranks);
        if (h.shared_ranks == 0)
            continue;
        if (shown.name)
            more++;
        else
            shown = h;
    }
    if (!shown.name)
        return;
    append(text, "host %s", shown.name);
    if (more > 0)
        append(text, " and %d more", more);
    append(text, ": %d ranks share %d CPU%s for %d threads, ", shown.shared_ranks,
           shown.shared_cpus, plural(shown.shared_cpus), shown.shared_threads);
    append_cost(text, shown.shared_threads, shown.shared_cpus);
    append(text, "; ");
    append_mend(text, &shown, shown.shared_ranks, shown.shared_cpus);
}

/* ---- quotas and binding ------------------------------------------------------ */

/* Whether \a b lives within the quota that \a a is the first of. */
static bool shares_quota(const td_place *a, const td_place *b)
{
    return is_limited(b) && strcmp(a->host, b->host) == 0 &&
           a->quota.group == b->quota.group;
}

static bool is_first_of_quota(const td_place *places, int r)
{
    for (int i = 0; i < r; i++)
        if (shares_quota(&places[i], &places[r]))
            return false;
    return is_limited(&places[r]);
}

/* Trap three: a container shows all CPUs of its host and gives the time of a few. */
static void append_quota(char **text, const td_place *places, int ranks, int first)
{
    const td_place *place = &places[first];
    double quota = place->quota.value;
    int threads = 0, sharing = 0;
    for (int r = first; r < ranks; r++)
        if (shares_quota(place, &places[r])) {
            threads += places[r].threads;
            sharing++;
        }
    TD_ASSERT(sharing > 0);
    int here = quota < sharing ? 1 : (int) quota / sharing;
    append(text, "host %s: a quota of %.4g CPUs (cpu.max of the control group) for ",
           place->host, quota);
    append(text, "%d thread%s of %d rank%s", threads, plural(threads), sharing,
           plural(sharing));
    if (threads <= quota)
        append(text, ", though %d CPUs are seen\n", place->cpus);
    else if (threads > sharing)
        append(text, ", about %.0f %% of the speed; set OMP_NUM_THREADS=%d\n",
               100.0 * quota / threads, here);
    else if (quota >= 1.0)
        append(text, ", about %.0f %% of the speed; start at most %d rank%s there\n",
               100.0 * quota / threads, (int) quota, plural((int) quota));
    else
        append(text, ", about %.0f %% of the speed\n", 100.0 * quota / threads);
}

/* Trap four: OpenMP binds the threads of every rank to the first CPUs of the same set. */
static void append_unbound(char **text, const td_place *places, int ranks)
{
    int count = 0, first = -1;
    for (int r = 0; r < ranks; r++)
        if (td_place_binds_twice(places, ranks, r)) {
            first = first < 0 ? r : first;
            count++;
        }
    if (count == 0)
        return;
    append(text,
           "host %s: OMP_PROC_BIND or OMP_PLACES would bind the threads of ranks that "
           "share CPUs to the same ones; they run unbound; ",
           places[first].host);
    append(text, "add --map-by slot:PE=%d --bind-to core to mpirun, or unset both\n",
           places[first].threads);
}

char *td_place_notes(const td_place *places, int ranks)
{
    char *text = td_strdup("");
    /* One cause, one NOTE: ranks that are too narrow by themselves also share. */
    if (!append_narrow_ranks(&text, places, ranks))
        append_shared_hosts(&text, places, ranks);
    for (int r = 0; r < ranks; r++)
        if (is_first_of_quota(places, r))
            append_quota(&text, places, ranks, r);
    append_unbound(&text, places, ranks);
    return text;
}
