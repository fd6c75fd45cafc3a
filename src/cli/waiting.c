/* How threads wait for each other between two phases of a pass.
 *
 * OpenMP lets them spin for a while, which is right where every thread has a CPU: a
 * step has a thousand phases, and waking a sleeper takes longer than some of them.
 * Where ranks have more threads than the host has CPUs, a spinning thread holds the
 * very CPU that the other one needs, and a step takes two to five times as long; there
 * they shall sleep. The OpenMP library asks its environment once, when it is loaded: so
 * the program starts itself again. */
#include "cli_internal.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ranks that were started on this host. */
static int local_ranks(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_LOCAL_SIZE",
                                         "MPI_LOCALNRANKS",
                                         "SLURM_STEP_TASKS_PER_NODE" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *text = getenv(names[i]);
        long ranks = text ? strtol(text, NULL, 10) : 0;
        if (ranks > 0)
            return (int) ranks;
    }
    return 1;
}

static int cpus_allowed(int online)
{
    cpu_set_t mask;
    CPU_ZERO(&mask);
    return sched_getaffinity(0, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : online;
}

/* The threads that the command line asks for, 0 if it does not; a configuration file is
 * not read yet. */
static int threads_asked(char **argv)
{
    static const char *const forms[] = { "--threads=", "run.threads=",
                                         "--set=run.threads=" };
    int threads = 0;
    for (; *argv; argv++) {
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
            if (strncmp(*argv, forms[i], strlen(forms[i])) == 0)
                threads = (int) strtol(*argv + strlen(forms[i]), NULL, 10);
        if (strcmp(*argv, "--threads") == 0 && argv[1])
            threads = (int) strtol(argv[1], NULL, 10);
    }
    return threads;
}

/* Whether there will be more threads than CPUs for them. */
static bool is_crowded(char **argv)
{
    int online = (int) sysconf(_SC_NPROCESSORS_ONLN), cpus = cpus_allowed(online);
    const char *variable = getenv("OMP_NUM_THREADS");
    int threads = threads_asked(argv);
    if (threads <= 0 && variable)
        threads = (int) strtol(variable, NULL, 10);
    if (threads <= 0)
        threads = cpus;
    return threads > cpus || local_ranks() * threads > online;
}

void td_cli_settle_waiting(char **argv)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") || !is_crowded(argv))
        return;
    if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0)
        execv("/proc/self/exe", argv);
    /* still here: it goes on as it is, slower */
}
