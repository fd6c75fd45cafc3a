/* The one clock of a process: which section is open, and what the others have taken. */
#include "taildart/base_clock.h"
#include "taildart/timing.h"

#define TITLE(NAME, word, title) title,
static const char *const titles[] = { TD_SECTIONS(TITLE) };
#undef TITLE
#define WORD(NAME, word, title) #word,
static const char *const words[] = { TD_SECTIONS(WORD) };
#undef WORD

static struct {
    td_times times; /* without what the open section has taken since... */
    double since;   /* ...this moment                                    */
    td_section open;
} now = { .open = TD_SECTION_OTHER };

const char *td_section_title(td_section section)
{
    TD_ASSERT(section >= 0 && section < TD_SECTION_COUNT);
    return titles[section];
}

const char *td_section_word(td_section section)
{
    TD_ASSERT(section >= 0 && section < TD_SECTION_COUNT);
    return words[section];
}

/* ---- counting ---------------------------------------------------------------- */

void td_times_begin(void)
{
    now.times = (td_times){ 0 };
    now.since = td_clock_seconds();
    now.open = TD_SECTION_START;
}

td_section td_section_enter(td_section section)
{
    double clock = td_clock_seconds();
    td_section former = now.open;
    TD_ASSERT(section >= 0 && section < TD_SECTION_COUNT);
    now.times.seconds[former] += clock - now.since;
    now.since = clock;
    now.open = section;
    return former;
}

double td_wait_begin(void)
{
    return td_clock_seconds();
}

double td_wait_end(double begun)
{
    double seconds = td_clock_seconds() - begun;
    now.times.waits[now.open] += seconds;
    return seconds;
}

/* ---- reading ----------------------------------------------------------------- */

void td_times_read(td_times *times)
{
    *times = now.times;
    times->seconds[now.open] += td_clock_seconds() - now.since;
}

static double add_up(const double values[TD_SECTION_COUNT])
{
    double sum = 0.0;
    for (int s = 0; s < TD_SECTION_COUNT; s++)
        sum += values[s];
    return sum;
}

double td_times_wall(const td_times *times)
{
    return add_up(times->seconds);
}

double td_times_waits(const td_times *times)
{
    return add_up(times->waits);
}

void td_times_since(td_times *times, const td_times *before)
{
    for (int s = 0; s < TD_SECTION_COUNT; s++) {
        times->seconds[s] -= before->seconds[s];
        times->waits[s] -= before->waits[s];
    }
}
