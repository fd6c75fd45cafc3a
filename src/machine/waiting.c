/* How threads wait for each other between two phases of a pass.
 *
 * OpenMP lets them spin for milliseconds before they sleep.  A step has a thousand
 * phases, most of them shorter than it takes to wake a sleeper, so that some spinning is
 * right; but where somebody else uses a CPU, a thread that spins holds the very one that
 * the other thread needs.  Seconds a step with two threads on two CPUs (4 channels, 3
 * cells, batch 8 | default network, batch 4), medians of interleaved runs, gcc 12:
 *
 *     GOMP_SPINCOUNT       300000 (libgomp's own)   10000        1000         100  passive
 *     CPUs to ourselves    .0070 | .094          .0088 | .091  .0068 | .091  .0157 | .180  .0385 | .193
 *     shared with others   1.46  | 18.6          .79   | 1.25  .044  | .58   .026  | .37
 */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "taildart/machine.h"

/* As fast as more where nobody disturbs, and short beside a time slice. */
#define SPINS "1000"

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The path that this process was started by; NULL where main() was called by somebody
 * else's program: a simulator, a test. */
static const char *own_path(char **argv)
{
    const char *path = (const char *) getauxval(AT_EXECFN);
    if (!path || !argv[0] || strcmp(last_part(path), last_part(argv[0])) != 0)
        return NULL;
    return path;
}

static bool is_told(void)
{
    return getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") ||
           getenv("KMP_BLOCKTIME");
}

void td_waiting_settle(char **argv)
{
    const char *path = own_path(argv);
    td_cpus cpus;
    int threads;
    if (is_told() || !path || td_threads_asked(0, &threads) != TD_OK)
        return; /* what cannot be is refused where the keys are known */
    if (setenv("GOMP_SPINCOUNT", SPINS, 1) != 0)
        return;
    td_cpus_read(&cpus);
    td_cpus_release(&cpus);
    execv(path, argv);
    /* still here: it goes on as it is, slower */
}
