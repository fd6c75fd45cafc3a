#include "taildart/base_clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

double td_clock_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double td_clock_cpu_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* strftime's %z lacks the colon. */
void td_clock_date(char out[TD_CLOCK_DATE])
{
    enum { SIGN = 19 };
    char basic[TD_CLOCK_DATE] = "";
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local) && local.tm_year < 8100)
        strftime(basic, sizeof basic, "%Y-%m-%dT%H:%M:%S%z", &local);
    if (strlen(basic) < TD_CLOCK_DATE - 2)
        snprintf(basic, sizeof basic, "1970-01-01T00:00:00+0000");
    memcpy(out, basic, SIGN + 3);
    snprintf(out + SIGN + 3, TD_CLOCK_DATE - SIGN - 3, ":%.2s", basic + SIGN + 3);
}

size_t td_clock_peak_rss(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t) usage.ru_maxrss * 1024; /* Linux counts in KiB */
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

double td_median(double *values, int n)
{
    TD_ASSERT(n > 0);
    qsort(values, (size_t) n, sizeof *values, ascending);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}
