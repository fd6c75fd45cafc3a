/* Words that the lines and the notes of a start-up report share. */
#ifndef TD_MACHINE_PLACE_TEXT_H
#define TD_MACHINE_PLACE_TEXT_H

#include "taildart/base_text.h"
#include "taildart/machine_place.h"

/* The ending of a word of which there are n. */
static inline const char *td_plural(int n)
{
    return n == 1 ? "" : "s";
}

/* "rank 3: ", "ranks 0-7: " */
void td_place_write_ranks(td_text *text, int first, int last);

/* Whether the rank has a quota; one that is as wide as the mask takes nothing away. */
bool td_place_is_limited(const td_place *place);

#endif
