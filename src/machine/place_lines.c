/* Where the ranks run, a line for equal neighbours: a pure function of what they
 * told. */
#include <string.h>

#include "place_text.h"

static bool mask_has(const td_place *place, int cpu)
{
    return place->mask[cpu / 64] >> cpu % 64 & 1;
}

/* "0-3,8" */
static void write_mask(td_text *text, const td_place *place)
{
    const char *comma = "";
    if (td_cpus_count(place->mask) == 0)
        td_text_write(text, "unknown");
    for (int first = 0; first < TD_CPUS; first++) {
        if (!mask_has(place, first))
            continue;
        int last = first;
        while (last + 1 < TD_CPUS && mask_has(place, last + 1))
            last++;
        td_text_write(text, last > first ? "%s%d-%d" : "%s%d", comma, first, last);
        comma = ",";
        first = last;
    }
}

void td_place_write_ranks(td_text *text, int first, int last)
{
    if (first == last)
        td_text_write(text, "rank %d: ", first);
    else
        td_text_write(text, "ranks %d-%d: ", first, last);
}

bool td_place_is_limited(const td_place *place)
{
    return place->quota.value > 0.0 && place->quota.value < place->cpus;
}

static bool is_equal(const td_place *a, const td_place *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->isa, b->isa) == 0 &&
           a->threads == b->threads && a->cpus == b->cpus &&
           memcmp(a->mask, b->mask, sizeof a->mask) == 0;
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
    td_text text = { 0 };
    td_text_write_bytes(&text, "", 0); /* no ranks, no words: a text still */
    for (int first = 0, last; first < ranks; first = last + 1) {
        const td_place *place = &places[first];
        for (last = first; last + 1 < ranks && is_equal(place, &places[last + 1]);)
            last++;
        td_place_write_ranks(&text, first, last);
        td_text_write(&text, "host %s, %d thread%s on %d CPU%s (", place->host,
                      place->threads, td_plural(place->threads), place->cpus,
                      td_plural(place->cpus));
        write_mask(&text, place);
        td_text_write(&text, with_isa ? "), %s" : ")", place->isa);
        if (td_place_is_limited(place))
            td_text_write(&text, ", quota of %.4g CPUs", place->quota.value);
        td_text_write(&text, "\n");
    }
    return text.chars;
}
