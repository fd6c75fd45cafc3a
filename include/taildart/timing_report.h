/** Floor 1: what the times of all ranks say: a table for people, JSON for programs.
 *  Pure functions of what the ranks have counted. */
#ifndef TAILDART_TIMING_REPORT_H
#define TAILDART_TIMING_REPORT_H

#include "taildart/timing.h"

TD_PUBLIC_BEGIN

/** The reductions of a kind, as one rank met them; plain bytes. */
typedef struct {
    double calls;    /**< how many                                                 */
    double last;     /**< of these, those to which this rank came last             */
    double bytes;    /**< of the vectors that were summed                          */
    double transfer; /**< seconds, the same on every rank                          */
    double wait;     /**< seconds for the slowest                                  */
    double hidden;   /**< seconds in which a part travelled while others were made */
} td_reductions;

enum { TD_WEIGHT_REDUCTIONS, TD_ARCH_REDUCTIONS, TD_REDUCTION_KINDS };

/** What one rank has counted; plain bytes. */
typedef struct {
    char host[64], cpu[64]; /**< names of host and processor                       */
    double threads;
    double throttled; /**< seconds of threads that a control group has not let run */
    td_times times;
    td_reductions reduced[TD_REDUCTION_KINDS];
} td_rank_times;

/** Smallest, mean and largest of a number over ranks, and the first rank that has the
 *  largest. */
typedef struct {
    double least, mean, most;
    int slowest;
} td_spread;

/** The spread of a section's seconds.  Not collective.  \param [in] all (ranks) */
td_spread td_section_spread(const td_rank_times *all, int ranks, td_section section);

/** The spread of the wall clocks.  Not collective.  \param [in] all (ranks) */
td_spread td_wall_spread(const td_rank_times *all, int ranks);

/** Write the table: a line a section that took any time, the wall clock, and a line for
 *  each kind of reduction; a reduction has a line for its transfer and one for what
 *  ranks wait, whose last column names the rank that came last most often.  Lines of at
 *  most 80 columns, each with its newline.  A single rank gets its seconds alone.
 *  Not collective.  \param [in] all (ranks)  \return for td_free */
char *td_times_table(const td_rank_times *all, int ranks);

/** Add up what a rank computes: without what it waits for.  Not collective. */
double td_times_computing(const td_times *times);

/** Whether ranks have computed long enough for differences to mean something.
 *  Not collective.  \param [in] all (ranks) */
bool td_times_are_telling(const td_rank_times *all, int ranks);

/** Write a NOTE with cause, cost and remedy for what has made the run slower by more
 *  than 3 %: a rank that the others wait for, a slower processor, a quota; each with
 *  its newline.  None after a short run.
 *  Not collective.  \param [in] all (ranks)  \return for td_free; "" */
char *td_times_notes(const td_rank_times *all, int ranks);

/** Write the same numbers as one line of JSON, the value of a key: wall clock, and an
 *  object a section.
 *  Not collective.  \param [in] all (ranks)  \return for td_free */
char *td_times_json(const td_rank_times *all, int ranks);

TD_PUBLIC_END

#endif
