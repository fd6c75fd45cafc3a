/* One status for all ranks before any acts on it: ranks that decide alone hang the
 * rest. */
#include "comm_mpi.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/timing.h"

enum { LINE_BYTES = 2048 }; /* as in src/base/error.c */

/* A status with its text, as it is sent; plain bytes. */
typedef struct {
    int status;
    char message[LINE_BYTES];
    char hint[LINE_BYTES];
} verdict;

static void verdict_read(verdict *mine, td_status status)
{
    mine->status = (int) status;
    snprintf(mine->message, sizeof mine->message, "%s", td_error_message());
    snprintf(mine->hint, sizeof mine->hint, "%s", td_error_hint_message());
}

static td_status verdict_record(const verdict *theirs)
{
    td_status status = td_error((td_status) theirs->status, "%s", theirs->message);
    if (theirs->hint[0] != '\0')
        td_error_hint("%s", theirs->hint);
    return status;
}

td_status td_comm_verdict(td_comm *comm, td_status status)
{
    int first = td_comm_min_int(comm, status == TD_OK ? comm->size : comm->rank);
    if (first == comm->size)
        return TD_OK;
    verdict shared = { 0 };
    if (comm->rank == first)
        verdict_read(&shared, status);
    /* Stuck here?  Every rank comes with its status, also the ones without an error. */
    double begun = td_wait_begin();
    TD_CHECK_MPI(MPI_Bcast(&shared, sizeof shared, MPI_BYTE, first, comm->mpi));
    comm->seconds += td_wait_end(begun);
    TD_ASSERT(shared.status != TD_OK);
    return verdict_record(&shared);
}

td_status td_comm_same_text(td_comm *comm, const char *what, const char *text)
{
    char *root = (char *) text, host[256] = "";
    td_status status = TD_OK;
    td_comm_bcast_text(comm, &root);
    TD_ASSERT(text && root);
    if (strcmp(root, text) != 0) {
        gethostname(host, sizeof host - 1);
        status =
            td_error(TD_USAGE,
                     "rank %d on %s is of another %s than rank 0: %s is its own, %s is "
                     "that of rank 0",
                     comm->rank, host, what, text, root);
    }
    if (comm->rank != 0)
        td_free(root);
    return td_comm_verdict(comm, status);
}
