/* Broadcasts from rank 0, and gathers at rank 0. */
#include "comm_mpi.h"

#include <string.h>

#include "taildart/timing.h"

/* Bytes of the next MPI call, of \a left. */
static size_t next_count(const td_comm *comm, size_t left)
{
    TD_ASSERT(comm->most > 0);
    return left < comm->most ? left : comm->most;
}

void td_comm_barrier(td_comm *comm)
{
    double begun = td_wait_begin();
    /* Stuck here?  A rank is still computing, or left by an error of its own. */
    TD_CHECK_MPI(MPI_Barrier(comm->mpi));
    comm->seconds += td_wait_end(begun);
}

void td_comm_bcast(td_comm *comm, void *bytes, size_t n)
{
    double begun = td_wait_begin();
    TD_ASSERT(n == 0 || bytes);
    for (size_t done = 0; done < n;) {
        size_t count = next_count(comm, n - done);
        /* Stuck here?  Rank 0 is reading a file, or failed on it without a verdict. */
        TD_CHECK_MPI(
            MPI_Bcast((char *) bytes + done, (int) count, MPI_BYTE, 0, comm->mpi));
        done += count;
    }
    comm->seconds += td_wait_end(begun);
}

void td_comm_bcast_text(td_comm *comm, char **text)
{
    /* Bytes with the final 0; no bytes for NULL. */
    uint64_t bytes = comm->rank == 0 && *text ? strlen(*text) + 1 : 0;
    td_comm_bcast(comm, &bytes, sizeof bytes);
    if (comm->rank != 0)
        *text = bytes > 0 ? td_malloc(bytes) : NULL;
    td_comm_bcast(comm, *text, bytes);
    TD_ASSERT(!*text || (*text)[bytes - 1] == '\0');
}

/* Gather \a count bytes of each rank's record, \a bytes apart at rank 0. */
static void gather_bytes(td_comm *comm, char *out, const char *in, size_t count,
                         size_t bytes)
{
    MPI_Datatype run, spaced;
    TD_CHECK_MPI(MPI_Type_contiguous((int) count, MPI_BYTE, &run));
    TD_CHECK_MPI(MPI_Type_create_resized(run, 0, (MPI_Aint) bytes, &spaced));
    TD_CHECK_MPI(MPI_Type_commit(&spaced));
    /* Stuck here?  Not every rank has come to report. */
    TD_CHECK_MPI(MPI_Gather(in, (int) count, MPI_BYTE, out, 1, spaced, 0, comm->mpi));
    TD_CHECK_MPI(MPI_Type_free(&spaced));
    TD_CHECK_MPI(MPI_Type_free(&run));
}

void td_comm_gather(td_comm *comm, void *out, const void *in, size_t bytes)
{
    double begun = td_wait_begin();
    TD_ASSERT(comm->rank != 0 || out || bytes == 0);
    for (size_t done = 0; done < bytes;) {
        size_t count = next_count(comm, bytes - done);
        char *to = comm->rank == 0 ? (char *) out + done : NULL;
        gather_bytes(comm, to, (const char *) in + done, count, bytes);
        done += count;
    }
    comm->seconds += td_wait_end(begun);
}
