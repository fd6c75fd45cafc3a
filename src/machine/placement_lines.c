/* Report of the placements: a line for equal neighbours on a host, one for hosts that
 * are equally used, and never many lines, whatever the launch. */
#include <string.h>

#include "placement_text.h"

enum { MOST_LINES = 6, WORDS = TD_CPUS / 64 };

/* ---- equal neighbours -------------------------------------------------------- */

/* Neighbours on a host: all may use the same CPUs, or each has its own. */
typedef struct {
    int ranks;
    bool is_apart;        /* each has its own */
    uint64_t mask[WORDS]; /* CPUs of all      */
} placement_run;

static bool is_equal(const td_placement *a, const td_placement *b)
{
    return strcmp(a->isa, b->isa) == 0 && a->threads == b->threads &&
           a->cpus == b->cpus && a->quota.value == b->quota.value;
}

static bool is_same_host(const td_placement *a, const td_placement *b)
{
    return strcmp(a->host, b->host) == 0;
}

static bool overlap(const uint64_t *a, const uint64_t *b)
{
    for (int i = 0; i < WORDS; i++)
        if (a[i] & b[i])
            return true;
    return false;
}

/* The run that begins at \a first, of at most \a ranks. */
static placement_run run_at(const td_placement *first, int ranks)
{
    placement_run run = { .ranks = 1 };
    memcpy(run.mask, first->mask, sizeof run.mask);
    for (; run.ranks < ranks; run.ranks++) {
        const td_placement *next = &first[run.ranks];
        bool same = memcmp(next->mask, first->mask, sizeof run.mask) == 0;
        bool apart = !overlap(next->mask, run.mask);
        if (!is_same_host(first, next) || !is_equal(first, next) ||
            !(run.ranks == 1 ? same || apart
              : run.is_apart ? apart
                             : same))
            break;
        run.is_apart = !same;
        for (int i = 0; i < WORDS; i++)
            run.mask[i] |= next->mask[i];
    }
    return run;
}

/* ---- hosts that are equally used --------------------------------------------- */

/* Ranks in a row on a host, and hosts in a row on which they are placed alike. */
typedef struct {
    int each, hosts; /* ranks of a host */
    int lines;
} placement_group;

static int ranks_in_a_row(const td_placement *first, int ranks)
{
    int n = 1;
    while (n < ranks && is_same_host(first, &first[n]))
        n++;
    return n;
}

static bool is_placed_alike(const td_placement *a, const td_placement *b, int n)
{
    for (int i = 0; i < n; i++)
        if (!is_equal(&a[i], &b[i]) ||
            memcmp(a[i].mask, b[i].mask, sizeof a[i].mask) != 0)
            return false;
    return true;
}

/* Whether ranks that are dealt in turns come to a host of the group again. */
static bool has_host(const td_placement *first, placement_group group,
                     const td_placement *other)
{
    for (int i = 0; i < group.hosts; i++)
        if (is_same_host(&first[i * group.each], other))
            return true;
    return false;
}

static int runs_of(const td_placement *first, int ranks)
{
    int runs = 0;
    for (int r = 0; r < ranks; r += run_at(&first[r], ranks - r).ranks)
        runs++;
    return runs;
}

static placement_group group_at(const td_placement *first, int ranks)
{
    placement_group group = { .each = ranks_in_a_row(first, ranks), .hosts = 1 };
    for (int at = group.each; at + group.each <= ranks; at += group.each) {
        const td_placement *next = &first[at];
        if (ranks_in_a_row(next, ranks - at) != group.each ||
            !is_placed_alike(first, next, group.each) || has_host(first, group, next))
            break;
        group.hosts++;
    }
    group.lines = group.hosts > 1 ? 1 : runs_of(first, group.each);
    return group;
}

static int count_lines(const td_placement *placements, int ranks)
{
    int lines = 0;
    for (int r = 0; r < ranks;) {
        placement_group group = group_at(&placements[r], ranks - r);
        lines += group.lines;
        r += group.each * group.hosts;
    }
    return lines;
}

/* ---- words ------------------------------------------------------------------- */

static bool mask_has(const uint64_t *mask, int cpu)
{
    return mask[cpu / 64] >> cpu % 64 & 1;
}

/* "0-3,8" */
static void write_mask(td_text *text, const uint64_t *mask)
{
    const char *comma = "";
    if (td_cpus_count(mask) == 0)
        td_text_write(text, "unknown");
    for (int first = 0; first < TD_CPUS; first++) {
        if (!mask_has(mask, first))
            continue;
        int last = first;
        while (last + 1 < TD_CPUS && mask_has(mask, last + 1))
            last++;
        td_text_write(text, last > first ? "%s%d-%d" : "%s%d", comma, first, last);
        comma = ",";
        first = last;
    }
}

