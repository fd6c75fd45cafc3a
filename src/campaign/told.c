/* The time that stages took, and the time left. */
#include "internal.h"

char *td_duration(double seconds)
{
    TD_ASSERT(seconds >= 0.0);
    if (seconds < 100.0)
        return td_format("%.0f s", seconds);
    if (seconds < 3600.0)
        return td_format("%.1f min", seconds / 60.0);
    int minutes = (int) (seconds / 60.0 + 0.5);
    return td_format("%d h %02d min", minutes / 60, minutes % 60);
}

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
