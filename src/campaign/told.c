/* The time that is left of a study. */
#include "internal.h"
#include "taildart/base_text.h"

/* From stages of the same kind, if one has been run. */
char *td_time_left(const td_stage_clock *clock, int hands)
{
    double left = 0.0;
    TD_ASSERT(hands > 0);
    for (int stage = 0; stage < TD_STUDY_STAGES; stage++) {
        if (clock->missing[stage] > 0 && clock->timed[stage] == 0)
            return td_strdup("time left not yet known");
        if (clock->missing[stage] > 0)
            left += clock->missing[stage] * clock->seconds[stage] / clock->timed[stage];
    }
    char *text = td_duration(left / hands), *whole = td_format("about %s left", text);
    td_free(text);
    return whole;
}
