/* Beginning, end and duplicates of the world.
 *
 * A rank that finalises alone leaves the others in their next collective for ever
 * (src/comm/README.md): so there are two ways out only, td_comm_end together and
 * td_comm_abort alone.
 */
#include "comm_mpi.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_clock.h"
#include "taildart/base_launch.h"
#include "taildart/base_log.h"

enum { CHUNK = 1 << 30 }; /* below INT_MAX, and a multiple of every alignment */

_Noreturn void td_comm_failed(int code, const char *call, const char *file, int line)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (MPI_Error_string(code, text, &length) != MPI_SUCCESS)
        snprintf(text, sizeof text, "MPI error %d", code);
    td_abort_at(file, line, "%.40s…: %s", call, text);
}

static td_comm *dist_new(MPI_Comm parent)
{
    td_comm *dist = td_malloc(sizeof *dist);
    dist->chunk = CHUNK;
    TD_CHECK_MPI(MPI_Comm_dup(parent, &dist->comm));
    TD_CHECK_MPI(MPI_Comm_set_errhandler(dist->comm, MPI_ERRORS_RETURN));
    TD_CHECK_MPI(MPI_Comm_rank(dist->comm, &dist->rank));
    TD_CHECK_MPI(MPI_Comm_size(dist->comm, &dist->size));
    TD_ASSERT(dist->rank >= 0 && dist->rank < dist->size);
    return dist;
}

static void handle_abort(int code)
{
    td_comm_abort(code);
}

/* Beside a process that nobody launched Open MPI starts a daemon, for ranks that it
 * might spawn; it outlives the run by a moment, and talks on its stderr. */
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
    td_comm *dist = dist_new(MPI_COMM_WORLD);
    td_base_set_abort(handle_abort);
    td_base_set_rank(dist->rank);
    /* A warning, not the end: only one thread calls MPI, and simulators and small
     * builds offer less while they work well. */
    if (provided < MPI_THREAD_FUNNELED && dist->rank == 0)
        td_log(TD_LOG_WARNING, "this MPI library does not promise to work beside "
                               "threads (MPI_THREAD_FUNNELED)");
    return dist;
}

void td_comm_end(td_comm *dist)
{
    TD_ASSERT(dist);
    fflush(stdout);
    fflush(stderr);
    /* Stuck here?  A rank met an error alone: it has to agree (td_comm_verdict) or to
     * abort.  mpirun ends the job at the first exit code that is not 0, and the lines
     * of a rank that has not flushed by then are lost: hence a barrier between the two.
     */
    TD_CHECK_MPI(MPI_Barrier(dist->comm));
    td_comm_free(dist);
    TD_CHECK_MPI(MPI_Finalize());
    td_base_set_abort(NULL);
}

td_comm *td_comm_duplicate(const td_comm *dist)
{
    /* Stuck here?  All ranks duplicate the same communicators in the same order. */
    return dist_new(dist->comm);
}

void td_comm_free(td_comm *dist)
{
    if (!dist)
        return;
    TD_CHECK_MPI(MPI_Comm_free(&dist->comm));
    td_free(dist);
}

int td_comm_rank(const td_comm *dist)
{
    return dist->rank;
}

int td_comm_size(const td_comm *dist)
{
    return dist->size;
}

double td_comm_seconds(const td_comm *dist)
{
    return dist->seconds;
}

_Noreturn void td_comm_abort(int code)
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

char *td_comm_library(void)
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    TD_CHECK_MPI(MPI_Get_library_version(text, &length));
    text[strcspn(text, ",\n")] = '\0'; /* what follows tells of the packager */
    for (char *c = text; *c; c++)
        if (*c == '\t')
            *c = ' ';
    return td_strdup(text);
}
