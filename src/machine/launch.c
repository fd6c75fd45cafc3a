/* What launchers put into the environment: Open MPI, MPICH and Intel MPI, Slurm. */
#include <stdlib.h>
#include <string.h>

#include "taildart/machine.h"

/* Innermost first: on several nodes mpirun and mpiexec start their helpers by srun, and
 * hand its variables on.  SLURM_NTASKS is not here: an allocation has it, too. */
static const struct {
    const char *size, *rank, *local_size, *program;
} launchers[] = {
    { "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE",
      "mpirun of Open MPI" },
    { "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_LOCAL_SIZE",
      "mpiexec of MVAPICH" },
    { "PMI_SIZE", "PMI_RANK", "MPI_LOCALNRANKS", "mpiexec of MPICH or Intel MPI" },
    { "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_STEP_TASKS_PER_NODE", "srun" },
};

/* Slurm writes "4(x2),3" where hosts differ. */
static int number_of(const char *name, int least, int otherwise)
{
    const char *text = getenv(name);
    char *end = NULL;
    long number = text ? strtol(text, &end, 10) : -1;
    bool is_number = text && end != text && strchr("(,", *end); /* or the end */
    return is_number && number >= least && number <= INT32_MAX ? (int) number
                                                               : otherwise;
}

td_launch td_launch_read(void)
{
    for (size_t i = 0; i < sizeof launchers / sizeof *launchers; i++) {
        int size = number_of(launchers[i].size, 1, 0);
        if (size > 0)
            return (td_launch){
                .variable = launchers[i].size,
                .program = launchers[i].program,
                .size = size,
                .rank = number_of(launchers[i].rank, 0, 0),
                .local_size = number_of(launchers[i].local_size, 1, 1),
            };
    }
    /* A launcher by PMIx tells the size to its own MPI only. */
    return (
        td_launch){ .size = 1, .rank = number_of("PMIX_RANK", 0, 0), .local_size = 1 };
}

int td_launch_ranks(void)
{
    return td_launch_read().size;
}

int td_launch_local_ranks(void)
{
    return td_launch_read().local_size;
}

int td_launch_rank(void)
{
    return td_launch_read().rank;
}
