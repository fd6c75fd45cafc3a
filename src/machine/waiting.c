/* How threads wait for each other between two phases of a pass.
 *
 * OpenMP lets them spin for milliseconds before they sleep.  A step has a thousand
 * phases, most of them shorter than it takes to wake a thread, so that some spinning
 * pays; but where other processes use the CPUs, a spinning thread holds the very one
 * that the other thread needs.  Seconds a step with two threads on two CPUs (4
 * channels, 3 cells, batch 8 | default network, batch 4), gcc 12: medians of one to
 * four short runs, at real-time priority, and beside some ten busy processes, where
 * single runs differ fivefold:
 *
 *     spins    CPUs for ourselves  shared with others
 *     300000   0.0082 | 0.11      1.5    | 19
 *     10000    0.0088 | 0.097     0.79   | 1.3
 *     1000     0.0082 | 0.1       0.17   | 0.99
 *     100      0.02   | 0.19      0.075  | 0.37
 *     passive  0.039  | 0.19      0.014  | 0.64
 */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "taildart/base_signals.h"
#include "taildart/machine.h"

/* As fast as more on free CPUs, and short beside a time slice. */
#define SPINS "1000"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The path that this process was started by; NULL where another program, a simulator
 * or a test, calls main(). */
static const char *own_path(char **argv)
{
    const char *path = (const char *) getauxval(AT_EXECFN);
    if (!path || !argv[0] || strcmp(base_name(path), base_name(argv[0])) != 0)
        return NULL;
    return path;
}

static bool is_set_by_user(void)
{
    return getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") ||
           getenv("KMP_BLOCKTIME");
}

void td_waiting_settle(char **argv)
{
    const char *path = own_path(argv);
    td_cpus cpus;
    int threads;
    if (is_set_by_user() || !path || td_threads_asked(0, &threads) != TD_OK)
        return; /* a bad number is refused later, with the keys */
    if (setenv("GOMP_SPINCOUNT", SPINS, 1) != 0)
        return;
    td_cpus_read(&cpus);
    td_cpus_release(&cpus);
    td_signals_hold(); /* a request that comes now is not lost by the exec */
    if (!td_signals_stop())
        execv(path, argv);
    td_signals_go();
    /* The exec failed: the program goes on as it is, slower. */
}
