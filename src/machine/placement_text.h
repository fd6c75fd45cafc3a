/* Text shared by the lines and the notes of the placement report. */
#ifndef TD_MACHINE_PLACEMENT_TEXT_H
#define TD_MACHINE_PLACEMENT_TEXT_H

#include "taildart/base_text.h"
#include "taildart/machine_placement.h"

/* The ending of a noun that is counted. */
static inline const char *td_plural(int n)
{
    return n == 1 ? "" : "s";
}

/* Write "rank 3: ", "ranks 0-7: " */
void td_placement_write_ranks(td_text *text, int first, int last);

/* Write "node[0-3],node9" of \a hosts whose first ranks lie \a apart, in few words. */
void td_placement_write_hosts(td_text *text, const td_placement *first, int apart,
                              int hosts);

/* Whether the rank has a quota below the number of its CPUs. */
bool td_placement_is_limited(const td_placement *placement);

#endif
