/* The one clock of a process: which section is open, and what the others have taken. */
#include "place.h"
#include "taildart/base_clock.h"
#include "taildart/base_log.h"
#include "taildart/timing.h"
#include "trace.h"

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
    int depth; /* of calls that wait, inside each other */
} now = { .open = TD_SECTION_OTHER };

td_place td_here = { .section = TD_SECTION_OTHER };

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
    atomic_store(&td_here.section, TD_SECTION_START);
    atomic_store(&td_here.epoch, 0);
    atomic_store(&td_here.step, 0);
    atomic_store(&td_here.went_on, 0);
}

/* The watchdog alone reads these, and their order does not matter to it. */
static void beat(void)
{
    atomic_fetch_add_explicit(&td_here.beats, 1, memory_order_relaxed);
}

td_section td_section_enter(td_section section)
{
    double clock = td_clock_seconds();
    td_section former = now.open;
    TD_ASSERT(section >= 0 && section < TD_SECTION_COUNT);
    now.times.seconds[former] += clock - now.since;
    td_trace_note(former, now.since, clock);
    now.since = clock;
    now.open = section;
    atomic_store_explicit(&td_here.section, section, memory_order_relaxed);
    beat();
    return former;
}

void td_section_at(int64_t epoch, int64_t step)
{
    atomic_store_explicit(&td_here.epoch, epoch, memory_order_relaxed);
    atomic_store_explicit(&td_here.step, step, memory_order_relaxed);
    td_trace_step(epoch, step);
    int seconds = atomic_exchange_explicit(&td_here.went_on, 0, memory_order_relaxed);
    if (seconds > 0)
        td_log(
            TD_LOG_NOTE,
            "epoch %lld, step %lld: the run goes on after some %d s in which nothing "
            "moved",
            (long long) epoch, (long long) step, seconds);
}

double td_wait_begin(void)
{
    if (now.depth++ == 0)
        atomic_store_explicit(&td_here.is_waiting, true, memory_order_relaxed);
    beat();
    return td_clock_seconds();
}

double td_wait_end(double begun)
{
    double seconds = td_clock_seconds() - begun;
    TD_ASSERT(now.depth > 0);
    beat();
    if (--now.depth == 0) {
        atomic_store_explicit(&td_here.is_waiting, false, memory_order_relaxed);
        now.times.waits[now.open] += seconds;
    }
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
