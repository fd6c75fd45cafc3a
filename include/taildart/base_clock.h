/** Floor 1: time and memory of this process. */
#ifndef TAILDART_BASE_CLOCK_H
#define TAILDART_BASE_CLOCK_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Seconds since some fixed moment, monotonic.  Not collective. */
double td_clock_seconds(void);

/** Seconds that all threads of this process have had a CPU.  Not collective. */
double td_clock_cpu_seconds(void);

enum { TD_CLOCK_DATE = 26 }; /**< bytes of a date, its 0 with it */

/** The date and time of now where this process is, with its distance from UTC:
 *  2026-11-28T21:05:28+01:00.  Not collective. */
void td_clock_date(char out[TD_CLOCK_DATE]);

/** Peak resident memory of this process in bytes.  Not collective. */
size_t td_clock_peak_rss(void);

/** The median of \a n values that were measured, 1 or more; sorts them.
 *  Not collective. */
double td_median(double *values, int n);

TD_PUBLIC_END

#endif
