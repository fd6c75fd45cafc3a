/** Floor 1: time and memory of this process. */
#ifndef TAILDART_BASE_CLOCK_H
#define TAILDART_BASE_CLOCK_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Seconds since some fixed moment, monotonic.  Not collective. */
double td_clock_seconds(void);

/** Seconds that all threads of this process have had a CPU.  Not collective. */
double td_clock_cpu_seconds(void);

/** Peak resident memory of this process in bytes.  Not collective. */
size_t td_clock_peak_rss(void);

/** The median of \a n values that were measured, 1 or more; sorts them.
 *  Not collective. */
double td_median(double *values, int n);

TD_PUBLIC_END

#endif