void td_placement_write_ranks(td_text *text, int first, int last)
{
    if (first == last)
        td_text_write(text, "rank %d: ", first);
    else
        td_text_write(text, "ranks %d-%d: ", first, last);
}

bool td_placement_is_limited(const td_placement *placement)
{
    return placement->quota.value > 0.0 && placement->quota.value < placement->cpus;
}

/* "2 threads on 4 CPUs (0-3)", and what more there is to say of a run. */
static void write_run(td_text *text, const td_placement *first,
                      const placement_run *run, bool with_isa)
{
    td_text_write(text, "%d thread%s on %d CPU%s%s (", first->threads,
                  td_plural(first->threads), first->cpus, td_plural(first->cpus),
                  run->is_apart ? " each" : "");
    write_mask(text, run->mask);
    td_text_write(text, with_isa ? "), %s" : ")", first->isa);
    if (td_placement_is_limited(first))
        td_text_write(text, ", quota of %.4g CPUs", first->quota.value);
}

/* One host, a line for each run. */
static void write_host(td_text *text, const td_placement *placements, int from,
                       int ranks, bool with_isa)
{
    for (int r = from; r < from + ranks;) {
        placement_run run = run_at(&placements[r], from + ranks - r);
        td_placement_write_ranks(text, r, r + run.ranks - 1);
        td_text_write(text, "host %s, ", placements[r].host);
        write_run(text, &placements[r], &run, with_isa);
        td_text_write(text, "\n");
        r += run.ranks;
    }
}

/* Several hosts, one line. */
static void write_hosts(td_text *text, const td_placement *placements, int from,
                        placement_group group, bool with_isa)
{
    const td_placement *first = &placements[from];
    td_placement_write_ranks(text, from, from + group.each * group.hosts - 1);
    td_text_write(text, "hosts ");
    td_placement_write_hosts(text, first, group.each, group.hosts);
    if (group.each > 1)
        td_text_write(text, ", %d ranks on each", group.each);
    for (int r = 0; r < group.each;) {
        placement_run run = run_at(&first[r], group.each - r);
        td_text_write(text, r == 0 ? ", " : "; ");
        write_run(text, &first[r], &run, with_isa);
        r += run.ranks;
    }
    td_text_write(text, "\n");
}

static void write_least_and_most(td_text *text, int least, int most, const char *what)
{
    if (least < most)
        td_text_write(text, "%d to ", least);
    td_text_write(text, "%d %s%s", most, what, td_plural(most));
}

/* How many hosts there are from rank \a from on. */
static int count_hosts(const td_placement *placements, int from, int ranks)
{
    int hosts = 0;
    for (int r = from; r < ranks; r++) {
        int before = from;
        while (!is_same_host(&placements[before], &placements[r]))
            before++;
        hosts += before == r;
    }
    return hosts;
}

/* All that are left, whatever they are. */
static void write_rest(td_text *text, const td_placement *placements, int from,
                       int ranks)
{
    int threads[2] = { placements[from].threads, placements[from].threads };
    int cpus[2] = { placements[from].cpus, placements[from].cpus };
    int hosts = count_hosts(placements, from, ranks);
    for (int r = from; r < ranks; r++) {
        const td_placement *p = &placements[r];
        threads[0] = p->threads < threads[0] ? p->threads : threads[0];
        threads[1] = p->threads > threads[1] ? p->threads : threads[1];
        cpus[0] = p->cpus < cpus[0] ? p->cpus : cpus[0];
        cpus[1] = p->cpus > cpus[1] ? p->cpus : cpus[1];
    }
    td_placement_write_ranks(text, from, ranks - 1);
    td_text_write(text, "%d host%s, ", hosts, td_plural(hosts));
    write_least_and_most(text, threads[0], threads[1], "thread");
    td_text_write(text, " on ");
    write_least_and_most(text, cpus[0], cpus[1], "CPU");
    td_text_write(text, "\n");
}

/* ---- the report -------------------------------------------------------------- */

static bool isa_differs(const td_placement *placements, int ranks)
{
    for (int r = 1; r < ranks; r++)
        if (strcmp(placements[r].isa, placements[0].isa) != 0)
            return true;
    return false;
}

char *td_placement_lines(const td_placement *placements, int ranks)
{
    bool with_isa = isa_differs(placements, ranks);
    bool is_long = count_lines(placements, ranks) > MOST_LINES;
    int lines = 0;
    td_text text = { 0 };
    td_text_write_bytes(&text, "", 0); /* no ranks give an empty text, not NULL */
    for (int r = 0; r < ranks;) {
        placement_group group = group_at(&placements[r], ranks - r);
        lines += group.lines;
        if (is_long && lines >= MOST_LINES) {
            write_rest(&text, placements, r, ranks);
            break;
        }
        if (group.hosts > 1)
            write_hosts(&text, placements, r, group, with_isa);
        else
            write_host(&text, placements, r, group.each, with_isa);
        r += group.each * group.hosts;
    }
    return text.chars;
}
