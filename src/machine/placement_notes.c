/* NOTEs on placements that cost speed: pure functions of the placements of all ranks.
 *
 * The cases (src/comm/README.md): mpirun binds to one core where up to two ranks are
 * started, so that threads queue up on it; and ranks that do not know of each other
 * start as many threads as the machine has CPUs, each.  Both halve the speed or worse
 * without a message.
 */
#include <string.h>

#include "placement_text.h"
#include "taildart/base_memory.h"

enum { WORDS = TD_CPUS / 64 };

static bool mask_is_within(const uint64_t *inner, const uint64_t *outer)
{
    for (int i = 0; i < WORDS; i++)
        if (inner[i] & ~outer[i])
            return false;
    return true;
}

/* ---- hosts ------------------------------------------------------------------- */

/* The ranks of one host, and the tightest set of CPUs that they share. */
typedef struct {
    const char *name;
    int ranks, threads, cpus; /* of the whole host; CPUs online                     */
    int most_threads;         /* of one of its ranks                                */
    int shared_ranks, shared_threads, shared_cpus; /* where threads outnumber CPUs   */
} host;

static bool is_on(const td_placement *placement, const host *h)
{
    return strcmp(placement->host, h->name) == 0;
}

/* Check whether the ranks that can only run within \a mask have more threads than it
 * has CPUs; keep the worst such set. */
