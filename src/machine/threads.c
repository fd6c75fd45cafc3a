/* The number of threads of a process, checked before one starts. */
#include <ctype.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "taildart/machine.h"

/* More threads than CPUs are slow; many more are a mistake that stops the host: a few
 * times the CPUs are accepted, and always eight. */
enum { TIMES = 4, ALWAYS = 8 };

static int most_threads(const td_cpus *cpus)
{
    return cpus->online * TIMES > ALWAYS ? cpus->online * TIMES : ALWAYS;
}

static td_status refuse(const char *name, const char *found, const td_cpus *cpus)
{
    return td_error(
        TD_USAGE,
        "%s: %s threads asked for; accepted: 1 to %d (%d times the %d CPU%s "
        "of this host, %d at least)",
        name, found, most_threads(cpus), TIMES, cpus->online,
        cpus->online == 1 ? "" : "s", ALWAYS);
}

/* OMP_NUM_THREADS may hold a list, a number a level of nesting: ours is the first. */
static bool read_number(const char *text, long *number)
{
    char *end;
    *number = strtol(text, &end, 10);
    while (isspace((unsigned char) *end))
        end++;
    return end != text && (*end == '\0' || *end == ',') && *number > 0;
}

static td_status check_limit(const char *name, long threads)
{
    int limit = omp_get_thread_limit();
    if (threads <= limit)
        return TD_OK;
    return td_error(TD_USAGE,
                    "%s: %ld threads asked for, and OMP_THREAD_LIMIT allows %d", name,
                    threads, limit);
}

td_status td_threads_asked(int wanted, int *threads)
{
    const char *variable = getenv("OMP_NUM_THREADS"), *name = "OMP_NUM_THREADS";
    char number_text[16];
    long number = wanted;
    td_cpus cpus;
    *threads = 0;
    td_cpus_read(&cpus);
    if (wanted > 0) {
        snprintf(number_text, sizeof number_text, "%d", wanted);
        variable = number_text;
        name = "run.threads";
    } else if (!variable || !*variable)
        return TD_OK;
    else if (!read_number(variable, &number))
        return td_error(TD_USAGE,
                        "OMP_NUM_THREADS: \"%s\" found; accepted: 1 to %d, or unset",
                        variable, most_threads(&cpus));
    if (number > most_threads(&cpus))
        return refuse(name, variable, &cpus);
    td_status status = check_limit(name, number);
    if (status == TD_OK)
        *threads = (int) number;
    return status;
}

/* A process alone cannot see whether other ranks share its CPUs: it assumes so where
 * the host has too few for all. */
int td_threads_expected(void)
{
    td_cpus cpus;
    td_cpus_read(&cpus);
    int ranks = td_launch_local_ranks(), share = cpus.online / ranks;
    double most = fmin(cpus.count, fmax(1.0, share));
    most = fmin(most, td_quota_read("").value / ranks);
    most = fmin(most, omp_get_thread_limit());
    return most < 1.0 ? 1 : (int) most;
}
