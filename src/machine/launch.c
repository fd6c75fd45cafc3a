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

/* Innermost first: on several nodes mpirun and mpiexec start their helpers by srun, and
 * hand its variables on.  SLURM_NTASKS is not here: an allocation has it, too. */
static const struct {
    const char *size, *rank, *program;
} launchers[] = {
    { "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun of Open MPI" },
    { "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", "mpiexec of MVAPICH" },
    { "PMI_SIZE", "PMI_RANK", "mpiexec of MPICH or Intel MPI" },
    { "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun" },
};

td_launch td_launch_read(void)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        const char *const size[] = { launchers[i].size, NULL };
        const char *const rank[] = { launchers[i].rank, NULL };
        int ranks = number_of(size, 1, 0);
        if (ranks > 0)
            return (td_launch){ .variable = launchers[i].size,
                                .program = launchers[i].program,
                                .size = ranks,
                                .rank = number_of(rank, 0, 0) };
    }
    return (td_launch){ .size = 1 };
}

int td_launch_ranks(void)
{
    return td_launch_read().size;
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
