/** Floor 1: where the wall clock of this process goes.
 *
 *  At any moment exactly one section is open, so that the seconds of all sections add
 *  up to the wall clock.  Who begins a kind of work enters its section, and enters the
 *  former one again behind it.  A section is a row of TD_SECTIONS: the table at the end
 *  of a run, timing.json, columns of metrics.csv, the trace and the watchdog follow.
 *
 *  There is one clock per process: the main thread calls these functions, and no other.
 */
#ifndef TAILDART_TIMING_H
#define TAILDART_TIMING_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Sections of the loop over epochs: name, column and key of files, title. */
#define TD_LOOP_SECTIONS(ROW)                                                          \
    ROW(DATA, data, "data")                                                            \
    ROW(FORWARD, forward, "forward")                                                   \
    ROW(BACKWARD, backward, "backward")                                                \
    ROW(WEIGHT_REDUCTION, weight_reduction, "weight reduction")                        \
    ROW(ARCH_REDUCTION, arch_reduction, "architecture reduction")                      \
    ROW(UPDATE, update, "update")                                                      \
    ROW(VALIDATION, validation, "validation")                                          \
    ROW(CHECKPOINT, checkpoint, "checkpoint")                                          \
    ROW(OTHER, other, "other")

/** All of them: what comes before the loop is one. */
#define TD_SECTIONS(ROW) ROW(START, start, "start") TD_LOOP_SECTIONS(ROW)

#define TD_SECTION_NAME(NAME, word, title) TD_SECTION_##NAME,

/** What the main thread is at. */
typedef enum { TD_SECTIONS(TD_SECTION_NAME) TD_SECTION_COUNT } td_section;

/** What has been spent since td_times_begin(); plain bytes. */
typedef struct {
    double seconds[TD_SECTION_COUNT]; /**< of each section                          */
    double waits[TD_SECTION_COUNT];   /**< of these: in calls that wait for ranks   */
} td_times;

/** Title of a section ("weight reduction").  Not collective. */
const char *td_section_title(td_section section);

/** Its name as a key of files ("weight_reduction").  Not collective. */
const char *td_section_word(td_section section);

/** Begin to count from nothing, at the start of a run.  Not collective. */
void td_times_begin(void);

/** Read what has been counted up to now; without td_times_begin() differences of two
 *  readings mean something.  Not collective. */
void td_times_read(td_times *times);

/** Add up all seconds: the wall clock.  Not collective. */
double td_times_wall(const td_times *times);

/** Add up all waits.  Not collective. */
double td_times_waits(const td_times *times);

/** Subtract an earlier reading from a later one.  Not collective.
 *  \param [in,out] times  the later one, then the difference */
void td_times_since(td_times *times, const td_times *before);

/** Open a section, and close the one that was.  Not collective.
 *  \return the former, to be entered again */
td_section td_section_enter(td_section section);

/** Tell which step begins.  Not collective. */
void td_section_at(int64_t epoch, int64_t step);

/** Begin a call that waits for other ranks; such calls nest.  Not collective.
 *  \return for td_wait_end() */
double td_wait_begin(void);

/** End it.  Not collective.  \return its seconds */
double td_wait_end(double begun);

TD_PUBLIC_END

#endif
