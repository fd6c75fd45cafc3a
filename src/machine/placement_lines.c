/* Report of the placements, one line for equal neighbours. */
#include <string.h>

#include "placement_text.h"

static bool mask_has(const td_placement *placement, int cpu)
{
    return placement->mask[cpu / 64] >> cpu % 64 & 1;
}

/* "0-3,8" */
static void write_mask(td_text *text, const td_placement *placement)
{
    const char *comma = "";
    if (td_cpus_count(placement->mask) == 0)
        td_text_write(text, "unknown");
    for (int first = 0; first < TD_CPUS; first++) {
        if (!mask_has(placement, first))
            continue;
        int last = first;
        while (last + 1 < TD_CPUS && mask_has(placement, last + 1))
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

static bool is_equal(const td_placement *a, const td_placement *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->isa, b->isa) == 0 &&
           a->threads == b->threads && a->cpus == b->cpus &&
           memcmp(a->mask, b->mask, sizeof a->mask) == 0;
}

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
    td_text text = { 0 };
    td_text_write_bytes(&text, "", 0); /* no ranks give an empty text, not NULL */
    for (int first = 0, last; first < ranks; first = last + 1) {
        const td_placement *placement = &placements[first];
        for (last = first;
             last + 1 < ranks && is_equal(placement, &placements[last + 1]);)
            last++;
        td_placement_write_ranks(&text, first, last);
        td_text_write(&text, "host %s, %d thread%s on %d CPU%s (", placement->host,
                      placement->threads, td_plural(placement->threads),
                      placement->cpus, td_plural(placement->cpus));
        write_mask(&text, placement);
        td_text_write(&text, with_isa ? "), %s" : ")", placement->isa);
        if (td_placement_is_limited(placement))
            td_text_write(&text, ", quota of %.4g CPUs", placement->quota.value);
        td_text_write(&text, "\n");
    }
    return text.chars;
}
