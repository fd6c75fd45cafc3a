/* Beginning, end, duplicates and parts of the world.
 *
 * A rank that finalises alone leaves the others in their next collective for ever
 * (src/comm/README.md): so there are two ways out only, td_comm_end together and
 * end_job alone.
 */
#include "comm_mpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_clock.h"
#include "taildart/base_launch.h"
#include "taildart/base_log.h"

enum { MOST = 1 << 30 }; /* below INT_MAX, and a multiple of every alignment */

_Noreturn void td_comm_failed(int code, const char *call, const char *file, int line)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        snprintf(text, sizeof text, "MPI error %d", code);
    td_abort_at(file, line, "%.40s…: %s", call, text);
}

static td_comm *comm_new(MPI_Comm parent)
{
    td_comm *comm = td_malloc(sizeof *comm);
    comm->most = MOST;
    TD_CHECK_MPI(MPI_Comm_dup(parent, &comm->mpi));
    TD_CHECK_MPI(MPI_Comm_set_errhandler(comm->mpi, MPI_ERRORS_RETURN));
    TD_CHECK_MPI(MPI_Comm_rank(comm->mpi, &comm->rank));
    TD_CHECK_MPI(MPI_Comm_size(comm->mpi, &comm->size));
    TD_ASSERT(comm->rank >= 0 && comm->rank < comm->size);
    return comm;
}

static _Noreturn void end_job(int code)
{
    int begun = 0, ended = 0;
    fflush(stdout);
    fflush(stderr);
    /* Unchecked, as the check would come back here. */
    MPI_Initialized(&begun);
    MPI_Finalized(&ended);
    if (begun && !ended)
        MPI_Abort(MPI_COMM_WORLD, code);
    exit(code);
}

/* For a process without a launcher Open MPI starts a daemon, for ranks that it might
 * spawn; it outlives the run by a moment, and prints to its stderr. */
static void start_no_daemon(void)
{
    if (!td_launch_read().variable)
        setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
}

td_comm *td_comm_begin(int *argc, char ***argv)
{
    start_no_daemon();
    int provided = MPI_THREAD_SINGLE;
    TD_CHECK_MPI(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided));
    TD_CHECK_MPI(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    TD_CHECK_MPI(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    td_comm *comm = comm_new(MPI_COMM_WORLD);
    td_base_set_abort(end_job);
    td_base_set_rank(comm->rank);
    /* A warning, not the end: only one thread calls MPI, and simulators and small
     * builds offer less while they work well. */
    if (provided < MPI_THREAD_FUNNELED && comm->rank == 0)
        td_log(TD_LOG_WARNING, "this MPI library does not promise to work beside "
                               "threads (MPI_THREAD_FUNNELED)");
    return comm;
}

void td_comm_end(td_comm *comm)
{
    TD_ASSERT(comm);
    fflush(stdout);
    fflush(stderr);
    /* Stuck here?  A rank met an error alone: it has to agree (td_comm_verdict) or to
     * abort.  mpirun ends the job at the first exit code that is not 0, and the lines
     * of a rank that has not flushed by then are lost: hence a barrier between the two.
     */
    TD_CHECK_MPI(MPI_Barrier(comm->mpi));
    td_comm_free(comm);
    TD_CHECK_MPI(MPI_Finalize());
    td_base_set_abort(NULL);
}

td_comm *td_comm_duplicate(const td_comm *comm)
{
    /* Stuck here?  All ranks duplicate the same communicators in the same order. */
    return comm_new(comm->mpi);
}

td_comm *td_comm_split(const td_comm *comm, int group)
{
    MPI_Comm part;
    TD_ASSERT(group >= 0);
    /* Stuck here?  A rank has not come: each one names its group, at the same time. */
    TD_CHECK_MPI(MPI_Comm_split(comm->mpi, group, comm->rank, &part));
    td_comm *own = comm_new(part);
    TD_CHECK_MPI(MPI_Comm_free(&part));
    return own;
}

void td_comm_free(td_comm *comm)
{
    if (!comm)
        return;
    TD_CHECK_MPI(MPI_Comm_free(&comm->mpi));
    td_free(comm);
}

int td_comm_rank(const td_comm *comm)
{
    return comm->rank;
}

int td_comm_size(const td_comm *comm)
{
    return comm->size;
}

double td_comm_seconds(const td_comm *comm)
{
    return comm->seconds;
}

char *td_comm_library(void)
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    TD_CHECK_MPI(MPI_Get_library_version(text, &length));
    text[strcspn(text, ",\n")] = '\0'; /* the rest names the packager */
    for (char *c = text; *c; c++)
        if (*c == '\t')
            *c = ' ';
    return td_strdup(text);
}
