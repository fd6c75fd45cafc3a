/* The launcher of this process: the variables that it set (Open MPI, MPICH and Intel
 * MPI, Slurm), and which parent process it is. */
#include "taildart/base_launch.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the environment ------------------------------------------------------------- */

/* Innermost first: on several nodes mpirun and mpiexec start their helpers by srun, and
 * hand its variables on.  SLURM_NTASKS is not here: an allocation has it, too. */
static const struct {
    const char *size, *rank, *local_size, *program;
    bool is_open_mpi;
} launchers[] = {
    { "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE",
      "mpirun of Open MPI", true },
    { "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_LOCAL_SIZE",
      "mpiexec of MVAPICH", false },
    { "PMI_SIZE", "PMI_RANK", "MPI_LOCALNRANKS", "mpiexec of MPICH or Intel MPI",
      false },
    { "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_STEP_TASKS_PER_NODE", "srun",
      false },
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
                .is_open_mpi = launchers[i].is_open_mpi,
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

/* ---- parents --------------------------------------------------------------------- */

enum { GENERATIONS = 8, PATH_BYTES = 64 }; /* wrapper scripts between rank and mpirun */

/* Read name and parent of a process as Linux gives them: `pid (name) state parent
 * …`. */
static bool read_process(long pid, char name[32], long *parent)
{
    char path[PATH_BYTES], line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(line, 1, sizeof line - 1, file) : 0;
    if (file)
        fclose(file);
    line[length] = '\0';
    char *open = strchr(line, '('), *close = strrchr(line, ')');
    if (!open || !close || strlen(close) < strlen(") S 1"))
        return false;
    snprintf(name, 32, "%.*s", (int) (close - open - 1), open + 1);
    *parent = strtol(close + strlen(") S "), NULL, 10);
    return true;
}

static bool is_launcher(const char *name)
{
    static const char *const names[] = { "mpirun",  "mpiexec", "mpiexec.hydra",
                                         "orterun", "prterun", "prte" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

long td_launch_pid(void)
{
    char name[32];
    long pid = (long) getppid(), parent;
    for (int i = 0; i < GENERATIONS && pid > 1; i++, pid = parent) {
        if (!read_process(pid, name, &parent))
            return 0;
        if (is_launcher(name))
            return pid;
    }
    return 0;
}
