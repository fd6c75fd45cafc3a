/* What launchers put into the environment: Open MPI, MPICH and Intel MPI, Slurm. */
#include <stdlib.h>

#include "taildart/machine.h"

/* The first of \a names that holds a number of at least \a least. */
static int number_of(const char *const *names, int least, int otherwise)
{
    for (; *names; names++) {
        const char *text = getenv(*names);
        char *end = NULL;
        long number = text ? strtol(text, &end, 10) : -1;
        /* Slurm writes "4(x2)" where hosts differ. */
        if (text && end != text && (*end == '\0' || *end == '(') && number >= least &&
            number <= INT32_MAX)
            return (int) number;
    }
    return otherwise;
}

int td_launch_ranks(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                         "SLURM_STEP_NUM_TASKS", NULL };
    return number_of(names, 1, 1);
}

int td_launch_local_ranks(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_LOCAL_SIZE",
                                         "MPI_LOCALNRANKS", "SLURM_STEP_TASKS_PER_NODE",
                                         NULL };
    return number_of(names, 1, 1);
}

int td_launch_rank(void)
{
    static const char *const names[] = { "OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                         "PMI_RANK", NULL };
    return number_of(names, 0, 0);
}