static void host_check_mask(host *h, const uint64_t *mask,
                            const td_placement *placements, int ranks)
{
    int cpus = td_cpus_count(mask), threads = 0, sharing = 0;
    for (int r = 0; r < ranks; r++) {
        if (!is_on(&placements[r], h) || !mask_is_within(placements[r].mask, mask))
            continue;
        threads += placements[r].threads;
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

static host host_read(const char *name, const td_placement *placements, int ranks)
{
    host h = { .name = name };
    uint64_t all[WORDS] = { 0 };
    for (int r = 0; r < ranks; r++) {
        if (!is_on(&placements[r], &h))
            continue;
        h.ranks++;
        h.threads += placements[r].threads;
        h.cpus = placements[r].node_cpus;
        if (placements[r].threads > h.most_threads)
            h.most_threads = placements[r].threads;
        for (int i = 0; i < WORDS; i++)
            all[i] |= placements[r].mask[i];
    }
    for (int r = 0; r < ranks; r++)
        if (is_on(&placements[r], &h))
            host_check_mask(&h, placements[r].mask, placements, ranks);
    host_check_mask(&h, all, placements, ranks);
    return h;
}

/* Write "half speed" and its like: the speed of \a threads on \a cpus. */
static void write_cost(td_text *text, int threads, int cpus)
{
    if (threads == 2 * cpus)
        td_text_write(text, "half speed");
    else
        td_text_write(text, "about %.0f %% of the speed", 100.0 * cpus / threads);
}

static void write_flags(td_text *text, int threads)
{
    td_text_write(text, "add --bind-to none or --map-by slot:PE=%d to mpirun", threads);
}

/* Write the fix where \a ranks of the host compete for \a cpus.  Binding is the cause
 * only while the node has CPUs for every thread; but a container may allow no more, so
 * that fewer threads are proposed, too. */
static void write_fix(td_text *text, const host *h, int ranks, int cpus)
{
    int here = cpus / ranks, at_best = h->cpus / h->ranks;
    if (h->threads <= h->cpus) {
        write_flags(text, h->most_threads);
        td_text_write(text, ", or ");
        at_best = here;
    }
    if (at_best == 0) {
        int most = h->threads <= h->cpus ? cpus : h->cpus;
        td_text_write(text, "start at most %d rank%s on a host\n", most,
                      td_plural(most));
        return;
    }
    td_text_write(text, "set OMP_NUM_THREADS=%d", at_best);
    if (at_best > here) {
        td_text_write(text, " and ");
        write_flags(text, at_best);
    }
    td_text_write(text, "\n");
}

/* Case one: a rank has more threads than CPUs.  Neighbours with the same figures share
 * a NOTE, on whatever hosts they are.  \return whether there was one */
static bool write_narrow_ranks(td_text *text, const td_placement *placements, int ranks)
{
    bool any = false;
    for (int first = 0, last; first < ranks; first = last + 1) {
        const td_placement *placement = &placements[first];
        for (last = first; last + 1 < ranks; last++)
            if (placements[last + 1].threads != placement->threads ||
                placements[last + 1].cpus != placement->cpus)
                break;
        if (placement->threads <= placement->cpus)
            continue;
        host h = host_read(placement->host, placements, ranks);
        td_placement_write_ranks(text, first, last);
        td_text_write(text, "%d threads on %d CPU%s, ", placement->threads,
                      placement->cpus, td_plural(placement->cpus));
        write_cost(text, placement->threads, placement->cpus);
        td_text_write(text, "; ");
        write_fix(text, &h, 1, placement->cpus);
        any = true;
    }
    return any;
}

/* Whether rank \a r is the first of its host. */
static bool is_first_of_host(const td_placement *placements, int r)
{
    for (int i = 0; i < r; i++)
        if (strcmp(placements[i].host, placements[r].host) == 0)
            return false;
    return true;
}

/* Case two: ranks of one host share CPUs.  The first such host is named,
 * the others are counted: the same launch line helps them. */
static void write_shared_hosts(td_text *text, const td_placement *placements, int ranks)
{
    host shown = { 0 };
    int more = 0;
    for (int r = 0; r < ranks; r++) {
        if (!is_first_of_host(placements, r))
            continue;
        host h = host_read(placements[r].host, placements, ranks);
        if (h.shared_ranks == 0)
            continue;
        if (shown.name)
            more++;
        else
            shown = h;
    }
    if (!shown.name)
        return;
    td_text_write(text, "host %s", shown.name);
    if (more > 0)
        td_text_write(text, " and %d more", more);
    td_text_write(text, ": %d ranks share %d CPU%s for %d threads, ",
                  shown.shared_ranks, shown.shared_cpus, td_plural(shown.shared_cpus),
                  shown.shared_threads);
    write_cost(text, shown.shared_threads, shown.shared_cpus);
    td_text_write(text, "; ");
    write_fix(text, &shown, shown.shared_ranks, shown.shared_cpus);
}

/* ---- quotas and binding ------------------------------------------------------ */

/* Whether \a b shares the quota of \a a. */
static bool shares_quota(const td_placement *a, const td_placement *b)
{
    return td_placement_is_limited(b) && strcmp(a->host, b->host) == 0 &&
           a->quota.cgroup == b->quota.cgroup;
}

/* The ranks that share a quota. */
typedef struct {
    const td_placement *first;
    int ranks, threads;
} quota_group;

/* All groups with a quota.  \param [out] groups (ranks)  \return how many */
static int quotas_read(quota_group *groups, const td_placement *placements, int ranks)
{
    int count = 0;
    for (int r = 0; r < ranks; r++) {
        const td_placement *placement = &placements[r];
        int g = 0;
        if (!td_placement_is_limited(placement))
            continue;
        while (g < count && !shares_quota(groups[g].first, placement))
            g++;
        if (g == count)
            groups[count++] = (quota_group){ .first = placement };
        groups[g].threads += placement->threads;
        groups[g].ranks++;
    }
    return count;
}

static bool is_as_short(const quota_group *a, const quota_group *b)
{
    return a->first->quota.value == b->first->quota.value && a->ranks == b->ranks &&
           a->threads == b->threads && a->first->cpus == b->first->cpus;
}

/* What a quota costs, and what would cost less. */
static void write_quota_cost(td_text *text, const quota_group *group)
{
    double quota = group->first->quota.value;
    double percent = 100.0 * quota / group->threads;
    int here = quota < group->ranks ? 1 : (int) quota / group->ranks;
    if (group->threads <= quota)
        td_text_write(text, ", though %d CPUs are seen\n", group->first->cpus);
    else if (group->threads > group->ranks)
        td_text_write(text, ", about %.0f %% of the speed; set OMP_NUM_THREADS=%d\n",
                      percent, here);
    else if (quota >= 1.0)
        td_text_write(text,
                      ", about %.0f %% of the speed; start at most %d rank%s there\n",
                      percent, (int) quota, td_plural((int) quota));
    else
        td_text_write(text, ", about %.0f %% of the speed\n", percent);
}

static void write_quota(td_text *text, const quota_group *group, int more)
{
    td_text_write(text, "host %s", group->first->host);
    if (more > 0)
        td_text_write(text, " and %d more", more);
    td_text_write(text, ": a quota of %.4g CPUs (cpu.max of the control group) for ",
                  group->first->quota.value);
    td_text_write(text, "%d thread%s of %d rank%s", group->threads,
                  td_plural(group->threads), group->ranks, td_plural(group->ranks));
    write_quota_cost(text, group);
}

/* Case three: a container shows all CPUs of its host and gives the time of a few.
 * Containers of the same figures share a NOTE. */
static void write_quotas(td_text *text, const td_placement *placements, int ranks)
{
    quota_group *groups = td_malloc((size_t) ranks * sizeof *groups);
    int count = quotas_read(groups, placements, ranks);
    for (int g = 0; g < count; g++) {
        int more = 0;
        for (int other = g + 1; other < count; other++)
            if (is_as_short(&groups[g], &groups[other])) {
                more++;
                groups[other].ranks = 0; /* told with this one */
            }
        if (groups[g].ranks > 0)
            write_quota(text, &groups[g], more);
    }
    td_free(groups);
}

/* Case four: OpenMP binds the threads of every rank to the first CPUs of the same
 * set. */
static void write_unbound(td_text *text, const td_placement *placements, int ranks)
{
    int count = 0, first = -1;
    for (int r = 0; r < ranks; r++)
        if (td_placement_bindings_overlap(placements, ranks, r)) {
            first = first < 0 ? r : first;
            count++;
        }
    if (count == 0)
        return;
    td_text_write(
        text,
        "host %s: OMP_PROC_BIND or OMP_PLACES would bind the threads of ranks that "
        "share CPUs to the same ones; they run unbound; ",
        placements[first].host);
    td_text_write(text,
                  "add --map-by slot:PE=%d --bind-to core to mpirun, or unset both\n",
                  placements[first].threads);
}

char *td_placement_notes(const td_placement *placements, int ranks)
{
    td_text text = { 0 };
    td_text_write_bytes(&text, "", 0); /* no notes give an empty text, not NULL */
    /* One cause, one NOTE: ranks with too few CPUs each also share them. */
    if (!write_narrow_ranks(&text, placements, ranks))
        write_shared_hosts(&text, placements, ranks);
    write_quotas(&text, placements, ranks);
    write_unbound(&text, placements, ranks);
    return text.chars;
}
