/* Bytes between two ranks: what rank 0 hands to one rank alone. */
#include "comm_mpi.h"

#include "taildart/timing.h"

void td_comm_deliver(td_comm *comm, int to, const void *bytes, size_t n)
{
    double begun = td_wait_begin();
    TD_ASSERT(to >= 0 && to < comm->size && to != comm->rank && (bytes || n == 0));
    for (size_t done = 0; done < n;) {
        size_t count = n - done < comm->most ? n - done : comm->most;
        /* Stuck here?  Rank `to` waits for something else, or has failed alone. */
        TD_CHECK_MPI(MPI_Send((const char *) bytes + done, (int) count, MPI_BYTE, to,
                              TD_TAG_DELIVERY, comm->mpi));
        done += count;
    }
    comm->seconds += td_wait_end(begun);
}

void td_comm_accept(td_comm *comm, int from, void *bytes, size_t n)
{
    double begun = td_wait_begin();
    TD_ASSERT(from >= 0 && from < comm->size && from != comm->rank);
    for (size_t done = 0; done < n;) {
        size_t count = n - done < comm->most ? n - done : comm->most;
        /* Stuck here?  Rank `from` serves another rank, or has failed alone. */
        TD_CHECK_MPI(MPI_Recv((char *) bytes + done, (int) count, MPI_BYTE, from,
                              TD_TAG_DELIVERY, comm->mpi, MPI_STATUS_IGNORE));
        done += count;
    }
    comm->seconds += td_wait_end(begun);
}
